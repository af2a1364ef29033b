use bundle::GatewayKey;

use super::*;
use crate::{
    connection::Credential,
    diagnosis::checks::fixture,
    gateways::{GatewayStanding, Holding, sample},
};

const NOW: &str = "2026-11-21T09:00:00Z";

fn receipt(sequence: u64, credential: &str, self_test: SelfTest) -> Receipt {
    Receipt {
        format: ReceiptFormat,
        gateway: GatewayName::new("plant-1").unwrap(),
        bundle_sequence: sequence,
        manifest_sha256: format!("{sequence:064x}"),
        credential_id: credential.to_owned(),
        opened_at: "2026-11-21T08:00:00Z".parse().unwrap(),
        tested_at: None,
        self_test,
    }
}

/// A connection, and gateways that were sealed an earlier credential and then the current one.
fn case() -> (Connection, Vec<Gateway>, String) {
    let connection = fixture::healthy();
    let current = connection.credential.as_ref().map(Credential::id).unwrap();
    let gateways = vec![
        sample::gateway("plant-1", 1, &["secret-old", &current]),
        sample::gateway("plant-2", 2, &["secret-old", &current]),
    ];
    (connection, gateways, current)
}

fn received(
    gateways: &mut [Gateway],
    connection: &Connection,
    receipt: &Receipt,
    key: &GatewayKey,
) -> Result<Received, Fault> {
    let received = judge(gateways, connection, &receipt.sign(key).unwrap(), NOW.parse().unwrap())?;
    gateways[0].answered(&received.confirmed, received.news);
    Ok(received)
}

#[test]
fn a_receipt_for_the_current_credential_confirms_it() {
    let (connection, mut gateways, current) = case();
    let key = sample::private_key(1);
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Unconfirmed);
    assert_eq!(gateways[0].holding(&connection), Holding::Unknown);

    let old = received(&mut gateways, &connection, &receipt(1, "secret-old", SelfTest::Ok), &key).unwrap();
    assert_eq!((old.answer, old.news), (Answer::Older, ReceivedNews::New));
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Unconfirmed);
    assert_eq!(gateways[0].holding(&connection), Holding::Other("secret-old".to_owned()));

    let answer = receipt(2, &current, SelfTest::Ok);
    let first = received(&mut gateways, &connection, &answer, &key).unwrap();
    assert_eq!((first.answer, first.news), (Answer::Current, ReceivedNews::New));
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Confirmed);
    assert_eq!(gateways[0].confirmed.as_ref().unwrap().received_at, NOW.parse().unwrap());

    let again = received(&mut gateways, &connection, &answer, &key).unwrap();
    assert_eq!((again.answer, again.news), (Answer::Current, ReceivedNews::Repeated));
    let late = received(&mut gateways, &connection, &receipt(1, "secret-old", SelfTest::Ok), &key).unwrap();
    assert_eq!((late.answer, late.news), (Answer::Older, ReceivedNews::Superseded));
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Confirmed);
}

#[test]
fn a_failed_test_is_told_with_its_code_and_can_be_mended() {
    let (connection, mut gateways, current) = case();
    let key = sample::private_key(1);
    let failed = SelfTest::Failed { code: "AADSTS7000222".to_owned() };
    let told = received(&mut gateways, &connection, &receipt(2, &current, failed), &key).unwrap();
    assert_eq!(told.answer, Answer::Failed("AADSTS7000222".to_owned()));
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Failed("AADSTS7000222".to_owned()));
    let tested = |time: &str| Some(time.parse().unwrap());
    let mended = Receipt { tested_at: tested("2026-11-21T08:20:00Z"), ..receipt(2, &current, SelfTest::Ok) };
    assert_eq!(received(&mut gateways, &connection, &mended, &key).unwrap().news, ReceivedNews::New);
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Confirmed);

    let broken = SelfTest::Failed { code: "http-403".to_owned() };
    let broken = Receipt { tested_at: tested("2026-11-21T08:40:00Z"), ..receipt(2, &current, broken) };
    assert_eq!(received(&mut gateways, &connection, &broken, &key).unwrap().news, ReceivedNews::New);
    let stale = received(&mut gateways, &connection, &mended, &key).unwrap();
    assert_eq!((stale.answer, stale.news), (Answer::Older, ReceivedNews::Superseded));
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Failed("http-403".to_owned()));
}

