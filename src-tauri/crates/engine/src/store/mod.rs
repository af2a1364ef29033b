//! Saved lists: one versioned file each, written atomically, never overwritten when it is damaged.

pub(crate) mod atomic;
mod connections;
pub(crate) mod document;

pub(crate) use connections::ConnectionStore;
pub use document::SetAside;
