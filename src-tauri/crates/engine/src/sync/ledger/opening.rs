//! Opening a ledger, and what becomes of one that belongs to another directory.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OptionalExtension};

use super::{Held, Ledger, SCHEMA_VERSION, StoreProblem, TABLES, copies, read_only, remove, tables};
use crate::store::atomic::write_private;

/// Where the ledger of the earlier directory waits until the new one is read to its end.
pub(in crate::sync) fn earlier_beside(path: &Path) -> PathBuf {
    path.with_extension("earlier.sqlite")
}

impl Ledger {
    /// Opens the ledger of this directory; a new one when there is none, or when what is there comes from another version
    /// or is damaged. What belongs to another directory is put aside until a run of this one is committed, and is found
    /// again when its own directory comes back before that.
    pub(in crate::sync) fn open(path: &Path, identity: &str) -> Result<Self, StoreProblem> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        if path.try_exists()? && !belongs(path, identity)? {
            put_aside(path)?;
        }
        let earlier = earlier_beside(path);
        if !path.try_exists()? && earlier.try_exists()? && belongs(&earlier, identity)? {
            fs::rename(&earlier, path)?;
        }
        let fresh = !path.try_exists()?;
        if fresh {
            // Made by us before SQLite sees it, so that nobody else can ever read it.
            write_private(path, b"")?;
        }
        let connection = Connection::open(path)?;
        connection.execute_batch(tables::SETTINGS)?;
        if fresh {
            connection.execute_batch(&format!("BEGIN; {TABLES}"))?;
            connection.execute("INSERT INTO owner VALUES (?1)", [identity])?;
            connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            connection.execute_batch("COMMIT")?;
        }
        let ledger = Self { connection, path: path.to_owned(), open: false, applied: Held::default() };
        if ledger.has_content()? {
            ledger.keep_a_log()?;
        }
        Ok(ledger)
    }

    /// Whether a run was ever committed.
    pub(super) fn has_content(&self) -> Result<bool, StoreProblem> {
        Ok(self.connection.query_row("SELECT EXISTS (SELECT 1 FROM run)", [], |row| row.get(0))?)
    }

    /// Readers go on undisturbed while a run is written. The first content comes without a log, which would write
    /// everything twice; there is nothing to read before it.
    pub(super) fn keep_a_log(&self) -> Result<(), StoreProblem> {
        Ok(self.connection.execute_batch("PRAGMA journal_mode = WAL;")?)
    }

    /// A new ledger in this place, empty or with what the other one holds.
    pub(in crate::sync) fn beside(
        path: &Path,
        identity: &str,
        like: Option<&Self>,
    ) -> Result<Self, StoreProblem> {
        remove(path)?;
        if let Some(other) = like {
            copies::into(&other.connection, path)?;
        }
        Self::open(path, identity)
    }
}

/// Only a ledger that a complete run stands in is worth keeping.
fn put_aside(path: &Path) -> Result<(), StoreProblem> {
    if is_whole(path) {
        // Everything comes into the one file, which can then be moved.
        let ledger = Connection::open(path)?;
        ledger.pragma_update(None, "journal_mode", "DELETE")?;
        drop(ledger);
        remove(&earlier_beside(path))?;
        fs::rename(path, earlier_beside(path))?;
    }
    remove(path)
}

fn is_whole(path: &Path) -> bool {
    let complete = read_only(path).and_then(|ledger| {
        let version: i64 = ledger.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let complete = ledger.query_row("SELECT complete FROM run", [], |row| row.get(0)).optional()?;
        Ok(version == SCHEMA_VERSION && complete.unwrap_or(false))
    });
    complete.unwrap_or(false)
}

/// False for a ledger of another directory or another version, and for a file that is no ledger at all. One that only
/// cannot be read just now is none of these.
fn belongs(path: &Path, identity: &str) -> Result<bool, StoreProblem> {
    let owner = read_only(path).and_then(|ledger| {
        let version: i64 = ledger.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != SCHEMA_VERSION {
            return Ok(false);
        }
        let owner: String = ledger.query_row("SELECT identity FROM owner", [], |row| row.get(0))?;
        Ok(owner == identity)
    });
    match owner {
        Err(error)
            if matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
            ) || matches!(error, rusqlite::Error::QueryReturnedNoRows) =>
        {
            Ok(false)
        }
        answer => Ok(answer?),
    }
}
