//! Memberships of a directory that was read whole: group by group, so that only one group's members are in memory.

use std::rc::Rc;

use rusqlite::{Connection, Statement};

use super::{
    StoreProblem,
    inserts::{Inserted, Inserts, put},
    merge::{Difference, Keyed, merge},
    outcome::{ChangeOf, ChangeWord, Entry, Log},
    queue::{Arriving, Outgoing},
};
use crate::sync::staging::packed::{ObjectId, PackedMember, unpack};

/// Members of one group that go from thread to thread together.
const IN_A_PIECE: usize = 16 * 1024;

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

impl Inserted for MembershipRow {
    const TABLE: &'static str = "memberships";
    const WIDTH: usize = 3;

    fn bind(&self, statement: &mut Statement<'_>, first: usize) -> Result<(), rusqlite::Error> {
        let mut buffer = uuid::Uuid::encode_buffer();
        statement.raw_bind_parameter(first, &*self.key.group)?;
        statement.raw_bind_parameter(first + 1, self.key.member.text(&mut buffer))?;
        statement.raw_bind_parameter(first + 2, &*self.kind)
    }
}

impl Keyed for MembershipRow {
    type Key = MembershipKey;

    fn key(&self) -> &MembershipKey {
        &self.key
    }
}

/// The members of one group as they were read.
pub(super) struct GroupMembers {
    group: String,
    /// In the order of their ids.
    members: Vec<PackedMember>,
}

/// Hands over the staged members, group by group in the order of their ids.
pub(super) fn by_group(staged: &Connection, to: &mut Outgoing<'_, GroupMembers>) -> Result<(), StoreProblem> {
    let mut select = staged.prepare("SELECT group_id, packed FROM members_in ORDER BY group_id, rowid")?;
    let mut pages = select.query([])?;
    let mut waiting: Option<GroupMembers> = None;
    while let Some(page) = pages.next()? {
        let (group, packed) = (page.get_ref(0)?.as_str().map_err(|_| damaged())?, page.get_ref(1)?.as_blob());
        let members = unpack(packed.map_err(|_| damaged())?);
        let members: Vec<_> = members.collect::<Option<_>>().ok_or_else(damaged)?;
        match waiting.as_mut().filter(|waiting| waiting.group == group) {
            Some(same) => same.members.extend(members),
            None => {
                let next = GroupMembers { group: group.to_owned(), members };
                waiting.replace(next).map_or(Ok(()), |ready| ready.go(to))?;
            }
        }
    }
    waiting.map_or(Ok(()), |last| last.go(to))
}

impl GroupMembers {
    /// In the order of their ids; many in several pieces.
    fn go(mut self, to: &mut Outgoing<'_, Self>) -> Result<(), StoreProblem> {
        self.members.sort_by(|one, other| one.id.cmp(&other.id));
        let mut members = self.members.into_iter();
        loop {
            let piece: Vec<_> = members.by_ref().take(IN_A_PIECE).collect();
            if piece.is_empty() {
                return Ok(());
            }
            let weight = piece.len();
            to.push_weighing(Self { group: self.group.clone(), members: piece }, weight)?;
        }
    }
}

/// Writes the differences, and tells how many memberships there are then. Users and groups are in place already, so
/// members without a type find theirs.
pub(super) fn replace(
    ledger: &Connection,
    earlier: &Connection,
    read: Arriving<GroupMembers>,
    log: &mut Log<'_>,
) -> Result<u64, StoreProblem> {
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
    let after = Read {
        groups: read,
        ledger,
        kinds: Kinds::default(),
        group: "".into(),
        ready: Vec::new().into_iter(),
    };
    let mut delete = ledger.prepare("DELETE FROM memberships WHERE group_id = ?1 AND member_id = ?2")?;
    let mut inserts = Inserts::into(ledger);
    let rows = merge(before.map(|row| Ok(row?)), after, |difference| {
        if log.compares() {
            let (row, word) = match &difference {
                Difference::Added(new) => (new, ChangeWord::Added),
                Difference::Updated(_, new) => (new, ChangeWord::Updated),
                Difference::Removed(old) => (*old, ChangeWord::Removed),
            };
            let (mut buffer, group_id) = (uuid::Uuid::encode_buffer(), Some(&*row.key.group));
            let id = row.key.member.text(&mut buffer);
            log.tell(&Entry { of: ChangeOf::Membership, word, id, name: None, group_id })?;
        }
        match difference {
            Difference::Added(new) => Ok(inserts.push(new)?),
            Difference::Updated(_, new) => Ok(put(ledger, &new)?),
            Difference::Removed(old) => {
                let mut buffer = uuid::Uuid::encode_buffer();
                delete.execute([&*old.key.group, old.key.member.text(&mut buffer)])?;
                Ok(())
            }
        }
    })?;
    inserts.end()?;
    Ok(rows)
}

/// What was read, one membership after the other.
struct Read<'a> {
    groups: Arriving<GroupMembers>,
    ledger: &'a Connection,
    kinds: Kinds,
    group: Rc<str>,
    ready: std::vec::IntoIter<PackedMember>,
}

impl Iterator for Read<'_> {
    type Item = Result<MembershipRow, StoreProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(member) = self.ready.next() {
                return Some(self.row(member));
            }
            match self.groups.next()? {
                Ok(GroupMembers { group, members }) => {
                    self.group = group.into();
                    self.ready = members.into_iter();
                }
                Err(problem) => return Some(Err(problem)),
            }
        }
    }
}

impl Read<'_> {
    fn row(&mut self, member: PackedMember) -> Result<MembershipRow, StoreProblem> {
        let kind = match member.kind.name() {
            "" => self.kinds.shared(kind_of(self.ledger, &member.id)?),
            name => self.kinds.shared(name),
        };
        Ok(MembershipRow { key: MembershipKey { group: Rc::clone(&self.group), member: member.id }, kind })
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

#[cfg(test)]
mod tests {
    use entra::MemberKind;

    use super::*;
    use crate::sync::{ledger::queue::queue, staging::packed::pack};

    #[test]
    fn many_members_of_one_group_go_in_pieces_and_in_order() {
        let staged = Connection::open_in_memory().unwrap();
        staged
            .execute_batch("CREATE TABLE members_in (group_id TEXT NOT NULL, packed BLOB NOT NULL)")
            .unwrap();
        let number = 2 * IN_A_PIECE + 1;
        for page in [(1..number).step_by(2), (0..number).step_by(2)] {
            let mut packed = Vec::new();
            page.for_each(|member| pack(&mut packed, &format!("{member:08}"), &MemberKind::User, false));
            staged.execute("INSERT INTO members_in VALUES ('g', ?1)", [packed]).unwrap();
        }
        staged.execute("INSERT INTO members_in VALUES ('empty', x'')", []).unwrap();
        let (to, arriving) = queue();
        let pieces: Vec<GroupMembers> = std::thread::scope(|scope| {
            scope.spawn(move || assert!(to.send(|to| by_group(&staged, to))));
            arriving.collect::<Result<_, _>>().unwrap()
        });
        let sizes: Vec<_> = pieces.iter().map(|piece| piece.members.len()).collect();
        assert_eq!(sizes, [IN_A_PIECE, IN_A_PIECE, 1]);
        assert!(pieces.iter().all(|piece| piece.group == "g"));
        let ids = pieces.iter().flat_map(|piece| &piece.members).map(|member| &member.id);
        assert!(
            ids.eq((0..number)
                .map(|member| ObjectId::new(&format!("{member:08}")))
                .collect::<Vec<_>>()
                .iter())
        );
    }
}
