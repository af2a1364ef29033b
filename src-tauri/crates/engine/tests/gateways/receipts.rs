//! What comes back from gateways: believed, told apart, counted.

use bundle::SelfTest;
use engine::{
    Keep,
    diagnosis::{Link, LinkState},
    export::Existing,
    gateways::{Answer, GatewayStanding, SealFor, SealRequest},
};
use secrecy::ExposeSecret;

use super::{Gateways, bench::Bench, names_in, open, receipt, told_apart::enter_another};

#[tokio::test(flavor = "multi_thread")]
async fn each_gateway_opens_its_own_bundle_and_its_receipt_is_believed() {
    let bench = Bench::proven().await;
    bench.add(3);
    let sealed = bench.seal(&bench.request()).unwrap();
    assert_eq!(
        names_in(&bench.folder()),
        ["OPEN.txt", "allowed_signers", "plant-0.tar.age", "plant-1.tar.age", "plant-2.tar.age"]
    );
    assert!(!sealed.cancelled && sealed.left_out.is_empty());
    let secret = &bench.practice.facts().client_secret;
    for number in 0..3 {
        let opened = open(&bench.folder(), number);
        let issued = bench.engine.gateway(&bench.id, &format!("plant-{number}")).unwrap().1.issued;
        assert_eq!(issued[0].manifest_sha256, opened.manifest_sha256());
        assert_eq!(issued[0].sequence, opened.manifest().sequence);
        let env = opened.files().iter().find(|file| file.name.as_str() == "gateway.env").unwrap();
        assert!(String::from_utf8_lossy(env.content.expose_secret()).contains(secret.as_str()));
        assert!(opened.manifest().practice);
    }
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Unconfirmed);
    let gateway = bench.engine.report(&bench.id).unwrap();
    assert_eq!(gateway.chain.link(Link::Gateway).state, LinkState::Attention);
    assert_eq!(gateway.chain.findings.last().unwrap().id, "bundle-unconfirmed");

    let receipts: Vec<Vec<u8>> =
        (0..3).map(|number| receipt(&open(&bench.folder(), number), number, SelfTest::Ok)).collect();
    for received in bench.engine.receive_all(&bench.id, &receipts).unwrap() {
        assert_eq!(received.unwrap().answer, Answer::Current);
    }
    assert_eq!(bench.standing("plant-2"), GatewayStanding::Confirmed);
    let report = bench.engine.report(&bench.id).unwrap();
    let link = report.chain.link(Link::Gateway);
    assert_eq!((link.state, link.evidence[0].as_str()), (LinkState::Proven, "3 of 3 confirmed"));

    let nobody = SealRequest { gateways: SealFor::HoldingOtherThanCurrent, ..bench.request() };
    assert!(bench.seal(&nobody).unwrap_err().what.contains("Every gateway has confirmed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_asks_every_gateway_again_and_numbers_only_grow() {
    let bench = Bench::proven().await;
    bench.add(2);
    bench.seal(&bench.request()).unwrap();
    let first = open(&bench.folder(), 0);
    bench.engine.receive(&bench.id, &receipt(&first, 0, SelfTest::Ok)).unwrap();
    enter_another(&bench, Keep::Keychain);
    bench.check().await;
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Outdated);

    let again = SealRequest { existing: Existing::Replace, ..bench.request() };
    bench.seal(&again).unwrap();
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Unconfirmed);
    let second = open(&bench.folder(), 0);
    assert!(second.manifest().sequence > first.manifest().sequence);
    assert_ne!(second.manifest().credential_id, first.manifest().credential_id);

    // The receipt for the earlier bundle is told apart, not refused.
    let late = bench.engine.receive(&bench.id, &receipt(&first, 1, SelfTest::Ok));
    assert!(late.unwrap_err().what.contains("plant-1"), "another gateway's key signed it");
    let late = bench.engine.receive(&bench.id, &receipt(&first, 0, SelfTest::Ok)).unwrap();
    assert_eq!(late.answer, Answer::Older);
    bench.engine.receive(&bench.id, &receipt(&second, 0, SelfTest::Ok)).unwrap();
    assert_eq!(bench.standing("plant-0"), GatewayStanding::Confirmed);

    // A list that was lost and entered anew gets no number twice.
    bench.engine.remove_gateways(&bench.id, &["plant-0".to_owned()]).unwrap();
    bench.add(1);
    bench.seal(&again).unwrap();
    assert!(open(&bench.folder(), 0).manifest().sequence > second.manifest().sequence);
}
