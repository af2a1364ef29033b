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
    /// The disk is full, or the account's share of it is used up.
    StorageFull,
    /// The connection's client secret is not kept any more.
    SecretGone,
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
        use std::io::ErrorKind;
        let (code, fix) = match error.kind() {
            ErrorKind::StorageFull => {
                (FaultCode::StorageFull, "Free some space on this disk, then try again.")
            }
            ErrorKind::QuotaExceeded => {
                (FaultCode::StorageFull, "Free some of your account’s space on this disk, then try again.")
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                (FaultCode::StorageFailed, "Choose a folder you may write to.")
            }
            ErrorKind::NotFound => (FaultCode::StorageFailed, "Check that the folder exists."),
            ErrorKind::NotADirectory => {
                (FaultCode::StorageFailed, "Choose a folder; a part of this path is a file.")
            }
            ErrorKind::AlreadyExists => {
                (FaultCode::StorageFailed, "Choose another place; something else is there already.")
            }
            ErrorKind::IsADirectory => (FaultCode::StorageFailed, "Choose a file; this is a folder."),
            _ => (FaultCode::StorageFailed, "Check the disk and the folder’s permissions, then try again."),
        };
        // `tempfile` puts the draft's own path behind the cause, and that says nothing to anybody.
        let told = error.to_string();
        let cause = told.split(" at path \"").next().unwrap_or_default();
        Self::new(code, format!("{what} {}: {cause}.", path.display()), fix)
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

#[cfg(test)]
mod tests {
    use std::{io, path::Path};

    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_place_that_cannot_be_used() {
        let code = |kind: io::ErrorKind| {
            Fault::storage("Could not write", Path::new("x"), &io::Error::from(kind)).code
        };
        assert_eq!(code(io::ErrorKind::StorageFull), FaultCode::StorageFull);
        assert_eq!(code(io::ErrorKind::QuotaExceeded), FaultCode::StorageFull);
        assert_eq!(code(io::ErrorKind::PermissionDenied), FaultCode::StorageFailed);
        assert_eq!(code(io::ErrorKind::NotFound), FaultCode::StorageFailed);
    }

    #[test]
    fn a_drafts_own_path_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let error = tempfile::NamedTempFile::new_in(folder.path().join("none")).unwrap_err();
        let fault = Fault::storage("Could not write", Path::new("report.html"), &error);
        assert!(fault.what.starts_with("Could not write report.html: "), "{}", fault.what);
        assert!(!fault.what.contains("none"), "{}", fault.what);
    }
}
