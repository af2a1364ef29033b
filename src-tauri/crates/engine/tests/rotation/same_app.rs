//! Two connections of one app: what one removes, the gateways of the other may still need.

use engine::rotation::{Elsewhere, Locked};

use super::rotating::Bench;

fn door() -> Locked {
    Locked::Unconfirmed(vec!["contoso-doors/door-1".to_owned()])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_of_another_connection_that_holds_the_old_one_is_waited_for() {
    let bench = Bench::proven().await;
    let other = bench.another_connection("Contoso doors", &bench.practice.facts().client_secret);
    bench.lists(&other, "door-1", 2);
    bench.seals(&other);
    bench.hands_out().await;
    assert_eq!(bench.locked(), Some(door()), "what was sealed for it may be in use");
    bench.answers(&other, "door-1", 2);
    assert_eq!(bench.locked(), Some(door()), "it is in use");
    let standing = bench.engine.rotation(&bench.id).unwrap().unwrap();
    let known = Elsewhere {
        connection: other.clone(),
        name: "Contoso doors".to_owned(),
        uses_old: true,
        gateways: vec!["door-1".to_owned()],
    };
    assert_eq!(standing.elsewhere, [known]);
    let refused = bench.engine.look_for_old_credential(&bench.id).await.unwrap_err();
    assert!(refused.what.contains("contoso-doors/door-1"), "{refused}");

    bench.engine.except_gateways(&bench.id, &["Contoso-Doors/door-1".to_owned()]).unwrap();
    assert_eq!(bench.locked(), None);
    bench.lists(&other, "door-1", 3);
    assert_eq!(bench.locked(), Some(door()), "it is another machine");
    bench.engine.except_gateways(&bench.id, &["contoso-doors/door-1".to_owned()]).unwrap();
    assert!(bench.practice.remove_secret(&bench.practice.facts().secret_id));
    let done = bench.engine.look_for_old_credential(&bench.id).await.unwrap().last_rotation.unwrap();
    assert_eq!(done.exceptions, ["contoso-doors/door-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_connection_gets_the_new_one_and_its_gateways_answer() {
    let bench = Bench::proven().await;
    let other = bench.another_connection("Contoso doors", &bench.practice.facts().client_secret);
    bench.lists(&other, "door-1", 2);
    bench.seals(&other);
    bench.answers(&other, "door-1", 2);
    let new = bench.new_secret(0);
    bench.begin(&new).unwrap();
    bench.engine.prove_rotation(&bench.id, &engine::diagnosis::Unwatched).await.unwrap();
    bench.engine.save_secret(&other, &super::rotating::entry(&new)).unwrap();
    assert_eq!(bench.locked(), Some(door()), "it has not heard of it");
    bench.seals(&other);
    bench.answers(&other, "door-1", 2);
    assert_eq!(bench.locked(), None);
    assert!(bench.engine.rotation(&bench.id).unwrap().unwrap().elsewhere.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_with_a_secret_of_its_own_keeps_nobody_waiting() {
    let bench = Bench::proven().await;
    let other = bench.another_connection("Contoso doors", &bench.new_secret(0));
    bench.lists(&other, "door-1", 2);
    bench.seals(&other);
    bench.hands_out().await;
    assert_eq!(bench.locked(), None);
}
