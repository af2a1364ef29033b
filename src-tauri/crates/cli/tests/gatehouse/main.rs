//! The headless program, as processes, against practice tenants.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod check;
mod explain;
mod journey;
mod kill;
mod matrix;
mod report;
mod support;
mod survives;
mod sync;
