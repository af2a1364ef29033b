//! What has happened in a sync so far: shared by its tasks, shown as progress, and summed up in the record.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use entra::{Countable, Fault, Observer, Pause, RequestSeen};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{RequestLine, SyncControl, SyncPhase, SyncProgress};
use crate::evidence::Tally;

const LINES_SHOWN: usize = 8;
const TIMES_KEPT: usize = 2_048;

/// The journal of one sync.
pub(super) struct Journal {
    started_at: Timestamp,
    began: Instant,
    /// Rows in the file.
    pub(super) stored: Stored,
    notes: Mutex<Notes>,
}

/// Distinct rows in the file, told by the thread that writes it.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) users: AtomicU64,
    pub(super) groups: AtomicU64,
    pub(super) memberships: AtomicU64,
}

/// What was noted, behind one lock that is held for moments only.
#[derive(Clone, Default)]
pub(super) struct Notes {
    pub(super) stage: Stage,
    pub(super) users_counted: Option<u64>,
    pub(super) groups_counted: Option<u64>,
    pub(super) users_listed: bool,
    pub(super) groups_listed: bool,
    /// Groups whose members were read to the end.
    pub(super) groups_read: u64,
    /// Groups with hidden membership that showed no members.
    pub(super) groups_hidden: u64,
    /// Groups whose members were refused.
    pub(super) groups_refused: u64,
    /// Groups that were listed and then not found.
    pub(super) groups_missing: Vec<String>,
    /// Groups that were not found and are not counted any more either.
    pub(super) groups_gone: u64,
    /// The first answer that a listed group does not exist.
    pub(super) missing_fault: Option<Fault>,
    /// The first fault that concerns one group or one count only.
    pub(super) first_fault: Option<Fault>,
    pub(super) requests: u64,
    pub(super) throttled: u64,
    pub(super) resource_units: f64,
    something_arrived: bool,
    slowest: Option<Duration>,
    times: VecDeque<Duration>,
    latest: VecDeque<RequestLine>,
    waiting_until: Option<Instant>,
}

/// The large steps of a sync.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    #[default]
    Reading,
    Storing,
    Done,
}

impl Journal {
    pub(super) fn new(started_at: Timestamp) -> Self {
        Self { started_at, began: Instant::now(), stored: Stored::default(), notes: Mutex::default() }
    }

    pub(super) fn started_at(&self) -> Timestamp {
        self.started_at
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counted(&self, what: Countable) -> Option<u64> {
        let notes = self.notes();
        match what {
            Countable::Users => notes.users_counted,
            Countable::Groups => notes.groups_counted,
        }
    }

    pub(super) fn users(&self) -> Tally {
        Tally { read: self.stored.users.load(Ordering::Acquire), counted: self.notes().users_counted }
    }

    pub(super) fn groups(&self) -> Tally {
        Tally { read: self.stored.groups.load(Ordering::Acquire), counted: self.notes().groups_counted }
    }

    pub(super) fn memberships(&self) -> Tally {
        Tally { read: self.stored.memberships.load(Ordering::Acquire), counted: None }
    }

    pub(super) fn progress(&self, control: &SyncControl) -> SyncProgress {
        let (users, groups, memberships) = (self.users(), self.groups(), self.memberships());
        let notes = self.notes();
        SyncProgress {
            phase: notes.phase(control),
            users,
            groups,
            memberships,
            groups_done: notes.groups_settled(),
            requests: notes.requests,
            throttled: notes.throttled,
            resource_units: notes.resource_units,
            elapsed: self.began.elapsed(),
            median: notes.median(),
            slowest: notes.slowest,
            waiting: notes
                .waiting_until
                .map(|until| until.saturating_duration_since(Instant::now()))
                .filter(|wait| !wait.is_zero()),
            latest: notes.latest.iter().cloned().collect(),
        }
    }

    fn wall_time(&self) -> Timestamp {
        SignedDuration::try_from(self.began.elapsed())
            .ok()
            .and_then(|elapsed| self.started_at.checked_add(elapsed).ok())
            .unwrap_or(self.started_at)
    }
}

impl Observer for Journal {
    fn request(&self, seen: &RequestSeen) {
        let line = RequestLine {
            at: self.wall_time(),
            request: format!("{} {}", seen.method, seen.path),
            status: seen.status,
            took: seen.took,
        };
        let mut notes = self.notes();
        notes.requests += 1;
        notes.resource_units += seen.resource_units.unwrap_or_default();
        match seen.status {
            429 => notes.throttled += 1,
            200..300 => {
                notes.something_arrived = true;
                notes.waiting_until = None;
            }
            _ => {}
        }
        notes.slowest = notes.slowest.max(Some(seen.took));
        push_bounded(&mut notes.times, seen.took, TIMES_KEPT);
        push_bounded(&mut notes.latest, line, LINES_SHOWN);
    }

