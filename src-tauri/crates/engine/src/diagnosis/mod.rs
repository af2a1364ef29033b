//! Facts first, judgement second.
//!
//! [`probe`] gathers [`Evidence`](crate::evidence::Evidence), the only part that waits for anything. The checks in
//! [`checks`] are pure functions over it, one file each. [`judge`] puts their outcomes on the chain of proof: one
//! root cause gives one broken link, and what depends on it is skipped because of it.

pub(crate) mod aadsts;
mod case;
mod chain;
mod check;
/// One file per check, and the table that registers them.
pub mod checks;
pub(crate) mod probe;
mod proof;
mod script;

pub use case::Case;
pub use chain::{Chain, LinkReport, LinkState, Verdict, judge};
pub use check::{Check, Finding, Link, Outcome, Problem, Saw, Severity, Who, Words};
pub use probe::{AccountSignIn, ConsentTry, DeviceCodeShown, ProbeOptions, ProbeWatcher, Unwatched};

pub use entra::Claims;
