//! What cannot be done, at the engine's boundary: a closed list of codes, and two separate texts.

use std::fmt;

/// Why something could not be done. Callers act on the code and show the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// A field's text cannot be used.
    InvalidInput,
    /// No saved connection has this id.
    UnknownConnection,
    /// Something else has to be done first.
    NotReady,
    /// The same connection is being worked on.
    Busy,
    /// Repeated failures pause it for a while.
    Quarantined,
    /// The admin stopped it.
    Cancelled,
    /// There is no keychain on this computer.
    KeychainMissing,
    /// The keychain is there and did not open.
    KeychainLocked,
    /// A saved file cannot be read.
    StoreDamaged,
    /// A file cannot be written or read.
    StorageFailed,
    /// The folder already holds files of these names.
    AlreadyThere,
    /// A service could not be reached, or refused.
    Network,
    /// A fault of ours.
    Internal,
}

/// What happened, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// For the caller.
    pub code: FaultCode,
    /// The field it belongs to, in the page's spelling: `tenant`, `clientId`, `secret`, `endsOn`, `folder`.
    pub field: Option<&'static str>,
    /// What happened, as a sentence.
    pub what: String,
    /// What to do, as a sentence.
    pub fix: String,
}

impl Fault {
    /// A fault without a field.
    pub fn new(code: FaultCode, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { code, field: None, what: what.into(), fix: fix.into() }
    }

    /// A field whose text cannot be used.
    pub fn field(field: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { code: FaultCode::InvalidInput, field: Some(field), what: what.into(), fix: fix.into() }
    }

    pub(crate) fn storage(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let fix = match error.kind() {
            std::io::ErrorKind::StorageFull => "Free some space on this disk, then try again.",
            std::io::ErrorKind::PermissionDenied => "Choose a folder you may write to.",
            std::io::ErrorKind::NotFound => "Check that the folder exists.",
            _ => "Check the disk and the folder’s permissions, then try again.",
        };
        Self::new(FaultCode::StorageFailed, format!("{what} {}: {error}.", path.display()), fix)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            Some(field) => write!(f, "{field}: {} {}", self.what, self.fix),
            None => write!(f, "{} {}", self.what, self.fix),
        }
    }
}

impl std::error::Error for Fault {}
