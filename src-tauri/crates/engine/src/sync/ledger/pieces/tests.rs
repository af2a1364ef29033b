//! Pieces against what they stand for.

use std::collections::BTreeMap;

use super::{
    one_by_one::{AROUND, GROWN, LOWEST},
    *,
};
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
    Piece::new(group.to_owned(), members).unwrap()
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
    let mut last = (String::new(), None);
    each(ledger, |group, members| {
        assert!(members.len() <= GROWN);
        for member in members {
            assert!(
                last.0 != group || last.1 < Some(member.id.clone()),
                "{group}: {member:?} is out of order"
            );
            last = (group.to_owned(), Some(member.id));
        }
        Ok(())
    })
    .unwrap();
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
    for (id, there) in
        [("", true), (odd, true), (guid, true), ("n", true), ("m", false), ("z", false), ("quoted", false)]
    {
        let place = first_with_member(&ledger, ["h", "g"], id).unwrap();
        assert_eq!(place, there.then_some(1), "{id:?}");
    }
    let shown: Vec<String> =
        told(&ledger, "SELECT member_id || member_type FROM memberships WHERE member_id > '\"' ORDER BY 1");
    assert_eq!(shown, [odd.to_owned(), format!("{guid}user"), format!("n{odd}")]);
    check(&ledger);
}

#[test]
fn changes_in_any_order_come_to_what_a_map_would_hold() {
    let ledger = empty();
    let mut memberships = Memberships::of(&ledger).unwrap();
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
            memberships.put(&group, member(&id, kind)).unwrap();
            wanted.insert((group, id), kind);
        } else {
            let id_there = ObjectId::new(&id);
            let there = memberships.has(&group, &id_there).unwrap();
            memberships.remove(&group, &id_there).unwrap();
            assert_eq!(there, wanted.remove(&(group, id)).is_some());
        }
        if step % 500 == 499 {
            memberships.write().unwrap();
            check(&ledger);
            let shown = wanted.iter().map(|((group, id), kind)| format!("{group}/{id}/{kind}"));
            assert_eq!(all(&ledger), shown.collect::<Vec<_>>(), "after {step}");
        }
    }
    for (group, id) in wanted.into_keys() {
        memberships.remove(&group, &ObjectId::new(&id)).unwrap();
    }
    memberships.write().unwrap();
    assert_eq!(told(&ledger, "SELECT group_id FROM members"), Vec::<String>::new());
}

#[test]
fn a_piece_that_grows_is_cut() {
    let ledger = empty();
    let mut memberships = Memberships::of(&ledger).unwrap();
    let pieces = || told(&ledger, "SELECT first_id FROM members ORDER BY 1");
    for number in (0..GROWN).rev() {
        memberships.put("g", member(&format!("{number:05}"), "user")).unwrap();
    }
    memberships.write().unwrap();
    assert_eq!(pieces(), ["00000"]);
    memberships.put("g", member("00000a", "user")).unwrap();
    assert!(pieces().len() > 1);
    assert_eq!(all(&ledger).len(), GROWN + 1);
    check(&ledger);
}

#[test]
fn members_are_cut_into_pieces_of_their_size() {
    let pieces = |numbers: std::ops::Range<u32>| -> Vec<Vec<StoredMember>> {
        cut(numbers.map(|number| member(&format!("{number:08}"), "user")).collect()).collect()
    };
    assert!(pieces(0..0).is_empty());
    assert_eq!(pieces(0..40).len(), 1);
    let whole = pieces(0..10_000);
    assert!(whole.concat().into_iter().eq((0..10_000).map(|number| member(&format!("{number:08}"), "user"))));
    assert!(whole.iter().all(|piece| piece.len() <= MOST));
    assert!(whole.iter().rev().skip(1).all(|piece| piece.len() >= LEAST));
    let without_the_first = pieces(1..10_000);
    let same = without_the_first.iter().filter(|piece| whole.contains(piece)).count();
    assert!(same + 10 > whole.len(), "{same} of {} pieces stay as they are", whole.len());
}

#[test]
fn one_member_more_leaves_nearly_all_of_a_large_group_alone() {
    let ledger = empty();
    let replace = |numbers: std::ops::Range<u32>| {
        let before: i64 = ledger.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap();
        let mut replacing = Replacing::within(&ledger).unwrap();
        let members = numbers.map(|number| member(&format!("{number:08}"), "user")).collect();
        for members in cut(members) {
            replacing.put(&Piece::new("g".to_owned(), members).unwrap()).unwrap();
        }
        replacing.end().unwrap();
        check(&ledger);
        let after: i64 = ledger.query_row("SELECT total_changes()", [], |row| row.get(0)).unwrap();
        after - before
    };
    let written = replace(1..10_000);
    let again = replace(0..10_000);
    assert!(again * 5 < written, "{again} of {written}");
    assert_eq!(replace(0..10_000), 0);
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
fn pieces_are_found_without_a_walk() {
    let ledger = empty();
    let plan = |select: &str| -> String {
        let mut select = ledger.prepare(&format!("EXPLAIN QUERY PLAN {select}")).unwrap();
        for place in 1..=select.parameter_count() {
            select.raw_bind_parameter(place, "a").unwrap();
        }
        let (mut rows, mut steps) = (select.raw_query(), Vec::new());
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get::<_, String>("detail").unwrap());
        }
        steps.join("; ")
    };
    for (select, wanted) in [
        (
            BETWEEN,
            "SEARCH members USING INDEX sqlite_autoindex_members_1 ((group_id,first_id)>(?,?) AND (group_id,first_id)<(?,?))",
        ),
        (
            AROUND,
            "SEARCH members USING COVERING INDEX sqlite_autoindex_members_1 (group_id=? AND first_id<?)",
        ),
        (LOWEST, "SEARCH members USING COVERING INDEX sqlite_autoindex_members_1 (group_id=?)"),
        (ALL, "SCAN members USING INDEX sqlite_autoindex_members_1"),
    ] {
        assert_eq!(plan(select), wanted);
    }
}

#[test]
fn a_damaged_piece_is_told() {
    let ledger = empty();
    ledger.execute("INSERT INTO members VALUES ('g', 'a', 1, 0, 0, '{\"a\"')", []).unwrap();
    assert!(each(&ledger, |_, _| Ok(())).is_err());
    let mut memberships = Memberships::of(&ledger).unwrap();
    assert!(memberships.put("g", member("b", "user")).is_err());
    assert!(memberships.remove("g", &ObjectId::new("a")).is_err());
    assert!(memberships.has("g", &ObjectId::new("a")).is_err());
}
