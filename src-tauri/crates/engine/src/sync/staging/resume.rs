//! Where a run that did not come to its end goes on.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use entra::Group;
use rusqlite::{OptionalExtension, Row};

use super::{Arrived, List, Settled, Staging, StoreProblem};

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

/// How far the members of the groups were read that were listed and are not gone.
#[derive(Debug, Default)]
pub(in crate::sync) struct GroupsBegun {
    /// Still to be read.
    pub(in crate::sync) unsettled: Vec<Unsettled>,
    /// Need no more requests.
    pub(in crate::sync) settled: HashSet<String>,
    /// One of those that were read.
    pub(in crate::sync) group_read: Option<String>,
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

    /// How far the members of all groups were read.
    pub(in crate::sync) fn groups_begun(&self) -> Result<GroupsBegun, StoreProblem> {
        let mut begun = GroupsBegun::default();
        self.each_group(|id, hides_members, newest| match newest {
            Some((Settled::Read, _)) => {
                begun.read += 1;
                begun.group_read.get_or_insert_with(|| id.to_owned());
                begun.settled.insert(id.to_owned());
            }
            Some((Settled::Hidden, _)) => {
                begun.hidden += 1;
                begun.settled.insert(id.to_owned());
            }
            open => {
                let next = open.and_then(|(_, next)| next.clone());
                begun.unsettled.push(Unsettled { id: id.to_owned(), hides_members, next });
            }
        })?;
        Ok(begun)
    }

    /// Groups that were listed, are not gone, and whose members were not read to the end.
    pub(in crate::sync) fn groups_unread(&self) -> Result<u64, StoreProblem> {
        let mut unread = 0;
        self.each_group(|_, _, newest| {
            unread += u64::from(!matches!(newest, Some((Settled::Read | Settled::Hidden, _))));
        })?;
        Ok(unread)
    }

    /// Tells of each group once that was listed and is not gone: whether it hides its members, and of its newest page how
    /// far it came. One walk over each table; groups are known by 64 bits of their ids.
    fn each_group(
        &self,
        mut tell: impl FnMut(&str, bool, Option<&(Settled, Option<String>)>),
    ) -> Result<(), StoreProblem> {
        let hash = BuildHasherDefault::<DefaultHasher>::default();
        let mut newest = HashMap::new();
        let mut select =
            self.connection.prepare("SELECT group_id, state, next FROM members_in ORDER BY rowid")?;
        let mut pages = select.query([])?;
        while let Some(page) = pages.next()? {
            let settled = match text(page, 1)? {
                "read" => Settled::Read,
                "hidden" => Settled::Hidden,
                _ => Settled::Open,
            };
            newest.insert(hash.hash_one(text(page, 0)?), (settled, page.get(2)?));
        }
        let mut told = HashSet::new();
        let mut select =
            self.connection.prepare("SELECT id FROM changed_groups WHERE removed IS NOT NULL")?;
        let mut gone = select.query([])?;
        while let Some(group) = gone.next()? {
            told.insert(hash.hash_one(text(group, 0)?));
        }
        let mut select =
            self.connection.prepare("SELECT id, visibility FROM groups_in ORDER BY rowid DESC")?;
        let mut groups = select.query([])?;
        while let Some(group) = groups.next()? {
            let id = text(group, 0)?;
            let number = hash.hash_one(id);
            if told.insert(number) {
                let visibility: Option<String> = group.get(1)?;
                tell(id, visibility.as_deref() == Some(HIDDEN_MEMBERSHIP), newest.get(&number));
            }
        }
        Ok(())
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

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, rusqlite::Error> {
    Ok(row.get_ref(column)?.as_str()?)
}

/// Whether the group keeps its members from an app without `Member.Read.Hidden`.
pub(in crate::sync) fn hides_members(group: &Group) -> bool {
    group.visibility.as_deref() == Some(HIDDEN_MEMBERSHIP)
}
