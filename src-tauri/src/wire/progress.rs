//! What the page hears while something long is under way.

use serde::Serialize;
use specta::Type;

use super::{LinkId, LinkState, SyncMode};

/// One piece of progress of one connection, sent as the event `progress`.
#[derive(Clone, Debug, Serialize, Type, tauri_specta::Event)]
#[serde(rename_all = "camelCase")]
pub struct ProgressEvent {
    pub connection: String,
    pub progress: Progress,
}

/// What moved.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Progress {
    /// A link is being tried, or has its result.
    Link { link: LinkId, state: LinkState, word: String },
    /// A fresh token was fetched while waiting for consent to arrive.
    ConsentTry {
        number: u32,
        at: String,
        arrived: Vec<String>,
        missing: Vec<String>,
        /// Milliseconds until the next try; absent after the last one.
        next_in_ms: Option<u32>,
    },
    /// The browser came back from the consent page; a hint to look again, nothing more.
    ConsentAnswer {
        /// The page ended with an error.
        refused: bool,
    },
    /// The test sync moved on.
    Sync(SyncProgress),
    /// Entra ID does not know a fresh credential yet; it is tried again.
    NotYet {
        /// Milliseconds until the next try.
        next_in_ms: u32,
    },
    /// So many of all bundles are sealed and written.
    Sealing { done: u32, of: u32 },
}

/// Where a test sync stands.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncProgress {
    pub phase: SyncPhase,
    pub mode: SyncMode,
    /// It goes on where an earlier run stopped.
    pub resumed: bool,
    /// Changes that Graph has told.
    pub changed: u32,
    pub users: CountView,
    pub groups: CountView,
    pub memberships: CountView,
    /// Groups whose members are read to the end.
    pub groups_done: u32,
    pub requests: u32,
    pub throttled: u32,
    pub resource_units: u32,
    pub elapsed_ms: u32,
    /// Time to the end; absent while it cannot be told.
    pub left_ms: Option<u32>,
    /// Requests on their way, and how many may be at once.
    pub in_flight: u32,
    pub parallel: u32,
    /// Resource units that the app may spend in 10 seconds.
    pub budget: u32,
    pub median_ms: Option<u32>,
    pub slowest_ms: Option<u32>,
    /// Milliseconds until the read goes on.
    pub waiting_ms: Option<u32>,
    /// Why it waits.
    pub waiting_for: Option<WaitingFor>,
    /// The newest requests, newest first, at most eight.
    pub latest: Vec<RequestLine>,
}

/// What a test sync is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SyncPhase {
    Counting,
    Users,
    Groups,
    Memberships,
    Changes,
    Storing,
    Paused,
    Done,
}

/// Why nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum WaitingFor {
    /// Microsoft answered 429.
    Throttled,
    /// Microsoft answered 503 or 504.
    Unavailable,
}

/// What was read, beside what an independent count said.
#[derive(Clone, Copy, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CountView {
    pub read: u32,
    pub counted: Option<u32>,
}

/// One request of the test sync. The path is a template and never names a person.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RequestLine {
    pub at: String,
    pub request: String,
    pub status: u16,
    pub took_ms: u32,
}
