//! Rotation against the practice tenant: a second secret is entered, not known at first, proven, and the old one removed.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod certificates;
mod fleet;
mod going_back;
mod in_the_middle;
mod removing;
mod rotating;
mod same_app;
mod same_secret;
mod two_programs;

use std::sync::atomic::{AtomicUsize, Ordering};

use engine::{
    connection::Slot,
    diagnosis::Unwatched,
    rotation::{Locked, OldCredential, Stage},
};

use practice::{Knobs, NewSecret};

use rotating::{Bench, Impatient, Tenant, made};

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_secret_is_waited_for_and_the_old_one_leaves_last() {
    let bench = Bench::proven().await;
    bench.begin(&bench.new_secret(20_000)).unwrap();
    let entered = bench.engine.rotation(&bench.id).unwrap().unwrap();
    assert_eq!((entered.locked, bench.slot()), (Some(Locked::NotProven), Slot::First));
    bench.works().await;

    let watcher = Impatient { ahead: &bench.ahead, waits: AtomicUsize::default() };
    let trial = bench.engine.prove_rotation(&bench.id, &watcher).await.unwrap();
    assert!(trial.proven);
    assert_eq!((watcher.waits.load(Ordering::SeqCst), bench.slot()), (1, Slot::Second));
    assert!(bench.engine.rotation(&bench.id).unwrap().unwrap().locked.is_none(), "there are no gateways");

    let looked = bench.engine.look_for_old_credential(&bench.id).await.unwrap();
    let Some(Stage::HandingOut { removal, .. }) = looked.rotation.map(|rotation| rotation.stage) else {
        unreachable!("it is not at its end")
    };
    assert_eq!(removal.unwrap().seen, OldCredential::Accepted);
    assert!(bench.engine.finish_rotation(&bench.id).unwrap_err().what.contains("still takes"));

    assert!(bench.practice.remove_secret(&bench.practice.facts().secret_id));
    let done = bench.engine.look_for_old_credential(&bench.id).await.unwrap();
    assert!(done.rotation.is_none() && done.last_rotation.unwrap().seen_refused);
    bench.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_practice_a_late_secret_is_waited_for_too() {
    let bench = Bench::on(Tenant::Practice).await;
    bench.practice.set(&Knobs { secret_delay_ms: Some(20_000), ..Knobs::default() }).unwrap();
    let late = bench.practice.new_secret(&NewSecret::default()).unwrap().value;
    bench.begin(&late).unwrap();
    let watcher = Impatient { ahead: &bench.ahead, waits: AtomicUsize::default() };
    assert!(bench.engine.prove_rotation(&bench.id, &watcher).await.unwrap().proven);
    assert_eq!(watcher.waits.load(Ordering::SeqCst), 1);
    bench.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_in_use_is_no_new_one() {
    let bench = Bench::proven().await;
    let fault = bench.begin(&bench.practice.facts().client_secret).unwrap_err();
    assert_eq!(fault.field, Some("secret"));
    assert!(bench.engine.rotation(&bench.id).unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_leaves_the_old_one_in_use() {
    let bench = Bench::proven().await;
    bench.begin(&bench.practice.facts().secret_id).unwrap();
    let trial = bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap();
    assert!(!trial.proven);
    let stage = bench.engine.rotation(&bench.id).unwrap().unwrap().rotation.stage;
    let Stage::Entered { tried: Some(tried) } = stage else { unreachable!("it was tried, and not proven") };
    assert_eq!(tried.finding.as_deref(), Some("secret-id-pasted"));
    bench.works().await;
    bench.engine.abandon_rotation(&bench.id).await.unwrap();
    bench.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_entered_in_vain_does_not_stay_in_the_keychain() {
    let bench = Bench::proven().await;
    bench.engine.begin_rotation(&bench.id, &made()).unwrap();
    assert!(bench.keeps(".2.key"));
    bench.begin(&bench.new_secret(0)).unwrap();
    assert!(!bench.keeps(".2.key") && bench.keeps(".2"));
    bench.engine.abandon_rotation(&bench.id).await.unwrap();
    assert!(!bench.keeps(".2") && bench.keeps(""));
}
