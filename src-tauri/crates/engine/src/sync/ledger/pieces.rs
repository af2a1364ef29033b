//! Memberships as they are stored: the members of a group in pieces, each one row, in the order of their ids.
//!
//! A piece is a JSON object with the type of each member by its id. The view `memberships` shows them one by one.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

use rusqlite::{Connection, OptionalExtension, Row, Statement, params};
use serde::{
    Deserialize, Deserializer, Serializer,
    de::{MapAccess, Visitor},
};

use super::{StoreProblem, inserts::Inserted, members::damaged};
use crate::sync::staging::packed::{Kind, ObjectId};

/// Members of a new piece: as many GUIDs as one page of SQLite takes in.
pub(super) const IN_A_PIECE: usize = 160;
/// Members after which a piece that has grown is cut in two.
const MOST_IN_A_PIECE: usize = 2 * IN_A_PIECE;

/// A member of a group, with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredMember {
    pub(super) id: ObjectId,
    pub(super) kind: Kind,
}

/// Members of one group that stand next to each other in the order of their ids; never none, and none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) group: String,
    pub(super) members: Vec<StoredMember>,
    /// What is stored of them, once it is known.
    row: Option<PieceRow>,
}

/// The columns of a piece behind the group's id.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PieceRow {
    /// No member before it is in this piece.
    first_id: String,
    number: usize,
    nested_groups: usize,
    untyped: usize,
    members: String,
}

impl Piece {
    pub(super) fn new(group: String, members: Vec<StoredMember>) -> Self {
        Self { group, members, row: None }
    }

    /// Whether some members came without a type.
    pub(super) fn is_untyped(&self) -> bool {
        self.members.iter().any(|member| member.kind.name().is_empty())
    }

    /// Makes the row, which takes the longest, where there is time for it.
    ///
    /// # Errors
    /// None that is known of: ids and types are texts.
    pub(super) fn ready(mut self) -> Result<Self, StoreProblem> {
        if self.row.is_none() {
            self.row = Some(PieceRow::of(&self.members)?);
        }
        Ok(self)
    }
}

impl PieceRow {
    fn of(members: &[StoredMember]) -> Result<Self, StoreProblem> {
        let of_type = |name: &str| members.iter().filter(|member| member.kind.name() == name).count();
        Ok(Self {
            first_id: members.first().map(|member| owned(&member.id)).unwrap_or_default(),
            number: members.len(),
            nested_groups: of_type("group"),
            untyped: of_type(""),
            members: text(members).map_err(|error| StoreProblem::Sqlite(error.to_string()))?,
        })
    }
}

impl Inserted for Piece {
    const TABLE: &'static str = "members";
    const WIDTH: usize = 6;

    fn bind(&self, statement: &mut Statement<'_>, first: usize) -> Result<(), rusqlite::Error> {
        let row = self.row.as_ref().ok_or_else(damaged)?;
        statement.raw_bind_parameter(first, &self.group)?;
        statement.raw_bind_parameter(first + 1, &row.first_id)?;
        statement.raw_bind_parameter(first + 2, row.number)?;
        statement.raw_bind_parameter(first + 3, row.nested_groups)?;
        statement.raw_bind_parameter(first + 4, row.untyped)?;
        statement.raw_bind_parameter(first + 5, &row.members)
    }
}

/// Puts pieces in the place of those that are there. They come in the order of groups and ids, so whatever stands
/// between two of them is gone.
pub(super) struct Replacing<'a> {
    ledger: &'a Connection,
    put: Statement<'a>,
    between: Statement<'a>,
    /// Group and first id of the last piece.
    last: Option<(String, String)>,
}

