use thiserror::Error;

/// What keeps a gateway config from being read or written, or a bundle from being sealed, and what to do about it.
///
/// The texts never repeat a value from the file: a person may have pasted a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {what}. {fix}")]
pub struct ConfigProblem {
    /// The JSON path of the field, such as `access.rules[3].role`; the file's name, such as `gateway.json`, for the
    /// file as a whole.
    pub field: String,
    /// What is true, without a full stop at the end.
    pub what: String,
    /// What to do, as one or two sentences.
    pub fix: String,
}

impl ConfigProblem {
    pub(crate) fn new(field: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into(), fix: fix.into() }
    }

    pub(crate) fn file(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new("gateway.json", what, fix)
    }
}
