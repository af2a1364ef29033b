//! Links that lead to another origin: refused, and the token does not get there.

use std::net::TcpListener;

use engine::{
    evidence::SyncMode,
    sync::{Resume, SyncOptions},
};
use entra::FaultKind;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::known;
use crate::{
    Room,
    scripted::{Told, changes, member_json, serve, three_groups},
};

/// Another origin, where whoever comes can be counted afterwards.
struct Elsewhere {
    listener: TcpListener,
    origin: String,
}

impl Elsewhere {
    fn listening() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        Self { listener, origin }
    }

    fn assert_nobody_came(&self) {
        let met = self.listener.accept();
        assert_eq!(met.map(drop).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }

    fn link(&self, path: &str) -> String {
        format!("{}/v1.0{path}?$skiptoken=2", self.origin)
    }
}

fn with_link(items: &Value, name: &str, link: &str) -> Told {
    (200, json!({ "value": items, name: link })).into()
}

#[test]
fn whoever_comes_is_counted() {
    let elsewhere = Elsewhere::listening();
    elsewhere.assert_nobody_came();
    drop(std::net::TcpStream::connect(elsewhere.listener.local_addr().unwrap()).unwrap());
    assert!(elsewhere.listener.accept().is_ok());
}

#[tokio::test]
async fn a_next_link_of_a_list_is_not_followed_elsewhere() {
    for list in ["/users", "/groups"] {
        let elsewhere = Elsewhere::listening();
        let link = elsewhere.link(list);
        let graph = serve(three_groups(), move |asked| {
            (asked.path == list).then(|| with_link(&json!([{ "id": "ada" }]), "@odata.nextLink", &link))
        })
        .await;
        let record = Room::new().run_scripted(&graph).await;
        assert!(!record.complete, "{record:?}");
        assert_eq!(record.fault.unwrap().kind, FaultKind::ForeignNextLink);
        elsewhere.assert_nobody_came();
    }
}

#[tokio::test]
async fn a_next_link_in_an_item_of_a_batch_is_not_followed_elsewhere() {
    let elsewhere = Elsewhere::listening();
    let link = elsewhere.link("/groups/few/members");
    let graph = serve(three_groups(), move |asked| {
        let few = asked.path == "/groups/few/members";
        few.then(|| with_link(&json!([member_json("user:ada")]), "@odata.nextLink", &link))
    })
    .await;
    let record = Room::new().run_scripted(&graph).await;
    assert!(!record.complete, "{record:?}");
    assert_eq!(record.fault.unwrap().kind, FaultKind::ForeignNextLink);
    elsewhere.assert_nobody_came();
}

#[tokio::test]
async fn links_in_a_page_of_changes_are_not_followed_elsewhere() {
    for list in ["users", "groups"] {
        for name in ["@odata.nextLink", "@odata.deltaLink"] {
            let elsewhere = Elsewhere::listening();
            let link = elsewhere.link(&format!("/{list}/delta"));
            let graph = serve(three_groups().telling_changes(), move |asked| {
                let is_it = asked.path == format!("/{list}/delta") && asked.query.contains("deltatoken=now");
                is_it.then(|| with_link(&json!([]), name, &link))
            })
            .await;
            let room = Room::new();
            assert!(room.run_scripted(&graph).await.complete);
            let before = known(&room.path());
            let options = SyncOptions { mode: SyncMode::Delta, ..SyncOptions::default() };
            let record = room.run_scripted_with(&graph, options).await;
            elsewhere.assert_nobody_came();
            assert!(!record.complete && record.mode == SyncMode::Delta, "{list} {name} {record:?}");
            assert_eq!(record.fault.unwrap().kind, FaultKind::ForeignNextLink);
            assert_eq!(known(&room.path()), before);
        }
    }
}

#[tokio::test]
async fn links_that_were_kept_and_changed_on_the_disk_are_not_followed_elsewhere() {
    let elsewhere = Elsewhere::listening();
    let graph = serve(three_groups().telling_changes(), |_| None).await;
    let room = Room::new();
    assert!(room.run_scripted(&graph).await.complete);
    let link = elsewhere.link("/users/delta");
    let ledger = Connection::open(room.path()).unwrap();
    assert_eq!(ledger.execute("UPDATE watermarks SET link = ?1", [&link]).unwrap(), 2);
    drop(ledger);
    let options = SyncOptions { mode: SyncMode::Delta, ..SyncOptions::default() };
    let record = room.run_scripted_with(&graph, options).await;
    elsewhere.assert_nobody_came();
    assert!(record.complete && record.mode == SyncMode::Full, "{record:?}");
    assert_eq!(record.full_because.unwrap().kind, FaultKind::DeltaExpired, "it is of no use any more");
}

#[tokio::test]
async fn places_that_were_kept_and_changed_on_the_disk_are_not_followed_elsewhere() {
    let elsewhere = Elsewhere::listening();
    let mended = std::sync::atomic::AtomicBool::new(false);
    let graph = serve(three_groups().telling_changes(), move |asked| {
        // The first read of groups is refused, so that the run stops.
        let refuses =
            asked.path == "/groups/few/members" && !mended.swap(true, std::sync::atomic::Ordering::Relaxed);
        refuses.then(|| crate::scripted::refusal(403, "Authorization_RequestDenied").into())
    })
    .await;
    let room = Room::new();
    assert!(!room.run_scripted(&graph).await.complete);
    let staging = Connection::open(room.path().with_extension("reading.sqlite")).unwrap();
    let users = elsewhere.link("/users");
    staging.execute("UPDATE places SET next = ?1, done = 0", [&users]).unwrap();
    let members = elsewhere.link("/groups/few/members");
    staging.execute("INSERT INTO members_in SELECT id, 'open', ?1, x'' FROM groups_in", [&members]).unwrap();
    drop(staging);
    let options = SyncOptions { resume: Resume::GoOn, ..SyncOptions::default() };
    let record = room.run_scripted_with(&graph, options).await;
    elsewhere.assert_nobody_came();
    assert!(record.resumed && record.complete, "{record:?}");
    assert_eq!(record.memberships.read, 6);
}

#[tokio::test]
async fn what_changed_is_asked_for_at_the_link_that_was_kept() {
    let graph = serve(three_groups().telling_changes(), |asked| {
        asked.query.contains("deltatoken=now").then(|| {
            let list = if asked.path == "/users/delta" { "users" } else { "groups" };
            changes(list, &[], "later").into()
        })
    })
    .await;
    let room = Room::new();
    assert!(room.run_scripted(&graph).await.complete);
    let options = SyncOptions { mode: SyncMode::Delta, ..SyncOptions::default() };
    let record = room.run_scripted_with(&graph, options).await;
    assert!(record.complete && record.mode == SyncMode::Delta, "{record:?}");
    assert_eq!(room.number("SELECT count(*) FROM watermarks WHERE link LIKE '%deltatoken=later'"), 2);
}