impl<'a> Replacing<'a> {
    pub(super) fn within(ledger: &'a Connection) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            ledger,
            // A piece that is the same leaves its page alone.
            put: ledger.prepare(
                "INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (group_id, first_id) DO UPDATE SET number = excluded.number,
                    nested_groups = excluded.nested_groups, untyped = excluded.untyped, members = excluded.members
                  WHERE members.members <> excluded.members",
            )?,
            between: ledger.prepare(
                "DELETE FROM members WHERE (group_id, first_id) > (?1, ?2) AND (group_id, first_id) < (?3, ?4)",
            )?,
            last: None,
        })
    }

    pub(super) fn put(&mut self, piece: &Piece) -> Result<(), rusqlite::Error> {
        let row = piece.row.as_ref().ok_or_else(damaged)?;
        match &self.last {
            Some((group, id)) => self.between.execute([group, id, &piece.group, &row.first_id])?,
            None => {
                let before = "DELETE FROM members WHERE (group_id, first_id) < (?1, ?2)";
                self.ledger.execute(before, [&piece.group, &row.first_id])?
            }
        };
        piece.bind(&mut self.put, 1)?;
        self.put.raw_execute()?;
        self.last = Some((piece.group.clone(), row.first_id.clone()));
        Ok(())
    }

    /// Nothing comes behind the last piece.
    pub(super) fn end(self) -> Result<(), rusqlite::Error> {
        match &self.last {
            Some((group, id)) => {
                let beyond = "DELETE FROM members WHERE (group_id, first_id) > (?1, ?2)";
                self.ledger.execute(beyond, [group, id])?
            }
            None => self.ledger.execute("DELETE FROM members", [])?,
        };
        Ok(())
    }
}

/// Calls for every piece that is known, in the order of groups and ids.
pub(super) fn each(
    ledger: &Connection,
    mut each: impl FnMut(&str, Vec<StoredMember>) -> Result<(), rusqlite::Error>,
) -> Result<(), rusqlite::Error> {
    let mut select = ledger.prepare(ALL)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get_ref(0)?.as_str()?, read(row, 1)?)?;
    }
    Ok(())
}

/// Selects every piece in the order of groups and ids: the group, and what [`read`] takes.
pub(super) const ALL: &str = "SELECT group_id, members FROM members ORDER BY group_id, first_id";

/// The members that stand in this column.
pub(super) fn read(row: &Row<'_>, column: usize) -> Result<Vec<StoredMember>, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str()?;
    let failed = |error: serde_json::Error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    };
    Ok(serde_json::from_str::<Members>(text).map_err(failed)?.0)
}

/// The piece in which a member stands, if anywhere: `?1` is the group's id, `?2` the member's.
const AROUND: &str = "SELECT rowid, members FROM members WHERE group_id = ?1 AND first_id <= ?2
  ORDER BY first_id DESC LIMIT 1";

/// Whether somebody is a direct member of a group.
pub(crate) fn is_member(ledger: &Connection, group: &str, id: &str) -> Result<bool, rusqlite::Error> {
    stands_in(&mut *ledger.prepare_cached(AROUND)?, group, id)
}

fn stands_in(around: &mut Statement<'_>, group: &str, id: &str) -> Result<bool, rusqlite::Error> {
    let mut rows = around.query([group, id])?;
    let Some(row) = rows.next()? else { return Ok(false) };
    // Quotes inside a text are escaped, and only a key has a colon behind it.
    let mut key = serde_json::Value::from(id).to_string();
    key.push(':');
    Ok(row.get_ref(1)?.as_str()?.contains(&key))
}

/// Memberships that are looked up and changed one by one. It keeps its statements: SQLite prepares those that seek
/// backwards anew whenever they come from rusqlite's cache, which clears what was bound to them.
pub(super) struct Memberships<'a> {
    ledger: &'a Connection,
    around: Statement<'a>,
    lowest: Statement<'a>,
}

