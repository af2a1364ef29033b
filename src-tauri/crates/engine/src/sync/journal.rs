//! What has happened in a sync so far: shared by its tasks, shown as progress, and summed up in the record.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use entra::{Countable, Fault, Observer, PaceSeen, Pause, PauseReason, RequestSeen};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{
    RequestLine, SyncControl, SyncPhase, SyncProgress,
    ledger::{Applied, Held},
    writer::{Start, Stored},
};
use crate::evidence::{SyncMode, Tally};

const LINES_SHOWN: usize = 8;
const TIMES_KEPT: usize = 2_048;

/// The journal of one sync.
pub(super) struct Journal {
    started_at: Timestamp,
    began: Instant,
    /// Rows as they arrived, some of them twice.
    pub(super) stored: Stored,
    notes: Mutex<Notes>,
}

/// What was noted, behind one lock that is held for moments only.
#[derive(Clone, Default)]
pub(super) struct Notes {
    pub(super) stage: Stage,
    pub(super) mode: SyncMode,
    pub(super) resumed: bool,
    /// What was known before the run.
    pub(super) before: Held,
    /// What is known once everything is brought into the ledger.
    pub(super) applied: Option<Applied>,
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
    /// The first answer that the app may not see a group's members.
    pub(super) forbidden: Option<Fault>,
    /// A group whose members were read.
    pub(super) group_read: Option<String>,
    /// Groups that were listed and then not found.
    pub(super) groups_missing: Vec<String>,
    /// The first answer that a listed group does not exist.
    pub(super) missing_fault: Option<Fault>,
    /// The first fault that concerns one group or one count only.
    pub(super) first_fault: Option<Fault>,
    pub(super) requests: u64,
    /// Of these, answered with success.
    pub(super) answered: u64,
    /// Groups refused one after the other, nothing read in between.
    pub(super) refused_in_a_row: u64,
    pub(super) throttled: u64,
    pub(super) resource_units: f64,
    something_arrived: bool,
    slowest: Option<Duration>,
    times: VecDeque<Duration>,
    latest: VecDeque<RequestLine>,
    waiting_until: Option<Instant>,
    waiting_for: Option<PauseReason>,
    /// A catch-up is being read.
    pub(super) catching_up: bool,
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

    /// Takes over what an earlier run has done.
    pub(super) fn begin(&self, start: &Start) {
        let mut notes = self.notes();
        notes.mode = start.mode;
        notes.resumed = start.resumed;
        notes.before = start.before;
        notes.group_read = start.group_read.clone();
        notes.groups_read = start.groups_read;
        notes.groups_hidden = start.groups_hidden;
        self.stored.add(start.arrived);
    }

    pub(super) fn users(&self) -> Tally {
        let notes = self.notes();
        let read = notes.read(&self.stored.users, |applied| applied.users, notes.before.users);
        Tally { read, counted: notes.users_counted }
    }

    pub(super) fn groups(&self) -> Tally {
        let notes = self.notes();
        let read = notes.read(&self.stored.groups, |applied| applied.groups, notes.before.groups);
        Tally { read, counted: notes.groups_counted }
    }

    pub(super) fn memberships(&self) -> Tally {
        let notes = self.notes();
        let read =
            notes.read(&self.stored.memberships, |applied| applied.memberships, notes.before.memberships);
        Tally { read, counted: None }
    }

    pub(super) fn progress(&self, control: &SyncControl, pace: PaceSeen) -> SyncProgress {
        let (users, groups, memberships) = (self.users(), self.groups(), self.memberships());
        let notes = self.notes();
        SyncProgress {
            phase: notes.phase(control),
            mode: notes.mode,
            resumed: notes.resumed,
            changed: self.stored.changes.load(Ordering::Acquire),
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
            left: notes.left(users, groups, self.began.elapsed()),
            pace,
            waiting_for: notes
                .waiting_for
                .filter(|_| notes.waiting_until.is_some_and(|until| until > Instant::now())),
            waiting: notes
                .waiting_until
                .map(|until| until.saturating_duration_since(Instant::now()))
                .filter(|wait| !wait.is_zero()),
            latest: notes.latest.iter().cloned().collect(),
        }
    }

