//! The headless program, as processes, against practice tenants.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod certificate;
mod check;
mod explain;
mod gateways;
mod journey;
mod kill;
mod matrix;
mod profiles;
mod report;
mod rotate;
mod schedule;
mod support;
mod survives;
mod sync;
