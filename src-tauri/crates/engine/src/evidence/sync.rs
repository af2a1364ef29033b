//! What a test sync came to.

use entra::{Fault, FaultKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A test sync that came to an end, complete or not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncRecord {
    /// Read to the end, and the counts agree.
    pub complete: bool,
    /// The admin cancelled it.
    pub cancelled: bool,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Users read and counted.
    pub users: Tally,
    /// Groups read and counted.
    pub groups: Tally,
    /// Distinct direct pairs of group and member.
    pub memberships: Tally,
    /// Groups whose members could not be read to the end.
    pub groups_unread: u64,
    /// Groups that hide their membership from the app.
    pub hidden_groups: u64,
    /// Requests sent.
    pub requests: u64,
    /// Of these, answered with success.
    #[serde(default)]
    pub answered: u64,
    /// Answers with 429.
    pub throttled: u64,
    /// Resource units as Graph reported them.
    pub resource_units: f64,
    /// Wall time.
    pub seconds: f64,
    /// What stopped it or made it partial.
    pub fault: Option<Fault>,
    /// The fault stopped it; else the fault concerns a part of the directory, and the rest was read.
    #[serde(default)]
    pub stopped: bool,
    /// How it read.
    #[serde(default)]
    pub mode: SyncMode,
    /// What was asked for: of changes alone everything is read where no earlier run left a place to begin at, or where
    /// Graph knows it no more.
    #[serde(default)]
    pub asked: SyncMode,
    /// Why everything was read where only the changes were asked for; absent when there was no place to begin at.
    #[serde(default)]
    pub full_because: Option<Fault>,
    /// It went on where an earlier run had stopped.
    #[serde(default)]
    pub resumed: bool,
    /// What is different from the directory that was known before; absent when none was, or when the run is partial.
    #[serde(default)]
    pub changes: Option<Changes>,
    /// It was read to the end, and does not become what is known before the admin agrees: too much would go.
    #[serde(default)]
    pub held: Option<Held>,
}

impl SyncRecord {
    /// Whether fewer than half of the requests succeeded.
    pub fn mostly_refused(&self) -> bool {
        self.answered.saturating_mul(2) < self.requests
    }

    /// Whether everything was read because no earlier run left a place from which on changes could be asked for.
    pub fn had_nothing_to_begin_at(&self) -> bool {
        self.asked == SyncMode::Delta && self.mode == SyncMode::Full && self.full_because.is_none()
    }

    /// Whether the app may not read the directory (any more), whatever was read before: Graph or the token endpoint refused
    /// it, and not for single groups only.
    pub fn denied(&self) -> bool {
        let Some(fault) = self.fault.as_ref().filter(|_| !self.complete && !self.cancelled) else {
            return false;
        };
        matches!(fault.kind, FaultKind::Forbidden | FaultKind::Unauthorized | FaultKind::Refused)
            && !self.concerns_single_groups(fault)
    }

    /// Whether this fault says something of some groups' members, and nothing of the directory.
    pub fn concerns_single_groups(&self, fault: &Fault) -> bool {
        let about_members = fault.path.as_deref().is_some_and(|path| path.contains("/members"));
        let of_one_group = matches!(
            fault.kind,
            FaultKind::Forbidden
                | FaultKind::NotFound
                | FaultKind::GraphRefused
                | FaultKind::AnswerUnreadable
                | FaultKind::ServiceUnavailable
                | FaultKind::PageExpired
        );
        let some_were_read = self.groups_unread + self.hidden_groups < self.groups.read;
        about_members && of_one_group && some_were_read && !self.stopped
    }
}

/// How a sync reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SyncMode {
    /// Everything, from the start.
    #[default]
    Full,
    /// What changed since the last complete run.
    Delta,
}

/// What is different from the directory that was known before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// When the run ended that they are counted against; absent in records of earlier versions.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// People.
    pub users: Changed,
    /// Groups.
    pub groups: Changed,
    /// Distinct direct pairs of group and member.
    pub memberships: Changed,
}

/// How many objects of one kind changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// New ones.
    pub added: u64,
    /// Those that are different.
    pub updated: u64,
    /// Those that are gone.
    pub removed: u64,
}

impl Changes {
    /// How many objects and memberships are gone.
    pub fn removed(&self) -> u64 {
        self.users.removed + self.groups.removed + self.memberships.removed
    }

    /// Whether nothing changed.
    pub fn is_none(&self) -> bool {
        Self { since: None, ..*self } == Self::default()
    }
}

/// Why a directory that was read to its end is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Each reason as a sentence.
    pub reasons: Vec<String>,
    /// How many people, groups and memberships would go, and people lose a whole role: the number that the admin types to
    /// agree.
    pub removals: u64,
    /// Whether the admin may agree at all; never to a directory without people.
    pub may_be_accepted: bool,
}

/// Read, beside what an independent count said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Objects read.
    pub read: u64,
    /// The service's own count; absent when it gave none.
    pub counted: Option<u64>,
}
