//! Reports and earlier runs, from evidence that is broken in many ways.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod canary;
mod fixture;
mod html;
mod json;
mod markdown;
mod runs;
mod save;
