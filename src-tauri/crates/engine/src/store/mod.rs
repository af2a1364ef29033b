//! Saved lists: one versioned file each, written atomically, never overwritten when it is damaged.

pub(crate) mod atomic;
mod connections;
pub(crate) mod document;
mod file_name;

pub(crate) use connections::ConnectionStore;
pub use document::SetAside;
pub(crate) use file_name::can_name_a_file;
