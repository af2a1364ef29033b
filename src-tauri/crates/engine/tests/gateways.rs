//! Gateways against the practice tenant: sealed for each one's key, opened, answered, told apart.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bundle::{AllowedSigners, Expectations, GatewayKey, GatewayName, OpenedBundle, Receipt, SelfTest};
use engine::{
    CertificateOrder, CheckRequest, Endpoints, Fault, FaultCode, Gatehouse, Keep, KeepKey, KeySize,
    NewConnection, Registration, SecretEntry, Setup,
    clock::SystemClock,
    connection::Kept,
    diagnosis::{Link, LinkState, Unwatched},
    export::Existing,
    gateways::{
        Answer, FleetFiles, GatewayStanding, KeyRequest, KeysOutcome, NewGateways, SealFor, SealRequest,
        SealWatcher, Sealed, SigningKeyFrom, Unproven,
    },
    vault::{MemoryVault, Vault, VaultFault, VaultState},
};
use practice::{Options, Practice};
use secrecy::{ExposeSecret, SecretString};
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};
use tempfile::TempDir;

struct Quiet;

impl SealWatcher for Quiet {
    fn sealed(&self, _: usize, _: usize) {}
}

struct Bench {
    practice: Practice,
    home: TempDir,
    engine: Gatehouse,
    id: String,
}

impl Bench {
    /// A connection that is proven, with a secret in the keychain.
    async fn proven() -> Self {
        let bench = Self::start().await;
        bench.check().await;
        bench
    }

    async fn start() -> Self {
        let practice = practice::start(Options::default()).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let ca = home.path().join("ca.pem");
        fs::File::create(&ca).unwrap().write_all(practice.ca_pem().as_bytes()).unwrap();
        let engine = engine_in(home.path(), Arc::new(MemoryVault::default()));
        let facts = practice.facts();
        let endpoints = Endpoints::custom(&facts.authority, &facts.graph).unwrap();
        let ca_file = Some(ca.to_string_lossy().into_owned());
        let new = NewConnection { name: "Contoso print".to_owned(), endpoints, practice: true, ca_file };
        let id = engine.create(new).unwrap().id;
        let registration = Registration {
            tenant: facts.domain.clone(),
            client_id: facts.client_id.clone(),
            name: "Contoso print".to_owned(),
        };
        engine.save_registration(&id, &registration).unwrap();
        let bench = Self { practice, home, engine, id };
        bench.enter_secret();
        bench
    }

    fn enter_secret(&self) {
        let secret = SecretString::from(self.practice.facts().client_secret.clone());
        let entry = SecretEntry { secret, ends_on: None, keep: Keep::Keychain };
        self.engine.save_secret(&self.id, &entry).unwrap();
    }

    async fn check(&self) {
        self.engine.check(&self.id, CheckRequest::default(), &Unwatched).await.unwrap();
    }

    /// Makes gateways `plant-0` and on, each with a key of its own.
    fn add(&self, count: usize) {
        let lines =
            (0..count).map(|number| format!("plant-{number} {}\n", key(number).recipient().to_line()));
        let outcome = self.engine.give_keys(&self.id, &keys(&lines.collect::<String>())).unwrap();
        assert!(matches!(outcome, KeysOutcome::Applied(applied) if applied.made.len() == count));
    }

    fn request(&self) -> SealRequest {
        SealRequest {
            gateways: SealFor::All,
            folder: self.folder(),
            existing: Existing::Keep,
            ends_at: None,
            signing_key: SigningKeyFrom::Keychain,
            unproven: Unproven::Refuse,
            fleet: FleetFiles::None,
        }
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("bundles")
    }

    fn seal(&self, request: &SealRequest) -> Result<Sealed, Fault> {
        self.engine.seal(&self.id, request, &Quiet)
    }

    fn standing(&self, name: &str) -> GatewayStanding {
        let (connection, gateway) = self.engine.gateway(&self.id, name).unwrap();
        gateway.standing(&connection)
    }
}

fn engine_in(home: &Path, keychain: Arc<dyn Vault>) -> Gatehouse {
    let (home, clock) = (home.join("data"), Arc::new(SystemClock));
    Gatehouse::new(Setup { home, keychain, clock, user_agent: "test".to_owned() })
}

