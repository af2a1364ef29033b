//! The SQLite file of a sync: written beside its place by one thread, and moved there when the sync is over.

#[cfg(test)]
mod tests;

use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use entra::{Group, Member, MemberKind, User};
use rusqlite::{Connection, OpenFlags, params};
use tokio::sync::{mpsc, oneshot};

use super::{Earlier, journal::Stored, partial_beside};
use crate::{
    access::fold,
    evidence::SyncRecord,
    store::atomic::{remove_if_there, sync_folder},
};

/// Version of the tables, kept in SQLite's `user_version`.
pub(crate) const SCHEMA_VERSION: i64 = 1;

/// The tables. `folded_name` is the display name as searches compare it; `groups_listed` in `run` tells that the list
/// of groups was read to its end, whatever else is missing.
pub(crate) const TABLES: &str = "
CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    user_principal_name TEXT,
    display_name TEXT,
    mail TEXT,
    account_enabled INTEGER,
    user_type TEXT
) WITHOUT ROWID;
CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    display_name TEXT,
    mail TEXT,
    security_enabled INTEGER,
    visibility TEXT,
    group_types TEXT NOT NULL,
    folded_name TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE memberships (
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    member_type TEXT NOT NULL,
    PRIMARY KEY (group_id, member_id)
) WITHOUT ROWID;
CREATE TABLE run (
    complete INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    users_read INTEGER NOT NULL,
    users_counted INTEGER,
    groups_read INTEGER NOT NULL,
    groups_counted INTEGER,
    groups_listed INTEGER NOT NULL,
    memberships_read INTEGER NOT NULL,
    memberships_counted INTEGER,
    groups_unread INTEGER NOT NULL,
    hidden_groups INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    throttled INTEGER NOT NULL,
    resource_units REAL NOT NULL,
    seconds REAL NOT NULL,
    fault TEXT
);
";

/// Built when all rows are there. The partial index makes nested groups quick to follow.
pub(crate) const INDEXES: &str = "
CREATE INDEX groups_by_folded_name ON groups (folded_name);
CREATE INDEX nested_groups ON memberships (group_id, member_id) WHERE member_type = 'group';
";

/// The draft needs no journal: until it is renamed, nobody reads it, and after a crash it is dropped.
const DRAFT_SETTINGS: &str = "
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -40960;
PRAGMA temp_store = MEMORY;
";

/// What the reader's tasks send to the thread that writes.
pub(super) enum Rows {
    Users(Vec<User>),
    Groups(Vec<Group>),
    Members {
        group_id: String,
        members: Vec<Member>,
    },
    /// Groups that were deleted while the directory was read.
    Gone(Vec<String>),
    /// Answers when everything before it is in the draft.
    Flush(oneshot::Sender<()>),
    /// Builds the indexes, answers, and takes no more rows of the directory.
    Close(oneshot::Sender<()>),
    /// Writes the record of the run and puts the file in its place.
    Finish(Box<Finish>),
}

/// The last row.
pub(super) struct Finish {
    pub(super) record: SyncRecord,
    pub(super) groups_listed: bool,
}

/// Why the file could not be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreProblem {
    #[error("{0}")]
    File(#[from] io::Error),
    #[error("{0}")]
    Sqlite(String),
}

impl From<rusqlite::Error> for StoreProblem {
    /// Without SQLite's longer text, which can repeat values and paths.
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(match error {
            rusqlite::Error::SqliteFailure(failure, _) => failure.to_string(),
            other => other.to_string(),
        })
    }
}

/// Takes rows until `Finish`. When the senders go away before it, the draft is dropped and the old file stays.
pub(super) fn write(
    path: &Path,
    earlier: Earlier,
    mut rows: mpsc::Receiver<Rows>,
    stored: &Stored,
) -> Result<(), StoreProblem> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft_path = tempfile::Builder::new().prefix(".gatehouse-").tempfile_in(folder)?.into_temp_path();
    let mut draft = Draft::create(&draft_path, stored)?;
    while let Some(next) = rows.blocking_recv() {
        match next {
            Rows::Finish(finish) => {
                draft.finish(&finish)?;
                File::options().write(true).open(&draft_path)?.sync_all()?;
                let partial = partial_beside(path);
                if !finish.record.complete && earlier == Earlier::KeepComplete && holds_complete(path) {
                    draft_path.persist(partial).map_err(|problem| problem.error)?;
                } else {
                    draft_path.persist(path).map_err(|problem| problem.error)?;
                    remove_if_there(&partial)?;
                }
                return Ok(sync_folder(folder)?);
            }
            other => draft.take(other)?,
        }
    }
    Ok(())
}

/// Whether the file holds a directory that was read to its end. A file that cannot be read holds none.
fn holds_complete(path: &Path) -> bool {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    Connection::open_with_flags(path, flags)
        .and_then(|file| file.query_row("SELECT complete FROM run", [], |row| row.get(0)))
        .unwrap_or(false)
}

struct Draft<'a> {
    connection: Connection,
    stored: &'a Stored,
    untyped_members: bool,
    closed: bool,
}

