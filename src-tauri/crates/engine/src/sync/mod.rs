//! A test sync: reads the directory as a gateway would, keeps what is known of it, and says whether that is everything.
//!
//! Users, groups and the members of each group are read at the same time, and every page goes to a file as it arrives,
//! with the place to go on at: a run that was stopped goes on after its last page. When everything is there it is
//! compared with what was known, and the difference becomes known in one transaction, together with the links that tell
//! what changes from then on. The next run asks for these changes only.
//!
//! Every list is followed to its end and compared with Graph's own count. A run is complete only when all of this agrees;
//! whatever is less stands beside the ledger, marked as partial. A run that would take too much away waits for the
//! admin's word.

mod control;
mod files;
mod forecast;
mod guard;
mod journal;
mod ledger;
mod progress;
mod quarantine;
mod reading;
mod staging;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use entra::{AccessToken, Countable, Entra, Fault, FaultKind, Operation, TokenSource};
use tokio::{sync::mpsc, task::JoinHandle, time::MissedTickBehavior};

pub use entra::{PaceSeen, PauseReason};

pub use control::SyncControl;
pub use files::LedgerLock;
pub(crate) use files::{
    AlreadyRunning, begin_with, can_ask_for_changes, can_be_resumed, forget_watermarks, remove_all,
    unapplied_beside,
};
pub use forecast::{Forecast, Known};
pub use guard::{Amounts, GuardLimits, Plan, RoleHolders, guard};
#[cfg(test)]
pub(crate) use ledger::TABLES;
pub use ledger::{ChangeLine, ChangeOf, ChangeWord};
pub(crate) use ledger::{SCHEMA_VERSION, copy_for_others, first_with_member, read_only};
pub use progress::{RequestLine, SyncPhase, SyncProgress, SyncWatcher};
pub use quarantine::{Forget, Quarantine, Standing};

use crate::{
    clock::Clock,
    connection::AccessRule,
    evidence::{Held, SyncMode, SyncRecord, Tally},
    profile::ProfileRole,
};
use journal::{Journal, Stage};
use ledger::Applied;
use reading::{Reader, Stop};
use staging::StoreProblem;
use writer::{Ending, Fate, Order, Start, Writer};

/// Pages that wait for the thread that writes; what bounds memory when Graph is faster than the disk.
const PAGES_QUEUED: usize = 16;
/// Times that what changed meanwhile is read and counted again.
const ROUNDS: u32 = 3;
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// How a sync is run.
#[derive(Clone, Debug, Default)]
pub struct SyncOptions {
    /// The ledger, a SQLite file; mode 0600 on Unix.
    pub store: PathBuf,
    /// Whose directory it is: tenant and app. A ledger of another one is not used.
    pub identity: String,
    /// What to read. A delta without a complete ledger, or whose links have expired, becomes a full read.
    pub mode: SyncMode,
    /// What becomes of a run that did not come to its end.
    pub resume: Resume,
    /// What may go without anybody's word.
    pub limits: GuardLimits,
    /// The number of removals that the admin has agreed to.
    pub accepted: Option<u64>,
    /// The access table, whose roles the guard watches.
    pub rules: Vec<AccessRule>,
    /// The roles of the gateway.
    pub roles: Vec<ProfileRole>,
    /// Keeps other programs away until the last byte is written, also when the future is dropped before.
    pub lock: Option<Arc<LedgerLock>>,
}

/// What becomes of a run that did not come to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resume {
    /// It is dropped.
    #[default]
    Afresh,
    /// It is gone on with, where there is one.
    GoOn,
}

/// Reads the directory, from its start or what changed.
///
/// The record tells how it ended: [`SyncRecord::complete`] is true only when both lists came to their ends, the counts
/// agree, and the members of every group were read. Groups with hidden membership that show no members are counted
/// and do not make it incomplete. A fault that concerns one group leaves that group unread and the sync going; any
/// other fault stops it. Nothing is returned as an error: a sync that fails is a finding.
///
/// Dropping the future ends every request and leaves what is known as it was; the run can be gone on with.
pub async fn run(
    entra: &Entra,
    token: &AccessToken,
    tokens: Arc<dyn TokenSource>,
    options: &SyncOptions,
    control: &SyncControl,
    watcher: &dyn SyncWatcher,
    clock: &dyn Clock,
) -> SyncRecord {
    let began = clock.now();
    let first = attempt(entra, token, Arc::clone(&tokens), options, control, watcher, clock).await;
    let forgotten = first.fault.as_ref().is_some_and(reading::is_forgotten);
    let begins_at_links = first.mode == SyncMode::Delta || first.resumed;
    if !(begins_at_links && forgotten) {
        return first;
    }
    let whole = SyncOptions { mode: SyncMode::Full, resume: Resume::Afresh, ..options.clone() };
    let second = attempt(entra, token, tokens, &whole, control, watcher, clock).await;
    SyncRecord {
        started_at: began,
        requests: first.requests + second.requests,
        throttled: first.throttled + second.throttled,
        resource_units: first.resource_units + second.resource_units,
        seconds: first.seconds + second.seconds,
        asked: options.mode,
        full_because: first.fault,
        ..second
    }
}

