//! What a sync makes of refusals, missing counts and lists that never end.

use std::sync::atomic::{AtomicU64, Ordering};

use engine::evidence::Tally;
use entra::FaultKind;
use serde_json::{Value, json};

use super::{Plain, Scripted, Told, list, member_json, refusal, serve, three_groups};
use crate::Room;

/// The answers of `first` come before the plain ones.
async fn scripted(
    plain: Plain,
    first: impl Fn(&str, &str) -> Option<(u16, Value)> + Send + Sync + 'static,
) -> Scripted {
    serve(plain, move |asked| first(asked.path, asked.query).map(Told::from)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_every_type_are_pairs_and_untyped_ones_find_their_type() {
    let graph = scripted(three_groups(), |_, _| None).await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(record.complete, "{record:?}");
    assert_eq!(record.memberships.read, 6);
    assert_eq!(room.number("SELECT count(*) FROM memberships WHERE member_type = 'user'"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_group_makes_the_sync_partial_and_nothing_else_is_lost() {
    for (status, code) in
        [(403, "Authorization_RequestDenied"), (400, "Request_BadRequest"), (404, "Request_ResourceNotFound")]
    {
        let graph = scripted(three_groups(), move |path, _| {
            (path == "/groups/all/members").then(|| refusal(status, code))
        })
        .await;
        let room = Room::new();
        let record = room.run_scripted(&graph).await;
        assert!(!record.complete && !record.cancelled && !record.stopped, "{record:?}");
        assert!(!record.denied(), "it concerns one group: {record:?}");
        assert_eq!((record.groups_unread, record.hidden_groups), (1, 0), "{record:?}");
        assert_eq!((record.users.read, record.groups.read, record.memberships.read), (3, 3, 3));
        assert_eq!(record.fault.unwrap().http_status, Some(status));
        assert_eq!(room.number("SELECT complete FROM run"), 0);
        assert_eq!(room.number("SELECT groups_unread FROM run"), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_gone_and_not_counted_any_more_is_no_loss() {
    let asked = AtomicU64::new(0);
    let graph = scripted(three_groups(), move |path, _| match path {
        "/groups/$count" => {
            Some((200, json!(if asked.fetch_add(1, Ordering::Relaxed) == 0 { 3 } else { 2 })))
        }
        "/groups/few/members" => Some(refusal(404, "Request_ResourceNotFound")),
        _ => None,
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(record.complete, "{record:?}");
    assert_eq!(record.groups, Tally { read: 2, counted: Some(2) });
    assert_eq!(room.number("SELECT count(*) FROM groups WHERE id = 'few'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_membership_is_told_and_is_no_loss() {
    for answer in [refusal(403, "Authorization_RequestDenied"), list(std::iter::empty())] {
        let plain = Plain { hidden: vec!["few".to_owned(), "all".to_owned()], ..three_groups() };
        let graph =
            scripted(plain, move |path, _| (path == "/groups/few/members").then(|| answer.clone())).await;
        let record = Room::new().run_scripted(&graph).await;
        assert!(record.complete, "{record:?}");
        assert_eq!((record.hidden_groups, record.groups_unread), (1, 0), "the other one shows its members");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_moves_is_counted_once_more() {
    let asked = AtomicU64::new(0);
    let graph = scripted(three_groups(), move |path, _| {
        (path == "/users/$count")
            .then(|| (200, json!(if asked.fetch_add(1, Ordering::Relaxed) == 0 { 5 } else { 3 })))
    })
    .await;
    assert!(Room::new().run_scripted(&graph).await.complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_count_or_with_another_one_nothing_is_complete() {
    for (answer, counted) in [(refusal(400, "Request_BadRequest"), None), ((200, json!(7)), Some(7))] {
        for list in ["/users/$count", "/groups/$count"] {
            let answer = answer.clone();
            let graph = scripted(three_groups(), move |path, _| (path == list).then(|| answer.clone())).await;
            let record = Room::new().run_scripted(&graph).await;
            assert!(!record.complete, "{record:?}");
            let tally = if list.starts_with("/users") { record.users } else { record.groups };
            assert_eq!(tally, Tally { read: 3, counted });
            assert_eq!(record.fault.is_some(), counted.is_none());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_goes_is_told_wherever_in_the_sync_it_goes() {
    for last in 0..20_u64 {
        let left = AtomicU64::new(last);
        let graph = scripted(three_groups().telling_changes(), move |path, _| {
            let is_answered = || {
                left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
            };
            (path != "/$batch" && !is_answered()).then(|| refusal(403, "Authorization_RequestDenied"))
        })
        .await;
        let record = Room::new().run_scripted(&graph).await;
        if record.complete {
            assert!(last >= 9, "two counts, two links, two lists and three groups: {last} {record:?}");
            return;
        }
        assert!(record.denied(), "after {last} answers: {record:?}");
    }
    panic!("it never came to its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_directory_is_never_complete() {
    let graph = scripted(Plain::default(), |_, _| None).await;
    let record = Room::new().run_scripted(&graph).await;
    assert!(!record.complete);
    assert_eq!(record.users, Tally { read: 0, counted: Some(0) });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_stops_the_sync() {
    let graph = scripted(three_groups(), |path, _| {
        (path == "/groups/few/members").then(|| refusal(401, "InvalidAuthenticationToken"))
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(!record.complete);
    assert_eq!(record.fault.unwrap().kind, FaultKind::Unauthorized);
    assert_eq!(room.number("SELECT complete FROM run"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_never_end_are_stopped() {
    let page = AtomicU64::new(0);
    let graph = scripted(three_groups(), move |path, _| {
        let page = page.fetch_add(1, Ordering::Relaxed);
        (path == "/users").then(|| {
            let users: Vec<Value> = (0..400).map(|user| json!({ "id": format!("{page}-{user}") })).collect();
            (200, json!({ "value": users, "@odata.nextLink": format!("{{origin}}/v1.0/users?$skiptoken={page}") }))
        })
    })
    .await;
    let record = Room::new().run_scripted(&graph).await;
    assert_eq!(record.fault.unwrap().kind, FaultKind::EndlessList);
    assert!(!record.complete);

    let page = AtomicU64::new(0);
    let graph = scripted(three_groups(), move |path, _| {
        let page = page.fetch_add(1, Ordering::Relaxed);
        (path == "/groups/all/members").then(|| {
            let members: Vec<Value> = (0..300).map(|user| member_json(&format!("user:{user}"))).collect();
            let next = format!("{{origin}}/v1.0/groups/all/members?$skiptoken={page}");
            (200, json!({ "value": members, "@odata.nextLink": next }))
        })
    })
    .await;
    let record = Room::new().run_scripted(&graph).await;
    assert_eq!(record.fault.unwrap().kind, FaultKind::EndlessList);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_elsewhere_and_in_circles_stop_the_sync() {
    for (link, kind) in [
        ("https://graph.example/v1.0/users?$skiptoken=1", FaultKind::ForeignNextLink),
        ("{origin}/v1.0/users?$skiptoken=same", FaultKind::RepeatedNextLink),
    ] {
        let graph = scripted(three_groups(), move |path, _| {
            (path == "/users").then(|| (200, json!({ "value": [{ "id": "ada" }], "@odata.nextLink": link })))
        })
        .await;
        let record = Room::new().run_scripted(&graph).await;
        assert!(!record.complete);
        assert_eq!(record.fault.unwrap().kind, kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_page_starts_its_list_again() {
    let forgotten = AtomicU64::new(0);
    let graph = scripted(three_groups(), move |path, query| {
        if path != "/groups/all/members" {
            return None;
        }
        if !query.contains("skiptoken") {
            let next = "{origin}/v1.0/groups/all/members?$skiptoken=2";
            return Some((200, json!({ "value": [member_json("user:ada")], "@odata.nextLink": next })));
        }
        let first = forgotten.fetch_add(1, Ordering::Relaxed) == 0;
        Some(if first {
            refusal(400, "Directory_ExpiredPageToken")
        } else {
            list([member_json("user:ben")].into_iter())
        })
    })
    .await;
    let record = Room::new().run_scripted(&graph).await;
    assert!(record.complete, "{record:?}");
    assert_eq!(record.memberships.read, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_is_not_asked_for_every_group() {
    let names: Vec<String> = (0..400).map(|group| format!("group-{group:03}")).collect();
    let groups: Vec<(&str, &[&str])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    let graph = scripted(Plain::new(&["ada"], &groups), |path, _| {
        path.ends_with("/members").then(|| refusal(403, "Authorization_RequestDenied"))
    })
    .await;
    let record = Room::new().run_scripted(&graph).await;
    assert!(!record.complete);
    assert_eq!(record.groups_unread, 400);
    assert_eq!(record.fault.unwrap().kind, FaultKind::Forbidden);
    assert!(record.requests < 150, "{}", record.requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_written_is_a_fault() {
    let graph = scripted(three_groups(), |_, _| None).await;
    let room = Room::new();
    std::fs::create_dir_all(room.path().join("in the way")).unwrap();
    let record = room.run_scripted(&graph).await;
    assert!(!record.complete);
    let fault = record.fault.unwrap();
    assert_eq!(fault.kind, FaultKind::StorageFailed);
    assert!(fault.detail.contains(room.folder.path().to_str().unwrap()), "{fault:?}");
    assert_eq!(std::fs::read_dir(room.folder.path()).unwrap().count(), 1, "no draft is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_sync_leaves_the_old_file_as_it_was() {
    let graph = scripted(three_groups(), |_, _| None).await;
    let room = Room::new();
    assert!(room.run_scripted(&graph).await.complete);
    let before = std::fs::read(room.path()).unwrap();
    room.control.pause();
    tokio::select! {
        biased;
        _ = room.run_scripted(&graph) => panic!("a paused sync came to an end"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(std::fs::read(room.path()).unwrap(), before);
}
