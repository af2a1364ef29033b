//! The file of a run under way: every page that was read, in the order of its arrival, with the place to go on at.
//!
//! Page and place are committed together, so a run that was killed goes on after the last page that was committed.
//! Nothing is sorted or compared here; that is the ledger's, once everything is there.

mod insert;
pub(super) mod packed;
mod people;
mod resume;
mod sorting;
mod tables;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use entra::{Group, GroupChange, Member, User, UserChange};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, config::DbConfig, params};

pub(super) use people::{PackedUser, UserBundle, UserFields};
pub(super) use resume::{Place, Unsettled, hides_members};
pub(super) use sorting::UserSorter;
pub(super) use tables::PRESENT;

/// A list that is read page by page, as the staging file names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum List {
    /// Users, or one shard of them.
    Users(usize),
    Groups,
    ChangedUsers,
    ChangedGroups,
}

impl List {
    fn name(&self) -> String {
        match self {
            Self::Users(shard) => format!("users:{shard}"),
            Self::Groups => "groups".to_owned(),
            Self::ChangedUsers => "changed-users".to_owned(),
            Self::ChangedGroups => "changed-groups".to_owned(),
        }
    }
}

/// Where a list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Onward {
    /// At this next-link.
    Page(String),
    /// It was read to its end; a list of changes gives the link for the next time.
    End(Option<String>),
    /// The page has a next-link that is not followed; the fault comes next.
    Nowhere,
}

/// How a group's members ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// Read to the end.
    Read,
    /// Hidden from the app, and none were shown.
    Hidden,
    /// More pages follow at the link beside it.
    Open,
}

/// What the reader's tasks hand over: what was read, with the place to go on at.
#[derive(Debug)]
pub(super) enum Rows {
    Users {
        list: List,
        page: Vec<User>,
        onward: Onward,
    },
    Groups {
        page: Vec<Group>,
        onward: Onward,
    },
    Members(Vec<MembersRead>),
    ChangedUsers {
        page: Vec<UserChange>,
        onward: Onward,
    },
    ChangedGroups {
        page: Vec<GroupChange>,
        onward: Onward,
    },
    /// Delta links that were taken before anything was read.
    Links(Links),
    /// Groups that were deleted while the directory was read.
    Gone(Vec<String>),
}

/// A page of one group's members.
#[derive(Debug)]
pub(super) struct MembersRead {
    pub(super) group_id: String,
    pub(super) members: Vec<Member>,
    pub(super) settled: Settled,
    pub(super) next: Option<String>,
}

/// The links that tell what changed since they were taken.
/// Source: <https://learn.microsoft.com/graph/delta-query-overview>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) users: Option<String>,
    pub(super) groups: Option<String>,
    /// When the older of the two was taken.
    pub(super) taken_at: Option<Timestamp>,
}

/// Whose directory is read, and what the run begins from. A file that was made for something else is not gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct About {
    /// Tenant, app and endpoints.
    pub(super) identity: String,
    /// `full`, or `delta` with the links it began at.
    pub(super) base: String,
    pub(super) began_at: Timestamp,
}

/// Why a file cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreProblem {
    /// The disk or the account's share of it.
    #[error("no space is left")]
    Full,
    #[error("{0}")]
    File(io::Error),
    #[error("{0}")]
    Sqlite(String),
}

impl From<io::Error> for StoreProblem {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
            return Self::Full;
        }
        Self::File(error)
    }
}

impl From<rusqlite::Error> for StoreProblem {
    /// Without SQLite's longer text, which can repeat values and paths.
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, _) if failure.code == ErrorCode::DiskFull => Self::Full,
            rusqlite::Error::SqliteFailure(failure, _) => Self::Sqlite(failure.to_string()),
            other => Self::Sqlite(other.to_string()),
        }
    }
}

/// The file of a run under way.
pub(super) struct Staging {
    pub(super) connection: Connection,
    path: PathBuf,
    sorter: UserSorter,
}

/// What came with rows, for the counters that people watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Arrived {
    pub(super) users: u64,
    pub(super) groups: u64,
    pub(super) members: u64,
    pub(super) changes: u64,
}

