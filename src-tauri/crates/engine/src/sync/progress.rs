//! What somebody who watches a sync is shown.

use std::time::Duration;

use entra::{PaceSeen, PauseReason};
use jiff::Timestamp;

use crate::evidence::{SyncMode, Tally};

/// Is shown how a sync is getting on, about ten times a second, and once more at its end. Must return quickly.
pub trait SyncWatcher: Send + Sync {
    /// Where the sync stands now.
    fn progress(&self, progress: &SyncProgress);
}

/// Where a sync stands.
#[derive(Clone, Debug)]
pub struct SyncProgress {
    /// What it is doing.
    pub phase: SyncPhase,
    /// How it reads; a delta that cannot be had becomes a full read.
    pub mode: SyncMode,
    /// It goes on where an earlier run had stopped.
    pub resumed: bool,
    /// Changes that Graph has told, replays included.
    pub changed: u64,
    /// Requests on their way, of how many at once, and the budget they are held to.
    pub pace: PaceSeen,
    /// Why nothing is sent at the moment.
    pub waiting_for: Option<PauseReason>,
    /// Time to the end as it looks from what was done so far; none while that cannot be told.
    pub left: Option<Duration>,
    /// Users stored and counted.
    pub users: Tally,
    /// Groups stored and counted.
    pub groups: Tally,
    /// Distinct direct pairs of group and member that are stored; Graph does not count them.
    pub memberships: Tally,
    /// Groups that need no more requests: read to the end, hidden, gone or refused.
    pub groups_done: u64,
    /// Requests that were answered or failed.
    pub requests: u64,
    /// Answers with 429.
    pub throttled: u64,
    /// Resource units as Graph reported them.
    pub resource_units: f64,
    /// Wall time since the start, pauses included.
    pub elapsed: Duration,
    /// Median answer time of the newest requests.
    pub median: Option<Duration>,
    /// The longest answer time.
    pub slowest: Option<Duration>,
    /// Graph asked to wait, and nothing succeeded since: time until the next try.
    pub waiting: Option<Duration>,
    /// The newest requests, newest first, at most eight.
    pub latest: Vec<RequestLine>,
}

/// What a sync is doing. Lists are read at the same time; the phase names the first that is not at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncPhase {
    /// Nothing has arrived yet.
    Counting,
    /// The list of users.
    Users,
    /// The list of groups.
    Groups,
    /// The members of each group.
    Memberships,
    /// What changed since the last run, or while the directory was read.
    Changes,
    /// Everything is read; the file is being finished.
    Storing,
    /// No new request is started.
    Paused,
    /// It is over, complete or not.
    Done,
}

/// One request to Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestLine {
    /// When it was answered.
    pub at: Timestamp,
    /// Method and path template, `GET /groups/{id}/members`; never an id.
    pub request: String,
    /// The HTTP status; 0 when no answer came.
    pub status: u16,
    /// From sending to the last byte.
    pub took: Duration,
}
