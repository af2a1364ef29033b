//! The headless program, as processes, against practice tenants.

mod check;
mod journey;
mod support;
