//! Who may do what on the gateway: the access table read against the directory that was synced last.
//!
//! People are users; nested groups are followed and may form circles. Accounts that are disabled get nothing and are
//! not counted as granted, kept out or unnamed. [`NO_ACCESS`] wins over every role; otherwise the highest rank wins.
//! A role that the profile does not have grants nothing.

mod administrators;
mod effect;
mod fold;
mod lists;
mod nested;
mod person;
mod search;
mod standing;
#[cfg(test)]
mod tests;
mod warnings;

use std::{io, path::Path};

use rusqlite::{Connection, OptionalExtension};

pub use administrators::Administrators;
pub use effect::{AccessEffect, GroupAccess, RuleEffect};
pub(crate) use fold::fold;
pub use lists::{GroupLine, Page, PersonLine};
pub use person::PersonAccess;
pub use search::GroupHit;
pub use warnings::{GroupsWarning, PeopleWarning, UnknownMember, WarningCounts};

use crate::sync::{SCHEMA_VERSION, read_only};

/// The role of a rule that keeps people out.
pub const NO_ACCESS: &str = "no-access";

/// A directory as a sync stored it. Only reads.
#[derive(Debug)]
pub struct Directory {
    connection: Connection,
    complete: bool,
    groups_listed: bool,
}

/// Why a stored directory cannot be read, as the rest of a sentence.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryProblem {
    /// The file is there and cannot be opened.
    #[error("the file cannot be opened ({0})")]
    File(#[from] io::Error),
    /// It is damaged, or no SQLite file.
    #[error("the file is damaged ({0})")]
    Damaged(#[from] rusqlite::Error),
    /// Another version of Gatehouse wrote it, or its sync never came to an end.
    #[error("the file is from another version of Gatehouse, or its test sync never came to an end")]
    OtherVersion,
}

/// How many people there are, by type and state. Whoever is not a guest is a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleSummary {
    /// Members who can sign in.
    pub members_enabled: u64,
    /// Members whose account is disabled.
    pub members_disabled: u64,
    /// Guests who can sign in.
    pub guests_enabled: u64,
    /// Guests whose account is disabled.
    pub guests_disabled: u64,
    /// People of any type and state without a mail address.
    pub without_mail: u64,
}

/// How large groups are, counting direct members of every type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSizes {
    /// Groups with 0, 1–9, 10–99, 100–999, 1 000–4 999 and 5 000 or more members.
    pub buckets: [u64; 6],
    /// Name and size of the largest group; none when every group is empty.
    pub largest: Option<(String, u64)>,
    /// Groups that share their display name with another one, whatever the case of its letters.
    pub shared_names: u64,
}

impl Directory {
    /// Opens what a sync stored; none when there is no such file.
    ///
    /// # Errors
    /// [`DirectoryProblem`] when the file is there and cannot be used.
    pub fn open(path: &Path) -> Result<Option<Self>, DirectoryProblem> {
        if !path.try_exists()? {
            return Ok(None);
        }
        let connection = read_only(path)?;
        let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != SCHEMA_VERSION {
            return Err(DirectoryProblem::OtherVersion);
        }
        let (complete, groups_listed) = connection
            .query_row("SELECT complete, groups_listed FROM run", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .ok_or(DirectoryProblem::OtherVersion)?;
        Ok(Some(Self { connection, complete, groups_listed }))
    }

    /// What an open ledger shows, in the middle of a run too.
    pub(crate) fn over(connection: Connection) -> Self {
        Self { connection, complete: true, groups_listed: true }
    }

    /// The connection, back.
    pub(crate) fn into_connection(self) -> Connection {
        self.connection
    }

    /// Whether the sync read everything.
    pub fn complete(&self) -> bool {
        self.complete
    }

    /// How many groups there are.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn groups(&self) -> Result<u64, DirectoryProblem> {
        self.number("SELECT count(*) FROM groups")
    }

    /// Everybody, by type and state.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn people(&self) -> Result<PeopleSummary, DirectoryProblem> {
        let mut select = self.connection.prepare(
            "SELECT user_type IS 'Guest' COLLATE NOCASE, account_enabled IS NOT 0, count(*),
                    count(*) FILTER (WHERE coalesce(mail, '') = '')
               FROM users GROUP BY 1, 2",
        )?;
        let mut rows = select.query([])?;
        let mut summary = PeopleSummary::default();
        while let Some(row) = rows.next()? {
            let (guests, enabled, people) = (row.get(0)?, row.get(1)?, unsigned(row.get(2)?));
            *match (guests, enabled) {
                (false, true) => &mut summary.members_enabled,
                (false, false) => &mut summary.members_disabled,
                (true, true) => &mut summary.guests_enabled,
                (true, false) => &mut summary.guests_disabled,
            } = people;
            summary.without_mail += unsigned(row.get(3)?);
        }
        Ok(summary)
    }

    /// How large groups are, and how many share a name.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn group_sizes(&self) -> Result<GroupSizes, DirectoryProblem> {
        let mut select = self.connection.prepare(
            "SELECT coalesce(groups.display_name, groups.id), coalesce(sum(members.number), 0) AS size
               FROM groups LEFT JOIN members ON members.group_id = groups.id GROUP BY groups.id",
        )?;
        let mut rows = select.query([])?;
        let mut sizes = GroupSizes::default();
        while let Some(row) = rows.next()? {
            let size = unsigned(row.get(1)?);
            sizes.buckets[bucket(size)] += 1;
            if size > sizes.largest.as_ref().map_or(0, |(_, largest)| *largest) {
                sizes.largest = Some((row.get(0)?, size));
            }
        }
        sizes.shared_names = self.number(
            "SELECT coalesce(sum(sharing), 0) FROM (SELECT count(*) AS sharing FROM groups
              WHERE display_name <> '' GROUP BY display_name COLLATE NOCASE HAVING count(*) > 1)",
        )?;
        Ok(sizes)
    }

    fn number(&self, query: &str) -> Result<u64, DirectoryProblem> {
        Ok(self.connection.query_row(query, [], |row| row.get(0)).map(unsigned)?)
    }

    /// The group's display name; none when the directory has no such group.
    fn group_name(&self, id: &str) -> Result<Option<String>, DirectoryProblem> {
        let mut select =
            self.connection.prepare_cached("SELECT coalesce(display_name, id) FROM groups WHERE id = ?1")?;
        Ok(select.query_row([id], |row| row.get(0)).optional()?)
    }
}

fn bucket(size: u64) -> usize {
    match size {
        0 => 0,
        1..10 => 1,
        10..100 => 2,
        100..1_000 => 3,
        1_000..5_000 => 4,
        _ => 5,
    }
}

/// SQLite's counts are never negative.
fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}
