//! What is known of a directory, in a SQLite file: people, groups, memberships, and the links that tell what changed
//! since. A run changes all of it in one transaction, or nothing.

mod changed;
mod copies;
mod inserts;
mod members;
mod merge;
mod opening;
mod outcome;
mod pieces;
mod queue;
mod rows;
mod tables;
mod whole;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::staging::{Links, Staging, StoreProblem, remove};
use crate::{
    access::Directory,
    evidence::{Changed, Changes, SyncRecord},
};

pub(crate) use copies::copy_for_others;
pub(super) use copies::copy_whole;
pub(super) use opening::earlier_beside;
pub use outcome::{ChangeLine, ChangeOf, ChangeWord};
pub(crate) use pieces::first_with_member;
pub(crate) use tables::{SCHEMA_VERSION, TABLES};

/// Changes that are kept by name for people to look at; all of them are counted.
const CHANGES_KEPT: u64 = 10_000;

const HIDDEN: &str = "
SELECT count(*) FROM groups WHERE visibility = 'HiddenMembership'
   AND NOT EXISTS (SELECT 1 FROM members WHERE group_id = groups.id)";

/// A ledger that is open for writing.
pub(super) struct Ledger {
    connection: Connection,
    path: PathBuf,
    /// In the middle of a transaction.
    open: bool,
    /// How much there is with what was applied.
    applied: Held,
}

/// What a run comes to, before it is committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Applied {
    pub(super) users: u64,
    pub(super) groups: u64,
    pub(super) memberships: u64,
    /// Of a whole read: groups whose members were not read to the end, those that went meanwhile left out.
    pub(super) groups_unread: u64,
    /// Groups that hide their members and show none.
    pub(super) hidden_groups: u64,
    /// None when there was nothing to compare with.
    pub(super) changes: Option<Changes>,
    /// How much there was before.
    pub(super) before: Held,
}

/// How much a ledger holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) users: u64,
    pub(super) groups: u64,
    pub(super) memberships: u64,
}

impl Held {
    /// What it comes to with these changes.
    fn after(self, changes: &Changes) -> Self {
        let moved = |before: u64, by: &Changed| (before + by.added).saturating_sub(by.removed);
        Self {
            users: moved(self.users, &changes.users),
            groups: moved(self.groups, &changes.groups),
            memberships: moved(self.memberships, &changes.memberships),
        }
    }
}

