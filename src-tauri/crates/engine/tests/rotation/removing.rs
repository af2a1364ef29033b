//! Gateways leave the list while a rotation is under way.

use std::io::Write;

use engine::{GatewaysRemoved, diagnosis::Unwatched, gateways::GatewayEntry, rotation::Locked};

use super::rotating::Bench;

fn listed(bench: &Bench, name: &str) {
    let entry = GatewayEntry { name: name.to_owned(), ..GatewayEntry::default() };
    bench.engine.save_gateway(&bench.id, &entry).unwrap();
}

fn removed(bench: &Bench, name: &str) -> GatewaysRemoved {
    bench.engine.remove_gateways(&bench.id, &[name.to_owned()]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_removed_before_it_answered_stays_in_the_record() {
    let bench = Bench::proven().await;
    for name in ["plant-1", "plant-2", "plant-3"] {
        listed(&bench, name);
    }
    assert_eq!(removed(&bench, "plant-3"), GatewaysRemoved::default(), "no rotation is under way");
    bench.begin(&bench.new_secret(0)).unwrap();
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);

    let unknown = bench.engine.remove_gateways(&bench.id, &["plant-1".to_owned(), "plant-9".to_owned()]);
    assert!(unknown.unwrap_err().what.contains("plant-9"));
    assert_eq!(bench.engine.gateways(&bench.id).unwrap().gateways.len(), 2);
    assert!(bench.engine.rotation(&bench.id).unwrap().unwrap().removed.is_empty());

    let said = removed(&bench, "PLANT-1");
    assert_eq!(said, GatewaysRemoved { unconfirmed: vec!["plant-1".to_owned()], old_may_go: false });
    listed(&bench, "plant-1");
    let standing = bench.engine.rotation(&bench.id).unwrap().unwrap();
    assert!(standing.removed.is_empty(), "it is waited for again");
    assert!(!removed(&bench, "plant-1").old_may_go);
    let said = removed(&bench, "plant-2");
    assert_eq!(said, GatewaysRemoved { unconfirmed: vec!["plant-2".to_owned()], old_may_go: true });

    assert!(bench.practice.remove_secret(&bench.practice.facts().secret_id));
    let done = bench.engine.look_for_old_credential(&bench.id).await.unwrap().last_rotation.unwrap();
    let names: Vec<&str> = done.removed.iter().map(|removed| removed.gateway.as_str()).collect();
    assert_eq!(names, ["plant-1", "plant-2"]);
    assert!(
        done.removed.iter().all(|removed| removed.at > done.started_at && removed.at <= done.finished_at)
    );
    assert!(done.exceptions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_list_of_gateways_does_not_let_the_old_one_go() {
    let bench = Bench::proven().await;
    let plant = GatewayEntry { name: "plant-1".to_owned(), ..GatewayEntry::default() };
    bench.engine.save_gateway(&bench.id, &plant).unwrap();
    bench.begin(&bench.new_secret(0)).unwrap();
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    let list = bench.home.path().join("data/gateways").join(format!("{}.json", bench.id));
    std::fs::File::create(list).unwrap().write_all(b"{\"format\": \"gatehouse.gateways/1\", \"gat").unwrap();

    let fault = bench.engine.look_for_old_credential(&bench.id).await.map(drop).unwrap_err();
    assert!(fault.what.starts_with("The list of gateways was damaged"), "{fault}");
    assert!(matches!(bench.locked(), Some(Locked::ListLost(_))));
    bench.engine.save_gateway(&bench.id, &plant).unwrap();
    bench.engine.except_gateways(&bench.id, &["plant-1".to_owned()]).unwrap();
    let Some(Locked::ListLost(lost)) = bench.locked() else {
        unreachable!("one of them in the list again does not make it whole")
    };
    assert!(lost.path.exists() && lost.connection == bench.id);

    bench.engine.gateways_are_whole(&bench.id).unwrap();
    assert_eq!(bench.locked(), None);
    bench.engine.except_gateways(&bench.id, &[]).unwrap();
    assert_eq!(bench.locked(), Some(Locked::Unconfirmed(vec!["plant-1".to_owned()])));
    assert!(lost.path.exists(), "the damaged file stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exception_is_for_one_machine() {
    let bench = Bench::proven().await;
    let plant = || vec!["plant-1".to_owned()];
    bench.lists(&bench.id, "plant-1", 1);
    bench.hands_out().await;
    bench.engine.except_gateways(&bench.id, &plant()).unwrap();
    assert_eq!(bench.locked(), None);
    bench.lists(&bench.id, "plant-1", 1);
    assert_eq!(bench.locked(), None, "it is the same key");
    bench.lists(&bench.id, "plant-1", 5);
    assert_eq!(bench.locked(), Some(Locked::Unconfirmed(plant())));

    bench.engine.except_gateways(&bench.id, &plant()).unwrap();
    bench.engine.remove_gateways(&bench.id, &plant()).unwrap();
    bench.lists(&bench.id, "plant-1", 5);
    assert_eq!(bench.locked(), Some(Locked::Unconfirmed(plant())));
}
