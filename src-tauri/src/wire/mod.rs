//! What crosses to the page and back: plain data, converted once from the engine's own types.
//!
//! Nothing here can hold a secret on its way out. Times are RFC 3339 in UTC, dates `YYYY-MM-DD`,
//! durations whole milliseconds, ids the strings that Microsoft shows. Sentences meant for people carry
//! `**bold**` for names in the portal and `` `code` `` for what could be copied, and nothing else.

#![expect(missing_docs, reason = "a field is named after what the page shows; those that need more have it")]

mod access;
mod certificate;
mod chain;
mod convert;
mod explain;
mod forms;
mod gateways;
mod history;
mod home;
mod journey;
mod problem;
mod profiles;
mod progress;
mod report;
mod rotation;
mod sealing;
mod settings;
mod steps;
mod sync;

pub(crate) use convert::{Names, beside, keys_given, table_taken};

pub use access::*;
pub use certificate::*;
pub use chain::*;
pub use explain::*;
pub use forms::*;
pub use gateways::*;
pub use history::*;
pub use home::*;
pub use journey::*;
pub use problem::*;
pub use profiles::*;
pub use progress::*;
pub use report::*;
pub use rotation::*;
pub use sealing::*;
pub use settings::*;
pub use steps::*;
pub use sync::*;
