//! What changed, as Graph tells it: replayed, out of order, with what nobody knows in it, in pieces, and no more at all.

use std::sync::Mutex;

use engine::{
    evidence::{SyncMode, SyncRecord},
    sync::SyncOptions,
};
use entra::FaultKind;
use serde_json::{Value, json};

use super::known;
use crate::{
    Room,
    scripted::{Asked, Scripted, Told, changes, refusal, serve, three_groups},
};

fn delta() -> SyncOptions {
    SyncOptions { mode: SyncMode::Delta, ..SyncOptions::default() }
}

/// The three groups, and then these answers to what is asked of changes, users and groups each in their order.
async fn telling(users: Vec<Told>, groups: Vec<Told>, counts: (u64, u64)) -> Scripted {
    let queue = |answers: Vec<Told>| Mutex::new(answers.into_iter());
    let (users, groups) = (queue(users), queue(groups));
    let changed = std::sync::atomic::AtomicBool::new(false);
    serve(three_groups().telling_changes(), move |asked| {
        let later = changed.load(std::sync::atomic::Ordering::Relaxed);
        match asked.path {
            "/users/delta" | "/groups/delta" if !is_latest(asked) => {
                changed.store(true, std::sync::atomic::Ordering::Relaxed);
                if asked.path == "/users/delta" {
                    users.lock().unwrap().next()
                } else {
                    groups.lock().unwrap().next()
                }
            }
            "/users/$count" if later => Some((200, json!(counts.0)).into()),
            "/groups/$count" if later => Some((200, json!(counts.1)).into()),
            _ => None,
        }
    })
    .await
}

fn is_latest(asked: &Asked<'_>) -> bool {
    asked.query.contains("deltatoken=latest")
}

fn last(list: &str, changed: &[Value]) -> Told {
    changes(list, changed, "now").into()
}

fn more(list: &str, changed: &[Value], token: &str) -> Told {
    let next = format!("{{origin}}/v1.0/{list}/delta?$skiptoken={token}");
    (200, json!({ "value": changed, "@odata.nextLink": next })).into()
}

fn user(id: &str, name: &str) -> Value {
    json!({ "id": id, "displayName": name, "accountEnabled": true })
}

fn gone(id: &str, reason: &str) -> Value {
    json!({ "id": id, "@removed": { "reason": reason } })
}

/// A full read, then the changes.
async fn after(graph: &Scripted) -> (Room, SyncRecord) {
    let room = Room::new();
    let record = room.run_scripted(graph).await;
    assert!(record.complete, "{record:?}");
    let record = room.run_scripted_with(graph, delta()).await;
    (room, record)
}

fn lines_of(room: &Room, start: &str) -> Vec<String> {
    known(&room.path()).into_iter().filter(|line| line.starts_with(start)).collect()
}

#[tokio::test]
async fn one_object_many_times_is_as_it_came_last() {
    let pages = vec![
        more(
            "users",
            &[user("dora", "One"), user("ada", "First"), gone("ben", "changed"), user("dora", "Two")],
            "2",
        ),
        more("users", &[gone("dora", "deleted"), user("ben", "Back"), gone("cleo", "changed")], "3"),
        last("users", &[user("dora", "Three"), user("ada", "Last"), gone("cleo", "deleted")]),
    ];
    let graph = telling(pages, vec![], (3, 3)).await;
    let (room, record) = after(&graph).await;
    assert!(record.complete && record.mode == SyncMode::Delta, "{record:?}");
    assert_eq!(lines_of(&room, "ada|Last"), ["ada|Last|1"]);
    assert_eq!(lines_of(&room, "ben"), ["ben|Back|1"]);
    assert_eq!(lines_of(&room, "dora"), ["dora|Three|1"]);
    assert_eq!(lines_of(&room, "cleo"), Vec::<String>::new());
}

