//! Going back to the old credential.

use engine::{
    FaultCode, Keep, SecretEntry, SyncRequest,
    connection::Slot,
    diagnosis::{Link, LinkState, Unwatched},
    journey::StepState,
    rotation::{OldCredential, Stage},
    sync::{SyncProgress, SyncWatcher},
    vault::Vault,
};

use super::rotating::{Bench, entry};

struct Quiet;

impl SyncWatcher for Quiet {
    fn progress(&self, _: &SyncProgress) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_known_with_the_old_credential_is_known_again() {
    let bench = Bench::proven().await;
    bench.signs_in_with_a_certificate().await;
    bench.engine.test_sync(&bench.id, SyncRequest::default(), &Quiet).await.unwrap();
    let before = bench.engine.report(&bench.id).unwrap();
    assert_eq!(before.chain.link(Link::Credential).state, LinkState::Proven);

    bench.begin(&bench.new_secret(0)).unwrap();
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    bench.engine.test_sync(&bench.id, SyncRequest::default(), &Quiet).await.unwrap();
    let newest = bench.engine.connection(&bench.id).unwrap().evidence.sync;
    bench.engine.abandon_rotation(&bench.id).await.unwrap();

    let after = bench.engine.report(&bench.id).unwrap();
    let states =
        |report: &engine::Report| -> Vec<StepState> { report.steps.iter().map(|step| step.state).collect() };
    assert_eq!(states(&after), states(&before));
    let links = |report: &engine::Report| -> Vec<LinkState> {
        report.chain.links.iter().map(|link| link.state).collect()
    };
    assert_eq!(links(&after), links(&before));
    assert_eq!(after.connection.evidence.token, before.connection.evidence.token);
    assert_eq!(after.connection.checked_at, before.connection.checked_at);
    assert_eq!(after.connection.evidence.sync, newest, "the directory is nobody's credential's");
    assert_eq!(after.connection.rotation, None);
    bench.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_can_go_back_until_the_old_one_is_removed_and_rotate_again_afterwards() {
    let bench = Bench::proven().await;
    let first = bench.new_secret(0);
    bench.begin(&first).unwrap();
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    assert_eq!(bench.begin(&bench.new_secret(0)).unwrap_err().code, FaultCode::NotReady);
    bench.engine.abandon_rotation(&bench.id).await.unwrap();
    assert_eq!(bench.slot(), Slot::First);
    bench.works().await;

    bench.begin(&first).unwrap();
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    bench.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_back_to_a_credential_that_is_gone() {
    let bench = Bench::proven().await;
    bench.begin(&bench.new_secret(0)).unwrap();
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    assert!(bench.practice.remove_secret(&bench.practice.facts().secret_id));
    let fault = bench.engine.abandon_rotation(&bench.id).await.unwrap_err();
    assert!(fault.what.starts_with("Entra ID refuses the old credential"), "{fault}");
    bench.works().await;
    assert!(bench.engine.rotation(&bench.id).unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_one_is_not_forgotten_while_nobody_can_tell_whether_the_old_one_works() {
    let mut bench = Bench::proven().await;
    let given = SecretEntry { keep: Keep::Session, ..entry(&bench.practice.facts().client_secret) };
    bench.engine.save_secret(&bench.id, &given).unwrap();
    bench.works().await;
    bench.hands_out().await;
    bench.engine = bench.another();
    assert!(bench.engine.go_back_unproven(&bench.id).is_err(), "nobody has asked");
    let fault = bench.engine.abandon_rotation(&bench.id).await.unwrap_err();
    assert!(fault.what.contains("not kept here any more. The new one is kept."), "{fault}");
    assert!(bench.keeps(".2"));
    bench.works().await;

    let back = bench.engine.go_back_unproven(&bench.id).unwrap();
    assert!(back.evidence.token.is_untried() && back.checked_at.is_none(), "nothing of the old one is known");
    assert!(bench.engine.abandon_rotation(&bench.id).await.is_err() && bench.keeps(".2"));
    assert_eq!(bench.begin(&bench.new_secret(0)).unwrap_err().code, FaultCode::NotReady);
    assert!(bench.keeps(".2"));

    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    bench.works().await;
    bench.engine.abandon_rotation(&bench.id).await.unwrap_err();
    bench.engine.go_back_unproven(&bench.id).unwrap();
    bench.engine.save_secret(&bench.id, &entry(&bench.practice.facts().client_secret)).unwrap();
    assert!(bench.keeps(".2"), "what was entered again is not proven");
    bench.engine.abandon_rotation(&bench.id).await.unwrap();
    assert!(!bench.keeps(".2") && bench.keeps(""));
    bench.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_nobody_goes_back() {
    let bench = Bench::proven().await;
    bench.hands_out().await;
    assert!(bench.practice.remove_secret(&bench.practice.facts().secret_id));
    let Bench { practice, engine, keychain, id, home, .. } = bench;
    practice.stop().await;
    let fault = engine.abandon_rotation(&id).await.unwrap_err();
    assert!(fault.what.starts_with("It could not be told"), "{fault}");
    assert!(keychain.get(&format!("{id}.2")).unwrap().is_some());
    let Some(Stage::HandingOut { removal, .. }) =
        engine.connection(&id).unwrap().rotation.map(|one| one.stage)
    else {
        unreachable!("it has not gone back")
    };
    assert!(matches!(removal.unwrap().seen, OldCredential::CouldNotTell { .. }));
    engine.go_back_unproven(&id).unwrap();
    engine.abandon_rotation(&id).await.unwrap_err();
    assert!(keychain.get(&format!("{id}.2")).unwrap().is_some());
    drop(home);
}
