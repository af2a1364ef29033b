//! Receipts that must not be taken for others: stale ones, those of another key, those of a wrong clock; and credentials
//! that must not be taken for others.

use bundle::{Receipt, SelfTest};
use engine::{
    Keep, SecretEntry,
    export::Existing,
    gateways::{Answer, GatewayStanding, KeyRequest, ReceivedNews, SealRequest},
};
use jiff::{SignedDuration, Timestamp};
use practice::NewSecret;

use super::{Gateways, bench::Bench, engine_now, key, keys, open};

async fn sealed() -> Bench {
    let bench = Bench::proven().await;
    bench.add(1);
    bench.seal(&bench.request()).unwrap();
    bench
}

/// The receipt of `plant-0` for the bundle in the folder, signed with the key of this number.
fn told(bench: &Bench, opened_at: Timestamp, self_test: SelfTest, number: usize) -> Vec<u8> {
    Receipt::of(&open(&bench.folder(), 0), opened_at, self_test).sign(&key(number)).unwrap()
}

/// Another secret of the same app, in the place of the one before.
pub(crate) fn enter_another(bench: &Bench, keep: Keep) {
    let secret = bench.practice.new_secret(&NewSecret::default()).unwrap().value.into();
    bench.engine.save_secret(&bench.id, &SecretEntry { secret, ends_on: None, keep }).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_receipt_that_says_ok_does_not_replace_one_that_says_failed() {
    let bench = sealed().await;
    let at = engine_now();
    let failed = SelfTest::Failed { code: "AADSTS7000215".to_owned() };
    let receipts = [told(&bench, at, SelfTest::Ok, 0), told(&bench, at, failed, 0)];
    bench.engine.receive_all(&bench.id, &receipts).unwrap();
    let again = bench.engine.receive(&bench.id, &receipts[0]).unwrap();
    assert_eq!((again.answer, again.news), (Answer::Older, ReceivedNews::Superseded));
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Failed("AADSTS7000215".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_does_not_answer_for_a_bundle_that_was_sealed_to_the_old_one() {
    let bench = sealed().await;
    let new = key(7).recipient().clone();
    let confirmed = vec![new.fingerprint().to_owned()];
    let request = KeyRequest { confirmed, ..keys(&format!("plant-0 {}\n", new.to_line())) };
    bench.engine.give_keys(&bench.id, &request).unwrap();
    let fault = bench.engine.receive(&bench.id, &told(&bench, engine_now(), SelfTest::Ok, 7)).unwrap_err();
    assert!(fault.what.contains("sealed to another key"), "{fault}");
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Unconfirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_whose_clock_was_a_day_ahead_is_heard_about_its_next_bundle() {
    let bench = sealed().await;
    let ahead = told(&bench, engine_now() + SignedDuration::from_hours(24), SelfTest::Ok, 0);
    enter_another(&bench, Keep::Keychain);
    bench.check().await;
    bench.seal(&SealRequest { existing: Existing::Replace, ..bench.request() }).unwrap();
    assert_eq!(bench.engine.receive(&bench.id, &ahead).unwrap().news, ReceivedNews::New);
    let right = bench.engine.receive(&bench.id, &told(&bench, engine_now(), SelfTest::Ok, 0)).unwrap();
    assert_eq!((right.answer, right.news), (Answer::Current, ReceivedNews::New));
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Confirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_secret_entered_again_is_the_same_credential() {
    let bench = sealed().await;
    bench.engine.receive(&bench.id, &told(&bench, engine_now(), SelfTest::Ok, 0)).unwrap();
    let label = || bench.engine.connection(&bench.id).unwrap().credential.unwrap().id();
    let before = label();
    for keep in [Keep::Keychain, Keep::Session] {
        bench.enter_secret(keep);
        assert_eq!((label(), bench.standing("plant-0")), (before.clone(), GatewayStanding::Confirmed));
    }
    enter_another(&bench, Keep::Keychain);
    assert_ne!(label(), before);
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Outdated);
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_another_secret_of_a_caller_is_the_one_that_was_confirmed_cannot_be_told() {
    let bench = Bench::entered().await;
    bench.enter_secret(Keep::Caller);
    bench.check().await;
    bench.add(1);
    bench.seal(&bench.request()).unwrap();
    bench.engine.receive(&bench.id, &told(&bench, engine_now(), SelfTest::Ok, 0)).unwrap();
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Confirmed);
    enter_another(&bench, Keep::Caller);
    assert_eq!(bench.standing("plant-0"), GatewayStanding::CouldNotTell);
    let findings = bench.engine.report(&bench.id).unwrap().chain.findings;
    assert!(
        findings.iter().any(|finding| finding.id == "bundle-unconfirmed"),
        "it is not taken for confirmed"
    );
}