#[tokio::test]
async fn changes_that_come_twice_change_nothing_the_second_time() {
    let page = || {
        let members = json!([{ "@odata.type": "#microsoft.graph.user", "id": "ben" },
                             { "@odata.type": "#microsoft.graph.user", "id": "ada", "@removed": { "reason": "deleted" } }]);
        [
            last("users", &[user("dora", "Dora"), gone("cleo", "deleted")]),
            last("groups", &[json!({ "id": "few", "members@delta": members })]),
        ]
    };
    let ([users, groups], [users_again, groups_again]) = (page(), page());
    let graph = telling(vec![users, users_again], vec![groups, groups_again], (3, 3)).await;
    let (room, record) = after(&graph).await;
    assert!(record.complete, "{record:?}");
    let before = known(&room.path());
    let record = room.run_scripted_with(&graph, delta()).await;
    assert!(record.complete && record.mode == SyncMode::Delta, "{record:?}");
    let changes = record.changes.unwrap();
    assert_eq!((changes.removed(), changes.users.added), (0, 0), "{changes:?}");
    assert_eq!(known(&room.path()), before);
    assert!(before.contains(&"few|ben|user".to_owned()) && !before.contains(&"few|ada|user".to_owned()));
}

#[tokio::test]
async fn removals_of_what_nobody_knew_and_fields_that_nobody_knows_are_no_fault() {
    let users = [
        gone("stranger", "deleted"),
        gone("ghost", "somethingNew"),
        json!({ "@removed": { "reason": "changed", "by": 1 }, "id": "visitor", "displayName": null }),
        user("visitor", "Visitor"),
        json!({ "@odata.type": "#microsoft.graph.user", "id": "ada", "newThing": { "a": [1] }, "mail": null }),
    ];
    let groups = [
        gone("nobody", "deleted"),
        json!({ "id": "few", "newThing": true, "members@delta": [
            { "id": "who", "@removed": { "reason": "deleted" } },
            { "@odata.type": "#microsoft.graph.agentUser", "id": "robot" },
        ] }),
        json!({ "id": "nest", "members@delta": null }),
    ];
    let graph = telling(vec![last("users", &users)], vec![last("groups", &groups)], (4, 3)).await;
    let (room, record) = after(&graph).await;
    assert!(record.complete && record.mode == SyncMode::Delta, "{record:?}");
    assert_eq!(lines_of(&room, "visitor"), ["visitor|Visitor|1"]);
    assert_eq!(lines_of(&room, "few|").len(), 3, "the group, its old member and the new one");
    assert_eq!(room.number("SELECT count(*) FROM memberships WHERE group_id = 'nest'"), 2);
}

#[tokio::test]
async fn a_user_who_goes_takes_the_memberships_along_and_a_group_too() {
    let users = vec![last("users", &[gone("ada", "deleted")])];
    let groups = vec![last("groups", &[gone("few", "deleted")])];
    let graph = telling(users, groups, (2, 2)).await;
    let (room, record) = after(&graph).await;
    assert!(record.complete, "{record:?}");
    let left: Vec<String> = known(&room.path()).into_iter().filter(|line| line.contains("ada")).collect();
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(lines_of(&room, "few"), Vec::<String>::new());
    assert!(!known(&room.path()).contains(&"nest|few|group".to_owned()));
}

#[tokio::test]
async fn members_in_many_pieces_over_pages_are_all_members() {
    let piece = |from: u32, to: u32, removed: bool| {
        let member = |number: u32| {
            let mut member =
                json!({ "@odata.type": "#microsoft.graph.user", "id": format!("user-{number:03}") });
            if removed {
                member["@removed"] = json!({ "reason": "deleted" });
            }
            member
        };
        json!({ "id": "few", "members@delta": (from..to).map(member).collect::<Vec<_>>() })
    };
    let pages = vec![
        more("groups", &[piece(0, 100, false), json!({ "id": "few", "displayName": "Many" })], "2"),
        more("groups", &[piece(100, 200, false), piece(200, 250, false)], "3"),
        more("groups", &[], "4"),
        more("groups", &[piece(90, 110, true)], "5"),
        last("groups", &[piece(250, 300, false), piece(95, 97, false)]),
    ];
    let graph = telling(vec![], pages, (3, 3)).await;
    let (room, record) = after(&graph).await;
    assert!(record.complete && record.mode == SyncMode::Delta, "{record:?}");
    // The one from before, 300 who came, 20 who went, 2 who came back.
    assert_eq!(room.number("SELECT count(*) FROM memberships WHERE group_id = 'few'"), 1 + 300 - 20 + 2);
    assert_eq!(lines_of(&room, "few|Many").len(), 1);
}

