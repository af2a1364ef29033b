//! The ledger against pages that are staged by hand.

mod changes;
mod keeping;

use std::path::PathBuf;

use entra::{Group, GroupChange, Member, MemberChange, MemberKind, Removed, User, UserChange};
use jiff::Timestamp;

use super::*;
use crate::{
    evidence::Changed,
    sync::staging::{About, List, MembersRead, Onward, Place, Rows, Settled},
};

struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("deep").join("ledger.sqlite")
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(&self.path(), "tenant app").unwrap()
    }

    fn staging(&self, rows: Vec<Rows>) -> Staging {
        let about =
            About { identity: "tenant app".into(), base: "full".into(), began_at: Timestamp::UNIX_EPOCH };
        let mut staging = Staging::create(&self.folder.path().join("reading.sqlite"), &about).unwrap();
        staging.take(rows.into_iter()).unwrap();
        staging
    }

    /// Applies and commits.
    fn bring(&self, rows: Vec<Rows>, whole: bool) -> Applied {
        let (mut ledger, mut staging) = (self.ledger(), self.staging(rows));
        let applied = ledger.apply(&mut staging, whole).unwrap();
        let (record, links) = (complete(), staging.links().unwrap());
        ledger.commit(&Finish { record: &record, groups_listed: true, links: &links }).unwrap();
        let counted = ledger.count_all().unwrap();
        let held =
            [counted.users, counted.groups, counted.memberships].map(|rows| rows.to_string()).join(" ");
        assert_eq!(self.rows("SELECT concat_ws(' ', users, groups, memberships) FROM held"), [held]);
        assert_eq!(self.ledger().held().unwrap(), counted);
        staging.discard().unwrap();
        applied
    }

    fn rows(&self, select: &str) -> Vec<String> {
        let connection = read_only(&self.path()).unwrap();
        let mut select = connection.prepare(select).unwrap();
        select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn pairs(&self) -> Vec<String> {
        self.rows("SELECT group_id || '/' || member_id || ':' || member_type FROM memberships ORDER BY 1")
    }

    fn changes(&self) -> Vec<String> {
        self.rows("SELECT kind || ' ' || change || ' ' || id || coalesce('@' || group_id, '') FROM changes ORDER BY 1")
    }
}

fn complete() -> SyncRecord {
    SyncRecord { complete: true, ..SyncRecord::default() }
}

fn user(id: &str, name: &str) -> User {
    User {
        id: id.to_owned(),
        user_principal_name: Some(format!("{id}@contoso.example")),
        display_name: Some(name.to_owned()),
        mail: None,
        account_enabled: Some(true),
        user_type: None,
    }
}

fn users(all: &[(&str, &str)]) -> Rows {
    let page = all.iter().map(|(id, name)| user(id, name)).collect();
    Rows::Users { list: List::Users(0), page, onward: Onward::End(None) }
}

fn groups(ids: &[&str]) -> Rows {
    let group = |id: &&str| Group {
        id: (*id).to_owned(),
        display_name: Some(format!("Group {id}")),
        mail: None,
        security_enabled: Some(true),
        group_types: vec!["Unified".to_owned(), "DynamicMembership".to_owned()],
        visibility: None,
    };
    Rows::Groups { page: ids.iter().map(group).collect(), onward: Onward::End(None) }
}

fn members(group: &str, ids: &[(&str, MemberKind)]) -> Rows {
    let members = ids.iter().map(|(id, kind)| Member { id: (*id).to_owned(), kind: kind.clone() }).collect();
    Rows::Members(vec![MembersRead {
        group_id: group.to_owned(),
        members,
        settled: Settled::Read,
        next: None,
    }])
}

fn renamed(id: &str, name: Option<&str>) -> UserChange {
    UserChange {
        id: id.to_owned(),
        removed: None,
        user_principal_name: None,
        display_name: Some(name.map(str::to_owned)),
        mail: None,
        account_enabled: None,
        user_type: None,
    }
}

fn gone(id: &str) -> UserChange {
    UserChange { removed: Some(Removed::Deleted), display_name: None, ..renamed(id, None) }
}

fn changed_users(page: Vec<UserChange>) -> Rows {
    Rows::ChangedUsers { page, onward: Onward::End(Some("next-users".into())) }
}

fn group_change(id: &str, members: &[(&str, bool)]) -> GroupChange {
    let change = |(id, removed): &(&str, bool)| MemberChange {
        id: (*id).to_owned(),
        kind: MemberKind::User,
        removed: *removed,
    };
    GroupChange {
        id: id.to_owned(),
        removed: None,
        display_name: None,
        mail: None,
        security_enabled: None,
        group_types: None,
        visibility: None,
        members: members.iter().map(change).collect(),
    }
}

fn changed_groups(page: Vec<GroupChange>) -> Rows {
    Rows::ChangedGroups { page, onward: Onward::End(Some("next-groups".into())) }
}

fn links() -> Rows {
    Rows::Links(Links {
        users: Some("users".into()),
        groups: Some("groups".into()),
        taken_at: Some(Timestamp::UNIX_EPOCH),
    })
}

/// Three people, two groups, four memberships.
fn first(room: &Room) -> Applied {
    let user = MemberKind::User;
    room.bring(
        vec![
            links(),
            users(&[("b", "Ben"), ("a", "Ada"), ("c", "Cleo"), ("a", "Ada")]),
            groups(&["g", "h"]),
            members(
                "g",
                &[("b", user.clone()), ("a", MemberKind::Other(String::new())), ("h", MemberKind::Group)],
            ),
            members("h", &[("c", user.clone()), ("c", user)]),
        ],
        true,
    )
}

