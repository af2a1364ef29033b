//! The files of one connection's syncs: the ledger, and what stands beside it.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::{
    ledger::{Ledger, copy_whole, earlier_beside, read_only},
    staging::{self, StoreProblem},
};

/// Where the pages of a run under way are kept.
pub(super) fn staging_beside(store: &Path) -> PathBuf {
    store.with_extension("reading.sqlite")
}

/// Where a run is stored that does not become what is known: it is partial, or too much would go.
pub(crate) fn unapplied_beside(store: &Path) -> PathBuf {
    store.with_extension("unapplied.sqlite")
}

/// Whether a run of this ledger can be gone on with.
pub(crate) fn can_be_resumed(store: &Path) -> bool {
    staging_beside(store).exists()
}

/// Removes a ledger with everything beside it.
pub(crate) fn remove_all(store: &Path) -> Result<(), String> {
    let earlier = earlier_beside(store);
    for file in
        [store.to_owned(), earlier, unapplied_beside(store), staging_beside(store), lock_beside(store)]
    {
        staging::remove(&file).map_err(|problem| problem.to_string())?;
    }
    Ok(())
}

/// Whether the next run can ask for what changed only: there are links of a complete run.
pub(crate) fn can_ask_for_changes(store: &Path) -> bool {
    let links = || -> Result<i64, rusqlite::Error> {
        let select = "SELECT count(*) FROM watermarks WHERE (SELECT complete FROM run)";
        read_only(store)?.query_row(select, [], |row| row.get(0))
    };
    store.exists() && links().is_ok_and(|links| links >= 2)
}

/// Lets a ledger begin with what another one holds, where it does not hold anything itself.
pub(crate) fn begin_with(store: &Path, other: &Path) -> Result<(), String> {
    let copy = || if store.exists() || !other.exists() { Ok(()) } else { copy_whole(other, store) };
    copy().map_err(|problem: StoreProblem| problem.to_string())
}

/// Forgets the links, so that the next run reads everything; the run that stopped is dropped.
pub(crate) fn forget_watermarks(store: &Path, identity: &str) -> Result<(), String> {
    let forget = || {
        staging::remove(&staging_beside(store))?;
        if store.exists() { Ledger::open(store, identity)?.forget_links() } else { Ok(()) }
    };
    forget().map_err(|problem: StoreProblem| problem.to_string())
}

/// A second sync of the same ledger, in this program or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlreadyRunning;

/// Held by the one sync of a ledger.
#[derive(Debug)]
pub struct LedgerLock(#[expect(dead_code, reason = "the lock ends with the file")] File);

fn lock_beside(store: &Path) -> PathBuf {
    store.with_extension("lock")
}

impl LedgerLock {
    /// Takes the lock. Where the file system has no locks, there is only this program's own.
    pub(crate) fn take(store: &Path) -> io::Result<Result<Self, AlreadyRunning>> {
        if let Some(folder) = store.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(lock_beside(store))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(Err(AlreadyRunning)),
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Ok(Self(file))),
        }
    }
}
