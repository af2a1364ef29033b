//! `gatehouse rotate` with a client secret in a real keychain. `scripts/with-keychain.sh` starts one for the tests.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use engine::{
    Endpoints, Gatehouse, Keep, NewConnection, Registration, SecretEntry, Setup,
    clock::SystemClock,
    export::Existing,
    vault::{Keychain, Vault},
};
use practice::{Clock, Knobs, NewSecret, Options};
use secrecy::{ExposeSecret, SecretString};

use crate::support::{Bench, code, errors, files_with, json, program, run};

const NAME: &str = "contoso-print";

/// The tenant's clock, some seconds ahead of the computer's.
#[derive(Default)]
struct Ahead(AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> jiff::Timestamp {
        let now = engine::clock::Clock::now(&SystemClock);
        now + jiff::SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// The program on the session bus of this test, where the keychain is.
fn gatehouse(bench: &Bench, arguments: &[&str]) -> Command {
    let mut program = program(bench.home.path());
    for name in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"] {
        #[expect(clippy::disallowed_methods, reason = "the bus is told by its variables")]
        program.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    program.args(arguments).current_dir(bench.home.path());
    program
}

async fn rotate(bench: &Bench, arguments: &[&str]) -> Output {
    run(gatehouse(bench, &[&["rotate", NAME, "--json"][..], arguments].concat())).await
}

/// A proven connection whose secret lies in the keychain.
async fn proven(clock: Arc<Ahead>) -> Bench {
    let bench = Bench::with(Options { clock, ..Options::default() }).await;
    let facts = bench.practice.facts();
    let home = bench.home.path().to_owned();
    let keychain = Arc::new(Keychain::of(&home));
    assert_eq!(keychain.state().unusable, None, "run this test under scripts/with-keychain.sh");
    let engine =
        Gatehouse::new(Setup { home, keychain, clock: Arc::new(SystemClock), user_agent: "test".to_owned() });
    let new = NewConnection {
        name: "Contoso print".to_owned(),
        endpoints: Endpoints::custom(&facts.authority, &facts.graph).unwrap(),
        practice: false,
        ca_file: Some(bench.home.path().join("ca.pem").to_string_lossy().into_owned()),
    };
    engine.create(new).unwrap();
    let (tenant, client_id) = (facts.domain.clone(), facts.client_id.clone());
    engine.save_registration(NAME, &Registration { tenant, client_id, name: String::new() }).unwrap();
    let secret = SecretString::from(facts.client_secret.clone());
    engine.save_secret(NAME, &SecretEntry { secret, ends_on: None, keep: Keep::Keychain }).unwrap();
    let checked = run(gatehouse(&bench, &["check", NAME, "--json"])).await;
    assert_eq!(code(&checked), 0, "{}", errors(&checked));
    bench
}

fn kept(bench: &Bench, entry: &str) -> Option<String> {
    let secret = Keychain::of(bench.home.path()).get(entry).unwrap();
    secret.map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_rotated_from_the_keychain_to_the_keychain() {
    let ahead = Arc::new(Ahead::default());
    let bench = proven(Arc::clone(&ahead)).await;
    let first = bench.practice.facts().client_secret.clone();
    bench.practice.set(&Knobs { secret_delay_ms: Some(60_000), ..Knobs::default() }).unwrap();
    let second = bench.practice.new_secret(&NewSecret::default()).unwrap().value;
    let file = bench.home.path().join("secret");
    engine::report::save(&file, second.as_bytes(), Existing::Keep).unwrap();

    for (day, part) in [("2001-01-01", "This day is past"), ("someday", "not a day")] {
        let refused = rotate(&bench, &["begin", "--secret-file", "secret", "--ends-on", day]).await;
        assert_eq!(code(&refused), 2, "{}", errors(&refused));
        assert!(
            errors(&refused).contains(part) && errors(&refused).contains("--ends-on"),
            "{}",
            errors(&refused)
        );
    }
    assert_eq!(kept(&bench, &format!("{NAME}.2")), None);
    let begun = rotate(&bench, &["begin", "--secret-file", "secret"]).await;
    assert_eq!(
        (code(&begun), &json(&begun)["rotation"]["stage"]),
        (0, &"entered".into()),
        "{}",
        errors(&begun)
    );
    fs::remove_file(file).unwrap();
    assert_eq!(kept(&bench, NAME), Some(first));
    assert_eq!(kept(&bench, &format!("{NAME}.2")), Some(second.clone()));

    // Not known at first: it says so and waits. Meanwhile a minute passes at the tenant.
    let mut prove = gatehouse(&bench, &["rotate", NAME, "prove", "--json"]);
    prove.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut proving = prove.spawn().unwrap();
    let mut says = BufReader::new(proving.stderr.take().unwrap());
    let proven = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        says.read_line(&mut line).unwrap();
        ahead.0.fetch_add(60, Ordering::SeqCst);
        let mut rest = String::new();
        says.read_to_string(&mut rest).unwrap();
        (line, rest, proving.wait_with_output().unwrap())
    });
    let (line, rest, proven) = proven.await.unwrap();
    assert_eq!(line, "Entra ID does not know it yet, next try in 2 s.\n");
    assert_eq!((code(&proven), rest.as_str()), (0, ""));
    assert_eq!(json(&proven)["rotation"]["stage"], "handing-out");
    assert_eq!(json(&proven)["rotation"]["locked"], serde_json::Value::Null, "there are no gateways");

    let still = rotate(&bench, &["look"]).await;
    assert_eq!((code(&still), &json(&still)["rotation"]["old_seen"]), (3, &"accepted".into()));
    assert_eq!(code(&rotate(&bench, &["finish"]).await), 3, "Entra ID still takes it");
    assert!(bench.practice.remove_secret(&bench.practice.facts().secret_id));
    let done = rotate(&bench, &["look"]).await;
    assert_eq!((code(&done), &json(&done)["last"]["seen_refused"]), (0, &true.into()), "{}", errors(&done));
    assert_eq!(kept(&bench, NAME), None, "the old one is forgotten here too");
    assert_eq!(kept(&bench, &format!("{NAME}.2")), Some(second.clone()));
    assert_eq!(code(&run(gatehouse(&bench, &["check", NAME, "--json"])).await), 0);
    assert!(files_with(bench.home.path(), &second).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_keychain_has_lost_the_old_secret_it_ends_on_the_admins_word() {
    let bench = proven(Arc::default()).await;
    let second = bench.practice.new_secret(&NewSecret::default()).unwrap().value;
    engine::report::save(&bench.home.path().join("secret"), second.as_bytes(), Existing::Keep).unwrap();
    for step in [&["begin", "--secret-file", "secret"][..], &["prove"]] {
        let output = rotate(&bench, step).await;
        assert_eq!(code(&output), 0, "{step:?}: {}", errors(&output));
    }
    Keychain::of(bench.home.path()).remove(NAME).unwrap();
    let looked = rotate(&bench, &["look"]).await;
    assert_eq!((code(&looked), &json(&looked)["rotation"]["old_seen"]), (3, &"could-not-tell".into()));
    let done = rotate(&bench, &["finish"]).await;
    assert_eq!((code(&done), &json(&done)["last"]["seen_refused"]), (0, &false.into()), "{}", errors(&done));
}