async fn attempt(
    entra: &Entra,
    token: &AccessToken,
    tokens: Arc<dyn TokenSource>,
    options: &SyncOptions,
    control: &SyncControl,
    watcher: &dyn SyncWatcher,
    clock: &dyn Clock,
) -> SyncRecord {
    let now = clock.now();
    let journal = Arc::new(Journal::new(now));
    let opening = tokio::task::spawn_blocking({
        let options = options.clone();
        move || Writer::open(&options, now)
    });
    let (writer, start) = match opening.await {
        Ok(Ok(opened)) => opened,
        Ok(Err(problem)) => return never_begun(&journal, unkept(&options.store, Some(&problem)), clock),
        Err(_) => return never_begun(&journal, unkept(&options.store, None), clock),
    };
    journal.begin(&start);
    let (orders, queue) = mpsc::channel(PAGES_QUEUED);
    let writing = tokio::task::spawn_blocking({
        let journal = Arc::clone(&journal);
        move || writer.work(queue, &journal.stored)
    });
    let graph = entra.graph_renewing(token, tokens, journal.clone());
    let reader =
        Reader { graph: graph.clone(), control: control.clone(), journal: Arc::clone(&journal), orders };
    let mut work = Box::pin(read_and_store(reader, start, writing, options, clock));
    let mut tick = tokio::time::interval(PROGRESS_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let record = loop {
        tokio::select! {
            record = &mut work => break record,
            _ = tick.tick() => watcher.progress(&journal.progress(control, graph.pace())),
        }
    };
    journal.notes().stage = Stage::Done;
    watcher.progress(&journal.progress(control, graph.pace()));
    record
}

async fn read_and_store(
    reader: Reader,
    start: Start,
    writing: JoinHandle<Result<(), StoreProblem>>,
    options: &SyncOptions,
    clock: &dyn Clock,
) -> SyncRecord {
    let mut applied = None;
    let read = async {
        reader.read(&start).await?;
        applied = Some(compare(&reader).await?);
        Ok(())
    };
    let mut stop: Option<Stop> = tokio::select! {
        biased;
        () = reader.control.cancelled() => Some(Stop::Cancelled),
        ended = read => ended.err(),
    };
    reader.journal.notes().stage = Stage::Storing;
    if applied.is_none() {
        match bring_in(&reader).await {
            Ok(result) => applied = Some(result),
            Err(problem) => stop = Some(stop.unwrap_or(problem)),
        }
    }
    let (applied, roles) = applied.unwrap_or_default();
    let mut record = sum_up(&reader.journal, &applied, stop, clock);
    record.asked = options.mode;
    if record.complete {
        record.changes = applied.changes;
        record.held = held(&applied, roles, options);
    }
    let something = record.users.read + record.groups.read > 0;
    let forgotten = record.fault.as_ref().is_some_and(reading::is_forgotten);
    let fate = match (record.complete && record.held.is_none(), something || record.mode == SyncMode::Delta) {
        (true, _) => Fate::Commit,
        (false, true) if !forgotten => Fate::Aside,
        (false, _) => Fate::Drop,
    };
    let ending = Ending { record: record.clone(), groups_listed: reader.journal.notes().groups_listed, fate };
    let finished = reader.order(Order::Finish(Box::new(ending))).await;
    let journal = Arc::clone(&reader.journal);
    drop(reader);
    let stored = writing.await;
    let fault = match stored {
        Ok(Ok(())) if finished.is_ok() => None,
        Ok(Ok(())) | Err(_) => Some(unkept(&options.store, None)),
        Ok(Err(problem)) => Some(unkept(&options.store, Some(&problem))),
    };
    if let Some(fault) = fault {
        record.complete = false;
        record.fault = Some(fault);
    }
    record.finished_at = clock.now();
    record.seconds = journal.elapsed().as_secs_f64();
    record
}

/// Brings what was read into the ledger and compares it with Graph's counts. Directories move while they are read: what
/// does not fit is read once more, as changes since the run began, and counted once more. One that moves all the time
/// gets a few such rounds.
async fn compare(reader: &Reader) -> Result<(Applied, Vec<RoleHolders>), Stop> {
    let journal = &reader.journal;
    let mut result = bring_in(reader).await?;
    let missing = journal.notes().groups_missing.clone();
    for _ in 0..ROUNDS {
        let shown = missing.is_empty() || result.0.groups_unread == 0;
        if shown && agrees(journal.users()) && agrees(journal.groups()) {
            break;
        }
        result = catch_up(reader).await?;
        // Graph neither shows nor counts them: they went, and the changes do not tell it.
        let (gone, counted) = (missing.len() as u64, journal.counted(Countable::Groups));
        if gone > 0 && counted.is_some_and(|counted| counted + gone <= result.0.groups) {
            reader.store(staging::Rows::Gone(missing.clone())).await?;
            result = bring_in(reader).await?;
        }
    }
    Ok(result)
}

async fn catch_up(reader: &Reader) -> Result<(Applied, Vec<RoleHolders>), Stop> {
    let journal = &reader.journal;
    journal.notes().catching_up = true;
    match reader.catch_up().await {
        // Without it there are still the counts.
        Err(Stop::Fault(fault)) => journal.notes().keep_first_fault(*fault),
        caught_up => caught_up?,
    }
    for what in [Countable::Users, Countable::Groups] {
        if let Err(fault) = reader.count(what).await {
            journal.notes().keep_first_fault(fault);
        }
    }
    bring_in(reader).await
}

async fn bring_in(reader: &Reader) -> Result<(Applied, Vec<RoleHolders>), Stop> {
    let result = reader.ask(Order::Apply).await?;
    reader.journal.notes().applied = Some(result.0);
    Ok(result)
}

fn held(applied: &Applied, roles: Vec<RoleHolders>, options: &SyncOptions) -> Option<Held> {
    let amounts = |held: &ledger::Held| Amounts {
        users: held.users,
        groups: held.groups,
        memberships: held.memberships,
    };
    let plan = Plan {
        before: amounts(&applied.before),
        after: Amounts { users: applied.users, groups: applied.groups, memberships: applied.memberships },
        changes: applied.changes?,
        roles,
    };
    guard(&plan, &options.limits, options.accepted)
}

fn agrees(tally: Tally) -> bool {
    tally.counted == Some(tally.read)
}

/// Judges what was read. An empty list of users is never complete: the app's own tenant has at least one.
fn sum_up(journal: &Journal, applied: &Applied, stop: Option<Stop>, clock: &dyn Clock) -> SyncRecord {
    let (users, groups, memberships) = (journal.users(), journal.groups(), journal.memberships());
    let notes = journal.notes().clone();
    let groups_unread = match notes.mode {
        // The members of a group come with its changes.
        SyncMode::Delta => 0,
        SyncMode::Full => applied.groups_unread,
    };
    let everything = notes.users_listed && notes.groups_listed && groups_unread == 0;
    let cancelled = matches!(stop, Some(Stop::Cancelled));
    let stopped = matches!(stop, Some(Stop::Fault(_)));
    let complete = stop.is_none() && everything && users.read > 0 && agrees(users) && agrees(groups);
    let missing = if groups_unread > 0 { notes.missing_fault } else { None };
    let fault = match stop {
        Some(Stop::Fault(fault)) => Some(*fault),
        Some(Stop::TaskLost) => {
            let detail = "A part of the sync ended without a result.".to_owned();
            Some(fault_of_ours(FaultKind::Setup, Operation::Graph, detail))
        }
        Some(Stop::Cancelled | Stop::StoreClosed) | None => notes.first_fault.or(missing),
    };
    SyncRecord {
        complete,
        cancelled,
        started_at: journal.started_at(),
        finished_at: clock.now(),
        users,
        groups,
        memberships,
        groups_unread,
        hidden_groups: match notes.mode {
            SyncMode::Full => notes.groups_hidden,
            SyncMode::Delta => applied.hidden_groups,
        },
        answered: notes.answered,
        requests: notes.requests,
        throttled: notes.throttled,
        resource_units: notes.resource_units,
        seconds: journal.elapsed().as_secs_f64(),
        fault: if complete { None } else { fault },
        stopped,
        mode: notes.mode,
        resumed: notes.resumed,
        changes: None,
        held: None,
        asked: notes.mode,
        full_because: None,
    }
}

/// The files could not be opened, so nothing was asked.
fn never_begun(journal: &Journal, because: Fault, clock: &dyn Clock) -> SyncRecord {
    let mut record = sum_up(journal, &Applied::default(), Some(Stop::StoreClosed), clock);
    record.fault = Some(because);
    record
}

/// The files could not be written; without a problem their writer ended before its time.
fn unkept(store: &Path, problem: Option<&StoreProblem>) -> Fault {
    let folder = store.parent().unwrap_or(store).display();
    let detail = match problem {
        Some(StoreProblem::Full) => {
            format!("No space is left on the disk of {folder}. Free some, then run the sync again.")
        }
        Some(problem) => format!(
            "Writing in {folder} failed: {problem}. Check how much space is left there, and who may write to it. Then run the sync again."
        ),
        None => format!("Writing in {folder} ended before its time. Run the sync again."),
    };
    fault_of_ours(FaultKind::StorageFailed, Operation::Setup, detail)
}

/// A fault that no answer of a server stands behind.
fn fault_of_ours(kind: FaultKind, operation: Operation, detail: String) -> Fault {
    Fault {
        kind,
        host: "Graph".to_owned(),
        operation,
        path: None,
        http_status: None,
        oauth_error: None,
        aadsts: None,
        graph_code: None,
        trace_id: None,
        correlation_id: None,
        request_id: None,
        timestamp: None,
        retry_after: None,
        detail,
    }
}
