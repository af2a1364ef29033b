//! The crate as its users see it: written bytes, refused bytes, and the file of variables.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod committed;
mod env_file;
mod format;
mod hostile;
