//! Runs that are gone on with.

use std::{
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use engine::{
    evidence::SyncMode,
    sync::{Resume, SyncControl, SyncOptions},
};
use entra::FaultKind;
use practice::{Options, Population};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Standing, TokioClock, known};
use crate::{
    Room, Watching, assert_read_to_the_end, connected,
    scripted::{Asked, Scripted, Told, changes, member_json, page, refusal, serve, three_groups},
};

fn go_on() -> SyncOptions {
    SyncOptions { resume: Resume::GoOn, ..SyncOptions::default() }
}

fn staging(room: &Room) -> PathBuf {
    room.path().with_extension("reading.sqlite")
}

fn user(id: &str) -> Value {
    json!({ "id": id, "accountEnabled": true })
}

/// Refuses what `hinders` names, until it is told that this is over.
async fn hindered(
    hinders: impl Fn(&Asked<'_>) -> Option<Told> + Send + Sync + 'static,
) -> (Scripted, Arc<AtomicBool>) {
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = Arc::clone(&mended);
    let graph = serve(three_groups().telling_changes(), move |asked| {
        if is_mended.load(Ordering::Relaxed) { None } else { hinders(asked) }
    })
    .await;
    (graph, mended)
}

fn members_refused(asked: &Asked<'_>) -> Option<Told> {
    asked.path.ends_with("/members").then(|| refusal(403, "Authorization_RequestDenied").into())
}

/// A run that has read everything but the members.
async fn without_members() -> (Room, Scripted) {
    let (graph, mended) = hindered(members_refused).await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert_eq!((record.complete, record.groups_unread), (false, 3), "{record:?}");
    mended.store(true, Ordering::Relaxed);
    graph.forget();
    (room, graph)
}

#[tokio::test]
async fn a_cancelled_run_goes_on_where_it_was() {
    let options = Options {
        population: Population { users: 600, groups: 60, ..Population::default() },
        page_size: Some(20),
        latency: Duration::from_millis(60),
        clock: Arc::new(TokioClock::new()),
        ..Options::default()
    };
    let practice = practice::start(options).await.unwrap();
    let (entra, token) = connected(&practice).await;
    let (time, control) = (Standing::still(), SyncControl::default());
    let mut room = Room::watched(Watching::default(), control.clone());
    let cancel = || {
        if practice.requests() > 60 {
            control.cancel();
        }
    };
    let first = time.passes(room.run(&entra, &token), cancel).await;
    assert!(first.cancelled && !first.complete && first.users.read > 0, "{first:?}");
    room.control = SyncControl::default();
    let record = time.passes(room.run_with(&entra, &token, go_on()), || {}).await;
    assert!(record.resumed, "{record:?}");
    assert_read_to_the_end(&record, &practice);
    let whole = Room::new();
    let afresh = time.passes(whole.run(&entra, &token), || {}).await;
    assert_eq!(known(&room.path()), known(&whole.path()));
    assert!(record.requests < afresh.requests, "{} {}", record.requests, afresh.requests);
    assert!(!staging(&room).exists());
}

#[tokio::test]
async fn what_was_read_is_not_read_again() {
    let (room, graph) = without_members().await;
    let record = room.run_scripted_with(&graph, go_on()).await;
    assert!(record.complete && record.resumed, "{record:?}");
    assert_eq!((graph.times("/users"), graph.times("/groups")), (0, 0));
    assert_eq!(record.memberships.read, 6);
    assert!(!room.path().with_extension("unapplied.sqlite").exists(), "the partial result is gone");
}

#[tokio::test]
async fn without_the_wish_to_go_on_it_begins_anew() {
    let (room, graph) = without_members().await;
    let record = room.run_scripted(&graph).await;
    assert!(record.complete && !record.resumed, "{record:?}");
    assert_eq!((graph.times("/users"), graph.times("/groups")), (1, 1));
}

#[tokio::test]
async fn a_place_that_graph_has_forgotten_begins_its_list_anew() {
    let (first, forgotten) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let graph = serve(three_groups().telling_changes(), move |asked| {
        match (asked.path, asked.query.contains("skiptoken")) {
            // Only the first time in two pages; the second one breaks the run, and is forgotten then.
            ("/users", false) if first.fetch_add(1, Ordering::Relaxed) == 0 => {
                Some(page("/users", ["ada", "ben"].map(user).into_iter(), "2").into())
            }
            ("/users", true) if forgotten.fetch_add(1, Ordering::Relaxed) == 0 => {
                Some(refusal(403, "Authorization_RequestDenied").into())
            }
            ("/users", true) => Some(refusal(400, "Directory_ExpiredPageToken").into()),
            _ => None,
        }
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(!record.complete && record.users.read == 2, "{record:?}");
    graph.forget();
    let record = room.run_scripted_with(&graph, go_on()).await;
    assert!(record.complete && record.resumed, "{record:?}");
    assert_eq!(graph.times("/users?"), 2, "once at the place, once from the start");
    assert_eq!(known(&room.path()).len(), 3 + 3 + 6);
}

#[tokio::test]
async fn a_group_whose_place_graph_has_forgotten_is_begun_anew() {
    let (first, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let graph = serve(three_groups().telling_changes(), move |asked| {
        let (all, second) = (asked.path == "/groups/all/members", asked.query.contains("skiptoken"));
        if all && second {
            let code = if refused.fetch_add(1, Ordering::Relaxed) == 0 {
                "No"
            } else {
                "Directory_ExpiredPageToken"
            };
            return Some(refusal(400, code).into());
        }
        let half = all && first.fetch_add(1, Ordering::Relaxed) == 0;
        half.then(|| page(asked.path, std::iter::once(member_json("user:ada")), "2").into())
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert_eq!((record.complete, record.groups_unread), (false, 1), "{record:?}");
    graph.forget();
    let record = room.run_scripted_with(&graph, go_on()).await;
    assert!(record.complete && record.resumed, "{record:?}");
    assert_eq!(graph.times("/groups/all/members?"), 2, "once at the place, once from the start");
    assert_eq!((graph.times("/groups/few/members"), record.memberships.read), (0, 6));
}

/// What moved between the two halves of a run nobody would tell.
#[tokio::test]
async fn a_run_without_links_is_not_gone_on_with() {
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = Arc::clone(&mended);
    let graph =
        serve(
            three_groups(),
            move |asked| {
                if is_mended.load(Ordering::Relaxed) { None } else { members_refused(asked) }
            },
        )
        .await;
    let room = Room::new();
    assert!(!room.run_scripted(&graph).await.complete);
    mended.store(true, Ordering::Relaxed);
    let record = room.run_scripted_with(&graph, go_on()).await;
    assert!(record.complete && !record.resumed, "{record:?}");
}

fn overwrite(file: &Path, bytes: &[u8]) {
    let mut file = std::fs::File::options().write(true).truncate(true).open(file).unwrap();
    file.write_all(bytes).unwrap();
}

/// Writes over the page of a table.
fn spoil(file: &Path, table: &str) {
    let open = Connection::open(file).unwrap();
    // Everything is in the file itself then.
    open.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let select = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    let page: u64 = open.query_row(select, [table], |row| row.get(0)).unwrap();
    open.close().unwrap();
    let mut bytes = std::fs::File::options().write(true).open(file).unwrap();
    bytes.seek(SeekFrom::Start((page - 1) * 8_192)).unwrap();
    bytes.write_all(&[0xA5; 8_192]).unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_not_gone_on_with() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 5] = [
        ("no database", |file| overwrite(file, b"this is no database at all, and long enough")),
        ("empty", |file| overwrite(file, b"")),
        ("another version", |file| {
            Connection::open(file).unwrap().pragma_update(None, "user_version", 99).unwrap();
        }),
        ("what it is about is spoilt", |file| spoil(file, "about")),
        ("its users are spoilt", |file| spoil(file, "users_in")),
    ];
    for (name, damage) in damages {
        let (room, graph) = without_members().await;
        damage(&staging(&room));
        let record = room.run_scripted_with(&graph, go_on()).await;
        assert!(record.complete && !record.resumed, "{name}: {record:?}");
        assert_eq!(graph.times("/users"), 1, "{name}");
        assert_eq!(known(&room.path()).len(), 3 + 3 + 6, "{name}");
    }
}

#[tokio::test]
async fn the_run_of_another_tenant_is_not_gone_on_with() {
    let (room, graph) = without_members().await;
    let options = SyncOptions { identity: "another tenant".to_owned(), ..go_on() };
    let record = room.run_scripted_with(&graph, options).await;
    assert!(record.complete && !record.resumed, "{record:?}");
    assert_eq!(graph.times("/users"), 1);
}

/// A complete ledger, and a list of changes of three pages that is refused at its last one.
async fn with_half_of_the_changes(then: impl Fn() -> Told + Send + Sync + 'static) -> (Room, Scripted) {
    let tries = AtomicUsize::new(0);
    let graph = serve(three_groups().telling_changes(), move |asked| {
        if asked.path == "/users/$count" && tries.load(Ordering::Relaxed) > 0 {
            return Some((200, json!(4)).into());
        }
        if asked.path != "/users/delta" || asked.query.contains("latest") {
            return None;
        }
        let next = |token: &str| format!("{{origin}}/v1.0/users/delta?$skiptoken={token}");
        if asked.query.contains("skiptoken=2") {
            return Some((200, json!({ "value": [user("eva")], "@odata.nextLink": next("3") })).into());
        }
        if asked.query.contains("skiptoken=3") {
            let first = tries.fetch_add(1, Ordering::Relaxed) == 0;
            return Some(if first { refusal(403, "Authorization_RequestDenied").into() } else { then() });
        }
        if asked.query.contains("deltatoken=later") {
            return Some(changes("users", &[], "later").into());
        }
        Some((200, json!({ "value": [user("dora")], "@odata.nextLink": next("2") })).into())
    })
    .await;
    let room = Room::new();
    assert!(room.run_scripted(&graph).await.complete);
    let options = SyncOptions { mode: SyncMode::Delta, ..SyncOptions::default() };
    let record = room.run_scripted_with(&graph, options).await;
    assert!(!record.complete && record.mode == SyncMode::Delta, "{record:?}");
    assert_eq!(record.fault.unwrap().kind, FaultKind::Forbidden);
    graph.forget();
    (room, graph)
}

fn go_on_with_changes() -> SyncOptions {
    SyncOptions { mode: SyncMode::Delta, ..go_on() }
}

#[tokio::test]
async fn changes_are_gone_on_with_after_their_last_page() {
    let gone = json!({ "id": "ben", "@removed": { "reason": "deleted" } });
    let (room, graph) =
        with_half_of_the_changes(move || changes("users", std::slice::from_ref(&gone), "later").into()).await;
    let before = known(&room.path());
    let record = room.run_scripted_with(&graph, go_on_with_changes()).await;
    assert!(record.complete && record.resumed && record.mode == SyncMode::Delta, "{record:?}");
    assert_eq!(graph.times("/users/delta?$skiptoken=2"), 0);
    assert_eq!(graph.times("/users/delta?$skiptoken=3"), 1);
    let now = known(&room.path());
    assert!(
        now.iter().any(|line| line.starts_with("dora")) && now.iter().any(|line| line.starts_with("eva"))
    );
    assert!(
        before.iter().any(|line| line.starts_with("ben")) && !now.iter().any(|line| line.starts_with("ben"))
    );
}

#[tokio::test]
async fn changes_whose_place_is_forgotten_become_a_full_read() {
    for (status, code) in
        [(410, "syncStateNotFound"), (400, "syncStateNotFound"), (400, "Directory_ExpiredPageToken")]
    {
        let (room, graph) = with_half_of_the_changes(move || refusal(status, code).into()).await;
        let record = room.run_scripted_with(&graph, go_on_with_changes()).await;
        assert_eq!(record.mode, SyncMode::Full, "{code} {record:?}");
        assert!(record.full_because.is_some(), "{code}");
    }
}

/// The run is gone on with after a week: its pages are still good, the links that it took at its start are not.
#[tokio::test]
async fn a_full_run_whose_links_are_forgotten_meanwhile_is_read_to_its_end() {
    let later = Arc::new(AtomicBool::new(false));
    let is_later = Arc::clone(&later);
    let graph = serve(three_groups().telling_changes(), move |asked| {
        let later = is_later.load(Ordering::Relaxed);
        if later && asked.query.contains("deltatoken=now") {
            return Some(refusal(410, "syncStateNotFound").into());
        }
        if later { None } else { members_refused(asked) }
    })
    .await;
    let room = Room::new();
    assert!(!room.run_scripted(&graph).await.complete);
    later.store(true, Ordering::Relaxed);
    let record = room.run_scripted_with(&graph, go_on()).await;
    assert!(record.complete, "{record:?}");
    assert_eq!(known(&room.path()).len(), 3 + 3 + 6);
}