#[test]
fn a_bundle_that_was_held_back_is_no_failed_one_and_is_sealed_again() {
    let (connection, mut gateways, current) = case();
    let key = sample::private_key(1);
    let held_back = SelfTest::Failed { code: "held-back.AADSTS7000215".to_owned() };
    let told = received(&mut gateways, &connection, &receipt(2, &current, held_back), &key).unwrap();
    assert_eq!(told.answer, Answer::HeldBack("AADSTS7000215".to_owned()));
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::HeldBack("AADSTS7000215".to_owned()));
    assert_eq!(gateways[0].holding(&connection), Holding::Unknown, "it goes on with what it had");
}

#[test]
fn of_two_answers_of_one_moment_the_worse_one_counts_whichever_comes_first() {
    let (connection, gateways, current) = case();
    let key = sample::private_key(1);
    let good = receipt(2, &current, SelfTest::Ok);
    let bad = receipt(2, &current, SelfTest::Failed { code: "http-403".to_owned() });
    for order in [[&good, &bad, &good], [&bad, &good, &bad]] {
        let mut gateways = gateways.clone();
        for one in order {
            received(&mut gateways, &connection, one, &key).unwrap();
        }
        assert_eq!(gateways[0].standing(&connection), GatewayStanding::Failed("http-403".to_owned()));
    }
}

#[test]
fn a_key_that_a_bundle_was_not_sealed_to_cannot_have_opened_it() {
    let (connection, mut gateways, current) = case();
    gateways[0].give_key(sample::private_key(3).recipient());
    let answer = receipt(2, &current, SelfTest::Ok);
    let fault = received(&mut gateways, &connection, &answer, &sample::private_key(3)).unwrap_err();
    assert_eq!(fault.what, "The bundle with the number 2 was sealed to another key than plant-1 has now.");
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Unconfirmed);
}

#[test]
fn receipts_that_prove_nothing_are_refused_each_with_its_reason() {
    let (connection, mut gateways, current) = case();
    let good = receipt(2, &current, SelfTest::Ok);
    let (own, other, stranger) = (sample::private_key(1), sample::private_key(2), sample::private_key(3));
    let mut refused = |receipt: &Receipt, key: &GatewayKey| {
        received(&mut gateways, &connection, receipt, key).unwrap_err().what
    };
    assert_eq!(refused(&good, &other), "This receipt was signed with the key of plant-2.");
    assert!(refused(&good, &stranger).contains("this gateway's key is SHA256:"));
    let unknown = Receipt { gateway: GatewayName::new("plant-9").unwrap(), ..good.clone() };
    assert_eq!(refused(&unknown, &own), "There is no gateway named plant-9 in this connection’s list.");
    let never = Receipt { bundle_sequence: 3, ..good.clone() };
    assert_eq!(
        refused(&never, &own),
        "No bundle with the number 3 is known to have been sealed for plant-1 here."
    );
    let foreign = Receipt { manifest_sha256: "f".repeat(64), ..good.clone() };
    assert_eq!(
        refused(&foreign, &own),
        "plant-1 opened another bundle with the number 2 than the one sealed here."
    );
    let relabelled = Receipt { credential_id: "secret-old".to_owned(), ..good.clone() };
    assert!(refused(&relabelled, &own).contains("another bundle"));

    let signed = good.sign(&own).unwrap();
    for (file, part) in [
        (&b""[..], "is not a receipt"),
        (b"hello\nworld", "is not a receipt"),
        (signed.split(|byte| *byte == b'\n').next().unwrap(), "is not a receipt"),
    ] {
        let fault = judge(&gateways, &connection, file, NOW.parse().unwrap()).unwrap_err();
        assert!(fault.what.contains(part), "{}", fault.what);
        assert_eq!(fault.field, Some("receipt"));
    }
    let altered = String::from_utf8(signed).unwrap().replace("\"ok\"", "\"not-run\"");
    let fault = judge(&gateways, &connection, altered.as_bytes(), NOW.parse().unwrap()).unwrap_err();
    assert!(fault.what.contains("altered"), "{}", fault.what);
    gateways[0].recipient = None;
    assert_eq!(
        judge(&gateways, &connection, altered.as_bytes(), NOW.parse().unwrap()).unwrap_err().code,
        FaultCode::NotReady
    );
}