fn key(number: usize) -> GatewayKey {
    GatewayKey::from_text(&ssh_private_key(number).into()).unwrap()
}

fn ssh_private_key(number: usize) -> String {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(number as u64).to_le_bytes());
    PrivateKey::from(Ed25519Keypair::from_seed(&seed)).to_openssh(LineEnding::LF).unwrap().to_string()
}

fn keys(text: &str) -> KeyRequest {
    KeyRequest { text: text.to_owned(), gateway: None, new: NewGateways::Make, confirmed: Vec::new() }
}

fn open(folder: &Path, number: usize) -> OpenedBundle {
    let name = GatewayName::new(format!("plant-{number}")).unwrap();
    let signers =
        AllowedSigners::from_text(&fs::read_to_string(folder.join("allowed_signers")).unwrap()).unwrap();
    let now = engine::clock::Clock::now(&SystemClock);
    let expected = Expectations { signers: &signers, gateway: Some(&name), installed: None, now };
    bundle::open(&fs::read(folder.join(name.file_name())).unwrap(), &key(number), &expected).unwrap()
}

fn receipt(opened: &OpenedBundle, number: usize, self_test: SelfTest) -> Vec<u8> {
    Receipt::of(opened, engine_now(), self_test).sign(&key(number)).unwrap()
}

fn engine_now() -> jiff::Timestamp {
    engine::clock::Clock::now(&SystemClock)
}

fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

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
    bench.enter_secret();
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

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_proven_is_not_sealed_unless_the_admin_says_so() {
    let bench = Bench::start().await;
    bench.add(1);
    let refused = bench.seal(&bench.request()).unwrap_err();
    assert_eq!(refused.code, FaultCode::NotReady);
    assert!(refused.what.starts_with("The link Network has not been proven"), "{}", refused.what);
    assert!(!bench.folder().exists());
    assert_eq!(bench.engine.gateway(&bench.id, "plant-0").unwrap().1.sequence, 0);
    let anyway = SealRequest { unproven: Unproven::SealAnyway, ..bench.request() };
    // The tenant's id is known only after a check, because a domain was entered.
    assert_eq!(bench.seal(&anyway).unwrap_err().what, "The tenant ID is not known yet.");
    bench.check().await;
    bench.enter_secret();
    assert!(bench.seal(&bench.request()).is_err());
    assert_eq!(bench.seal(&anyway).unwrap().files.len(), 1);

    let order = CertificateOrder { days: 20, key_size: KeySize::default(), keep: KeepKey::Session };
    bench.engine.make_certificate(&bench.id, &order).unwrap();
    bench.check().await;
    let refused = bench.seal(&bench.request()).unwrap_err().what;
    assert!(
        refused.starts_with("The link Credential is broken: The app registration does not have"),
        "the near end of the certificate is not why: {refused}"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn two_programs_do_not_seal_into_one_folder_at_once() {
    let bench = Bench::proven().await;
    bench.add(1);
    fs::create_dir_all(bench.folder()).unwrap();
    let other = fs::File::open(bench.folder()).unwrap();
    other.try_lock().unwrap();
    let busy = bench.seal(&bench.request()).unwrap_err();
    assert_eq!(busy.code, FaultCode::Busy, "{busy}");
    drop(other);
    assert_eq!(bench.seal(&bench.request()).unwrap().files.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_without_a_key_are_left_out_with_the_reason() {
    let bench = Bench::proven().await;
    let none = bench.seal(&bench.request()).unwrap_err();
    assert_eq!(none.what, "This connection has no gateways yet.");
    let outdated = SealRequest { gateways: SealFor::HoldingOtherThanCurrent, ..bench.request() };
    assert_eq!(bench.seal(&outdated).unwrap_err(), none);
    let entry = engine::gateways::GatewayEntry { name: "no-key".to_owned(), ..Default::default() };
    bench.engine.save_gateway(&bench.id, &entry).unwrap();
    let keyless = bench.seal(&bench.request()).unwrap_err();
    assert!(
        keyless.what.starts_with("Nothing can be sealed for no-key: It has no key yet."),
        "{}",
        keyless.what
    );
    assert!(!bench.folder().exists());
    bench.add(1);
    let sealed = bench.seal(&bench.request()).unwrap();
    assert_eq!(sealed.files.len(), 1);
    assert_eq!(sealed.left_out[0].gateway.as_str(), "no-key");
    assert_eq!(sealed.left_out[0].because, "It has no key yet. Give it its SSH host key.");

    let again = bench.seal(&bench.request()).unwrap_err();
    assert_eq!((again.code, again.field), (FaultCode::AlreadyThere, Some("folder")));
    let unknown = SealRequest { gateways: SealFor::Named(vec!["plant-9".to_owned()]), ..bench.request() };
    assert_eq!(bench.seal(&unknown).unwrap_err().code, FaultCode::InvalidInput);
    let ended = SealRequest { ends_at: Some("2020-01-01T00:00:00Z".parse().unwrap()), ..bench.request() };
    assert_eq!(bench.seal(&ended).unwrap_err().field, Some("endsAt"));
}

struct StopsAfter<'a> {
    bundles: usize,
    engine: &'a Gatehouse,
    id: &'a str,
    seen: AtomicUsize,
}

impl SealWatcher for StopsAfter<'_> {
    fn sealed(&self, done: usize, of: usize) {
        assert!(done <= of);
        self.seen.fetch_max(done, Ordering::Relaxed);
        if done >= self.bundles {
            self.engine.cancel(self.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_leaves_whole_recorded_bundles_and_nothing_else() {
    let bench = Bench::proven().await;
    bench.add(120);
    fs::create_dir(bench.folder()).unwrap();
    fs::File::create(bench.folder().join(".gatehouse-seal-left-behind")).unwrap();
    let watcher = StopsAfter { bundles: 10, engine: &bench.engine, id: &bench.id, seen: AtomicUsize::new(0) };
    let sealed = bench.engine.seal(&bench.id, &bench.request(), &watcher).unwrap();
    assert!(sealed.cancelled);
    let written = sealed.files.len();
    assert!((10..120).contains(&written), "{written}");
    let names = names_in(&bench.folder());
    assert_eq!(names.iter().filter(|name| name.ends_with(".tar.age")).count(), written);
    assert_eq!(names.len(), written + 2, "{names:?}");
    for file in &sealed.files {
        let number = file.gateway.as_str().trim_start_matches("plant-").parse().unwrap();
        assert_eq!(open(&bench.folder(), number).manifest().sequence, file.sequence);
    }
    let recorded = bench.engine.gateways(&bench.id).unwrap().gateways;
    assert_eq!(recorded.iter().filter(|gateway| gateway.newest().is_some()).count(), written);
    // The connection is free again, and the rest can follow.
    let rest = SealRequest { existing: Existing::Replace, ..bench.request() };
    assert_eq!(bench.seal(&rest).unwrap().files.len(), 120);
}

/// A computer without a keychain.
struct NoKeychain;

impl Vault for NoKeychain {
    fn state(&self) -> VaultState {
        VaultState { name: "none", unusable: Some(VaultFault::Missing) }
    }

    fn put(&self, _: &str, _: &SecretString) -> Result<(), VaultFault> {
        Err(VaultFault::Missing)
    }

    fn get(&self, _: &str) -> Result<Option<SecretString>, VaultFault> {
        Err(VaultFault::Missing)
    }

    fn remove(&self, _: &str) -> Result<(), VaultFault> {
        Err(VaultFault::Missing)
    }
}

fn real_connection(engine: &Gatehouse) -> String {
    let endpoints = Endpoints::of(engine::Cloud::Global);
    let new = NewConnection { name: "Contoso".to_owned(), endpoints, practice: false, ca_file: None };
    engine.create(new).unwrap().id
}

#[test]
fn the_signing_key_is_made_once_and_lies_in_the_keychain() {
    let home = tempfile::tempdir().unwrap();
    let keychain = Arc::new(MemoryVault::default());
    let engine = engine_in(home.path(), keychain.clone());
    let id = real_connection(&engine);
    let made = engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap();
    assert!(
        made.allowed_signers_line().starts_with("gatehouse namespaces=\"gatehouse-bundle\" ssh-ed25519 ")
    );
    let later = engine_in(home.path(), keychain.clone());
    assert_eq!(later.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap(), made);
    let kept = keychain.get("signing_key").unwrap().unwrap();
    assert_eq!(kept.expose_secret().len(), 44);

    let practice = NewConnection {
        name: "Practice".to_owned(),
        endpoints: Endpoints::of(engine::Cloud::Global),
        practice: true,
        ca_file: None,
    };
    let practice = engine.create(practice).unwrap().id;
    let throwaway = engine.bundle_signer(&practice, &SigningKeyFrom::Keychain).unwrap();
    assert_ne!(throwaway, made);
    assert_eq!(engine.bundle_signer(&practice, &SigningKeyFrom::Keychain).unwrap(), throwaway);
    assert_ne!(later.bundle_signer(&practice, &SigningKeyFrom::Keychain).unwrap(), throwaway);
}

#[test]
fn another_signing_key_never_takes_the_place_of_the_known_one_unnoticed() {
    let home = tempfile::tempdir().unwrap();
    let keychain = Arc::new(MemoryVault::default());
    let engine = engine_in(home.path(), keychain.clone());
    let id = real_connection(&engine);
    let made = engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap();
    let seed = keychain.get("signing_key").unwrap().unwrap();

    keychain.remove("signing_key").unwrap();
    let lost = engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap_err();
    assert!(lost.what.contains("does not hold the key") && lost.fix.contains("signing_key.pub"), "{lost}");
    assert!(keychain.get("signing_key").unwrap().is_none(), "none was made");
    keychain.put("signing_key", &SecretString::from("A".repeat(43) + "=")).unwrap();
    assert_eq!(engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap_err(), lost);
    keychain.put("signing_key", &seed).unwrap();
    assert_eq!(engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap(), made);
}

#[test]
fn two_programs_at_once_make_one_signing_key() {
    let home = tempfile::tempdir().unwrap();
    let keychain = Arc::new(MemoryVault::default());
    let id = real_connection(&engine_in(home.path(), keychain.clone()));
    let signer = || engine_in(home.path(), keychain.clone()).bundle_signer(&id, &SigningKeyFrom::Keychain);
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(signer)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
    });
    assert!(made.iter().all(|key| *key == made[0]));
}

#[test]
fn without_a_keychain_a_key_file_signs() {
    let home = tempfile::tempdir().unwrap();
    let engine = engine_in(home.path(), Arc::new(NoKeychain));
    let id = real_connection(&engine);
    assert_eq!(engine.connection(&id).unwrap().credential.map(|known| known.kept), None::<Kept>);
    let refused = engine.bundle_signer(&id, &SigningKeyFrom::Keychain).unwrap_err();
    assert_eq!(refused.code, FaultCode::KeychainMissing);
    assert!(refused.fix.contains("--signing-key"), "{}", refused.fix);

    let file = home.path().join("signing_key");
    let from = SigningKeyFrom::File(file.clone());
    assert_eq!(engine.bundle_signer(&id, &from).unwrap_err().field, Some("signingKey"));
    fs::File::create(&file).unwrap().write_all(ssh_private_key(1).as_bytes()).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(engine.bundle_signer(&id, &from).unwrap_err().what.starts_with("Others on this computer"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let signer = engine.bundle_signer(&id, &from).unwrap();
    assert_eq!(signer.fingerprint(), key(1).recipient().fingerprint());
    fs::File::create(&file).unwrap().write_all(b"not a key").unwrap();
    assert!(engine.bundle_signer(&id, &from).unwrap_err().what.contains("no OpenSSH private key"));
}

#[test]
fn gateways_go_with_their_connection() {
    let home = tempfile::tempdir().unwrap();
    let engine = engine_in(home.path(), Arc::new(MemoryVault::default()));
    let id = real_connection(&engine);
    engine.give_keys(&id, &keys(&format!("plant-1 {}", key(1).recipient().to_line()))).unwrap();
    assert!(engine.home().join("gateways").join(format!("{id}.json")).exists());
    engine.remove(&id).unwrap();
    assert!(!engine.home().join("gateways").join(format!("{id}.json")).exists());
    assert_eq!(engine.give_keys(&id, &keys("")).unwrap_err().code, FaultCode::UnknownConnection);
}
