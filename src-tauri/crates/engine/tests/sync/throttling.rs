//! Refusals that end by themselves: 429, 503 and 504, and the forms in which they say when to come back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{Standing, TokioClock};
use crate::{
    Room, assert_read_to_the_end, connected,
    scripted::{Asked, Told, refusal, serve, three_groups},
};
use practice::{Knobs, Options, Population, RetryAfter};

const DATE: &str = "Fri, 02 Jan 2026 03:04:05 GMT";

/// A refusal that asks to wait in one of the forms, and the seconds that it means.
fn refusals(status: u16) -> [(Told, u64, &'static str); 6] {
    let told = || Told::from(refusal(status, "TooManyRequests"));
    [
        (told().header("retry-after", "2"), 2_000, "seconds"),
        (told().header("retry-after", "1.5"), 1_500, "a fraction"),
        (told().header("date", DATE).header("retry-after", "Fri, 02 Jan 2026 03:04:08 GMT"), 3_000, "a date"),
        (told().header("date", DATE).header("retry-after", "Fri, 02 Jan 2026 03:00:00 GMT"), 100, "long ago"),
        (told(), 1_000, "absent"),
        (told().header("retry-after", "soon"), 1_000, "nonsense"),
    ]
}

fn is_members_of_few(asked: &Asked<'_>) -> bool {
    asked.path == "/groups/few/members"
}

/// The first request of this kind is refused; the sync waits as asked, asks again, and has everything.
async fn waited_out(of: impl Fn(&Asked<'_>) -> bool + Copy + Send + Sync + 'static, asked_twice: &str) {
    for status in [429, 503, 504] {
        for form in 0..refusals(status).len() {
            let count = AtomicUsize::new(0);
            let graph = serve(three_groups(), move |asked| {
                let refuses = of(asked) && count.fetch_add(1, Ordering::Relaxed) == 0;
                refuses.then(|| refusals(status).into_iter().nth(form).map(|(told, ..)| told)).flatten()
            })
            .await;
            let (_, wait, name) = &refusals(status)[form];
            let time = Standing::still();
            let room = Room::new();
            let record = time.passes(room.run_scripted(&graph), || {}).await;
            assert!(record.complete, "{status} {name} {record:?}");
            assert_eq!(record.memberships.read, 6);
            assert_eq!(record.throttled, u64::from(status == 429), "{status} {name}");
            assert_eq!(graph.times(asked_twice), 2, "{status} {name}");
            assert!(time.elapsed() >= Duration::from_millis(*wait), "{status} {name} {:?}", time.elapsed());
        }
    }
}

#[tokio::test]
async fn a_refused_page_is_asked_for_again_when_it_is_time() {
    waited_out(|asked| asked.path == "/users", "/users").await;
}

#[tokio::test]
async fn a_refused_batch_is_asked_for_again_when_it_is_time() {
    waited_out(|asked| asked.path == "/$batch", "/$batch").await;
}

#[tokio::test]
async fn a_refused_item_of_a_batch_is_asked_for_again_when_it_is_time() {
    waited_out(is_members_of_few, "/groups/few/members").await;
}

#[tokio::test]
async fn only_the_refused_items_of_a_batch_are_asked_for_again() {
    let count = AtomicUsize::new(0);
    let graph = serve(three_groups(), move |asked| {
        let refuses = is_members_of_few(asked) && count.fetch_add(1, Ordering::Relaxed) < 3;
        refuses.then(|| Told::from(refusal(429, "TooManyRequests")).header("Retry-After", "2"))
    })
    .await;
    let (room, time) = (Room::new(), Standing::still());
    let record = time.passes(room.run_scripted(&graph), || {}).await;
    assert!(record.complete && record.throttled == 3, "{record:?}");
    assert_eq!((graph.times("/groups/few/members"), graph.times("/groups/all/members")), (4, 1));
    assert!(time.elapsed() >= Duration::from_secs(6));
}

#[tokio::test]
async fn an_item_that_asks_for_an_hour_stops_the_sync_and_says_so() {
    let graph = serve(three_groups(), |asked| {
        is_members_of_few(asked)
            .then(|| Told::from(refusal(429, "TooManyRequests")).header("retry-after", "3600"))
    })
    .await;
    let (room, time) = (Room::new(), Standing::still());
    let record = time.passes(room.run_scripted(&graph), || {}).await;
    assert!(!record.complete, "{record:?}");
    let fault = record.fault.unwrap();
    assert_eq!(fault.kind, entra::FaultKind::PatienceExhausted);
    assert!(fault.detail.contains("3600 s"), "{}", fault.detail);
    assert_eq!(room.number("SELECT count(*) FROM users"), 3, "what was read stands beside the ledger");
    assert_eq!(graph.times("/groups/few/members"), 1, "it is not asked again");
}

#[tokio::test]
async fn an_unavailable_service_that_stays_so_ends_patience() {
    let graph = serve(three_groups(), |asked| {
        (asked.path == "/users").then(|| refusal(503, "serviceNotAvailable").into())
    })
    .await;
    let (room, time) = (Room::new(), Standing::still());
    let record = time.passes(room.run_scripted(&graph), || {}).await;
    assert!(!record.complete);
    assert_eq!(record.fault.unwrap().kind, entra::FaultKind::PatienceExhausted);
    assert!(time.elapsed() >= Duration::from_secs(120));
    assert!(graph.times("/users") < 15, "{}", graph.times("/users"));
}

/// A minute of 429 in the middle of a read: it is waited out, and little is asked meanwhile. The number of refusals.
async fn refusals_of_a_minute(form: RetryAfter, longest_wait: u64) -> u64 {
    let options = Options {
        population: Population { users: 1_500, groups: 200, ..Population::default() },
        page_size: Some(25),
        latency: Duration::from_millis(60),
        clock: Arc::new(TokioClock::new()),
        ..Options::default()
    };
    let practice = practice::start(options).await.unwrap();
    let (entra, token) = connected(&practice).await;
    let (time, room, mut struck) = (Standing::still(), Room::new(), false);
    let storm = || {
        if !struck && practice.requests() >= 40 {
            struck = true;
            let knobs = Knobs {
                storm_seconds: Some(60),
                storm_retry_after: Some(longest_wait),
                retry_after: Some(form),
                ..Knobs::default()
            };
            practice.set(&knobs).unwrap();
        }
    };
    let record = time.passes(room.run(&entra, &token), storm).await;
    assert_read_to_the_end(&record, &practice);
    assert!(time.elapsed() >= Duration::from_secs(60), "{:?}", time.elapsed());
    record.throttled
}

#[tokio::test]
async fn a_storm_of_a_minute_is_waited_out_with_few_requests() {
    for (form, longest_wait, most) in [
        (RetryAfter::Seconds, 0, 100),
        (RetryAfter::Date, 0, 100),
        (RetryAfter::Seconds, 5, 240),
        (RetryAfter::Absent, 0, 200),
    ] {
        let throttled = refusals_of_a_minute(form, longest_wait).await;
        assert!((1..=most).contains(&throttled), "{form:?} {longest_wait}: {throttled}");
    }
}
