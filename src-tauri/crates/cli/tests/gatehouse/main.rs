//! The headless program, as processes, against practice tenants.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod certificate;
mod check;
mod explain;
mod gateways;
mod journey;
mod kill;
mod kill_applying;
mod matrix;
mod profiles;
mod report;
mod rotate;
mod rotate_back;
mod rotate_killed;
#[cfg(target_os = "linux")]
mod rotate_secret;
mod schedule;
mod sealing;
mod support;
mod survives;
mod sync;
mod wording;
