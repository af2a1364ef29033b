//! Pacing under a clock that stands still until it is moved.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::sleep;

use super::*;

const MILLISECOND: Duration = Duration::from_millis(1);

async fn permits(pace: &Arc<Pace>, number: usize) -> Vec<Permit> {
    let mut taken = Vec::new();
    for _ in 0..number {
        taken.push(pace.permit(1).await);
    }
    taken
}

#[tokio::test(start_paused = true)]
async fn a_small_directory_is_never_held_back() {
    let pace = Pace::new();
    let began = Instant::now();
    for _ in 0..1_600 {
        drop(pace.permit(2).await);
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(pace.seen(), PaceSeen { in_flight: 0, parallel: 48, budget: 3_500, left: 20.0 });
}

#[tokio::test(start_paused = true)]
async fn the_quota_of_a_minute_is_used_and_not_exceeded() {
    const COST: u32 = 7;
    let pace = Pace::new();
    pace.expect_users(100_000);
    pace.state().beyond.allowed = 0;
    let end = Instant::now() + Duration::from_secs(60);
    let spent = AtomicU32::new(0);
    let worker = || async {
        while Instant::now() < end {
            let permit = pace.permit(COST).await;
            if Instant::now() < end {
                spent.fetch_add(COST, Ordering::Relaxed);
            }
            sleep(Duration::from_millis(10)).await;
            permit.succeeded(Duration::from_millis(10));
        }
    };
    join_all((0..48).map(|_| worker())).await;
    let allowed = 8_000.0 * (0.92 + 6.0 * 0.97);
    let spent = f64::from(spent.load(Ordering::Relaxed));
    assert!(spent <= allowed && spent > allowed * 0.99, "{spent} of {allowed}");
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_nobody_enforces_is_gone_beyond_step_by_step() {
    let pace = Pace::new();
    drop(pace.permit(3_220).await);
    let first = pace.permit(100).await;
    assert!(pace.permit(100).now_or_never().is_none(), "one request tries it");
    first.succeeded(MILLISECOND);
    drop(first);
    let (second, third) = (pace.permit(100).await, pace.permit(100).await);
    assert!(pace.permit(100).now_or_never().is_none(), "after a success, two");
    second.succeeded(MILLISECOND);
    pace.throttled(None);
    third.succeeded(MILLISECOND);
    drop((second, third));
    assert!(pace.permit(100).now_or_never().is_none(), "after a refusal, none");
    let began = Instant::now();
    drop(pace.permit(339).await);
    assert!((900..1_100).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn refusals_of_the_refill_itself_cut_it_and_successes_bring_it_back() {
    let pace = Pace::new();
    drop(pace.permit(3_220).await);
    pace.throttled(None);
    let second = || async {
        let began = Instant::now();
        let permit = pace.permit(339).await;
        (began.elapsed().as_millis(), permit)
    };
    assert!((990..1_010).contains(&second().await.0));
    pace.throttled(None);
    let (cut, permit) = second().await;
    assert!((1_400..1_450).contains(&cut), "{cut}");
    for _ in 0..300 {
        permit.succeeded(MILLISECOND);
    }
    drop(permit);
    assert!((990..1_010).contains(&second().await.0));
}

#[tokio::test(start_paused = true)]
async fn the_quota_follows_the_size_of_the_tenant() {
    let pace = Pace::new();
    for (users, quota) in [(0, 3_500), (49, 3_500), (50, 5_000), (500, 5_000), (501, 8_000), (49, 3_500)] {
        pace.expect_users(users);
        assert_eq!(pace.seen().budget, quota, "{users}");
    }
    drop(pace.permit(220).await);
    pace.expect_users(1_000);
    assert_eq!(pace.seen().left.round(), 7_140.0, "what was spent stays spent");
}

#[tokio::test(start_paused = true)]
async fn a_larger_quota_wakes_who_waits_for_the_smaller_one() {
    let pace = Pace::new();
    let began = Instant::now();
    drop(pace.permit(3_220).await);
    let tell = async { pace.expect_users(1_000) };
    let (permit, ()) = tokio::join!(pace.permit(3_000), tell);
    drop(permit);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_graph_charged_counts() {
    let pace = Pace::new();
    let permit = pace.permit(10).await;
    permit.charged(110.0);
    drop(permit);
    assert_eq!(pace.seen().left.round(), 3_110.0);
    pace.permit(100).await.unused();
    assert_eq!((pace.seen().left.round(), pace.seen().in_flight), (3_110.0, 0));
    pace.permit(10).await.charged(-1e9);
    assert_eq!(pace.seen().left.round(), 3_220.0, "never more than full");
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_refusals_halves_once() {
    let pace = Pace::new();
    for _ in 0..30 {
        pace.refused();
    }
    assert_eq!(pace.seen().parallel, 24);
    sleep(Duration::from_millis(499)).await;
    pace.refused();
    assert_eq!(pace.seen().parallel, 24);
    sleep(MILLISECOND).await;
    pace.refused();
    assert_eq!(pace.seen().parallel, 12);
    for _ in 0..10 {
        sleep(Duration::from_secs(1)).await;
        pace.refused();
    }
    assert_eq!(pace.seen().parallel, 1);
}

#[tokio::test(start_paused = true)]
async fn a_window_of_successes_makes_the_window_larger_by_one() {
    let pace = Pace::new();
    pace.refused();
    let succeed = async |times: usize| {
        for _ in 0..times {
            pace.permit(1).await.succeeded(MILLISECOND);
        }
    };
    succeed(25).await;
    assert_eq!(pace.seen().parallel, 25);
    succeed(26).await;
    assert_eq!(pace.seen().parallel, 26);
    pace.expect_users(1_000);
    succeed(3_000).await;
    assert_eq!(pace.seen().parallel, 64);
}

#[tokio::test(start_paused = true)]
async fn a_full_window_is_left_in_the_order_of_arrival() {
    let pace = Pace::new();
    let mut taken = permits(&pace, 48).await;
    let order = Mutex::new(Vec::new());
    let waiting = |number: u32| {
        let (pace, order) = (&pace, &order);
        async move {
            let permit = pace.permit(1).await;
            order.lock().unwrap().push(number);
            sleep(MILLISECOND).await;
            drop(permit);
        }
    };
    let release = async {
        sleep(Duration::from_secs(1)).await;
        assert!(order.lock().unwrap().is_empty());
        taken.pop();
    };
    tokio::join!(join_all((0..5).map(waiting)), release);
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_leaves_the_place_to_the_next() {
    let pace = Pace::new();
    let mut taken = permits(&pace, 48).await;
    let left = pace.seen().left;
    let mut first = Box::pin(pace.permit(1));
    let mut second = Box::pin(pace.permit(1));
    assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
    drop(first);
    assert!(second.as_mut().now_or_never().is_none());
    taken.pop();
    let permit = second.now_or_never().unwrap();
    assert_eq!(pace.seen().in_flight, 48);
    drop(permit);
    drop(taken);
    assert_eq!(pace.seen().in_flight, 0);
    assert_eq!(pace.seen().left, left - 1.0, "who only waited has spent nothing");
}

#[tokio::test(start_paused = true)]
async fn somebody_who_was_woken_and_left_does_not_take_the_wake_up_along() {
    let pace = Pace::new();
    let mut taken = permits(&pace, 48).await;
    let mut first = Box::pin(pace.permit(1));
    assert!(first.as_mut().now_or_never().is_none());
    let second = pace.permit(1);
    taken.pop();
    drop(first);
    assert!(tokio::time::timeout(MILLISECOND, second).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn answers_that_become_slow_shrink_the_window_by_a_quarter() {
    let pace = Pace::new();
    let answered = async |millis: u64, times: usize| {
        for _ in 0..times {
            pace.permit(1).await.succeeded(Duration::from_millis(millis));
        }
    };
    answered(100, 32).await;
    assert_eq!(pace.seen().parallel, 48);
    answered(2_000, 32).await;
    let after = pace.seen().parallel;
    assert!((36..=38).contains(&after), "{after}");
    sleep(Duration::from_secs(1)).await;
    answered(2_000, 1).await;
    let later = pace.seen().parallel;
    assert!((27..=29).contains(&later), "{later}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_but_steady_server_is_no_reason_to_shrink() {
    let pace = Pace::new();
    for _ in 0..100 {
        pace.permit(1).await.succeeded(Duration::from_secs(3));
    }
    let quick = Pace::new();
    for millis in [10, 700] {
        for _ in 0..40 {
            quick.permit(1).await.succeeded(Duration::from_millis(millis));
        }
    }
    assert!(pace.seen().parallel > 48 && quick.seen().parallel > 48);
}

#[tokio::test(start_paused = true)]
async fn after_a_shared_pause_the_budget_decides() {
    let pace = Pace::new();
    pace.expect_users(1_000);
    let until = Instant::now() + Duration::from_secs(30);
    pace.throttled(Some(until));
    assert_eq!(pace.seen().left, 0.0);
    drop(pace.permit(1).await);
    let first = Instant::now();
    assert!(first > until && first < until + 5 * MILLISECOND);
    for _ in 0..776 {
        drop(pace.permit(1).await);
    }
    let took = first.elapsed().as_secs_f64();
    assert!((0.99..1.02).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn one_throttled_request_empties_the_budget_but_does_not_stop_it() {
    let pace = Pace::new();
    pace.throttled(None);
    let began = Instant::now();
    drop(pace.permit(34).await);
    let took = began.elapsed();
    assert!(took > 99 * MILLISECOND && took < 105 * MILLISECOND, "{took:?}");
}
