//! The JSON that scripts read, version 1. Converted once from the engine's types; names are frozen.

mod check;
mod connections;
mod export;
mod findings;
mod practice;
mod sync;

use serde::Serialize;

pub(crate) use check::{Check, CheckAll};
pub(crate) use connections::Connections;
pub(crate) use export::Export;
pub(crate) use practice::Practice;
pub(crate) use sync::Sync;

/// The longest text that is passed on from a service or a file name, in characters.
const TEXT_AT_MOST: usize = 2_000;

/// One object on one line, without control characters.
pub(crate) fn to_line(object: &impl Serialize) -> String {
    serde_json::to_string(object).unwrap_or_else(|_| "{}".to_owned())
}

/// A text without control characters, of bounded length.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_AT_MOST).collect()
}