    fn pausing(&self, pause: &Pause) {
        let until = Instant::now() + pause.wait;
        let mut notes = self.notes();
        notes.waiting_until = notes.waiting_until.max(Some(until));
    }
}

impl Notes {
    pub(super) fn keep_first_fault(&mut self, fault: Fault) {
        self.first_fault.get_or_insert(fault);
    }

    fn groups_settled(&self) -> u64 {
        self.groups_read + self.groups_hidden + self.groups_refused + self.groups_missing.len() as u64
    }

    fn phase(&self, control: &SyncControl) -> SyncPhase {
        match self.stage {
            Stage::Done => SyncPhase::Done,
            Stage::Storing => SyncPhase::Storing,
            Stage::Reading if control.is_paused() => SyncPhase::Paused,
            Stage::Reading if !self.something_arrived => SyncPhase::Counting,
            Stage::Reading if !self.users_listed => SyncPhase::Users,
            Stage::Reading if !self.groups_listed => SyncPhase::Groups,
            Stage::Reading => SyncPhase::Memberships,
        }
    }

    fn median(&self) -> Option<Duration> {
        let mut times: Vec<Duration> = self.times.iter().copied().collect();
        let middle = times.len().checked_sub(1)? / 2;
        Some(*times.select_nth_unstable(middle).1)
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, newest: T, most: usize) {
    queue.truncate(most - 1);
    queue.push_front(newest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, millis: u64) -> RequestSeen {
        RequestSeen {
            method: "GET",
            path: "/users".into(),
            status,
            took: Duration::from_millis(millis),
            resource_units: Some(1.5),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_summed_up_and_the_newest_come_first() {
        let journal = Journal::new(Timestamp::UNIX_EPOCH);
        let control = SyncControl::default();
        assert_eq!(journal.progress(&control).phase, SyncPhase::Counting);
        assert_eq!(journal.progress(&control).median, None);
        for millis in 1..=10 {
            tokio::time::advance(Duration::from_secs(1)).await;
            journal.request(&seen(if millis == 4 { 429 } else { 200 }, millis));
        }
        let progress = journal.progress(&control);
        assert_eq!((progress.requests, progress.throttled), (10, 1));
        assert!((progress.resource_units - 15.0).abs() < 1e-9);
        assert_eq!(progress.median, Some(Duration::from_millis(5)));
        assert_eq!(progress.slowest, Some(Duration::from_millis(10)));
        assert_eq!(progress.latest.len(), 8);
        assert_eq!(progress.latest[0].took, Duration::from_millis(10));
        assert_eq!(progress.latest[0].at.as_second(), 10);
        assert_eq!(progress.latest[0].request, "GET /users");
        assert_eq!(progress.phase, SyncPhase::Users);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_shown_until_it_is_over_or_something_succeeds() {
        let journal = Journal::new(Timestamp::UNIX_EPOCH);
        let control = SyncControl::default();
        let pause = Pause { wait: Duration::from_secs(8), reason: entra::PauseReason::Throttled };
        journal.pausing(&pause);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(journal.progress(&control).waiting, Some(Duration::from_secs(5)));
        journal.request(&seen(429, 1));
        assert!(journal.progress(&control).waiting.is_some());
        journal.request(&seen(200, 1));
        assert_eq!(journal.progress(&control).waiting, None);
        journal.pausing(&pause);
        tokio::time::advance(Duration::from_secs(8)).await;
        assert_eq!(journal.progress(&control).waiting, None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_phase_follows_the_lists_the_pause_and_the_stage() {
        let journal = Journal::new(Timestamp::UNIX_EPOCH);
        let control = SyncControl::default();
        journal.request(&seen(200, 1));
        journal.notes().users_listed = true;
        assert_eq!(journal.progress(&control).phase, SyncPhase::Groups);
        journal.notes().groups_listed = true;
        assert_eq!(journal.progress(&control).phase, SyncPhase::Memberships);
        control.pause();
        assert_eq!(journal.progress(&control).phase, SyncPhase::Paused);
        journal.notes().stage = Stage::Storing;
        assert_eq!(journal.progress(&control).phase, SyncPhase::Storing);
        journal.notes().stage = Stage::Done;
        assert_eq!(journal.progress(&control).phase, SyncPhase::Done);
    }
}
