//! Memberships of a directory that was read whole: group by group, so that only one group's members are in memory.

use std::rc::Rc;

use rusqlite::Connection;

use super::{
    Staging, StoreProblem,
    merge::{Difference, Keyed, merge},
    outcome::{ChangeOf, ChangeWord, Entry, Log},
};
use crate::sync::staging::packed::{ObjectId, unpack};

/// A direct membership as it is compared.
#[derive(Clone, Debug)]
struct MembershipRow {
    key: MembershipKey,
    kind: Rc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct MembershipKey {
    group: Rc<str>,
    member: ObjectId,
}

impl PartialEq for MembershipRow {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.kind == other.kind
    }
}

impl Keyed for MembershipRow {
    type Key = MembershipKey;

    fn key(&self) -> &MembershipKey {
        &self.key
    }
}

/// Writes the differences. Users and groups are in place already, so members without a type find theirs.
pub(super) fn replace(
    ledger: &Connection,
    earlier: &Connection,
    staging: &Staging,
    log: &mut Log<'_>,
) -> Result<(), StoreProblem> {
    let mut before =
        earlier.prepare("SELECT group_id, member_id, member_type FROM memberships ORDER BY 1, 2")?;
    let mut kinds = Kinds::default();
    let mut group: Rc<str> = "".into();
    let before = before.query_map([], |row| {
        group = same_or_new(&group, row.get_ref(0)?.as_str()?);
        let member = ObjectId::new(row.get_ref(1)?.as_str()?);
        let key = MembershipKey { group: Rc::clone(&group), member };
        Ok(MembershipRow { key, kind: kinds.shared(row.get_ref(2)?.as_str()?) })
    })?;
    let mut pages =
        staging.connection.prepare("SELECT group_id, packed FROM members_in ORDER BY group_id, rowid")?;
    let after = GroupByGroup::new(pages.query([])?, ledger);
    let mut put = ledger.prepare("INSERT OR REPLACE INTO memberships VALUES (?1, ?2, ?3)")?;
    let mut delete = ledger.prepare("DELETE FROM memberships WHERE group_id = ?1 AND member_id = ?2")?;
    merge(before, after, |difference| {
        let mut buffer = uuid::Uuid::encode_buffer();
        let (row, word) = match difference {
            Difference::Added(new) => (new, ChangeWord::Added),
            Difference::Updated(_, new) => (new, ChangeWord::Updated),
            Difference::Removed(old) => (old, ChangeWord::Removed),
        };
        let (group, member) = (&*row.key.group, row.key.member.text(&mut buffer));
        if word == ChangeWord::Removed {
            delete.execute([group, member])?;
        } else {
            put.execute([group, member, &row.kind])?;
        }
        let entry = Entry { of: ChangeOf::Membership, word, id: member, name: None, group_id: Some(group) };
        log.tell(&entry)
    })?;
    Ok(())
}

/// The pages of staged members, sorted within each group.
struct GroupByGroup<'a> {
    pages: rusqlite::Rows<'a>,
    ledger: &'a Connection,
    kinds: Kinds,
    /// The first page of the group that comes next.
    waiting: Option<(String, Vec<u8>)>,
    begun: bool,
    ready: std::vec::IntoIter<MembershipRow>,
}

impl<'a> GroupByGroup<'a> {
    fn new(pages: rusqlite::Rows<'a>, ledger: &'a Connection) -> Self {
        let kinds = Kinds::default();
        Self { pages, ledger, kinds, waiting: None, begun: false, ready: Vec::new().into_iter() }
    }

    fn page(&mut self) -> Result<Option<(String, Vec<u8>)>, rusqlite::Error> {
        self.pages.next()?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// Reads all pages of the next group; false after the last one.
    fn next_group(&mut self) -> Result<bool, rusqlite::Error> {
        if !std::mem::replace(&mut self.begun, true) {
            self.waiting = self.page()?;
        }
        let Some((id, first)) = self.waiting.take() else { return Ok(false) };
        let group: Rc<str> = id.as_str().into();
        let mut rows = Vec::new();
        self.read(&group, &first, &mut rows)?;
        while let Some((next, packed)) = self.page()? {
            if next != id {
                self.waiting = Some((next, packed));
                break;
            }
            self.read(&group, &packed, &mut rows)?;
        }
        rows.sort_by(|one, other| one.key.cmp(&other.key));
        self.ready = rows.into_iter();
        Ok(true)
    }

    fn read(
        &mut self,
        group: &Rc<str>,
        packed: &[u8],
        rows: &mut Vec<MembershipRow>,
    ) -> Result<(), rusqlite::Error> {
        for member in unpack(packed) {
            let Some(member) = member else { return Err(damaged()) };
            let kind = match member.kind.name() {
                "" => self.kinds.shared(kind_of(self.ledger, &member.id)?),
                name => self.kinds.shared(name),
            };
            rows.push(MembershipRow {
                key: MembershipKey { group: Rc::clone(group), member: member.id },
                kind,
            });
        }
        Ok(())
    }
}

impl Iterator for GroupByGroup<'_> {
    type Item = Result<MembershipRow, rusqlite::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.next() {
                return Some(Ok(row));
            }
            match self.next_group() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(problem) => return Some(Err(problem)),
            }
        }
    }
}

/// The list in which an object stands; empty when it is neither a user nor a group.
pub(super) fn kind_of(ledger: &Connection, id: &ObjectId) -> Result<&'static str, rusqlite::Error> {
    let mut buffer = uuid::Uuid::encode_buffer();
    let id = id.text(&mut buffer);
    for (table, kind) in [("users", "user"), ("groups", "group")] {
        if ledger.prepare_cached(&format!("SELECT 1 FROM {table} WHERE id = ?1"))?.exists([id])? {
            return Ok(kind);
        }
    }
    Ok("")
}

/// Bytes in the staging file that nobody wrote there.
pub(super) fn damaged() -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(1, "packed".to_owned(), rusqlite::types::Type::Blob)
}

/// A few names, each kept once.
#[derive(Default)]
struct Kinds(Vec<Rc<str>>);

impl Kinds {
    fn shared(&mut self, name: &str) -> Rc<str> {
        if let Some(known) = self.0.iter().find(|known| &***known == name) {
            return Rc::clone(known);
        }
        let new: Rc<str> = name.into();
        if self.0.len() < 64 {
            self.0.push(Rc::clone(&new));
        }
        new
    }
}

fn same_or_new(last: &Rc<str>, text: &str) -> Rc<str> {
    if &**last == text { Rc::clone(last) } else { text.into() }
}
