//! Saved connections: one versioned file, written atomically, never overwritten when it is damaged.

pub(crate) mod atomic;
mod connections;

pub(crate) use connections::ConnectionStore;
pub use connections::SetAside;