#[tokio::test]
async fn a_link_that_graph_has_forgotten_becomes_a_full_read_that_says_so() {
    for (status, code) in [
        (410, "syncStateNotFound"),
        (410, "resyncRequired"),
        (410, ""),
        (400, "syncStateNotFound"),
        (400, "syncStateInvalid"),
        (404, "syncStateNotFound"),
    ] {
        for list in ["users", "groups"] {
            let forgotten = Told::from(refusal(status, code));
            let (users, groups) =
                if list == "users" { (vec![forgotten], vec![]) } else { (vec![], vec![forgotten]) };
            let graph = telling(users, groups, (3, 3)).await;
            let (room, record) = after(&graph).await;
            assert!(record.complete && record.mode == SyncMode::Full, "{status} {code} {record:?}");
            assert_eq!(record.full_because.unwrap().kind, FaultKind::DeltaExpired, "{status} {code}");
            assert!(record.fault.is_none());
            assert_eq!(known(&room.path()).len(), 3 + 3 + 6);
            let record = room.run_scripted_with(&graph, delta()).await;
            assert!(record.complete && record.mode == SyncMode::Delta, "the new links are good: {record:?}");
        }
    }
}

#[tokio::test]
async fn a_link_that_is_forgotten_in_the_middle_leaves_nothing_of_its_pages() {
    let pages = vec![
        more("users", &[user("dora", "Half"), gone("ada", "deleted")], "2"),
        Told::from(refusal(410, "syncStateNotFound")),
    ];
    let graph = telling(pages, vec![], (3, 3)).await;
    let (room, record) = after(&graph).await;
    assert!(record.complete && record.mode == SyncMode::Full, "{record:?}");
    assert_eq!(lines_of(&room, "dora"), Vec::<String>::new());
    assert_eq!(lines_of(&room, "ada"), ["ada|1"]);
}

#[tokio::test]
async fn changes_in_a_circle_stop_and_what_was_known_stays() {
    let pages = (0..2).map(|_| more("users", &[gone("ada", "deleted")], "same")).collect();
    let graph = telling(pages, vec![], (2, 3)).await;
    let (room, record) = after(&graph).await;
    assert!(!record.complete, "{record:?}");
    assert_eq!(record.fault.unwrap().kind, FaultKind::RepeatedNextLink);
    assert_eq!(lines_of(&room, "ada"), ["ada|1"], "the ledger is as it was");
}

#[tokio::test]
async fn empty_pages_of_changes_for_ever_are_stopped() {
    let page = std::sync::atomic::AtomicU64::new(0);
    let graph = serve(three_groups().telling_changes(), move |asked| {
        let endless = asked.path == "/users/delta" && !is_latest(asked);
        endless
            .then(|| more("users", &[], &page.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string()))
    })
    .await;
    let (room, record) = after(&graph).await;
    assert!(!record.complete, "{record:?}");
    assert_eq!(record.fault.unwrap().kind, FaultKind::EndlessList);
    assert_eq!(known(&room.path()).len(), 3 + 3 + 6);
}

#[tokio::test]
async fn changes_without_a_link_for_the_next_time_are_not_complete() {
    let graph =
        telling(vec![(200, json!({ "value": [gone("ada", "deleted")] })).into()], vec![], (2, 3)).await;
    let (room, record) = after(&graph).await;
    assert!(!record.complete, "{record:?}");
    assert_eq!(record.fault.unwrap().kind, FaultKind::AnswerUnreadable);
    assert_eq!(lines_of(&room, "ada"), ["ada|1"]);
}