impl<'a> Draft<'a> {
    fn create(path: &Path, stored: &'a Stored) -> Result<Self, rusqlite::Error> {
        let connection = Connection::open(path)?;
        connection.execute_batch(DRAFT_SETTINGS)?;
        connection.execute_batch(TABLES)?;
        connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        connection.execute_batch("BEGIN")?;
        Ok(Self { connection, stored, untyped_members: false, closed: false })
    }

    fn take(&mut self, rows: Rows) -> Result<(), rusqlite::Error> {
        match rows {
            // Whoever asked may have gone away meanwhile.
            Rows::Flush(reached) => {
                reached.send(()).ok();
            }
            Rows::Close(reached) => {
                self.close()?;
                reached.send(()).ok();
            }
            _ if self.closed => {}
            Rows::Users(users) => self.users(&users)?,
            Rows::Groups(groups) => self.groups(&groups)?,
            Rows::Members { group_id, members } => self.members(&group_id, members)?,
            Rows::Gone(groups) => self.gone(&groups)?,
            Rows::Finish(_) => {}
        }
        Ok(())
    }

    fn users(&self, users: &[User]) -> Result<(), rusqlite::Error> {
        let mut insert =
            self.connection.prepare_cached("INSERT OR IGNORE INTO users VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
        let mut added = 0;
        for user in users {
            added += insert.execute(params![
                user.id,
                user.user_principal_name,
                user.display_name,
                user.mail,
                user.account_enabled,
                user.user_type
            ])?;
        }
        add(&self.stored.users, added);
        Ok(())
    }

    fn groups(&self, groups: &[Group]) -> Result<(), rusqlite::Error> {
        let mut insert = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO groups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        let mut added = 0;
        for group in groups {
            added += insert.execute(params![
                group.id,
                group.display_name,
                group.mail,
                group.security_enabled,
                group.visibility,
                group.group_types.join(","),
                fold(group.display_name.as_deref().unwrap_or_default()),
            ])?;
        }
        add(&self.stored.groups, added);
        Ok(())
    }

    fn members(&mut self, group_id: &str, mut members: Vec<Member>) -> Result<(), rusqlite::Error> {
        members.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        let mut insert =
            self.connection.prepare_cached("INSERT OR IGNORE INTO memberships VALUES (?1, ?2, ?3)")?;
        let mut added = 0;
        for member in &members {
            let kind = member_type(&member.kind);
            self.untyped_members |= kind.is_empty();
            added += insert.execute(params![group_id, member.id, kind])?;
        }
        add(&self.stored.memberships, added);
        Ok(())
    }

    fn gone(&self, groups: &[String]) -> Result<(), rusqlite::Error> {
        for id in groups {
            let removed = self.connection.execute("DELETE FROM groups WHERE id = ?1", [id])?;
            self.stored.groups.fetch_sub(removed as u64, Ordering::AcqRel);
            let removed = self.connection.execute("DELETE FROM memberships WHERE group_id = ?1", [id])?;
            self.stored.memberships.fetch_sub(removed as u64, Ordering::AcqRel);
        }
        Ok(())
    }

    /// Members that came without a type get the one of the list they are in.
    fn close(&mut self) -> Result<(), rusqlite::Error> {
        self.closed = true;
        if self.untyped_members {
            self.connection.execute_batch(
                "UPDATE memberships SET member_type = 'user'
                  WHERE member_type = '' AND member_id IN (SELECT id FROM users);
                 UPDATE memberships SET member_type = 'group'
                  WHERE member_type = '' AND member_id IN (SELECT id FROM groups);",
            )?;
        }
        self.connection.execute_batch(INDEXES)
    }

    fn finish(self, finish: &Finish) -> Result<(), rusqlite::Error> {
        let record = &finish.record;
        self.connection.execute(
            "INSERT INTO run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
            params![
                record.complete,
                record.cancelled,
                record.started_at.to_string(),
                record.finished_at.to_string(),
                integer(record.users.read),
                record.users.counted.map(integer),
                integer(record.groups.read),
                record.groups.counted.map(integer),
                finish.groups_listed,
                integer(record.memberships.read),
                record.memberships.counted.map(integer),
                integer(record.groups_unread),
                integer(record.hidden_groups),
                integer(record.requests),
                integer(record.throttled),
                record.resource_units,
                record.seconds,
                record.fault.as_ref().map(ToString::to_string),
            ],
        )?;
        self.connection.execute_batch("COMMIT")?;
        self.connection.close().map_err(|(_, error)| error)
    }
}

/// Graph's own name of the type without its namespace, `user`, `servicePrincipal`; empty when Graph gave none.
fn member_type(kind: &MemberKind) -> &str {
    match kind {
        MemberKind::User => "user",
        MemberKind::Group => "group",
        MemberKind::Device => "device",
        MemberKind::ServicePrincipal => "servicePrincipal",
        MemberKind::OrgContact => "orgContact",
        MemberKind::Other(name) => name.strip_prefix("microsoft.graph.").unwrap_or(name),
    }
}

fn add(to: &AtomicU64, rows: usize) {
    to.fetch_add(rows as u64, Ordering::AcqRel);
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
