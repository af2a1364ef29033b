//! Answers that break off on their way.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use engine::{
    evidence::SyncMode,
    sync::{Resume, SyncOptions},
};
use entra::FaultKind;
use practice::{Changes, Knobs, Options};

use super::{Standing, known};
use crate::{
    Room, assert_read_to_the_end, connected,
    scripted::{
        Asked, Plain, Protocol, Told, Travel, list, member_json, page, serve, serve_over, three_groups,
    },
};

const CUT: [Travel; 3] = [Travel::BreaksOff, Travel::GzipBreaksOff, Travel::GzipCut];

fn user(id: &str) -> serde_json::Value {
    serde_json::json!({ "id": id, "accountEnabled": true })
}

/// The same directory, with two pages of users and two of one group's members.
fn in_pages(asked: &Asked<'_>) -> Option<Told> {
    let second = asked.query.contains("skiptoken=2");
    let told = match (asked.path, second) {
        ("/users", false) => page("/users", ["ada", "ben"].map(user).into_iter(), "2"),
        ("/users", true) => list(std::iter::once(user("cleo"))),
        ("/groups/all/members", false) => {
            page(asked.path, ["user:ada", "user:ben"].map(member_json).into_iter(), "2")
        }
        ("/groups/all/members", true) => list(std::iter::once(member_json("cleo"))),
        _ => return None,
    };
    Some(told.into())
}

/// What is known of the directory when nothing breaks.
async fn undisturbed(plain: Plain) -> Vec<String> {
    let graph = serve(plain, |_| None).await;
    let room = Room::new();
    assert!(room.run_scripted(&graph).await.complete);
    known(&room.path())
}

fn is_second_page(asked: &Asked<'_>, of: &str) -> bool {
    asked.path == of && asked.query.contains("skiptoken=2")
}

#[tokio::test]
async fn a_page_that_breaks_off_is_read_again_and_nothing_is_lost_or_doubled() {
    let wanted = undisturbed(three_groups()).await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for travel in CUT {
            let (users, members, counted) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
            let first = |count: &AtomicUsize| count.fetch_add(1, Ordering::Relaxed) == 0;
            let graph = serve_over(protocol, three_groups(), move |asked| {
                let breaks = is_second_page(asked, "/users") && first(&users)
                    || is_second_page(asked, "/groups/all/members") && first(&members)
                    || asked.path == "/groups" && first(&counted);
                let told = in_pages(asked);
                if breaks {
                    let told = told.unwrap_or_else(|| list(std::iter::once(user("broken"))).into());
                    return Some(told.travelling(travel));
                }
                told
            })
            .await;
            let room = Room::new();
            let record = room.run_scripted(&graph).await;
            assert!(record.complete, "{protocol:?} {travel:?} {record:?}");
            assert_eq!(known(&room.path()), wanted, "{protocol:?} {travel:?}");
            assert_eq!(graph.times("/users?"), 3, "the broken page alone is asked for again");
        }
    }
}

#[tokio::test]
async fn a_batch_that_breaks_off_is_read_again_and_nothing_is_lost_or_doubled() {
    let wanted = undisturbed(three_groups()).await;
    for protocol in [Protocol::Http1, Protocol::Http2] {
        for travel in CUT {
            let batches = AtomicUsize::new(0);
            let graph = serve_over(protocol, three_groups(), move |asked| {
                let breaks = asked.path == "/$batch" && batches.fetch_add(1, Ordering::Relaxed) == 0;
                breaks.then(|| Told::from(list(std::iter::once(user("broken")))).travelling(travel))
            })
            .await;
            let room = Room::new();
            let record = room.run_scripted(&graph).await;
            assert!(record.complete, "{protocol:?} {travel:?} {record:?}");
            assert_eq!(known(&room.path()), wanted, "{protocol:?} {travel:?}");
            assert_eq!(graph.times("/$batch"), 2);
        }
    }
}

