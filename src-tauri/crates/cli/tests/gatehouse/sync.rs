//! `sync`: what changed, what is held back, what is gone on with, and what it will cost.

use std::time::Duration;

use practice::{Changes, Knobs, Options, Population, Scenario};
use serde_json::Value;

use super::support::{Bench, code, errors, findings, json, run};

async fn sync(bench: &Bench, arguments: &[&str]) -> (i32, Value) {
    let mut sync = bench.command("sync");
    sync.arg("--json").args(arguments);
    let output = run(sync).await;
    (code(&output), json(&output))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sync_costs_what_changed() {
    let population = Population { users: 2_000, groups: 300, ..Population::default() };
    let bench = Bench::with(Options { population, ..Options::default() }).await;
    let (status, full) = sync(&bench, &[]).await;
    assert_eq!((status, full["mode"].as_str()), (0, Some("full")), "{full}");
    assert!(full["changes"].is_null());
    let changes = Changes {
        users_added: 7,
        users_updated: 5,
        users_removed: 3,
        members_added: 11,
        ..Changes::default()
    };
    let totals = bench.practice.change(&changes).unwrap();
    let (status, delta) = sync(&bench, &["--delta"]).await;
    assert_eq!((status, delta["mode"].as_str()), (0, Some("delta")), "{delta}");
    assert_eq!(delta["users"]["read"], totals.users);
    assert_eq!(delta["users"]["counted"], totals.users);
    assert_eq!(delta["memberships"]["read"], totals.memberships);
    assert_eq!(
        (&delta["changes"]["users"]["added"], &delta["changes"]["users"]["removed"]),
        (&7.into(), &3.into())
    );
    assert!(delta["requests"].as_u64() < Some(8) && full["requests"].as_u64() > Some(18), "{full} {delta}");
    let (_, again) = sync(&bench, &["--delta"]).await;
    assert_eq!(again["changes"]["users"], serde_json::json!({ "added": 0, "updated": 0, "removed": 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn mass_loss_waits_for_the_number() {
    let bench = Bench::start(Scenario::Healthy).await;
    let (_, before) = sync(&bench, &[]).await;
    bench.practice.change(&Changes { remove_share_of_users: 0.6, ..Changes::default() }).unwrap();
    for mode in ["--delta", "--full"] {
        let (status, held) = sync(&bench, &[mode]).await;
        assert_eq!((status, held["complete"].as_bool()), (3, Some(true)), "{held}");
        assert_eq!(findings(&held), ["removals-held"], "{held}");
        assert_eq!(held["held"]["may_be_accepted"], true);
    }
    let (_, held) = sync(&bench, &["--full", "--resume"]).await;
    let removals = held["held"]["removals"].as_u64().unwrap();
    assert!(removals > 100);
    let (status, wrong) = sync(&bench, &["--resume", "--accept-removals", &(removals - 1).to_string()]).await;
    assert_eq!((status, &wrong["held"]["removals"]), (3, &removals.into()));
    let (status, right) = sync(&bench, &["--resume", "--accept-removals", &removals.to_string()]).await;
    assert_eq!((status, &right["held"]), (0, &Value::Null), "{right}");
    assert_eq!(right["users"]["read"].as_u64(), Some(96), "{before}");
    assert!(right["resumed"].as_bool().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sync_of_the_same_connection_is_told() {
    let options = Options { latency: Duration::from_millis(200), page_size: Some(20), ..Options::default() };
    let bench = Bench::with(options).await;
    let mut first = bench.command("sync");
    first.arg("--json").stdout(std::process::Stdio::null());
    let mut first = first.spawn().unwrap();
    // A list is being read, so the lock is held.
    while bench.practice.requests() < 5 {
        tokio::task::yield_now().await;
    }
    let mut second = bench.command("sync");
    second.arg("--json");
    let output = run(second).await;
    assert_eq!(code(&output), 3);
    assert!(errors(&output).contains("Another program is reading this connection’s directory already."));
    assert!(first.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forecast_reads_nothing_and_says_what_a_sync_costs() {
    let population = Population { users: 20_000, groups: 900, ..Population::default() };
    let bench = Bench::with(Options { population, ..Options::default() }).await;
    let (status, answer) = sync(&bench, &["--forecast"]).await;
    let forecast = &answer["forecast"];
    assert_eq!((status, forecast["quota"].as_u64()), (0, Some(8_000)), "{answer}");
    assert_eq!(forecast["memberships_guessed"], true);
    let (_, real) = sync(&bench, &[]).await;
    let ratio = forecast["requests"].as_f64().unwrap() / real["requests"].as_f64().unwrap();
    assert!((0.5..2.0).contains(&ratio), "{answer} {real}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_that_ends_is_waited_out_and_an_hour_is_not() {
    let bench = Bench::start(Scenario::Healthy).await;
    bench.practice.set(&Knobs { storm_seconds: Some(2), ..Knobs::default() }).unwrap();
    let (status, answer) = sync(&bench, &[]).await;
    assert_eq!((status, answer["complete"].as_bool()), (0, Some(true)), "{answer}");
    assert!(answer["throttled"].as_u64() > Some(0));
    bench.practice.set(&Knobs { storm_seconds: Some(3_600), ..Knobs::default() }).unwrap();
    let (status, answer) = sync(&bench, &["--patience", "30"]).await;
    assert_eq!((status, answer["users"]["read"].as_u64()), (3, Some(0)), "{answer}");
    assert_eq!(findings(&answer)[0], "throttled", "{answer}");
}
