//! Everything that happened, in order. The sequence number of an entry is its place, counted from 1.

use crate::population::Member;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A user was added, updated, removed or restored.
    User(u32),
    /// A group was added, renamed or removed.
    Group(u32),
    /// A membership began or ended.
    Membership { group: u32, member: Member },
}

/// One entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happened {
    pub(crate) subject: Subject,
    pub(crate) sequence: u32,
    /// Sequence number of the entry before this one about the same user or group; 0 for its first one.
    pub(crate) previous: u32,
}

#[derive(Debug, Default)]
pub(super) struct Journal {
    entries: Vec<Happened>,
}

impl Journal {
    /// Sequence number of the last entry; 0 when nothing happened.
    pub(super) fn sequence(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// Writes an entry and gives its sequence number.
    pub(super) fn note(&mut self, subject: Subject, previous: u32) -> u32 {
        let sequence = self.sequence() + 1;
        self.entries.push(Happened { subject, sequence, previous });
        sequence
    }

    /// The entries after one sequence number, up to and with another.
    pub(super) fn between(&self, after: u32, until: u32) -> &[Happened] {
        let until = (until as usize).min(self.entries.len());
        self.entries.get(after as usize..until).unwrap_or_default()
    }
}
