//! The file: its tables, its version, and who may read it.

use std::{fs::OpenOptions, io, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

/// Version of the tables, kept in SQLite's `user_version`.
pub(super) const SCHEMA_VERSION: i64 = 1;

/// `links`, `findings` and `facts` are JSON. Ids are never used twice, so they keep the order of the runs.
const TABLES: &str = "
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    connection_id TEXT NOT NULL,
    started_at TEXT NOT NULL,
    seconds REAL NOT NULL,
    verdict TEXT NOT NULL,
    profile TEXT NOT NULL,
    links TEXT NOT NULL,
    findings TEXT NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX runs_by_connection ON runs (connection_id, id);
CREATE TABLE set_aside (
    path TEXT NOT NULL,
    because TEXT NOT NULL
);
";

/// How long another program's write is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// What is wrong with the file.
#[derive(Debug)]
pub(super) enum Unusable {
    /// A newer Gatehouse made it; the version it has.
    Newer(i64),
    /// It is not what it should be.
    Damaged(String),
    /// It cannot be opened, read or written.
    File(io::Error),
}

impl From<rusqlite::Error> for Unusable {
    /// Without SQLite's longer text, which can repeat values and paths.
    fn from(error: rusqlite::Error) -> Self {
        let failure = match error {
            rusqlite::Error::SqliteFailure(failure, _) => failure,
            rusqlite::Error::SqlInputError { error, .. } => error,
            other => return Self::Damaged(other.to_string()),
        };
        let kind = match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown => {
                return Self::Damaged(failure.to_string());
            }
            ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly => {
                io::ErrorKind::PermissionDenied
            }
            ErrorCode::DiskFull => io::ErrorKind::StorageFull,
            _ => io::ErrorKind::Other,
        };
        Self::File(io::Error::new(kind, failure.to_string()))
    }
}

impl From<io::Error> for Unusable {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

/// Opens the file, makes it first when there is none, and readable by its owner only.
pub(super) fn open(path: &Path) -> Result<Connection, Unusable> {
    create_private(path)?;
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // With WAL the file stays whole; a power cut may cost the last run.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    if version(&connection)? == 0 {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Another program may be at the same point: whoever comes second finds the tables made.
        let making = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&making)? == 0 {
            making.execute_batch(TABLES)?;
            making.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        }
        making.commit()?;
    }
    match version(&connection)? {
        SCHEMA_VERSION => Ok(connection),
        newer if newer > SCHEMA_VERSION => Err(Unusable::Newer(newer)),
        other => Err(Unusable::Damaged(format!("its version is {other}"))),
    }
}

fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// SQLite gives its files beside the database the mode of the database itself.
fn create_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
