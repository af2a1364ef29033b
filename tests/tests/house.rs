//! The invariants of the house: what each room may use, what it may not do, and what no file may hold.
//!
//! Every rule is a function from content to complaints. Each test first shows its rule a small bad sample, which it
//! must find, and then the whole repository, where it must find nothing.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "house/files.rs"]
mod files;
#[path = "house/page.rs"]
mod page;
#[path = "house/papers.rs"]
mod papers;
#[path = "house/rooms.rs"]
mod rooms;
#[path = "house/sources.rs"]
mod sources;