#[tokio::test]
async fn a_page_that_stays_broken_makes_the_sync_partial_and_is_gone_on_with() {
    let wanted = undisturbed(three_groups()).await;
    for (travel, kind) in [
        (Travel::BreaksOff, FaultKind::ConnectionBroken),
        (Travel::GzipBreaksOff, FaultKind::ConnectionBroken),
        (Travel::GzipCut, FaultKind::ConnectionBroken),
        (Travel::GzipGarbled, FaultKind::AnswerUnreadable),
    ] {
        let mended = Arc::new(AtomicBool::new(false));
        let is_mended = Arc::clone(&mended);
        let graph = serve(three_groups().telling_changes(), move |asked| {
            let breaks = is_second_page(asked, "/users") && !is_mended.load(Ordering::Relaxed);
            let told = in_pages(asked)?;
            Some(if breaks { told.travelling(travel) } else { told })
        })
        .await;
        let (room, time) = (Room::new(), Standing::still());
        let record = time.passes(room.run_scripted(&graph), || {}).await;
        assert!(!record.complete && !record.cancelled, "{travel:?} {record:?}");
        assert_eq!(record.fault.as_ref().unwrap().kind, kind, "{travel:?} {record:?}");
        assert_eq!(record.users.read, 2, "{travel:?}: the page that came whole");
        mended.store(true, Ordering::Relaxed);
        graph.forget();
        let options = SyncOptions { resume: Resume::GoOn, ..SyncOptions::default() };
        let record = time.passes(room.run_scripted_with(&graph, options), || {}).await;
        assert!(record.complete && record.resumed, "{travel:?} {record:?}");
        assert_eq!(known(&room.path()), wanted);
        assert_eq!(graph.times("/users?"), 1, "the first page is not asked for again");
    }
}

#[tokio::test]
async fn a_batch_that_stays_broken_makes_the_sync_partial_and_is_gone_on_with() {
    let wanted = undisturbed(three_groups()).await;
    for travel in CUT {
        let mended = Arc::new(AtomicBool::new(false));
        let is_mended = Arc::clone(&mended);
        let graph = serve(three_groups().telling_changes(), move |asked| {
            let breaks = asked.path == "/$batch" && !is_mended.load(Ordering::Relaxed);
            breaks.then(|| Told::from(list(std::iter::once(user("broken")))).travelling(travel))
        })
        .await;
        let (room, time) = (Room::new(), Standing::still());
        let record = time.passes(room.run_scripted(&graph), || {}).await;
        assert!(!record.complete, "{record:?}");
        assert_eq!(record.fault.as_ref().unwrap().kind, FaultKind::ConnectionBroken, "{record:?}");
        assert_eq!((record.users.read, record.memberships.read), (3, 0), "{record:?}");
        mended.store(true, Ordering::Relaxed);
        let options = SyncOptions { resume: Resume::GoOn, ..SyncOptions::default() };
        let record = time.passes(room.run_scripted_with(&graph, options), || {}).await;
        assert!(record.complete && record.resumed, "{record:?}");
        assert_eq!(known(&room.path()), wanted);
    }
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let graph = serve(three_groups(), |asked| {
        let lists = matches!(asked.path, "/users" | "/groups");
        lists.then(|| {
            let ids = if asked.path == "/users" { ["ada", "ben", "cleo"] } else { ["all", "few", "nest"] };
            Told::from(list(ids.map(user).into_iter())).travelling(Travel::Gzip)
        })
    })
    .await;
    let record = Room::new().run_scripted(&graph).await;
    assert!(record.complete && record.memberships.read == 6, "{record:?}");
}

#[tokio::test]
async fn a_tenant_that_compresses_is_read_to_the_end_with_its_changes() {
    let practice = practice::start(Options::default()).await.unwrap();
    practice.set(&Knobs { gzip: Some(true), ..Knobs::default() }).unwrap();
    let (entra, token) = connected(&practice).await;
    let room = Room::new();
    assert_read_to_the_end(&room.run(&entra, &token).await, &practice);
    let totals =
        practice.change(&Changes { users_added: 3, members_added: 5, ..Changes::default() }).unwrap();
    let options = SyncOptions { mode: SyncMode::Delta, ..SyncOptions::default() };
    let record = room.run_with(&entra, &token, options).await;
    assert!(record.complete && record.mode == SyncMode::Delta, "{record:?}");
    assert_eq!((record.users.read, record.memberships.read), (totals.users, totals.memberships));
}
