//! A tenant that changes while it is read.

use std::{sync::Arc, time::Duration};

use engine::{
    evidence::{SyncMode, Tally},
    sync::SyncOptions,
};
use entra::{AccessToken, Entra};
use practice::{Changes, Knobs, Options, Population, Practice};

use super::{Standing, TokioClock, known};
use crate::{Room, connected};

async fn tenant() -> Practice {
    let options = Options {
        population: Population { users: 900, groups: 120, ..Population::default() },
        page_size: Some(20),
        latency: Duration::from_millis(60),
        clock: Arc::new(TokioClock::new()),
        ..Options::default()
    };
    practice::start(options).await.unwrap()
}

fn every(requests: u32) -> Knobs {
    Knobs { changes_every: Some(requests), ..Knobs::default() }
}

fn delta() -> SyncOptions {
    SyncOptions { mode: SyncMode::Delta, ..SyncOptions::default() }
}

/// What somebody knows who reads everything while nothing changes.
async fn read_afresh(
    time: &Standing,
    practice: &Practice,
    entra: &Entra,
    token: &AccessToken,
) -> Vec<String> {
    let totals = practice.totals();
    let room = Room::new();
    let record = time.passes(room.run(entra, token), || {}).await;
    assert!(record.complete, "{record:?}");
    assert_eq!(record.users, Tally { read: totals.users, counted: Some(totals.users) });
    assert_eq!(record.memberships.read, totals.memberships);
    known(&room.path())
}

#[tokio::test]
async fn a_directory_that_changes_while_it_is_read_is_complete_in_the_end() {
    let practice = tenant().await;
    let (entra, token) = connected(&practice).await;
    let time = Standing::still();
    for requests in [2, 3, 7] {
        practice.set(&every(requests)).unwrap();
        let (room, changed) = (Room::new(), practice.totals().changes);
        let record = time.passes(room.run(&entra, &token), || {}).await;
        practice.set(&every(0)).unwrap();
        assert!(practice.totals().changes > changed, "nothing changed");
        assert!(record.complete, "{requests}: {record:?}");
        // What changed after the last look is in the next changes.
        let record = time.passes(room.run_with(&entra, &token, delta()), || {}).await;
        assert!(record.complete && record.mode == SyncMode::Delta, "{requests}: {record:?}");
        let wanted = read_afresh(&time, &practice, &entra, &token).await;
        assert_eq!(known(&room.path()), wanted, "{requests}");
    }
}

#[tokio::test]
async fn changes_that_come_while_changes_are_read_are_not_lost() {
    let practice = tenant().await;
    let (entra, token) = connected(&practice).await;
    let (time, room) = (Standing::still(), Room::new());
    assert!(time.passes(room.run(&entra, &token), || {}).await.complete);
    for _ in 0..4 {
        let changes = Changes {
            users_added: 25,
            users_updated: 60,
            users_removed: 20,
            groups_added: 5,
            groups_renamed: 9,
            groups_removed: 3,
            members_added: 60,
            members_removed: 40,
            ..Changes::default()
        };
        practice.change(&changes).unwrap();
        practice.set(&every(2)).unwrap();
        let record = time.passes(room.run_with(&entra, &token, delta()), || {}).await;
        practice.set(&every(0)).unwrap();
        assert_eq!(record.mode, SyncMode::Delta, "{record:?}");
        let record = time.passes(room.run_with(&entra, &token, delta()), || {}).await;
        assert!(record.complete && record.held.is_none(), "{record:?}");
        let wanted = read_afresh(&time, &practice, &entra, &token).await;
        assert_eq!(known(&room.path()), wanted);
    }
}

#[tokio::test]
async fn groups_and_people_that_go_while_they_are_read_are_no_fault() {
    let practice = tenant().await;
    let (entra, token) = connected(&practice).await;
    let (time, room, mut gone) = (Standing::still(), Room::new(), 0);
    let take_away = || {
        if gone < 8 && practice.requests() > 20 {
            gone += 1;
            let changes = Changes { groups_removed: 3, users_removed: 9, ..Changes::default() };
            practice.change(&changes).unwrap();
        }
    };
    let record = time.passes(room.run(&entra, &token), take_away).await;
    assert_eq!(gone, 8);
    assert!(record.complete, "{record:?}");
    let record = time.passes(room.run_with(&entra, &token, delta()), || {}).await;
    assert!(record.complete, "{record:?}");
    assert_eq!(known(&room.path()), read_afresh(&time, &practice, &entra, &token).await);
}