impl Staging {
    /// Begins a new file. One that was there is dropped.
    pub(super) fn create(path: &Path, about: &About) -> Result<Self, StoreProblem> {
        remove(path)?;
        // Made by us before SQLite sees it, so that nobody else can ever read it.
        crate::store::atomic::write_private(path, b"")?;
        let connection = open(path)?;
        connection.execute_batch(tables::TABLES)?;
        connection.pragma_update(None, "user_version", tables::VERSION)?;
        connection.execute(
            "INSERT INTO about VALUES (?1, ?2, ?3)",
            params![about.identity, about.base, about.began_at.to_string()],
        )?;
        let sorter = UserSorter::from_the_start(folder_of(path));
        Ok(Self { connection, path: path.to_owned(), sorter })
    }

    /// Opens the file of a run that did not come to its end; none when there is none for this purpose, or it is
    /// damaged.
    pub(super) fn resume(path: &Path, identity: &str, base: &str) -> Result<Option<Self>, StoreProblem> {
        if !path.try_exists()? {
            return Ok(None);
        }
        let Ok(connection) = open(path) else { return Ok(None) };
        let fits = connection
            .query_row("SELECT identity, base FROM about", [], |row| {
                Ok(row.get_ref(0)?.as_str()? == identity && row.get_ref(1)?.as_str()? == base)
            })
            .optional();
        let version = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
        let usable = matches!((fits, version), (Ok(Some(true)), Ok(tables::VERSION)));
        let sorter = UserSorter::late(folder_of(path));
        Ok(usable.then(|| Self { connection, path: path.to_owned(), sorter }))
    }

    /// Takes several pages in one transaction.
    pub(super) fn take(&mut self, rows: impl Iterator<Item = Rows>) -> Result<Arrived, StoreProblem> {
        let mut arrived = Arrived::default();
        let transaction = self.connection.transaction()?;
        for rows in rows {
            insert::insert(&transaction, rows, &mut arrived, &mut self.sorter)?;
        }
        transaction.commit()?;
        Ok(arrived)
    }

    /// The delta links that belong to what was read.
    pub(super) fn links(&self) -> Result<Links, StoreProblem> {
        let of = |list: &str| {
            let select = "SELECT link, taken_at FROM links WHERE list = ?1";
            self.connection
                .query_row(select, [list], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
                .optional()
        };
        let (users, groups) = (of("users")?, of("groups")?);
        let taken = |of: &Option<(String, String)>| of.as_ref().and_then(|(_, at)| at.parse().ok());
        let taken_at = [taken(&users), taken(&groups)].into_iter().flatten().min();
        Ok(Links { users: users.map(|(link, _)| link), groups: groups.map(|(link, _)| link), taken_at })
    }

    /// Whether SQLite finds nothing wrong with the file.
    pub(super) fn is_sound(&self) -> bool {
        let check = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        check.is_ok_and(|verdict| verdict == "ok")
    }

    /// Marks the lists of changes as to be read once more, from the newest links on.
    pub(super) fn catch_up(&mut self) -> Result<(), StoreProblem> {
        self.connection
            .execute("INSERT OR REPLACE INTO places SELECT 'changed-' || list, link, 0 FROM links", [])?;
        Ok(())
    }

    /// What is committed, for another thread to read.
    pub(super) fn reader(&self) -> Result<Connection, StoreProblem> {
        let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.execute_batch("PRAGMA cache_size = -4096; PRAGMA busy_timeout = 5000;")?;
        Ok(connection)
    }

    /// Puts the users in order. What was staged by this run is on its way there already.
    pub(super) fn user_sorter(&mut self) -> UserSorter {
        std::mem::replace(&mut self.sorter, UserSorter::late(folder_of(&self.path)))
    }

    /// Removes the file.
    pub(super) fn discard(self) -> Result<(), StoreProblem> {
        let Self { connection, path, sorter: _ } = self;
        // Nobody wants the log in the file any more.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        drop(connection);
        remove(&path)
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// Removes a database with the files that SQLite puts beside it.
pub(super) fn remove(path: &Path) -> Result<(), StoreProblem> {
    for suffix in ["-wal", "-shm", "-journal", ""] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        crate::store::atomic::remove_if_there(Path::new(&name))?;
    }
    Ok(())
}

fn open(path: &Path) -> Result<Connection, StoreProblem> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let connection = Connection::open(path)?;
    connection.execute_batch(tables::SETTINGS)?;
    Ok(connection)
}
