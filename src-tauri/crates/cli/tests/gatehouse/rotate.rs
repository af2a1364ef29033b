//! `gatehouse rotate`, the whole ladder from process to process, and every step that it refuses.

use std::{fs, path::PathBuf, process::Output, sync::Arc};

use bundle::{AllowedSigners, Expectations, GatewayKey, GatewayName, Receipt, SelfTest};
use engine::{
    Endpoints, Gatehouse, NewConnection, Registration, Setup,
    clock::{Clock, SystemClock},
    export::Existing,
    gateways::{
        FleetFiles, KeyRequest, NewGateways, SealFor, SealRequest, SealWatcher, SigningKeyFrom, Unproven,
    },
    vault::{MemoryVault, Vault},
};
use practice::Options;
use serde_json::Value;
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};

use crate::support::{Bench, code, errors, files_with, json, program, run};

pub(crate) const NAME: &str = "contoso-print";

struct Quiet;

impl SealWatcher for Quiet {
    fn sealed(&self, _: usize, _: usize) {}
}

/// The engine inside this test, over the same files as the program.
fn engine(bench: &Bench) -> Gatehouse {
    let keychain: Arc<dyn Vault> = Arc::new(MemoryVault::default());
    let (home, clock) = (bench.home.path().to_owned(), Arc::new(SystemClock));
    Gatehouse::new(Setup { home, keychain, clock, user_agent: "test".to_owned() })
}

pub(crate) async fn gatehouse(bench: &Bench, arguments: &[&str]) -> Output {
    let mut program = program(bench.home.path());
    program.args(arguments).current_dir(bench.home.path());
    run(program).await
}

pub(crate) async fn rotate(bench: &Bench, arguments: &[&str]) -> Output {
    gatehouse(bench, &[&["rotate", NAME, "--json"][..], arguments].concat()).await
}

/// A proven connection whose certificate lies in a file, and gateways that confirmed it.
pub(crate) async fn confirmed(gateways: usize) -> Bench {
    let bench = Bench::with(Options::default()).await;
    let facts = bench.practice.facts();
    let engine = engine(&bench);
    let new = NewConnection {
        name: "Contoso print".to_owned(),
        endpoints: Endpoints::custom(&facts.authority, &facts.graph).unwrap(),
        practice: true,
        ca_file: Some(bench.home.path().join("ca.pem").to_string_lossy().into_owned()),
    };
    engine.create(new).unwrap();
    let (tenant, client_id) = (facts.domain.clone(), facts.client_id.clone());
    engine.save_registration(NAME, &Registration { tenant, client_id, name: String::new() }).unwrap();
    let made = gatehouse(
        &bench,
        &["certificate", NAME, "new", "--bits", "2048", "--key-file", "old.pem", "--cer", "old.cer"],
    );
    assert_eq!(code(&made.await), 0);
    upload(&bench, "old.cer");
    assert_eq!(code(&gatehouse(&bench, &["check", NAME, "--json"]).await), 0);
    if gateways > 0 {
        let lines =
            (0..gateways).map(|number| format!("plant-{number} {}\n", key(number).recipient().to_line()));
        let request = KeyRequest {
            text: lines.collect(),
            gateway: None,
            new: NewGateways::Make,
            confirmed: Vec::new(),
        };
        engine.give_keys(NAME, &request).unwrap();
        hand_out(&bench, 0..gateways);
    }
    bench
}

fn key(number: usize) -> GatewayKey {
    let text =
        PrivateKey::from(Ed25519Keypair::from_seed(&[number as u8 + 1; 32])).to_openssh(LineEnding::LF);
    GatewayKey::from_text(&text.unwrap().to_string().into()).unwrap()
}

/// Seals for every gateway; these open their bundle and answer.
fn hand_out(bench: &Bench, answering: std::ops::Range<usize>) {
    let engine = engine(bench);
    let folder = bench.home.path().join("bundles");
    let request = SealRequest {
        gateways: SealFor::All,
        folder: folder.clone(),
        existing: Existing::Replace,
        ends_at: None,
        signing_key: SigningKeyFrom::Keychain,
        unproven: Unproven::Refuse,
        fleet: FleetFiles::None,
    };
    engine.seal(NAME, &request, &Quiet).unwrap();
    let signers =
        AllowedSigners::from_text(&fs::read_to_string(folder.join("allowed_signers")).unwrap()).unwrap();
    for number in answering {
        let name = GatewayName::new(format!("plant-{number}")).unwrap();
        let expected =
            Expectations { signers: &signers, gateway: Some(&name), installed: None, now: SystemClock.now() };
        let file = fs::read(folder.join(name.file_name())).unwrap();
        let opened = bundle::open(&file, &key(number), &expected).unwrap();
        let receipt = Receipt::of(&opened, SystemClock.now(), SelfTest::Ok).sign(&key(number)).unwrap();
        engine.receive(NAME, &receipt).unwrap();
    }
}