    /// Median answer time of the newest requests.
    pub(super) fn median(&self) -> Option<Duration> {
        self.notes().median()
    }

    pub(super) fn wall_time(&self) -> Timestamp {
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
        notes.throttled += seen.throttled_items;
        match seen.status {
            429 => notes.throttled += 1,
            200..300 => {
                notes.something_arrived = true;
                notes.answered += 1;
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
        notes.waiting_for = Some(pause.reason);
    }
}

impl Notes {
    pub(super) fn keep_first_fault(&mut self, fault: Fault) {
        self.first_fault.get_or_insert(fault);
    }

    /// What is in the ledger in the end; before that what arrived, or in a delta what was known.
    fn read(&self, arrived: &AtomicU64, applied: impl Fn(&Applied) -> u64, before: u64) -> u64 {
        match (&self.applied, self.mode) {
            (Some(known), _) => applied(known),
            (None, SyncMode::Delta) => before,
            (None, SyncMode::Full) => arrived.load(Ordering::Acquire),
        }
    }

    /// What is left, by the share of the groups and of the users that is done; a tenth has to be done first.
    fn left(&self, users: Tally, groups: Tally, elapsed: Duration) -> Option<Duration> {
        if self.stage != Stage::Reading || self.mode == SyncMode::Delta {
            return None;
        }
        let share = |done: u64, all: u64| if all == 0 { 1.0 } else { (done as f64 / all as f64).min(1.0) };
        let users = share(users.read, users.counted?);
        let done = users.min(share(self.groups_settled(), groups.counted?));
        (0.1..1.0).contains(&done).then(|| elapsed.mul_f64((1.0 - done) / done))
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
            Stage::Reading if self.catching_up || self.mode == SyncMode::Delta => SyncPhase::Changes,
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
            throttled_items: 0,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_summed_up_and_the_newest_come_first() {
        let journal = Journal::new(Timestamp::UNIX_EPOCH);
        let control = SyncControl::default();
        assert_eq!(journal.progress(&control, PaceSeen::default()).phase, SyncPhase::Counting);
        assert_eq!(journal.progress(&control, PaceSeen::default()).median, None);
        for millis in 1..=10 {
            tokio::time::advance(Duration::from_secs(1)).await;
            journal.request(&seen(if millis == 4 { 429 } else { 200 }, millis));
        }
        let progress = journal.progress(&control, PaceSeen::default());
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
        assert_eq!(journal.progress(&control, PaceSeen::default()).waiting, Some(Duration::from_secs(5)));
        journal.request(&seen(429, 1));
        assert!(journal.progress(&control, PaceSeen::default()).waiting.is_some());
        journal.request(&seen(200, 1));
        assert_eq!(journal.progress(&control, PaceSeen::default()).waiting, None);
        journal.pausing(&pause);
        tokio::time::advance(Duration::from_secs(8)).await;
        assert_eq!(journal.progress(&control, PaceSeen::default()).waiting, None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_phase_follows_the_lists_the_pause_and_the_stage() {
        let journal = Journal::new(Timestamp::UNIX_EPOCH);
        let control = SyncControl::default();
        journal.request(&seen(200, 1));
        journal.notes().users_listed = true;
        assert_eq!(journal.progress(&control, PaceSeen::default()).phase, SyncPhase::Groups);
        journal.notes().groups_listed = true;
        assert_eq!(journal.progress(&control, PaceSeen::default()).phase, SyncPhase::Memberships);
        control.pause();
        assert_eq!(journal.progress(&control, PaceSeen::default()).phase, SyncPhase::Paused);
        journal.notes().stage = Stage::Storing;
        assert_eq!(journal.progress(&control, PaceSeen::default()).phase, SyncPhase::Storing);
        journal.notes().stage = Stage::Done;
        assert_eq!(journal.progress(&control, PaceSeen::default()).phase, SyncPhase::Done);
    }
}
