//! Memberships as they are stored: the members of a group in pieces, each one row, in the order of their ids.
//!
//! A piece is a JSON object with the type of each member by its id. The view `memberships` shows them one by one.

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

/// Whether somebody is a direct member of a group.
pub(crate) fn is_member(ledger: &Connection, group: &str, id: &str) -> Result<bool, rusqlite::Error> {
    let mut select = ledger.prepare_cached(
        "SELECT members FROM members WHERE group_id = ?1 AND first_id <= ?2 ORDER BY first_id DESC LIMIT 1",
    )?;
    let mut rows = select.query([group, id])?;
    let Some(row) = rows.next()? else { return Ok(false) };
    // Quotes inside a text are escaped, and only a key has a colon behind it.
    let mut key = serde_json::Value::from(id).to_string();
    key.push(':');
    Ok(row.get_ref(0)?.as_str()?.contains(&key))
}

/// Makes somebody a member of a group, or changes the type.
pub(super) fn put(ledger: &Connection, group: &str, member: StoredMember) -> Result<(), StoreProblem> {
    let Some(mut known) = Known::around(ledger, group, &member.id)? else {
        let piece = Piece::new(group.to_owned(), vec![member]).ready()?;
        return Ok(super::inserts::put(ledger, &piece)?);
    };
    match known.members.binary_search_by(|known| known.id.cmp(&member.id)) {
        Ok(place) if known.members[place] == member => return Ok(()),
        Ok(place) => known.members[place] = member,
        Err(place) => known.members.insert(place, member),
    }
    let upper = (known.members.len() > MOST_IN_A_PIECE).then(|| known.members.split_off(IN_A_PIECE));
    known.write(ledger)?;
    if let Some(members) = upper {
        super::inserts::put(ledger, &Piece::new(group.to_owned(), members).ready()?)?;
    }
    Ok(())
}

/// Ends a membership, if there is one.
pub(super) fn remove(ledger: &Connection, group: &str, member: &ObjectId) -> Result<(), StoreProblem> {
    let Some(mut known) = Known::around(ledger, group, member)? else { return Ok(()) };
    if let Ok(place) = known.members.binary_search_by(|known| known.id.cmp(member)) {
        known.members.remove(place);
        known.write(ledger)?;
    }
    Ok(())
}

/// One piece that is there.
struct Known {
    place: i64,
    members: Vec<StoredMember>,
}

impl Known {
    /// The piece in which a member stands or would stand; none when the group has no members.
    fn around(ledger: &Connection, group: &str, member: &ObjectId) -> Result<Option<Self>, rusqlite::Error> {
        let mut buffer = uuid::Uuid::encode_buffer();
        let found = |row: &Row<'_>| Ok(Self { place: row.get(0)?, members: read(row, 1)? });
        let before = ledger
            .prepare_cached(
                "SELECT rowid, members FROM members WHERE group_id = ?1 AND first_id <= ?2
                  ORDER BY first_id DESC LIMIT 1",
            )?
            .query_row([group, member.text(&mut buffer)], found)
            .optional()?;
        if before.is_some() {
            return Ok(before);
        }
        ledger
            .prepare_cached(
                "SELECT rowid, members FROM members WHERE group_id = ?1 ORDER BY first_id LIMIT 1",
            )?
            .query_row([group], found)
            .optional()
    }

