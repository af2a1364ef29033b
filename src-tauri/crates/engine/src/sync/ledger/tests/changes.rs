//! What Graph told of changes, brought into what is known.

use super::*;

#[test]
fn changes_come_in_order_and_only_what_came_of_them_counts() {
    let room = Room::new();
    first(&room);
    let applied = room.bring(
        vec![
            links(),
            changed_users(vec![
                renamed("a", Some("Adele")),
                renamed("n", Some("New")),
                gone("n"),
                gone("b"),
                renamed("b", Some("Ben")),
                gone("c"),
                gone("never"),
                renamed("a", None),
            ]),
            changed_groups(vec![
                group_change("g", &[("x", false), ("b", true)]),
                group_change("g", &[("b", false), ("a", false), ("x", true), ("y", false)]),
                GroupChange { removed: Some(Removed::Changed), ..group_change("i", &[]) },
            ]),
        ],
        false,
    );
    let changed = |added, updated, removed| Changed { added, updated, removed };
    let changes = applied.changes.unwrap();
    // Ben came back without his sign-in name, because the change that brought him did not name it.
    assert_eq!(changes.users, changed(0, 2, 1), "{:?}", room.changes());
    assert_eq!(changes.memberships, changed(1, 0, 1), "{:?}", room.changes());
    assert_eq!(room.pairs(), ["g/a:user", "g/b:user", "g/h:group", "g/y:user"]);
    assert_eq!(room.rows("SELECT coalesce(display_name, 'none') FROM users WHERE id = 'a'"), ["none"]);
    let links = room.ledger().links().unwrap();
    assert_eq!((links.users.as_deref(), links.groups.as_deref()), (Some("next-users"), Some("next-groups")));
}

#[test]
fn a_group_that_goes_takes_its_memberships_along() {
    let room = Room::new();
    first(&room);
    let going = GroupChange { removed: Some(Removed::Deleted), ..group_change("h", &[]) };
    let applied = room.bring(vec![links(), changed_groups(vec![going])], false);
    assert_eq!(room.pairs(), ["g/a:user", "g/b:user"]);
    assert_eq!(applied.changes.unwrap().memberships.removed, 2);
    assert_eq!(applied.changes.unwrap().groups.removed, 1);
}

#[test]
fn changes_of_groups_come_to_the_same_in_whatever_pages_they_come() {
    let room = Room::new();
    first(&room);
    let gone = |id: &str| GroupChange { removed: Some(Removed::Deleted), ..group_change(id, &[]) };
    let applied = room.bring(
        vec![
            links(),
            changed_groups(vec![
                group_change("g", &[("c", false), ("x", false), ("y", false), ("z", false)]),
                group_change("g", &[("x", true), ("a", true)]),
                group_change("h", &[("a", false)]),
                group_change("g", &[("a", false), ("b", true), ("y", true)]),
                group_change("h", &[("b", false)]),
                gone("h"),
                group_change("h", &[("y", false), ("c", false)]),
            ]),
        ],
        false,
    );
    assert_eq!(room.pairs(), ["g/a:user", "g/c:user", "g/h:group", "g/z:user", "h/c:user", "h/y:user"]);
    assert_eq!(
        room.changes().into_iter().filter(|line| line.starts_with("membership")).collect::<Vec<_>>(),
        ["membership added c@g", "membership added y@h", "membership added z@g", "membership removed b@g"]
    );
    assert_eq!(applied.changes.unwrap().memberships, Changed { added: 3, updated: 0, removed: 1 });
}

#[test]
fn a_catch_up_on_top_of_a_whole_read_counts_against_what_was_known() {
    let room = Room::new();
    first(&room);
    let user = MemberKind::User;
    let applied = room.bring(
        vec![
            links(),
            users(&[("a", "Ada"), ("b", "Ben"), ("c", "Cleo"), ("d", "Dora")]),
            groups(&["g", "h"]),
            members("g", &[("a", user.clone()), ("b", user.clone()), ("h", MemberKind::Group)]),
            members("h", &[("c", user.clone()), ("d", user)]),
            changed_users(vec![gone("d"), renamed("a", Some("Ada"))]),
            changed_groups(vec![group_change("h", &[("d", true)])]),
        ],
        true,
    );
    assert!(applied.changes.unwrap().is_none(), "{:?} {:?}", applied, room.changes());
    assert!(room.changes().is_empty());
    assert_eq!(applied.memberships, 4);
}
