//! The directory line by line: people, groups, and what the last run changed. Each list is read in pages, so that a
//! million lines need no more memory than one page.

use rusqlite::{Row, params};

use super::{Directory, DirectoryProblem, unsigned};
use crate::sync::{ChangeLine, ChangeOf, ChangeWord};

/// Part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many lines come before it.
    pub offset: u64,
    /// How many lines it has at most.
    pub limit: u64,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLine {
    /// Object ID.
    pub id: String,
    /// Name for people.
    pub display_name: Option<String>,
    /// Sign-in name.
    pub user_principal_name: Option<String>,
    /// Mail address; none for an empty one.
    pub mail: Option<String>,
    /// The account is not disabled.
    pub enabled: bool,
    /// A guest; whoever is none is a member.
    pub guest: bool,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupLine {
    /// Object ID.
    pub id: String,
    /// Name for people.
    pub display_name: Option<String>,
    /// Mail address; none for an empty one.
    pub mail: Option<String>,
    /// Direct members of every type, as far as the app sees them.
    pub members: u64,
    /// Its members are hidden from whoever does not belong to it (`HiddenMembership`).
    pub hidden: bool,
}

pub(super) const PERSON: &str = "SELECT users.id, users.display_name, users.user_principal_name,
        nullif(users.mail, ''), users.account_enabled IS NOT 0, users.user_type IS 'Guest' COLLATE NOCASE
   FROM users";
pub(super) const GROUP: &str = "SELECT groups.id, groups.display_name, nullif(groups.mail, ''),
        (SELECT coalesce(sum(number), 0) FROM members WHERE group_id = groups.id), groups.visibility IS 'HiddenMembership'
   FROM groups";

impl Directory {
    /// People in the order of their object IDs, the one order that needs no sorting: a page at the end of 100 000 lines
    /// comes in a few milliseconds.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn people_page(&self, page: Page) -> Result<Vec<PersonLine>, DirectoryProblem> {
        self.lines(&format!("{PERSON} ORDER BY users.id"), page, PersonLine::read)
    }

    /// Groups by name.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn groups_page(&self, page: Page) -> Result<Vec<GroupLine>, DirectoryProblem> {
        // The place is found in the index of names alone; members are counted for the lines of the page only.
        let select = format!(
            "{GROUP} JOIN (SELECT id AS place FROM groups ORDER BY folded_name, id LIMIT ?1 OFFSET ?2)
               ON groups.id = place ORDER BY groups.folded_name, groups.id"
        );
        self.lines_within(&select, page, GroupLine::read)
    }

    /// What the last run changed, in the order in which it was found. A membership has the names of both.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn changes_page(&self, page: Page) -> Result<Vec<ChangeLine>, DirectoryProblem> {
        let select = "SELECT kind, change, changes.id,
                coalesce(nullif(name, ''), users.display_name, users.user_principal_name, groups.display_name),
                coalesce(group_name, own.display_name, group_id)
           FROM changes
           LEFT JOIN users ON kind <> 'group' AND users.id = changes.id
           LEFT JOIN groups ON kind <> 'user' AND groups.id = changes.id
           LEFT JOIN groups AS own ON own.id = group_id
          ORDER BY number";
        let lines = self.lines(select, page, |row| {
            let (of, word): (String, String) = (row.get(0)?, row.get(1)?);
            let (id, name, group) = (row.get(2)?, row.get(3)?, row.get(4)?);
            let known = ChangeOf::read(&of).zip(ChangeWord::read(&word));
            Ok(known.map(|(of, word)| ChangeLine { of, word, id, name, group }))
        })?;
        Ok(lines.into_iter().flatten().collect())
    }

    /// How many changes of the last run are kept by name; all of them are counted in its record.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn changes_kept(&self) -> Result<u64, DirectoryProblem> {
        self.number("SELECT count(*) FROM changes")
    }

    /// How many people there are, of any type and state.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn people_count(&self) -> Result<u64, DirectoryProblem> {
        self.number("SELECT count(*) FROM users")
    }

    /// One page of a query without a limit of its own.
    pub(super) fn lines<T>(
        &self,
        select: &str,
        page: Page,
        read: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<Vec<T>, DirectoryProblem> {
        self.lines_within(&format!("{select} LIMIT ?1 OFFSET ?2"), page, read)
    }

    /// One page of a query that has `LIMIT ?1 OFFSET ?2` where it belongs.
    fn lines_within<T>(
        &self,
        select: &str,
        page: Page,
        read: impl FnMut(&Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<Vec<T>, DirectoryProblem> {
        let mut select = self.connection.prepare(select)?;
        let lines = select.query_map(params![integer(page.limit), integer(page.offset)], read)?;
        Ok(lines.collect::<Result<_, _>>()?)
    }
}

impl PersonLine {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            display_name: row.get(1)?,
            user_principal_name: row.get(2)?,
            mail: row.get(3)?,
            enabled: row.get(4)?,
            guest: row.get(5)?,
        })
    }
}

impl GroupLine {
    pub(super) fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            display_name: row.get(1)?,
            mail: row.get(2)?,
            members: unsigned(row.get(3)?),
            hidden: row.get(4)?,
        })
    }
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