impl<'a> Memberships<'a> {
    pub(super) fn of(ledger: &'a Connection) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            ledger,
            around: ledger.prepare(AROUND)?,
            lowest: ledger.prepare(
                "SELECT rowid, members FROM members WHERE group_id = ?1 ORDER BY first_id LIMIT 1",
            )?,
        })
    }

    /// Whether somebody is a direct member of a group.
    pub(super) fn has(&mut self, group: &str, id: &str) -> Result<bool, rusqlite::Error> {
        stands_in(&mut self.around, group, id)
    }

    /// Makes somebody a member of a group, or changes the type.
    pub(super) fn put(&mut self, group: &str, member: StoredMember) -> Result<(), StoreProblem> {
        let Some(mut known) = self.around(group, &member.id)? else {
            return self.add(group, vec![member]);
        };
        match known.members.binary_search_by(|known| known.id.cmp(&member.id)) {
            Ok(place) if known.members[place] == member => return Ok(()),
            Ok(place) => known.members[place] = member,
            Err(place) => known.members.insert(place, member),
        }
        let upper = (known.members.len() > MOST_IN_A_PIECE).then(|| known.members.split_off(IN_A_PIECE));
        self.write(&known)?;
        upper.map_or(Ok(()), |members| self.add(group, members))
    }

    /// Ends a membership, if there is one.
    pub(super) fn remove(&mut self, group: &str, member: &ObjectId) -> Result<(), StoreProblem> {
        let Some(mut known) = self.around(group, member)? else { return Ok(()) };
        if let Ok(place) = known.members.binary_search_by(|known| known.id.cmp(member)) {
            known.members.remove(place);
            self.write(&known)?;
        }
        Ok(())
    }

    /// Ends all memberships in a group.
    pub(super) fn empty(&mut self, group: &str) -> Result<(), StoreProblem> {
        self.ledger.prepare_cached("DELETE FROM members WHERE group_id = ?1")?.execute([group])?;
        Ok(())
    }

    /// The piece in which a member stands or would stand; none when the group has no members.
    fn around(&mut self, group: &str, member: &ObjectId) -> Result<Option<Known>, rusqlite::Error> {
        let mut buffer = uuid::Uuid::encode_buffer();
        let found = |row: &Row<'_>| Ok(Known { place: row.get(0)?, members: read(row, 1)? });
        let known = self.around.query_row([group, member.text(&mut buffer)], found).optional()?;
        if known.is_some() { Ok(known) } else { self.lowest.query_row([group], found).optional() }
    }

    fn add(&self, group: &str, members: Vec<StoredMember>) -> Result<(), StoreProblem> {
        Ok(super::inserts::put(self.ledger, &Piece::new(group.to_owned(), members).ready()?)?)
    }

    /// A piece without members goes.
    fn write(&self, known: &Known) -> Result<(), StoreProblem> {
        if known.members.is_empty() {
            self.ledger.prepare_cached("DELETE FROM members WHERE rowid = ?1")?.execute([known.place])?;
            return Ok(());
        }
        let row = PieceRow::of(&known.members)?;
        self.ledger
            .prepare_cached(
                "UPDATE members SET first_id = ?2, number = ?3, nested_groups = ?4, untyped = ?5, members = ?6
                  WHERE rowid = ?1",
            )?
            .execute(params![
                known.place,
                row.first_id,
                row.number,
                row.nested_groups,
                row.untyped,
                row.members
            ])?;
        Ok(())
    }
}

/// One piece that is there.
struct Known {
    place: i64,
    members: Vec<StoredMember>,
}

fn owned(id: &ObjectId) -> String {
    id.text(&mut uuid::Uuid::encode_buffer()).to_owned()
}

fn text(members: &[StoredMember]) -> Result<String, serde_json::Error> {
    let mut json = serde_json::Serializer::new(Vec::with_capacity(members.len() * 48));
    json.collect_map(members.iter().map(|member| (Id(&member.id), member.kind.name())))?;
    String::from_utf8(json.into_inner()).map_err(serde::ser::Error::custom)
}

struct Id<'a>(&'a ObjectId);

impl serde::Serialize for Id<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.text(&mut uuid::Uuid::encode_buffer()))
    }
}

struct Members(Vec<StoredMember>);

#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object with the type of each member by its id")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::with_capacity(IN_A_PIECE);
                while let Some((id, kind)) = map.next_entry::<Text<'_>, Text<'_>>()? {
                    members.push(StoredMember { id: ObjectId::new(&id.0), kind: Kind::named(&kind.0) });
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
