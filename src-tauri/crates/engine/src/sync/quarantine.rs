//! A connection whose syncs keep failing is left alone for a while, longer each time, as Entra's own provisioning does.
//!
//! The figures are ours; the words and the choice of what to forget are those of Microsoft's synchronization jobs.
//! Source: <https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-restart>.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::SyncRecord;

/// So many syncs have to fail one after the other.
const FAILURES: u32 = 3;
/// The first wait; each further failure doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// The longest wait.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// How the syncs of a connection have gone lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// Syncs that failed since the last one that did not.
    pub failures: u32,
    /// When the first of them failed.
    pub failing_since: Option<Timestamp>,
    /// Set while no sync is started by itself.
    pub quarantine: Option<Quarantine>,
}

/// A pause after repeated failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// When it began.
    pub since: Timestamp,
    /// When the next sync may be tried.
    pub next_try: Timestamp,
    /// What failed last, as a sentence.
    pub reason: String,
    /// Microsoft's code of it, `AADSTS7000215` or `Authorization_RequestDenied`, where there was one.
    pub code: Option<String>,
}

/// What a restart forgets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forget {
    /// How often it failed: the next failures are counted from one.
    Escalations,
    /// The pause: the next sync may be tried now.
    Quarantine,
    /// The links that tell what changed: the next sync reads everything.
    Watermarks,
    /// All of it.
    All,
}

impl Forget {
    /// Whether this choice takes the other one in.
    pub fn includes(self, other: Self) -> bool {
        self == other || self == Self::All
    }
}

impl Standing {
    /// After a sync. One that the admin cancelled says nothing; a partial one most of whose requests succeeded is no failure.
    pub fn after(&mut self, record: &SyncRecord) {
        if record.cancelled {
            return;
        }
        let failed = !record.complete && record.mostly_refused();
        let Some(fault) = record.fault.as_ref().filter(|_| failed) else {
            *self = Self::default();
            return;
        };
        let code = fault.aadsts.map(|number| format!("AADSTS{number}")).or_else(|| fault.graph_code.clone());
        self.failed(record.finished_at, fault.to_string(), code);
    }

    /// After a sync that got no answer it could use.
    pub fn failed(&mut self, at: Timestamp, reason: String, code: Option<String>) {
        self.failures = self.failures.saturating_add(1);
        self.failing_since.get_or_insert(at);
        if self.failures < FAILURES {
            return;
        }
        let doublings = (self.failures - FAILURES).min(10);
        let wait = (FIRST_WAIT * (1_i32 << doublings)).min(LONGEST_WAIT);
        let since = self.quarantine.as_ref().map_or(at, |earlier| earlier.since);
        let next_try = at.checked_add(wait).unwrap_or(at);
        self.quarantine = Some(Quarantine { since, next_try, reason, code });
    }

    /// The pause that is in force.
    pub fn in_force(&self, now: Timestamp) -> Option<&Quarantine> {
        self.quarantine.as_ref().filter(|quarantine| now < quarantine.next_try)
    }

    /// Forgets what was chosen; watermarks are the ledger's.
    pub fn forget(&mut self, what: Forget) {
        if what.includes(Forget::Escalations) {
            self.failures = 0;
            self.failing_since = None;
        }
        if what.includes(Forget::Quarantine) {
            self.quarantine = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    fn fail(standing: &mut Standing, at: Timestamp) {
        standing.failed(at, "Graph refused.".to_owned(), Some("AADSTS7000215".to_owned()));
    }

    #[test]
    fn the_third_failure_in_a_row_pauses_and_each_further_one_doubles_the_wait() {
        let mut standing = Standing::default();
        fail(&mut standing, hours(0));
        fail(&mut standing, hours(1));
        assert_eq!(standing.quarantine, None);
        fail(&mut standing, hours(2));
        let first = standing.quarantine.clone().unwrap();
        assert_eq!((first.since, first.next_try), (hours(2), hours(3)));
        assert_eq!(first.code.as_deref(), Some("AADSTS7000215"));
        assert!(standing.in_force(hours(2)).is_some());
        assert_eq!(standing.in_force(hours(3)), None, "it may be tried again");
        fail(&mut standing, hours(3));
        let second = standing.quarantine.clone().unwrap();
        assert_eq!((second.since, second.next_try), (hours(2), hours(5)));
        for hour in 5..40 {
            fail(&mut standing, hours(hour));
        }
        assert_eq!(standing.quarantine.unwrap().next_try, hours(39 + 24));
        assert_eq!(standing.failing_since, Some(hours(0)));
    }

    #[test]
    fn each_choice_forgets_its_own() {
        let mut failed = Standing::default();
        (0..3).for_each(|hour| fail(&mut failed, hours(hour)));
        let after = |what| {
            let mut standing = failed.clone();
            standing.forget(what);
            (standing.failures, standing.quarantine.is_some())
        };
        assert_eq!(after(Forget::Escalations), (0, true));
        assert_eq!(after(Forget::Quarantine), (3, false));
        assert_eq!(after(Forget::Watermarks), (3, true));
        assert_eq!(after(Forget::All), (0, false));
        assert!(Forget::All.includes(Forget::Watermarks) && !Forget::Quarantine.includes(Forget::Watermarks));
    }
}
