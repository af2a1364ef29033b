//! Memberships of a directory that was read whole: group by group, so that only one group's members are in memory.

use std::rc::Rc;

use rusqlite::Connection;

use super::{
    StoreProblem,
    inserts::Inserts,
    merge::{Difference, Keyed, merge},
    outcome::{ChangeOf, ChangeWord, Entry, Log},
    pieces::{self, Piece, Replacing, StoredMember, cut},
    queue::{Arriving, Outgoing},
};
use crate::sync::staging::packed::{Kind, ObjectId, unpack};

/// A direct membership as it is compared.
#[derive(Clone, Debug)]
struct Membership {
    key: MembershipKey,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct MembershipKey {
    group: Rc<str>,
    member: ObjectId,
}

impl PartialEq for Membership {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && self.kind == other.kind
    }
}

impl Keyed for Membership {
    type Key = MembershipKey;

    fn key(&self) -> &MembershipKey {
        &self.key
    }
}

/// A piece as it was read.
#[derive(Debug)]
pub(super) enum ReadPiece {
    Whole(Piece),
    /// Some members of this piece came without a type. It is found in the ledger, where not every thread can look.
    Untyped(String, Vec<StoredMember>),
}

/// Hands over the staged members, group by group and piece by piece in the order of their ids.
pub(super) fn by_group(staged: &Connection, to: &mut Outgoing<'_, ReadPiece>) -> Result<(), StoreProblem> {
    let mut select = staged.prepare("SELECT group_id, packed FROM members_in ORDER BY group_id, rowid")?;
    let mut pages = select.query([])?;
    let mut waiting: Option<(String, Vec<StoredMember>)> = None;
    while let Some(page) = pages.next()? {
        let (group, packed) = (page.get_ref(0)?.as_str().map_err(|_| damaged())?, page.get_ref(1)?.as_blob());
        let members = unpack(packed.map_err(|_| damaged())?)
            .map(|member| member.map(|member| StoredMember { id: member.id, kind: member.kind }));
        let members: Vec<_> = members.collect::<Option<_>>().ok_or_else(damaged)?;
        match waiting.as_mut().filter(|(waiting, _)| waiting == group) {
            Some((_, same)) => same.extend(members),
            None => {
                let next = (group.to_owned(), members);
                waiting.replace(next).map_or(Ok(()), |(group, members)| go(&group, members, to))?;
            }
        }
    }
    waiting.map_or(Ok(()), |(group, members)| go(&group, members, to))
}

/// Of a member that came several times the first one counts.
fn go(
    group: &str,
    mut members: Vec<StoredMember>,
    to: &mut Outgoing<'_, ReadPiece>,
) -> Result<(), StoreProblem> {
    members.sort_by(|one, other| one.id.cmp(&other.id));
    members.dedup_by(|again, first| again.id == first.id);
    cut(members).try_for_each(|members| {
        let (group, weight) = (group.to_owned(), members.len());
        let untyped = members.iter().any(|member| member.kind.name().is_empty());
        let piece = if untyped {
            ReadPiece::Untyped(group, members)
        } else {
            ReadPiece::Whole(Piece::new(group, members)?)
        };
        to.push_weighing(piece, weight)
    })
}

/// Puts what was read in the place of what is known, tells the differences, and how many memberships there are then.
/// Users and groups are in place already, so members without a type find theirs.
pub(super) fn replace(
    ledger: &Connection,
    earlier: &Connection,
    read: Arriving<ReadPiece>,
    log: &mut Log<'_>,
) -> Result<u64, StoreProblem> {
    let read = read.map(|piece| typed(ledger, piece?));
    if !log.compares() {
        ledger.execute("DELETE FROM members", [])?;
        return append(ledger, read);
    }
    let mut replacing = Replacing::within(ledger)?;
    let after = read.map(|piece| {
        let piece = piece?;
        replacing.put(&piece)?;
        Ok(piece)
    });
    let memberships = compare(earlier, after, log)?;
    replacing.end()?;
    Ok(memberships)
}

