//! Memberships as they are stored: the members of a group in pieces, each one row, in the order of their ids.
//!
//! A piece is a JSON object with the type of each member by its id. The view `memberships` shows them one by one.

mod one_by_one;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

use rusqlite::{Connection, Row, Statement, types::Type};
use serde::{
    Deserialize, Deserializer, Serializer,
    de::{MapAccess, Visitor},
};

use super::inserts::Inserted;
use crate::sync::staging::packed::{Kind, ObjectId};

pub(super) use one_by_one::Memberships;
pub(crate) use one_by_one::first_with_member;

/// Members of a new piece; the last one of a group may have fewer.
const LEAST: usize = 48;
/// So many users come on one page of SQLite.
const MOST: usize = 160;

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
    row: PieceRow,
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

/// Cuts members, which are in the order of their ids, into pieces. Where a piece begins depends on the ids near that
/// place: one member more or less changes its own piece and seldom the ones behind it.
pub(super) fn cut(members: Vec<StoredMember>) -> impl Iterator<Item = Vec<StoredMember>> {
    let mut members = members.into_iter().peekable();
    std::iter::from_fn(move || {
        let mut piece = vec![members.next()?];
        while piece.len() < MOST
            && let Some(next) = members.next_if(|next| piece.len() < LEAST || !begins_a_piece(&next.id))
        {
            piece.push(next);
        }
        Some(piece)
    })
}

/// True for one id in 32.
fn begins_a_piece(id: &ObjectId) -> bool {
    let hash = |bytes: &[u8]| bytes.iter().fold(0_u8, |hash, byte| hash.wrapping_mul(31).wrapping_add(*byte));
    let hash = match id {
        ObjectId::Guid(guid) => hash(guid.as_bytes()),
        ObjectId::Text(text) => hash(text.as_bytes()),
    };
    hash % 32 == 0
}

impl Piece {
    pub(super) fn new(group: String, members: Vec<StoredMember>) -> Result<Self, rusqlite::Error> {
        Ok(Self { group, row: PieceRow::of(&members)?, members })
    }
}

impl PieceRow {
    fn of(members: &[StoredMember]) -> Result<Self, rusqlite::Error> {
        let of_type = |name: &str| members.iter().filter(|member| member.kind.name() == name).count();
        let text = text(members).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(Self {
            first_id: members.first().map(|member| owned(&member.id)).unwrap_or_default(),
            number: members.len(),
            nested_groups: of_type("group"),
            untyped: of_type(""),
            members: text,
        })
    }
}

impl Inserted for Piece {
    const TABLE: &'static str = "members";
    const WIDTH: usize = 6;

    fn bind(&self, statement: &mut Statement<'_>, first: usize) -> Result<(), rusqlite::Error> {
        let row = &self.row;
        statement.raw_bind_parameter(first, &self.group)?;
        statement.raw_bind_parameter(first + 1, &row.first_id)?;
        statement.raw_bind_parameter(first + 2, row.number)?;
        statement.raw_bind_parameter(first + 3, row.nested_groups)?;
        statement.raw_bind_parameter(first + 4, row.untyped)?;
        statement.raw_bind_parameter(first + 5, &row.members)
    }
}

const BETWEEN: &str =
    "DELETE FROM members WHERE (group_id, first_id) > (?1, ?2) AND (group_id, first_id) < (?3, ?4)";

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
            between: ledger.prepare(BETWEEN)?,
            last: None,
        })
    }

    pub(super) fn put(&mut self, piece: &Piece) -> Result<(), rusqlite::Error> {
        let row = &piece.row;
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
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    };
    Ok(serde_json::from_str::<Members>(text).map_err(failed)?.0)
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
                let mut members = Vec::with_capacity(LEAST);
                while let Some((id, kind)) = map.next_entry::<Text<'_>, Text<'_>>()? {
                    members.push(StoredMember { id: ObjectId::new(&id.0), kind: Kind::named(&kind.0) });
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