#[test]
fn a_credential_that_is_not_kept_is_that_of_the_newest_bundle() {
    let (mut connection, mut gateways, current) = case();
    connection.credential.as_mut().unwrap().kept = crate::connection::Kept::Caller;
    let before = connection.credential.clone();
    connection.credential.as_mut().unwrap().entered_at = NOW.parse().unwrap();
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Unconfirmed);

    // Another call may have brought another secret.
    let answer = receipt(2, &current, SelfTest::Ok);
    received(&mut gateways, &connection, &answer, &sample::private_key(1)).unwrap();
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::CouldNotTell);
    assert_eq!(gateways[0].holding(&connection), Holding::Unknown);
    connection.credential = before;
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Confirmed);
    connection.credential = None;
    assert_eq!(gateways[0].standing(&connection), GatewayStanding::Confirmed);
}

#[test]
fn a_gateway_that_went_back_to_an_earlier_bundle_no_longer_has_the_current_credential() {
    let (connection, mut gateways, current) = case();
    let key = sample::private_key(1);
    let at = |receipt: Receipt, time: &str| Receipt { opened_at: time.parse().unwrap(), ..receipt };
    let opened = at(receipt(2, &current, SelfTest::Ok), "2026-11-21T08:00:00Z");
    let back = at(receipt(1, "secret-old", SelfTest::NotRun), "2026-11-21T08:30:00Z");
    received(&mut gateways, &connection, &opened, &key).unwrap();
    let told = received(&mut gateways, &connection, &back, &key).unwrap();
    assert_eq!((told.answer, told.news), (Answer::Older, ReceivedNews::New));
    assert_eq!(gateways[0].holding(&connection), Holding::Other("secret-old".to_owned()));
    let replayed = received(&mut gateways, &connection, &opened, &key).unwrap();
    assert_eq!(replayed.news, ReceivedNews::Superseded);
    assert_eq!(gateways[0].holding(&connection), Holding::Other("secret-old".to_owned()));
}

#[test]
fn a_clock_that_was_ahead_hides_no_answer_for_a_later_bundle() {
    let (connection, mut gateways, current) = case();
    let key = sample::private_key(1);
    let ahead = Receipt {
        opened_at: "2031-01-01T00:00:00Z".parse().unwrap(),
        ..receipt(1, "secret-old", SelfTest::Ok)
    };
    received(&mut gateways, &connection, &ahead, &key).unwrap();
    // Bundle 2 was sealed before that answer came here.
    let answer = receipt(2, &current, SelfTest::Ok);
    let told = received(&mut gateways, &connection, &answer, &key).unwrap();
    assert_eq!((told.answer, told.news), (Answer::Current, ReceivedNews::New));

    // The gateway goes back, its clock ahead once more: what it answered before is not heard a second time.
    let back = Receipt { opened_at: "2031-01-02T00:00:00Z".parse().unwrap(), ..ahead };
    assert_eq!(received(&mut gateways, &connection, &back, &key).unwrap().news, ReceivedNews::New);
    assert_eq!(received(&mut gateways, &connection, &answer, &key).unwrap().news, ReceivedNews::Superseded);
    assert_eq!(gateways[0].holding(&connection), Holding::Other("secret-old".to_owned()));
}