#[test]
fn a_first_read_is_known_once_each_and_has_nothing_to_compare_with() {
    let room = Room::new();
    let applied = first(&room);
    assert_eq!((applied.users, applied.groups, applied.memberships, applied.groups_unread), (3, 2, 4, 0));
    assert_eq!((applied.changes, applied.before), (None, Held::default()));
    assert_eq!(
        room.pairs(),
        ["g/a:user", "g/b:user", "g/h:group", "h/c:user"],
        "an untyped member finds its list"
    );
    assert_eq!(room.rows("SELECT group_types FROM groups LIMIT 1"), ["Unified,DynamicMembership"]);
    let links = room.ledger().links().unwrap();
    assert_eq!((links.users.as_deref(), links.groups.as_deref()), (Some("users"), Some("groups")));
    assert!(room.ledger().is_complete().unwrap());
}

#[test]
fn a_second_read_writes_and_counts_the_differences_only() {
    let room = Room::new();
    first(&room);
    let user = MemberKind::User;
    let applied = room.bring(
        vec![
            users(&[("a", "Ada"), ("b", "Benjamin"), ("d", "Dora")]),
            groups(&["g", "i"]),
            members("g", &[("a", user.clone()), ("b", user.clone()), ("d", user)]),
        ],
        true,
    );
    let changed = |added, updated, removed| Changed { added, updated, removed };
    let changes = applied.changes.unwrap();
    assert_eq!(changes.users, changed(1, 1, 1));
    assert_eq!(changes.groups, changed(1, 0, 1));
    assert_eq!(changes.memberships, changed(1, 0, 2));
    assert_eq!(applied.before, Held { users: 3, groups: 2, memberships: 4 });
    assert_eq!(
        room.changes(),
        [
            "group added i",
            "group removed h",
            "membership added d@g",
            "membership removed c@h",
            "membership removed h@g",
            "user added d",
            "user removed c",
            "user updated b",
        ]
    );
}

#[test]
fn what_is_not_committed_never_was() {
    let room = Room::new();
    first(&room);
    let before = room.pairs();
    {
        let (mut ledger, mut staging) =
            (room.ledger(), room.staging(vec![users(&[("z", "Zoe")]), groups(&[])]));
        let applied = ledger.apply(&mut staging, true).unwrap();
        assert_eq!((applied.users, applied.memberships), (1, 0));
        ledger.undo().unwrap();
        assert_eq!(ledger.count_all().unwrap().users, 3);
        ledger.apply(&mut staging, true).unwrap();
    }
    assert_eq!(room.pairs(), before, "a ledger that is dropped in the middle rolls back");
    assert!(room.changes().is_empty());
}

#[test]
fn another_directory_or_a_damaged_file_begins_anew() {
    let room = Room::new();
    first(&room);
    assert_eq!(Ledger::open(&room.path(), "other app").unwrap().held().unwrap().users, 0);
    drop(room.ledger());
    std::fs::File::create(room.path()).unwrap().set_len(5_000).unwrap();
    assert_eq!(room.ledger().held().unwrap().users, 0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_any_of_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    let (mut ledger, mut staging) = (room.ledger(), room.staging(vec![users(&[("a", "Ada")])]));
    ledger.apply(&mut staging, true).unwrap();
    for folder in [room.folder.path(), room.path().parent().unwrap()] {
        for file in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let mode = file.metadata().unwrap().permissions().mode();
            assert!(file.path().is_dir() || mode & 0o077 == 0, "{:?} {mode:o}", file.path());
        }
    }
}

#[test]
fn a_copy_for_others_has_the_directory_and_nothing_else() {
    let room = Room::new();
    first(&room);
    let copy = room.folder.path().join("copy, 100 %.sqlite");
    copy_for_others(&room.path(), &copy).unwrap();
    let connection = Connection::open(&copy).unwrap();
    let mut select =
        connection.prepare("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1").unwrap();
    let tables: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(tables, ["groups", "groups_by_folded_name", "memberships", "nested_groups", "run", "users"]);
    assert_eq!(count(&connection, "SELECT count(*) FROM memberships").unwrap(), 4);
    assert_eq!(count(&connection, "SELECT complete FROM run").unwrap(), 1);
}

#[test]
fn a_run_that_stopped_is_found_again_by_its_own_kind_only() {
    let room = Room::new();
    let mut staging = room.staging(vec![
        Rows::Users {
            list: List::Users(2),
            page: vec![user("a", "Ada")],
            onward: Onward::Page("here".into()),
        },
        groups(&["g", "h"]),
        members("g", &[("a", MemberKind::User)]),
    ]);
    assert_eq!(staging.catch_up().err().map(|error| error.to_string()), None);
    drop(staging);
    let path = room.folder.path().join("reading.sqlite");
    assert!(Staging::resume(&path, "tenant app", "delta").unwrap().is_none());
    assert!(Staging::resume(&path, "other app", "full").unwrap().is_none());
    let staging = Staging::resume(&path, "tenant app", "full").unwrap().unwrap();
    assert_eq!(staging.place(&List::Users(2)).unwrap(), Place::At("here".into()));
    assert_eq!(staging.place(&List::Users(1)).unwrap(), Place::Start);
    assert_eq!(staging.place(&List::Groups).unwrap(), Place::Done);
    let unsettled: Vec<String> =
        staging.groups_begun().unwrap().unsettled.into_iter().map(|group| group.id).collect();
    assert_eq!(unsettled, ["h"]);
    assert_eq!(staging.arrived().unwrap().users, 1);
}
