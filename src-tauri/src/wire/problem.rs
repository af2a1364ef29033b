//! What a command answers when it cannot do what was asked.

use serde::Serialize;
use specta::Type;

/// The closed list of reasons the page acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemCode {
    InvalidInput,
    UnknownConnection,
    NotReady,
    Busy,
    Cancelled,
    KeychainMissing,
    KeychainLocked,
    StoreDamaged,
    StorageFailed,
    AlreadyThere,
    Network,
    Quarantined,
    PracticeStopped,
    Internal,
}

/// What happened and what to do, as two separate texts.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    pub code: ProblemCode,
    /// The form field it belongs to: `tenant`, `clientId`, `secret`, `endsOn`, `folder`, …
    pub field: Option<String>,
    pub what: String,
    pub fix: String,
}
