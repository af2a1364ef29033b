//! What a run changed: counted in full, and the first of it by name.

use rusqlite::{Connection, params};

use crate::evidence::{Changed, Changes};

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeOf {
    /// A person.
    User,
    /// A group.
    Group,
    /// A direct membership.
    Membership,
}

/// How it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeWord {
    /// It is new.
    Added,
    /// Something of it is different.
    Updated,
    /// A person's account was disabled.
    Disabled,
    /// A person's account was enabled again.
    Enabled,
    /// It is gone.
    Removed,
}

/// One change by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeLine {
    /// What changed.
    pub of: ChangeOf,
    /// How.
    pub word: ChangeWord,
    /// The object ID; of a membership the member's.
    pub id: String,
    /// The name for people, where there is one.
    pub name: Option<String>,
    /// Of a membership: the group.
    pub group: Option<String>,
}

impl ChangeOf {
    const ALL: [Self; 3] = [Self::User, Self::Group, Self::Membership];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Membership => "membership",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.text() == text)
    }
}

impl ChangeWord {
    const ALL: [Self; 5] = [Self::Added, Self::Updated, Self::Disabled, Self::Enabled, Self::Removed];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Removed => "removed",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.text() == text)
    }
}

/// One change on its way into the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) of: ChangeOf,
    pub(super) word: ChangeWord,
    pub(super) id: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) group_id: Option<&'a str>,
}

/// Counts what a run changes, and keeps the first changes by name in the table `changes`.
pub(super) struct Log<'a> {
    ledger: &'a Connection,
    /// There is an earlier state to compare with.
    known: bool,
    counted: Changes,
    kept: u64,
}

impl<'a> Log<'a> {
    pub(super) fn new(ledger: &'a Connection, known: bool) -> Result<Self, rusqlite::Error> {
        Ok(Self { ledger, known, counted: Changes::default(), kept: 0 })
    }

    /// Whether there is an earlier state, so that changes are worth telling.
    pub(super) fn compares(&self) -> bool {
        self.known
    }

    pub(super) fn counted(&self) -> Changes {
        self.counted
    }

    pub(super) fn tell(&mut self, entry: &Entry<'_>) -> Result<(), rusqlite::Error> {
        if !self.known {
            return Ok(());
        }
        *self.number(entry) += 1;
        if self.kept >= super::CHANGES_KEPT {
            return Ok(());
        }
        self.kept += 1;
        let mut insert = self.ledger.prepare_cached(
            "INSERT INTO changes VALUES (NULL, ?1, ?2, ?3, ?4, ?5,
                                         (SELECT display_name FROM groups WHERE id = ?5))",
        )?;
        insert.execute(params![entry.of.text(), entry.word.text(), entry.id, entry.name, entry.group_id])?;
        Ok(())
    }

    /// Takes a change back that something later in the same run made untrue.
    pub(super) fn take_back(&mut self, entry: &Entry<'_>) -> Result<(), rusqlite::Error> {
        if !self.known {
            return Ok(());
        }
        let number = self.number(entry);
        *number = number.saturating_sub(1);
        let mut delete = self
            .ledger
            .prepare_cached("DELETE FROM changes WHERE kind = ?1 AND id = ?2 AND group_id IS ?3")?;
        let deleted = delete.execute(params![entry.of.text(), entry.id, entry.group_id])?;
        self.kept = self.kept.saturating_sub(deleted as u64);
        Ok(())
    }

    fn number(&mut self, entry: &Entry<'_>) -> &mut u64 {
        let Changed { added, updated, removed } = match entry.of {
            ChangeOf::User => &mut self.counted.users,
            ChangeOf::Group => &mut self.counted.groups,
            ChangeOf::Membership => &mut self.counted.memberships,
        };
        match entry.word {
            ChangeWord::Added => added,
            ChangeWord::Updated | ChangeWord::Disabled | ChangeWord::Enabled => updated,
            ChangeWord::Removed => removed,
        }
    }
}