    /// A piece without members goes.
    fn write(&self, ledger: &Connection) -> Result<(), StoreProblem> {
        if self.members.is_empty() {
            ledger.prepare_cached("DELETE FROM members WHERE rowid = ?1")?.execute([self.place])?;
            return Ok(());
        }
        let row = PieceRow::of(&self.members)?;
        ledger
            .prepare_cached(
                "UPDATE members SET first_id = ?2, number = ?3, nested_groups = ?4, untyped = ?5, members = ?6
                  WHERE rowid = ?1",
            )?
            .execute(params![
                self.place,
                row.first_id,
                row.number,
                row.nested_groups,
                row.untyped,
                row.members
            ])?;
        Ok(())
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::sync::ledger::TABLES;

    fn empty() -> Connection {
        let ledger = Connection::open_in_memory().unwrap();
        ledger.execute_batch(TABLES).unwrap();
        ledger
    }

    fn member(id: &str, kind: &str) -> StoredMember {
        StoredMember { id: ObjectId::new(id), kind: Kind::named(kind) }
    }

    fn piece(group: &str, members: &[(&str, &str)]) -> Piece {
        let members = members.iter().map(|(id, kind)| member(id, kind)).collect();
        Piece::new(group.to_owned(), members).ready().unwrap()
    }

    fn told(ledger: &Connection, select: &str) -> Vec<String> {
        let mut select = ledger.prepare(select).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn all(ledger: &Connection) -> Vec<String> {
        told(ledger, "SELECT concat_ws('/', group_id, member_id, member_type) FROM memberships ORDER BY 1")
    }

    /// The numbers beside the members are theirs.
    fn check(ledger: &Connection) {
        let wrong = told(
            ledger,
            "SELECT first_id FROM members WHERE number = 0
                OR number <> (SELECT count(*) FROM json_each(members.members))
                OR nested_groups <> (SELECT count(*) FROM json_each(members.members) WHERE value = 'group')
                OR untyped <> (SELECT count(*) FROM json_each(members.members) WHERE value = '')
                OR first_id > (SELECT min(key) FROM json_each(members.members))",
        );
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn members_read_back_as_they_were_written() {
        let ledger = empty();
        let guid = "55555555-5555-4555-8555-5555555555ab";
        let odd = "\"quoted\" \\ back\nline \u{1}\u{e9}\u{1f600}";
        let written = piece("g", &[("", "device"), (odd, ""), (guid, "user"), ("n", odd)]);
        crate::sync::ledger::inserts::put(&ledger, &written).unwrap();
        let mut read = Vec::new();
        each(&ledger, |group, members| {
            read.push((group.to_owned(), members));
            Ok(())
        })
        .unwrap();
        assert_eq!(read, [("g".to_owned(), written.members)]);
        for (id, there) in [
            ("", true),
            (odd, true),
            (guid, true),
            ("n", true),
            ("m", false),
            ("z", false),
            ("device", false),
        ] {
            assert_eq!(is_member(&ledger, "g", id).unwrap(), there, "{id:?}");
            assert!(!is_member(&ledger, "h", id).unwrap());
        }
        let shown: Vec<String> = told(
            &ledger,
            "SELECT member_id || member_type FROM memberships WHERE member_id > '\"' ORDER BY 1",
        );
        assert_eq!(shown, [odd.to_owned(), format!("{guid}user"), format!("n{odd}")]);
        check(&ledger);
    }

    #[test]
    fn changes_in_any_order_come_to_what_a_map_would_hold() {
        let ledger = empty();
        let mut wanted = BTreeMap::new();
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % below
        };
        for step in 0..6_000_u64 {
            // More come than go at first; in the end nobody is left.
            let comes = next(10) < if step < 4_000 { 7 } else { 1 };
            let (group, id) = (format!("g{}", next(2)), format!("{:04}", next(700)));
            if comes {
                let kind = ["user", "group", ""][usize::try_from(next(3)).unwrap()];
                put(&ledger, &group, member(&id, kind)).unwrap();
                wanted.insert((group, id), kind);
            } else {
                remove(&ledger, &group, &ObjectId::new(&id)).unwrap();
                wanted.remove(&(group, id));
            }
            if step % 500 == 499 {
                check(&ledger);
                let shown = wanted.iter().map(|((group, id), kind)| format!("{group}/{id}/{kind}"));
                assert_eq!(all(&ledger), shown.collect::<Vec<_>>(), "after {step}");
            }
        }
        for (group, id) in wanted.into_keys() {
            remove(&ledger, &group, &ObjectId::new(&id)).unwrap();
        }
        assert_eq!(told(&ledger, "SELECT group_id FROM members"), Vec::<String>::new());
    }

    #[test]
    fn a_piece_that_grows_is_cut() {
        let ledger = empty();
        for number in (0..=MOST_IN_A_PIECE).rev() {
            put(&ledger, "g", member(&format!("{number:05}"), "user")).unwrap();
        }
        let sizes = told(&ledger, "SELECT first_id || ' ' || number FROM members ORDER BY 1");
        assert_eq!(sizes, ["00000 160".to_owned(), format!("{IN_A_PIECE:05} {}", IN_A_PIECE + 1)]);
        check(&ledger);
    }

    #[test]
    fn what_stands_before_between_and_behind_the_new_pieces_goes() {
        let ledger = empty();
        let old =
            [("a", "1"), ("b", "1"), ("b", "5"), ("b", "7"), ("c", "1"), ("d", "3"), ("d", "4"), ("e", "1")];
        for (group, id) in old {
            crate::sync::ledger::inserts::put(&ledger, &piece(group, &[(id, "user")])).unwrap();
        }
        let before: i64 = ledger.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap();
        let mut replacing = Replacing::within(&ledger).unwrap();
        let new = [
            piece("b", &[("5", "user")]),
            piece("b", &[("6", "user")]),
            piece("d", &[("3", "device"), ("9", "")]),
        ];
        new.iter().try_for_each(|piece| replacing.put(piece)).unwrap();
        replacing.end().unwrap();
        assert_eq!(all(&ledger), ["b/5/user", "b/6/user", "d/3/device", "d/9/"]);
        check(&ledger);
        let changes: i64 = ledger.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap();
        assert_eq!(changes - before, 6 + 2, "six went, one is new, one is different, one is left alone");
        Replacing::within(&ledger).unwrap().end().unwrap();
        assert_eq!(all(&ledger), Vec::<String>::new());
    }

    #[test]
    fn what_goes_is_found_without_a_walk() {
        let ledger = empty();
        let between = "EXPLAIN QUERY PLAN DELETE FROM members
                        WHERE (group_id, first_id) > ('a', 'b') AND (group_id, first_id) < ('a', 'd')";
        let plan: String = ledger.query_row(between, [], |row| row.get("detail")).unwrap();
        assert!(plan.contains("(group_id,first_id)>(?,?) AND (group_id,first_id)<(?,?)"), "{plan}");
    }

    #[test]
    fn a_damaged_piece_is_told() {
        let ledger = empty();
        ledger.execute("INSERT INTO members VALUES ('g', 'a', 1, 0, 0, '{\"a\"')", []).unwrap();
        assert!(each(&ledger, |_, _| Ok(())).is_err());
        assert!(put(&ledger, "g", member("b", "user")).is_err());
        assert!(remove(&ledger, "g", &ObjectId::new("a")).is_err());
    }
}
