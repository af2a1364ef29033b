//! `history.sqlite`: opened when it is needed, closed at once. Several programs may use it at the same time.

use std::{
    fs::{self, File},
    io,
    path::PathBuf,
};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Run, RunRecord,
    record::{verdict_of, verdict_text},
    schema::{self, Unusable},
};
use crate::store::SetAside;

const FILE: &str = "history.sqlite";

/// Runs that are kept for each connection; the last good one is kept besides, however old it is.
pub const KEPT_FOR_EACH: usize = 200;

const COLUMNS: &str = "id, connection_id, started_at, seconds, verdict, profile, links, findings, facts";

/// The runs of one data folder.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

/// Why the history cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryProblem {
    /// It comes from a newer Gatehouse.
    #[error("{path} was written by a newer Gatehouse (version {version})", path = path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its tables.
        version: i64,
    },
    /// The file cannot be opened, read or written.
    #[error("{path}: {error}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl History {
    /// The history in this folder. Nothing is read or made yet.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// Keeps a run, and drops what is older than the newest [`KEPT_FOR_EACH`] of its connection. A damaged file is set
    /// aside first, and a new one begun; `now` names it.
    ///
    /// # Errors
    /// The file comes from a newer Gatehouse, or cannot be written.
    pub fn record(&self, record: &RunRecord, now: Timestamp) -> Result<(), HistoryProblem> {
        self.with(now, |connection| insert(connection, record))
    }

    /// The newest runs of a connection, the newest first, at most [`KEPT_FOR_EACH`]. A run that cannot be read is left
    /// out.
    ///
    /// # Errors
    /// As [`History::record`].
    pub fn runs(
        &self,
        connection_id: &str,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Run>, HistoryProblem> {
        let limit = i64::try_from(limit.min(KEPT_FOR_EACH)).unwrap_or(0);
        self.read(now, |connection| {
            let sql =
                format!("SELECT {COLUMNS} FROM runs WHERE connection_id = ?1 ORDER BY id DESC LIMIT ?2");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![connection_id, limit], run)?;
            rows.filter_map(Result::transpose).collect()
        })
    }

    /// The newest run of a connection on which everything worked.
    ///
    /// # Errors
    /// As [`History::record`].
    pub fn last_good(&self, connection_id: &str, now: Timestamp) -> Result<Option<Run>, HistoryProblem> {
        self.last_good_before(connection_id, i64::MAX, now)
    }

    /// The newest run of a connection before this one on which everything worked.
    ///
    /// # Errors
    /// As [`History::record`].
    pub fn last_good_before(
        &self,
        connection_id: &str,
        run_id: i64,
        now: Timestamp,
    ) -> Result<Option<Run>, HistoryProblem> {
        self.read(now, |connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM runs WHERE connection_id = ?1 AND id < ?2
                 AND verdict IN ('proven', 'attention') ORDER BY id DESC LIMIT 1"
            );
            let found = connection.query_row(&sql, params![connection_id, run_id], run).optional()?;
            Ok(found.flatten())
        })
    }

    /// Forgets every run of a connection.
    ///
    /// # Errors
    /// As [`History::record`].
    pub fn remove(&self, connection_id: &str, now: Timestamp) -> Result<(), HistoryProblem> {
        self.read(now, |connection| {
            connection.execute("DELETE FROM runs WHERE connection_id = ?1", [connection_id]).map(drop)
        })
    }

    /// Damaged files that were kept under another name.
    ///
    /// # Errors
    /// As [`History::record`].
    pub fn set_aside(&self, now: Timestamp) -> Result<Vec<SetAside>, HistoryProblem> {
        self.read(now, |connection| {
            let mut statement = connection.prepare("SELECT path, because FROM set_aside ORDER BY rowid")?;
            let rows = statement.query_map([], |row| {
                Ok(SetAside { path: PathBuf::from(row.get::<_, String>(0)?), because: row.get(1)? })
            })?;
            rows.collect()
        })
    }

    /// As [`History::with`]; a history that was never written is empty, and is not made by looking at it.
    fn read<T: Default>(
        &self,
        now: Timestamp,
        work: impl Fn(&mut Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, HistoryProblem> {
        if self.path().exists() { self.with(now, work) } else { Ok(T::default()) }
    }

    fn with<T>(
        &self,
        now: Timestamp,
        work: impl Fn(&mut Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, HistoryProblem> {
        let attempt = || -> Result<T, Unusable> { Ok(work(&mut schema::open(&self.path())?)?) };
        let ended = match attempt() {
            Err(Unusable::Damaged(because)) => {
                self.begin_anew(&because, now).map_err(Unusable::from).and_then(|()| attempt())
            }
            ended => ended,
        };
        ended.map_err(|unusable| self.problem(unusable))
    }

    fn problem(&self, unusable: Unusable) -> HistoryProblem {
        let path = self.path();
        match unusable {
            Unusable::Newer(version) => HistoryProblem::Newer { path, version },
            Unusable::Damaged(because) => HistoryProblem::File { path, error: io::Error::other(because) },
            Unusable::File(error) => HistoryProblem::File { path, error },
        }
    }

    /// Keeps a damaged file under another name. Of several programs that find it, one does.
    fn begin_anew(&self, because: &str, now: Timestamp) -> io::Result<()> {
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join("history.lock"))?;
        lock.lock()?;
        let path = self.path();
        let mended = match schema::open(&path) {
            Ok(connection) => is_sound(&connection),
            Err(Unusable::Damaged(_)) => false,
            Err(Unusable::Newer(_) | Unusable::File(_)) => true,
        };
        if mended {
            return Ok(());
        }
        let kept = self.free_name(now);
        fs::rename(&path, &kept)?;
        for beside in ["-wal", "-shm"] {
            crate::store::atomic::remove_if_there(&self.folder.join(format!("{FILE}{beside}")))?;
        }
        let noted = schema::open(&path).and_then(|connection| {
            let kept = kept.to_string_lossy();
            Ok(connection.execute("INSERT INTO set_aside VALUES (?1, ?2)", params![kept, because])?)
        });
        match noted {
            Err(Unusable::File(error)) => Err(error),
            // What is still wrong shows when the work is tried again.
            _ => Ok(()),
        }
    }

    fn free_name(&self, now: Timestamp) -> PathBuf {
        let stamp = now.strftime("%Y%m%dT%H%M%SZ");
        let numbered = |number: u32| match number {
            1 => self.folder.join(format!("history.damaged-{stamp}.sqlite")),
            _ => self.folder.join(format!("history.damaged-{stamp}-{number}.sqlite")),
        };
        (1..).map(numbered).find(|path| !path.exists()).unwrap_or_else(|| numbered(1))
    }
}

fn is_sound(connection: &Connection) -> bool {
    let verdict = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    let columns = connection.prepare(&format!("SELECT {COLUMNS} FROM runs")).is_ok();
    columns && verdict.is_ok_and(|verdict| verdict == "ok")
}

fn insert(connection: &mut Connection, record: &RunRecord) -> Result<(), rusqlite::Error> {
    let insertion = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    insertion.execute(
        "INSERT INTO runs (connection_id, started_at, seconds, verdict, profile, links, findings, facts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            record.connection_id,
            record.started_at.to_string(),
            record.seconds,
            verdict_text(record.verdict),
            record.profile,
            json(&record.links)?,
            json(&record.findings)?,
            json(&record.facts)?,
        ],
    )?;
    insertion.execute(
        "DELETE FROM runs WHERE connection_id = ?1
         AND id <= (SELECT id FROM runs WHERE connection_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
         AND id IS NOT (SELECT max(id) FROM runs WHERE connection_id = ?1 AND verdict IN ('proven', 'attention'))",
        params![record.connection_id, i64::try_from(KEPT_FOR_EACH).unwrap_or(i64::MAX)],
    )?;
    insertion.commit()
}

/// A run; none when what was written down is not understood.
fn run(row: &Row<'_>) -> Result<Option<Run>, rusqlite::Error> {
    let text = |index: usize| row.get::<_, String>(index);
    let (id, connection_id, seconds) = (row.get(0)?, text(1)?, row.get(3)?);
    let (started_at, verdict, profile) = (text(2)?.parse().ok(), verdict_of(&text(4)?), text(5)?);
    let (links, findings, facts) = (parsed(&text(6)?), parsed(&text(7)?), parsed(&text(8)?));
    let record = (|| {
        Some(RunRecord {
            connection_id,
            started_at: started_at?,
            seconds,
            verdict: verdict?,
            profile,
            links: links?,
            findings: findings?,
            facts: facts?,
        })
    })();
    Ok(record.map(|record| Run { id, record }))
}

fn parsed<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn json(value: &impl Serialize) -> Result<String, rusqlite::Error> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

#[cfg(test)]
mod tests;
