//! From the engine's types to the page's, once.

mod access;
mod chain;
mod explain;
mod gateways;
mod hand_off;
mod history;
mod home;
mod journey;
mod lists;
mod mask;
mod problem;
mod profiles;
mod progress;
mod receipts;
mod rotation;
mod sealing;
mod settings;
mod steps;
mod sync;
mod token;

pub(crate) use gateways::{keys_given, table_taken};
pub(crate) use lists::Names;
pub(crate) use sealing::beside;

/// A count for the page, which reads JavaScript's numbers.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
