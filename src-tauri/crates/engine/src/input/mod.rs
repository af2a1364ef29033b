//! What an admin types or pastes, judged before anything is sent. Pure.

mod clean;
mod fields;
mod paste;
mod secret;
mod thumbprint;

pub(crate) use clean::is_invisible;
pub use clean::{Cleaned, clean};
pub use fields::{client_id, day, name, tenant};
pub use paste::{Paste, read_paste};
pub use secret::{SecretVerdict, secret};
pub use thumbprint::{ThumbprintVerdict, thumbprint};

/// A field's text, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<T> {
    /// Nothing was entered.
    Empty,
    /// It can be used; perhaps something was trimmed.
    Fine {
        /// The value.
        value: T,
        /// A sentence for the line below the field; empty when there is nothing to say.
        says: String,
    },
    /// It cannot be used.
    Wrong {
        /// What is wrong.
        what: String,
        /// What to do.
        fix: String,
    },
}

impl<T> Verdict<T> {
    /// The value, if it can be used.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Fine { value, .. } => Some(value),
            _ => None,
        }
    }
}