impl Ledger {
    /// The links that the last run left. None where there is none.
    pub(super) fn links(&self) -> Result<Links, StoreProblem> {
        let mut links = Links::default();
        let mut select = self.connection.prepare("SELECT list, link, taken_at FROM watermarks")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let taken: Option<Timestamp> = row.get_ref(2)?.as_str().ok().and_then(|text| text.parse().ok());
            links.taken_at = [links.taken_at, taken].into_iter().flatten().min();
            match row.get_ref(0)?.as_str() {
                Ok("users") => links.users = row.get(1)?,
                Ok("groups") => links.groups = row.get(1)?,
                _ => {}
            }
        }
        Ok(links)
    }

    /// Forgets the links, so that the next run reads everything.
    pub(super) fn forget_links(&self) -> Result<(), StoreProblem> {
        self.connection.execute("DELETE FROM watermarks", [])?;
        Ok(())
    }

    /// Whether a complete run stands in it.
    pub(super) fn is_complete(&self) -> Result<bool, StoreProblem> {
        let complete =
            self.connection.query_row("SELECT complete FROM run", [], |row| row.get(0)).optional()?;
        Ok(complete.unwrap_or(false))
    }

    /// When the complete run ended that stands in it.
    fn known_since(&self) -> Result<Option<Timestamp>, StoreProblem> {
        let select = "SELECT finished_at FROM run WHERE complete";
        let ended: Option<String> = self.connection.query_row(select, [], |row| row.get(0)).optional()?;
        Ok(ended.and_then(|text| text.parse().ok()))
    }

    /// How much is committed. Counting walks over all of it, so it stands beside it.
    pub(super) fn held(&self) -> Result<Held, StoreProblem> {
        let held = self.connection.query_row("SELECT users, groups, memberships FROM held", [], |row| {
            Ok(Held { users: row.get(0)?, groups: row.get(1)?, memberships: row.get(2)? })
        });
        held.optional()?.map_or_else(|| self.count_all(), Ok)
    }

    fn count_all(&self) -> Result<Held, StoreProblem> {
        let of = |select: &str| count(&self.connection, select);
        Ok(Held {
            users: of("SELECT count(*) FROM users")?,
            groups: of("SELECT count(*) FROM groups")?,
            memberships: of("SELECT coalesce(sum(number), 0) FROM members")?,
        })
    }

    /// Brings in what a run has read, in a transaction that stays open until [`Ledger::commit`] or
    /// [`Ledger::undo`].
    pub(super) fn apply(&mut self, staging: &mut Staging, whole: bool) -> Result<Applied, StoreProblem> {
        self.undo()?;
        let before = self.held()?;
        let (known, since) = (self.is_complete()?, self.known_since()?);
        let earlier = self.as_it_was()?;
        self.connection.execute_batch("BEGIN IMMEDIATE; DELETE FROM changes;")?;
        self.open = true;
        let mut log = outcome::Log::new(&self.connection, known)?;
        let mut counted_on_the_way = None;
        if whole {
            counted_on_the_way = Some(whole::replace(&self.connection, &earlier, staging, &mut log)?);
        }
        if changed::bring_in(&self.connection, &earlier, staging, &mut log, whole)? {
            counted_on_the_way = None;
        }
        let counted = log.counted();
        let held = match counted_on_the_way {
            Some(held) => held,
            None if known && !whole => before.after(&counted),
            None => self.count_all()?,
        };
        debug_assert!(
            self.count_all().is_ok_and(|there| there == held),
            "every row that was written is there"
        );
        self.applied = held;
        Ok(Applied {
            users: held.users,
            groups: held.groups,
            memberships: held.memberships,
            groups_unread: staging.groups_unread()?,
            hidden_groups: count(&self.connection, HIDDEN)?,
            changes: known.then_some(Changes { since, ..counted }),
            before: if known { before } else { Held::default() },
        })
    }

    /// A connection that keeps seeing the directory as it is now.
    fn as_it_was(&self) -> Result<Connection, StoreProblem> {
        if self.has_content()? {
            let earlier = read_only(&self.path)?;
            earlier.execute_batch("BEGIN; SELECT count(*) FROM run;")?;
            return Ok(earlier);
        }
        // Nothing; and nobody may stand in the way of the first commit.
        let nothing = Connection::open_in_memory()?;
        nothing.execute_batch(TABLES)?;
        Ok(nothing)
    }

    /// Makes what was applied the known directory, together with the links that belong to it.
    pub(super) fn commit(&mut self, finish: &Finish<'_>) -> Result<(), StoreProblem> {
        self.record(finish)?;
        let Held { users, groups, memberships } = self.applied;
        self.connection.execute_batch("DELETE FROM held; DELETE FROM watermarks;")?;
        self.connection.execute("INSERT INTO held VALUES (?1, ?2, ?3)", [users, groups, memberships])?;
        let taken_at = finish.links.taken_at.unwrap_or_default().to_string();
        for (list, link) in [("users", &finish.links.users), ("groups", &finish.links.groups)] {
            let Some(link) = link else { continue };
            let insert = "INSERT INTO watermarks VALUES (?1, ?2, ?3)";
            self.connection.execute(insert, params![list, link, taken_at])?;
        }
        self.connection.execute_batch("COMMIT")?;
        self.open = false;
        self.keep_a_log()?;
        // What cannot be cleared away does no harm: it belongs to somebody else.
        remove(&earlier_beside(&self.path)).ok();
        Ok(())
    }

    /// Drops what was applied and not committed.
    pub(super) fn undo(&mut self) -> Result<(), StoreProblem> {
        if std::mem::take(&mut self.open) {
            self.connection.execute_batch("ROLLBACK")?;
        }
        Ok(())
    }

    /// Asks the directory as it would be.
    pub(super) fn as_directory<T>(&mut self, ask: impl FnOnce(&Directory) -> T) -> Result<T, StoreProblem> {
        let connection = std::mem::replace(&mut self.connection, Connection::open_in_memory()?);
        let directory = Directory::over(connection);
        let answer = ask(&directory);
        self.connection = directory.into_connection();
        Ok(answer)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn record(&self, finish: &Finish<'_>) -> Result<(), StoreProblem> {
        let record = finish.record;
        self.connection.execute_batch("DELETE FROM run")?;
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
        Ok(())
    }
}

/// The end of a run.
pub(super) struct Finish<'a> {
    pub(super) record: &'a SyncRecord,
    pub(super) groups_listed: bool,
    pub(super) links: &'a Links,
}

/// Opens a ledger for reading.
pub(crate) fn read_only(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

fn count(connection: &Connection, select: &str) -> Result<u64, StoreProblem> {
    let number: i64 = connection.query_row(select, [], |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