pub(crate) fn upload(bench: &Bench, cer: &str) {
    bench.practice.upload_certificate(&fs::read(bench.home.path().join(cer)).unwrap()).unwrap();
}

/// Begins with a certificate that is made here; its files are called so.
pub(crate) async fn begin(bench: &Bench, name: &str) -> Output {
    let (pem, cer) = (format!("{name}.pem"), format!("{name}.cer"));
    rotate(bench, &["begin", "--certificate", "--bits", "2048", "--key-file", &pem, "--cer", &cer]).await
}

pub(crate) async fn proven(bench: &Bench) {
    assert_eq!(code(&begin(bench, "new").await), 0);
    upload(bench, "new.cer");
    let output = rotate(bench, &["prove"]).await;
    assert_eq!(code(&output), 0, "{}{}", String::from_utf8_lossy(&output.stdout), errors(&output));
}

pub(crate) async fn status(bench: &Bench) -> Value {
    let output = rotate(bench, &["status"]).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    json(&output)
}

fn holds(answer: &Value) -> Vec<&str> {
    let gateways = answer["rotation"]["gateways"].as_array().unwrap();
    gateways.iter().map(|gateway| gateway["holds"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_ladder() {
    let bench = confirmed(3).await;
    let none = status(&bench).await;
    assert_eq!((&none["schema"], &none["rotation"]), (&"gatehouse.rotation/1".into(), &Value::Null));

    let begun = begin(&bench, "new").await;
    assert_eq!(code(&begun), 0, "{}", errors(&begun));
    let begun = json(&begun);
    assert_eq!(begun["rotation"]["stage"], "entered");
    assert_eq!(begun["rotation"]["locked"]["because"], "not-proven");
    assert_ne!(begun["rotation"]["old"]["id"], begun["rotation"]["new"]["id"]);

    // It is not on the app yet: it is tried, and the old one stays in use.
    let untaken = rotate(&bench, &["prove"]).await;
    assert_eq!(code(&untaken), 3, "not yet");
    let tried = status(&bench).await;
    assert_eq!(tried["rotation"]["tried"]["finding"], "certificate-unknown");
    assert_eq!(code(&gatehouse(&bench, &["check", NAME, "--json"]).await), 0);
    for too_early in [&["look"][..], &["finish"], &["except", "plant-0"]] {
        let refused = rotate(&bench, too_early).await;
        assert_eq!(code(&refused), 3, "{too_early:?}");
        assert!(json(&refused)["problem"]["what"].as_str().unwrap().contains("not proven yet"));
    }

    upload(&bench, "new.cer");
    let output = rotate(&bench, &["prove"]).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    let handing = json(&output);
    assert_eq!(handing["rotation"]["stage"], "handing-out");
    assert_eq!(handing["rotation"]["new"]["id"], begun["rotation"]["new"]["id"]);
    assert_eq!(holds(&handing), ["old", "old", "old"]);
    let locked = rotate(&bench, &["look"]).await;
    assert_eq!(code(&locked), 3);
    assert!(errors(&locked).contains("plant-0, plant-1 and plant-2"), "{}", errors(&locked));

    hand_out(&bench, 0..2);
    let after = status(&bench).await;
    assert_eq!((holds(&after), &after["rotation"]["confirmed"]), (vec!["new", "new", "old"], &2.into()));
    assert_eq!(after["rotation"]["locked"]["gateways"], serde_json::json!(["plant-2"]));
    assert_eq!(code(&rotate(&bench, &["except", "nobody"]).await), 2);
    let excepted = rotate(&bench, &["except", "PLANT-2"]).await;
    assert_eq!((code(&excepted), &json(&excepted)["rotation"]["locked"]), (0, &Value::Null));

    // Nobody has removed it yet.
    let still = rotate(&bench, &["look"]).await;
    assert_eq!((code(&still), &json(&still)["rotation"]["old_seen"]), (3, &"accepted".into()));
    assert!(errors(&still).contains("Not yet"), "{}", errors(&still));
    let finish = rotate(&bench, &["finish"]).await;
    assert_eq!(code(&finish), 3);
    assert!(errors(&finish).contains("still takes"), "{}", errors(&finish));

    assert!(bench.practice.remove_certificate(handing["rotation"]["old"]["id"].as_str().unwrap()));
    let done = rotate(&bench, &["look"]).await;
    assert_eq!(code(&done), 0, "{}", errors(&done));
    let done = json(&done);
    assert_eq!((&done["rotation"], &done["last"]["seen_refused"]), (&Value::Null, &true.into()));
    assert_eq!(done["last"]["exceptions"], serde_json::json!(["plant-2"]));
    assert_eq!(code(&gatehouse(&bench, &["check", NAME, "--json"]).await), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_it_was_proven_one_can_go_back() {
    let bench = confirmed(1).await;
    let old = status(&bench).await;
    proven(&bench).await;
    let again = begin(&bench, "third").await;
    assert_eq!(code(&again), 3, "the last one is not at its end");
    assert!(!bench.home.path().join("third.cer").exists());
    let back = rotate(&bench, &["abandon"]).await;
    assert_eq!((code(&back), &json(&back)["rotation"]), (0, &Value::Null));
    assert_eq!(json(&back)["last"], old["last"]);
    let shown = json(&gatehouse(&bench, &["certificate", NAME, "show", "--json"]).await);
    assert!(shown["key_file"].as_str().unwrap().ends_with("old.pem"));
    assert_eq!(code(&gatehouse(&bench, &["check", NAME, "--json"]).await), 0);
    assert_eq!(code(&rotate(&bench, &["abandon"]).await), 3, "there is none any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_old_credential_it_ends_on_the_admins_word() {
    let bench = confirmed(0).await;
    proven(&bench).await;
    let unlooked = rotate(&bench, &["finish"]).await;
    assert_eq!(code(&unlooked), 3);
    assert!(errors(&unlooked).contains("Look first"), "{}", errors(&unlooked));
    fs::remove_file(bench.home.path().join("old.pem")).unwrap();
    let looked = rotate(&bench, &["look"]).await;
    assert_eq!((code(&looked), &json(&looked)["rotation"]["old_seen"]), (3, &"could-not-tell".into()));
    let done = rotate(&bench, &["finish"]).await;
    assert_eq!((code(&done), &json(&done)["last"]["seen_refused"]), (0, &false.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_needs_a_keychain_and_is_never_an_argument() {
    let bench = confirmed(0).await;
    let secret = "Zq18Q~canary-that-must-not-be-kept-000000";
    let file: PathBuf = bench.home.path().join("secret");
    engine::report::save(&file, secret, Existing::Keep).unwrap();
    let output = rotate(&bench, &["begin", "--secret-file", "secret"]).await;
    assert_eq!(code(&output), 3, "there is no keychain here: {}", errors(&output));
    assert!(errors(&output).contains("--certificate"), "{}", errors(&output));
    assert!(!errors(&output).contains(secret) && !String::from_utf8_lossy(&output.stdout).contains(secret));
    assert_eq!(files_with(bench.home.path(), secret), [file.to_string_lossy()]);
    for wrong in [
        &["begin", "--secret-file", "secret", "--certificate", "--cer", "x.cer"][..],
        &["begin", "--certificate"],
        &["begin", secret],
        &["begin", "--days", "10"],
        &["nonsense"],
    ] {
        assert_eq!(code(&rotate(&bench, wrong).await), 2, "{wrong:?}");
    }
    assert_eq!(code(&gatehouse(&bench, &["rotate", "nobody", "status"]).await), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_what_is_next() {
    let bench = confirmed(1).await;
    assert!(said(&gatehouse(&bench, &["rotate", NAME]).await).contains("no rotation is under way"));
    begin(&bench, "new").await;
    assert!(
        said(&gatehouse(&bench, &["rotate", NAME]).await)
            .contains("Next: gatehouse rotate contoso-print prove")
    );
    upload(&bench, "new.cer");
    let proven = said(&gatehouse(&bench, &["rotate", NAME, "prove"]).await);
    assert!(proven.contains("plant-0") && proven.contains("holds the old one"), "{proven}");
    hand_out(&bench, 0..1);
    let unlocked = said(&gatehouse(&bench, &["rotate", NAME]).await);
    assert!(
        unlocked.contains("works with the new one") && unlocked.contains("rotate contoso-print look"),
        "{unlocked}"
    );
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_no_certificate_is_told_at_the_beginning() {
    let bench = confirmed(2).await;
    let told = errors(&begin(&bench, "new").await);
    assert!(!told.contains("oauth2-proxy"), "{told}");
    let set = gatehouse(&bench, &["gateways", NAME, "add", "plant-1", "--output", "oauth2-proxy"]).await;
    assert_eq!(code(&set), 0, "{}", errors(&set));
    let again = begin(&bench, "another").await;
    assert_eq!(code(&again), 0, "{}", errors(&again));
    let told = errors(&again);
    assert!(
        told.contains("plant-1 gets a configuration of oauth2-proxy") && !told.contains("plant-0"),
        "{told}"
    );
}
