//! Where a run that did not come to its end goes on.

use std::collections::HashSet;

use entra::Group;
use rusqlite::{OptionalExtension, params};

use super::{Arrived, List, Staging, StoreProblem};

const HIDDEN_MEMBERSHIP: &str = "HiddenMembership";

/// Where a list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) enum Place {
    /// Not begun.
    Start,
    /// Go on at this next-link.
    At(String),
    /// Read to its end.
    Done,
}

/// A group whose members are still to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) struct Unsettled {
    pub(in crate::sync) id: String,
    pub(in crate::sync) hides_members: bool,
    /// Some pages were read; the next one is here.
    pub(in crate::sync) next: Option<String>,
}

/// How many groups have come how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::sync) struct GroupsSettled {
    pub(in crate::sync) read: u64,
    pub(in crate::sync) hidden: u64,
}

impl Staging {
    /// Where a list goes on.
    pub(in crate::sync) fn place(&self, list: &List) -> Result<Place, StoreProblem> {
        let select = "SELECT next, done FROM places WHERE list = ?1";
        let found = self
            .connection
            .query_row(select, [list.name()], |row| Ok((row.get::<_, Option<String>>(0)?, row.get(1)?)))
            .optional()?;
        Ok(match found {
            Some((_, true)) => Place::Done,
            Some((Some(link), false)) => Place::At(link),
            Some((None, false)) | None => Place::Start,
        })
    }

    /// Groups that were listed and whose members were not read to the end.
    pub(in crate::sync) fn unsettled(&self) -> Result<Vec<Unsettled>, StoreProblem> {
        let mut select = self
            .connection
            .prepare("SELECT group_id, hides, next FROM settled WHERE state NOT IN ('read', 'hidden')")?;
        let rows = select.query_map([], |row| {
            Ok(Unsettled { id: row.get(0)?, hides_members: row.get(1)?, next: row.get(2)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Groups that were listed, are not gone, and whose members were not read to the end.
    pub(in crate::sync) fn groups_unread(&self) -> Result<u64, StoreProblem> {
        let select = "SELECT count(*) FROM settled WHERE state NOT IN ('read', 'hidden')";
        let number: i64 = self.connection.query_row(select, [], |row| row.get(0))?;
        Ok(u64::try_from(number).unwrap_or_default())
    }

    /// Groups whose members need no more requests.
    pub(in crate::sync) fn settled(&self) -> Result<HashSet<String>, StoreProblem> {
        let mut select =
            self.connection.prepare("SELECT group_id FROM settled WHERE state IN ('read', 'hidden')")?;
        let rows = select.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A group whose members were read.
    pub(in crate::sync) fn a_group_that_was_read(&self) -> Result<Option<String>, StoreProblem> {
        let select = "SELECT group_id FROM settled WHERE state = 'read' LIMIT 1";
        Ok(self.connection.query_row(select, [], |row| row.get(0)).optional()?)
    }

    /// How many groups need no more requests.
    pub(in crate::sync) fn groups_settled(&self) -> Result<GroupsSettled, StoreProblem> {
        let of = |state: &str| {
            let select = "SELECT count(*) FROM settled WHERE state = ?1";
            self.connection.query_row(select, params![state], |row| row.get::<_, i64>(0))
        };
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(GroupsSettled { read: count(of("read")?), hidden: count(of("hidden")?) })
    }

    /// What an earlier run has read, for the counters. Members are not counted again.
    pub(in crate::sync) fn arrived(&self) -> Result<Arrived, StoreProblem> {
        let of =
            |what: &str| self.connection.query_row(&format!("SELECT {what}"), [], |row| row.get::<_, i64>(0));
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(Arrived {
            users: count(of("coalesce(sum(users), 0) FROM users_in")?),
            groups: count(of("count(*) FROM groups_in")?),
            members: 0,
            changes: count(of("count(*) FROM changed_users")?) + count(of("count(*) FROM changed_groups")?),
        })
    }
}

/// Whether the group keeps its members from an app without `Member.Read.Hidden`.
pub(in crate::sync) fn hides_members(group: &Group) -> bool {
    group.visibility.as_deref() == Some(HIDDEN_MEMBERSHIP)
}
