//! Earlier runs of a connection.

use serde::Serialize;
use specta::Type;

use super::{LinkState, SummaryState};

/// Earlier runs, and what changed since the last one that was good.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    /// The newest first.
    pub runs: Vec<RunView>,
    /// None before there is a good run to compare the newest one with.
    pub changed: Option<ChangedView>,
}

/// One finished check or test sync.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    pub id: String,
    pub at: String,
    pub took_ms: u32,
    pub verdict: SummaryState,
    /// The eight links, in their order.
    pub states: Vec<LinkState>,
    /// The link that the verdict comes from, `Consent`; `Proven` when there is none.
    pub says: String,
    /// Titles of what was found.
    pub findings: Vec<String>,
}

/// The newest run beside the last good one before it.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ChangedView {
    /// When the last good run began.
    pub since: String,
    /// One sentence for each difference, causes first; empty when nothing changed.
    pub changes: Vec<String>,
}
