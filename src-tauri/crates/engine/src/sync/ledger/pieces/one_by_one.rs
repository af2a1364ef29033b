//! Memberships that are looked up and changed one by one.

use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::{Piece, PieceRow, StoredMember, cut, read};
use crate::sync::{ledger::inserts, staging::packed::ObjectId};

/// The piece in which a member stands, if anywhere: `?1` is the group's id, `?2` the member's.
pub(super) const AROUND: &str =
    "SELECT rowid FROM members WHERE group_id = ?1 AND first_id <= ?2 ORDER BY first_id DESC LIMIT 1";
pub(super) const LOWEST: &str = "SELECT rowid FROM members WHERE group_id = ?1 ORDER BY first_id LIMIT 1";

/// Members after which a piece that has grown is cut.
pub(super) const GROWN: usize = 320;

/// The place of the first group that somebody is a direct member of.
pub(crate) fn first_with_member<'a>(
    ledger: &Connection,
    groups: impl IntoIterator<Item = &'a str>,
    id: &str,
) -> Result<Option<usize>, rusqlite::Error> {
    let (mut memberships, id) = (Memberships::of(ledger)?, ObjectId::new(id));
    for (place, group) in groups.into_iter().enumerate() {
        if memberships.has(group, &id)? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// Direct memberships. The piece that was looked at last is kept and written when another one is looked at, so members
/// come at the least cost in the order of their ids; [`Memberships::write`] writes the last one.
///
/// It keeps its statements too: rusqlite's cache clears what was bound, and SQLite then prepares those with an order anew.
pub(in crate::sync::ledger) struct Memberships<'a> {
    ledger: &'a Connection,
    around: Statement<'a>,
    lowest: Statement<'a>,
    members: Statement<'a>,
    open: Option<Open>,
}

/// A piece that is there.
struct Open {
    place: i64,
    members: Vec<StoredMember>,
    changed: bool,
}

impl Open {
    fn place_of(&self, id: &ObjectId) -> Result<usize, usize> {
        self.members.binary_search_by(|known| known.id.cmp(id))
    }
}

impl<'a> Memberships<'a> {
    pub(in crate::sync::ledger) fn of(ledger: &'a Connection) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            ledger,
            around: ledger.prepare(AROUND)?,
            lowest: ledger.prepare(LOWEST)?,
            members: ledger.prepare("SELECT members FROM members WHERE rowid = ?1")?,
            open: None,
        })
    }

    /// Whether somebody is a direct member of a group.
    pub(in crate::sync::ledger) fn has(
        &mut self,
        group: &str,
        id: &ObjectId,
    ) -> Result<bool, rusqlite::Error> {
        Ok(self.open(group, id)?.is_some_and(|open| open.place_of(id).is_ok()))
    }

    /// Makes somebody a member of a group, or changes the type.
    pub(in crate::sync::ledger) fn put(
        &mut self,
        group: &str,
        member: StoredMember,
    ) -> Result<(), rusqlite::Error> {
        let Some(open) = self.open(group, &member.id)? else {
            return inserts::put(self.ledger, &Piece::new(group.to_owned(), vec![member])?);
        };
        match open.place_of(&member.id) {
            Ok(place) if open.members[place] == member => return Ok(()),
            Ok(place) => open.members[place] = member,
            Err(place) => open.members.insert(place, member),
        }
        open.changed = true;
        if open.members.len() > GROWN { self.cut(group) } else { Ok(()) }
    }

    /// Ends a membership, if there is one.
    pub(in crate::sync::ledger) fn remove(
        &mut self,
        group: &str,
        id: &ObjectId,
    ) -> Result<(), rusqlite::Error> {
        let Some(open) = self.open(group, id)? else { return Ok(()) };
        if let Ok(place) = open.place_of(id) {
            open.members.remove(place);
            open.changed = true;
            if open.members.is_empty() {
                return self.write();
            }
        }
        Ok(())
    }

    /// Ends all memberships in a group.
    pub(in crate::sync::ledger) fn empty(&mut self, group: &str) -> Result<(), rusqlite::Error> {
        self.write()?;
        self.ledger.prepare_cached("DELETE FROM members WHERE group_id = ?1")?.execute([group])?;
        Ok(())
    }

    /// Writes what is not written yet. A piece without members goes.
    pub(in crate::sync::ledger) fn write(&mut self) -> Result<(), rusqlite::Error> {
        let Some(Open { place, members, .. }) = self.open.take().filter(|open| open.changed) else {
            return Ok(());
        };
        if members.is_empty() {
            self.ledger.prepare_cached("DELETE FROM members WHERE rowid = ?1")?.execute([place])?;
            return Ok(());
        }
        let row = PieceRow::of(&members)?;
        self.ledger
            .prepare_cached(
                "UPDATE members SET first_id = ?2, number = ?3, nested_groups = ?4, untyped = ?5, members = ?6
                  WHERE rowid = ?1",
            )?
            .execute(params![place, row.first_id, row.number, row.nested_groups, row.untyped, row.members])?;
        Ok(())
    }

    fn cut(&mut self, group: &str) -> Result<(), rusqlite::Error> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let mut pieces = cut(std::mem::take(&mut open.members));
        open.members = pieces.next().unwrap_or_default();
        self.write()?;
        for members in pieces {
            inserts::put(self.ledger, &Piece::new(group.to_owned(), members)?)?;
        }
        Ok(())
    }

    /// The piece in which a member stands or would stand; none when the group has no members. What is not written yet
    /// changes nothing of the place: a piece keeps its lower bound, and only the lowest one takes in who is below it.
    fn open(&mut self, group: &str, id: &ObjectId) -> Result<Option<&mut Open>, rusqlite::Error> {
        let mut buffer = uuid::Uuid::encode_buffer();
        let around = self.around.query_row([group, id.text(&mut buffer)], |row| row.get(0)).optional()?;
        let place: Option<i64> = match around {
            None => self.lowest.query_row([group], |row| row.get(0)).optional()?,
            around => around,
        };
        let Some(place) = place else { return Ok(None) };
        if self.open.as_ref().is_none_or(|open| open.place != place) {
            self.write()?;
            let members = self.members.query_row([place], |row| read(row, 0))?;
            self.open = Some(Open { place, members, changed: false });
        }
        Ok(self.open.as_mut())
    }
}
