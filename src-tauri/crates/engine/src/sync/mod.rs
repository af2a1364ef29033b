//! A test sync: reads the whole directory as a gateway would, stores it, and says whether that was everything.
//!
//! Users, groups and the members of each group are read at the same time and go to a SQLite file as they arrive, so
//! memory does not grow with the directory. Every list is followed to its end and compared with Graph's own count.
//! A sync is complete only when all of this agrees; whatever is less is stored too, and marked as partial.

mod control;
mod journal;
mod progress;
mod reader;
pub(crate) mod snapshot;
mod walk;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use entra::{AccessToken, Countable, Entra, Fault, FaultKind, Operation};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::MissedTickBehavior,
};

pub use control::SyncControl;
pub use progress::{RequestLine, SyncPhase, SyncProgress, SyncWatcher};

use crate::{
    clock::Clock,
    evidence::{SyncRecord, Tally},
};
use journal::{Journal, Stage};
use reader::{Reader, Stop};
use snapshot::{Finish, Rows, StoreProblem};

/// Pages that wait for the thread that writes; what bounds memory when Graph is faster than the disk.
const PAGES_QUEUED: usize = 16;
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// How a sync is run.
#[derive(Clone, Debug)]
pub struct SyncOptions {
    /// How many groups' members are read at once; at least one.
    pub parallel: usize,
    /// The SQLite file. It is replaced, whole, when a run is over; mode 0600 on Unix.
    pub store: PathBuf,
    /// What becomes of a complete directory that is there already.
    pub earlier: Earlier,
}

/// What becomes of a complete directory in the file when the run that follows it is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// It belongs to another tenant or app, and is replaced whatever the run comes to.
    Replace,
    /// It stays, and the partial run goes to the file beside it, [`partial_beside`].
    KeepComplete,
}

/// Where a run that is not complete is stored when the complete one before it stays.
pub(crate) fn partial_beside(store: &Path) -> PathBuf {
    store.with_extension("partial.sqlite")
}

impl Default for SyncOptions {
    /// 64 groups at once, which hides a round trip of 80 ms behind the walk of the list of users; the file has to be
    /// named.
    fn default() -> Self {
        Self { parallel: 64, store: PathBuf::new(), earlier: Earlier::Replace }
    }
}