/// The piece with every type that can be known.
fn typed(ledger: &Connection, piece: ReadPiece) -> Result<Piece, StoreProblem> {
    match piece {
        ReadPiece::Whole(piece) => Ok(piece),
        ReadPiece::Untyped(group, mut members) => {
            for member in members.iter_mut().filter(|member| member.kind.name().is_empty()) {
                member.kind = Kind::named(kind_of(ledger, &member.id)?);
            }
            Ok(Piece::new(group, members)?)
        }
    }
}

fn append(
    ledger: &Connection,
    read: impl Iterator<Item = Result<Piece, StoreProblem>>,
) -> Result<u64, StoreProblem> {
    let (mut inserts, mut memberships) = (Inserts::into(ledger), 0);
    for piece in read {
        let piece = piece?;
        memberships += piece.members.len() as u64;
        inserts.push(piece)?;
    }
    inserts.end()?;
    Ok(memberships)
}

fn compare(
    earlier: &Connection,
    after: impl Iterator<Item = Result<Piece, StoreProblem>>,
    log: &mut Log<'_>,
) -> Result<u64, StoreProblem> {
    let mut select = earlier.prepare(pieces::ALL)?;
    let before = select.query_map([], |row| Ok((row.get(0)?, pieces::read(row, 1)?)))?;
    let before = before.map(|piece| Ok(piece?));
    let after = after.map(|piece| piece.map(|piece| (piece.group, piece.members)));
    merge(one_by_one(before), one_by_one(after), |difference| {
        let (row, word) = match &difference {
            Difference::Added(new) => (new, ChangeWord::Added),
            Difference::Updated(_, new) => (new, ChangeWord::Updated),
            Difference::Removed(old) => (*old, ChangeWord::Removed),
        };
        let (mut buffer, group_id) = (uuid::Uuid::encode_buffer(), Some(&*row.key.group));
        let id = row.key.member.text(&mut buffer);
        Ok(log.tell(&Entry { of: ChangeOf::Membership, word, id, name: None, group_id })?)
    })
}

fn one_by_one(
    pieces: impl Iterator<Item = Result<(String, Vec<StoredMember>), StoreProblem>>,
) -> impl Iterator<Item = Result<Membership, StoreProblem>> {
    pieces.flat_map(|piece| {
        let (members, problem) = match piece {
            Ok((group, members)) => (Some((Rc::<str>::from(group), members)), None),
            Err(problem) => (None, Some(Err(problem))),
        };
        let memberships = members.into_iter().flat_map(|(group, members)| {
            members.into_iter().map(move |StoredMember { id: member, kind }| {
                Ok(Membership { key: MembershipKey { group: Rc::clone(&group), member }, kind })
            })
        });
        memberships.chain(problem)
    })
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

#[cfg(test)]
mod tests {
    use entra::MemberKind;

    use super::*;
    use crate::sync::{ledger::queue::queue, staging::packed::pack};

    #[test]
    fn many_members_of_one_group_go_in_pieces_in_order_and_once() {
        let staged = Connection::open_in_memory().unwrap();
        staged
            .execute_batch("CREATE TABLE members_in (group_id TEXT NOT NULL, packed BLOB NOT NULL)")
            .unwrap();
        let number = 1_000;
        for page in [(1..number).step_by(2), (0..number).step_by(2), (0..number).step_by(3)] {
            let mut packed = Vec::new();
            page.for_each(|member| pack(&mut packed, &format!("{member:08}"), &MemberKind::User, false));
            staged.execute("INSERT INTO members_in VALUES ('g', ?1)", [packed]).unwrap();
        }
        staged.execute("INSERT INTO members_in VALUES ('empty', x'')", []).unwrap();
        let (to, arriving) = queue();
        let pieces: Vec<ReadPiece> = std::thread::scope(|scope| {
            scope.spawn(move || assert!(to.send(|to| by_group(&staged, to))));
            arriving.collect::<Result<_, _>>().unwrap()
        });
        assert!(pieces.len() > 5);
        let ids = pieces.into_iter().flat_map(|piece| match piece {
            ReadPiece::Whole(piece) if piece.group == "g" => piece.members,
            other => panic!("{other:?}"),
        });
        assert!(ids.map(|member| member.id).eq((0..number).map(|id| ObjectId::new(&format!("{id:08}")))));
    }
}
