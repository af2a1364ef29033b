//! Earlier runs: every finished check and test sync of a saved connection, and what changed since the last good one.
//!
//! Runs are kept in `history.sqlite` in the data folder. They hold verdicts, findings' titles and counted facts; no
//! secret, no token, no person's name, and none of a service's own words.

mod change;
mod facts;
mod record;
mod schema;
mod store;
mod words;

pub use change::{Change, Shift, Switched, changed_since};
pub use facts::{
    CredentialFact, CredentialKind, DirectoryFact, Facts, HostFact, RegisteredSecret, TokenFact,
};
pub use record::{Run, RunFinding, RunLink, RunRecord};
pub use store::{History, HistoryProblem, KEPT_FOR_EACH};

use jiff::Timestamp;

/// What is different from the last good run.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// When the last good run began.
    pub since: Timestamp,
    /// When the run that is compared with it began.
    pub now: Timestamp,
    /// The differences, in the order of the chain; empty when nothing changed.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// Compares a run with an earlier, good one.
    pub fn of(last_good: &Run, now: &Run) -> Self {
        Self {
            since: last_good.record.started_at,
            now: now.record.started_at,
            changes: changed_since(last_good, now),
        }
    }
}