/// Reads the directory once, from its start to its end.
///
/// The record tells how it ended: [`SyncRecord::complete`] is true only when both lists came to their ends, the counts
/// agree, and the members of every group were read. Groups with hidden membership that show no members are counted
/// and do not make it incomplete. A fault that concerns one group leaves that group unread and the sync going; any
/// other fault stops it. Nothing is returned as an error: a sync that fails is a finding.
///
/// Dropping the future ends every request and leaves the old file as it was.
pub async fn run(
    entra: &Entra,
    token: &AccessToken,
    options: &SyncOptions,
    control: &SyncControl,
    watcher: &dyn SyncWatcher,
    clock: &dyn Clock,
) -> SyncRecord {
    let journal = Arc::new(Journal::new(clock.now()));
    let (rows, queue) = mpsc::channel(PAGES_QUEUED);
    let writer = tokio::task::spawn_blocking({
        let (path, earlier, journal) = (options.store.clone(), options.earlier, Arc::clone(&journal));
        move || snapshot::write(&path, earlier, queue, &journal.stored)
    });
    let reader = Reader {
        graph: entra.graph_observed(token, journal.clone()),
        control: control.clone(),
        journal: Arc::clone(&journal),
        rows,
    };
    let mut work = Box::pin(read_and_store(reader, writer, options.parallel, clock));
    let mut tick = tokio::time::interval(PROGRESS_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let record = loop {
        tokio::select! {
            record = &mut work => break record,
            _ = tick.tick() => watcher.progress(&journal.progress(control)),
        }
    };
    journal.notes().stage = Stage::Done;
    watcher.progress(&journal.progress(control));
    record
}

async fn read_and_store(
    reader: Reader,
    writer: JoinHandle<Result<(), StoreProblem>>,
    parallel: usize,
    clock: &dyn Clock,
) -> SyncRecord {
    let read = async {
        reader.read_everything(parallel).await?;
        compare_again(&reader).await
    };
    let stop = tokio::select! {
        biased;
        () = reader.control.cancelled() => Some(Stop::Cancelled),
        ended = read => ended.err(),
    };
    reader.journal.notes().stage = Stage::Storing;
    let closed = reach(&reader, Rows::Close).await;
    let mut record = sum_up(&reader.journal, stop, clock);
    let finish = Finish { record: record.clone(), groups_listed: reader.journal.notes().groups_listed };
    let finished = match closed {
        Ok(()) => reader.store(Rows::Finish(Box::new(finish))).await,
        Err(stop) => Err(stop),
    };
    let journal = Arc::clone(&reader.journal);
    drop(reader);
    let stored = writer.await;
    if let Some(fault) = store_fault(stored, finished.is_ok()) {
        record.complete = false;
        record.fault = Some(fault);
    }
    record.finished_at = clock.now();
    record.seconds = journal.elapsed().as_secs_f64();
    record
}

/// Directories move while they are read: a count that does not fit is asked for once more. A group that was listed and
/// then not found is believed to be deleted when Graph does not count it any more either.
async fn compare_again(reader: &Reader) -> Result<(), Stop> {
    reach(reader, Rows::Flush).await?;
    let journal = &reader.journal;
    if !agrees(journal.users()) {
        note_failure(journal, reader.count(Countable::Users).await);
    }
    let missing = journal.notes().groups_missing.clone();
    if missing.is_empty() && agrees(journal.groups()) {
        return Ok(());
    }
    let counted = reader.count(Countable::Groups).await;
    let gone = missing.len() as u64;
    if gone > 0 && counted.as_ref().is_ok_and(|counted| counted + gone <= journal.groups().read) {
        journal.notes().groups_gone = gone;
        reader.store(Rows::Gone(missing)).await?;
    }
    note_failure(journal, counted);
    Ok(())
}

fn agrees(tally: Tally) -> bool {
    tally.counted == Some(tally.read)
}

fn note_failure(journal: &Journal, counted: Result<u64, Fault>) {
    if let Err(fault) = counted {
        journal.notes().keep_first_fault(fault);
    }
}

/// Waits until the writer has come to this point.
async fn reach(reader: &Reader, point: impl FnOnce(oneshot::Sender<()>) -> Rows) -> Result<(), Stop> {
    let (reached, reply) = oneshot::channel();
    reader.store(point(reached)).await?;
    reply.await.map_err(|_| Stop::StoreClosed)
}

/// Judges what was read. An empty list of users is never complete: the app's own tenant has at least one.
fn sum_up(journal: &Journal, stop: Option<Stop>, clock: &dyn Clock) -> SyncRecord {
    let (users, groups, memberships) = (journal.users(), journal.groups(), journal.memberships());
    let notes = journal.notes().clone();
    let groups_unread = (groups.read + notes.groups_gone)
        .saturating_sub(notes.groups_read + notes.groups_hidden + notes.groups_gone);
    let everything = notes.users_listed && notes.groups_listed && groups_unread == 0;
    let cancelled = matches!(stop, Some(Stop::Cancelled));
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
        hidden_groups: notes.groups_hidden,
        requests: notes.requests,
        throttled: notes.throttled,
        resource_units: notes.resource_units,
        seconds: journal.elapsed().as_secs_f64(),
        fault: if complete { None } else { fault },
    }
}

fn store_fault(
    stored: Result<Result<(), StoreProblem>, tokio::task::JoinError>,
    finished: bool,
) -> Option<Fault> {
    let because = match stored {
        Ok(Ok(())) if finished => return None,
        Ok(Ok(())) | Err(_) => "it ended before its time".to_owned(),
        Ok(Err(problem)) => problem.to_string(),
    };
    let detail = format!("The file for what was read could not be written: {because}.");
    Some(fault_of_ours(FaultKind::Setup, Operation::Setup, detail))
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
