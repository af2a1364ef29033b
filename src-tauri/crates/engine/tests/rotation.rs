//! Rotation against the practice tenant: a second secret is entered, not known at first, proven, and the old one removed.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::{
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use engine::{
    CertificateImport, CertificateOrder, CheckRequest, CurrentCredential, Endpoints, FaultCode, Gatehouse,
    Keep, KeepKey, KeySize, NewConnection, NewCredential, Registration, SecretEntry, Setup,
    clock::SystemClock,
    connection::Slot,
    diagnosis::{ProbeWatcher, Unwatched, Verdict},
    gateways::GatewayEntry,
    rotation::{Locked, OldCredential, Stage},
    vault::{MemoryVault, Vault},
};
use futures_util::FutureExt;
use practice::{NewSecret, Options, Practice};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tempfile::TempDir;

/// The tenant's clock, some seconds ahead of the computer's.
#[derive(Default)]
struct Ahead(AtomicI64);

impl practice::Clock for Ahead {
    fn now(&self) -> jiff::Timestamp {
        let now = engine::clock::Clock::now(&SystemClock);
        now + jiff::SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

struct Bench {
    practice: Practice,
    ahead: Arc<Ahead>,
    engine: Gatehouse,
    keychain: Arc<MemoryVault>,
    id: String,
    home: TempDir,
}

impl Bench {
    async fn proven() -> Self {
        let ahead = Arc::new(Ahead::default());
        let clock = Arc::clone(&ahead) as Arc<dyn practice::Clock>;
        let practice = practice::start(Options { clock, ..Options::default() }).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let ca = home.path().join("ca.pem");
        std::fs::File::create(&ca).unwrap().write_all(practice.ca_pem().as_bytes()).unwrap();
        let keychain = Arc::new(MemoryVault::default());
        let engine = engine_in(home.path(), &keychain);
        let facts = practice.facts();
        let endpoints = Endpoints::custom(&facts.authority, &facts.graph).unwrap();
        let ca_file = Some(ca.to_string_lossy().into_owned());
        // A practice connection would take it for granted that its tenant knows every secret at once.
        let new = NewConnection { name: "Contoso".to_owned(), endpoints, practice: false, ca_file };
        let id = engine.create(new).unwrap().id;
        let (tenant, client_id) = (facts.domain.clone(), facts.client_id.clone());
        engine.save_registration(&id, &Registration { tenant, client_id, name: String::new() }).unwrap();
        engine.save_secret(&id, &entry(&facts.client_secret)).unwrap();
        let bench = Self { practice, ahead, engine, keychain, id, home };
        bench.works().await;
        bench
    }

    async fn works(&self) {
        let checked = self.engine.check(&self.id, CheckRequest::default(), &Unwatched).await.unwrap();
        let verdict = self.engine.judge(checked).unwrap().chain.verdict;
        assert!(matches!(verdict, Verdict::Proven | Verdict::Attention), "{verdict:?}");
    }

    fn begin(&self, secret: &str) -> Result<(), engine::Fault> {
        self.engine.begin_rotation(&self.id, &NewCredential::Secret(entry(secret))).map(drop)
    }

    fn new_secret(&self, accepted_after_ms: u64) -> String {
        let wish = NewSecret { accepted_after_ms: Some(accepted_after_ms), ..NewSecret::default() };
        self.practice.new_secret(&wish).unwrap().value
    }

    /// Another program on the same data folder and keychain.
    fn another(&self) -> Gatehouse {
        engine_in(self.home.path(), &self.keychain)
    }

    fn keeps(&self, entry: &str) -> bool {
        self.keychain.get(&format!("{}{entry}", self.id)).unwrap().is_some()
    }

    fn slot(&self) -> Slot {
        self.engine.connection(&self.id).unwrap().credential.unwrap().slot
    }
}

fn engine_in(home: &Path, keychain: &Arc<MemoryVault>) -> Gatehouse {
    Gatehouse::new(Setup {
        home: home.join("data"),
        keychain: Arc::clone(keychain) as Arc<dyn Vault>,
        clock: Arc::new(SystemClock),
        user_agent: "test".to_owned(),
    })
}

fn made() -> NewCredential {
    NewCredential::Made(CertificateOrder { days: 30, key_size: KeySize::default(), keep: KeepKey::Keychain })
}

fn entry(secret: &str) -> SecretEntry {
    SecretEntry { secret: SecretString::from(secret), ends_on: None, keep: Keep::Keychain }
}

/// Each wait lets half a minute pass at the tenant.
struct Impatient<'a> {
    ahead: &'a Ahead,
    waits: AtomicUsize,
}

impl ProbeWatcher for Impatient<'_> {
    fn not_yet(&self, _: Duration) {
        self.waits.fetch_add(1, Ordering::SeqCst);
        self.ahead.0.fetch_add(30, Ordering::SeqCst);
    }
}

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
async fn a_secret_that_only_one_run_uses_takes_nothing_from_the_rotation() {
    let bench = Bench::proven().await;
    bench.begin(&bench.new_secret(0)).unwrap();
    let run = bench.another();
    run.detach(&bench.id).unwrap();
    let given = SecretEntry { keep: Keep::Caller, ..entry(&bench.practice.facts().client_secret) };
    run.save_secret(&bench.id, &given).unwrap();
    assert!(bench.keeps("") && bench.keeps(".2"), "the saved connection still has both");
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);

    let run = bench.another();
    run.detach(&bench.id).unwrap();
    run.save_secret(&bench.id, &given).unwrap();
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

/// The admin uploads the certificate, and while it is not yet known, waits.
struct Uploads<'a>(&'a Bench);

impl ProbeWatcher for Uploads<'_> {
    fn not_yet(&self, _: Duration) {
        let cer = self.0.home.path().join("new.cer");
        self.0.engine.save_new_public_part(&self.0.id, &cer).unwrap();
        self.0.practice.upload_certificate(&std::fs::read(cer).unwrap()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_uploaded_a_moment_ago_is_waited_for_and_is_no_new_one_afterwards() {
    let bench = Bench::proven().await;
    bench.engine.begin_rotation(&bench.id, &made()).unwrap();
    let trial = bench.engine.prove_rotation(&bench.id, &Uploads(&bench)).await.unwrap();
    assert!(trial.proven, "{:#?}", trial.report.chain);
    assert!(bench.practice.remove_secret(&bench.practice.facts().secret_id));
    let done = bench.engine.look_for_old_credential(&bench.id).await.unwrap();
    assert!(done.rotation.is_none());

    let CurrentCredential::CertificatePem(pem) = bench.engine.current_credential(&bench.id).unwrap() else {
        unreachable!("it signs in with the certificate")
    };
    let content = SecretSlice::from(pem.expose_secret().as_bytes().to_vec());
    let again = CertificateImport { content, password: None, keep: KeepKey::Keychain };
    let fault = bench.engine.begin_rotation(&bench.id, &NewCredential::Imported(again)).unwrap_err();
    assert_eq!(fault.field, Some("certificate"), "{fault}");
    bench.works().await;
}

/// Another program gives the rotation up while this one tries.
struct GivesUp<'a>(&'a Bench);

impl ProbeWatcher for GivesUp<'_> {
    fn not_yet(&self, _: Duration) {
        self.0.ahead.0.fetch_add(30, Ordering::SeqCst);
        // A new credential that is not proven is given up without a question to anybody.
        self.0.another().abandon_rotation(&self.0.id).now_or_never().unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_another_program_ended_is_not_taken_up_again() {
    let bench = Bench::proven().await;
    bench.begin(&bench.new_secret(20_000)).unwrap();
    let fault = bench.engine.prove_rotation(&bench.id, &GivesUp(&bench)).await.map(drop).unwrap_err();
    assert_eq!(fault.code, FaultCode::Cancelled, "{fault}");
    assert!(bench.engine.connection(&bench.id).unwrap().rotation.is_none());
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
async fn a_lost_list_of_gateways_does_not_let_the_old_one_go() {
    let bench = Bench::proven().await;
    let plant = GatewayEntry { name: "plant-1".to_owned(), ..GatewayEntry::default() };
    bench.engine.save_gateway(&bench.id, &plant).unwrap();
    bench.begin(&bench.new_secret(0)).unwrap();
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    let list = bench.home.path().join("data/gateways").join(format!("{}.json", bench.id));
    std::fs::File::create(list).unwrap().write_all(b"{\"format\": \"gatehouse.gateways/1\", \"gat").unwrap();

    for fault in [
        bench.engine.rotation(&bench.id).map(drop).unwrap_err(),
        bench.engine.look_for_old_credential(&bench.id).await.map(drop).unwrap_err(),
    ] {
        assert!(fault.what.starts_with("The list of gateways was damaged"), "{fault}");
    }
    bench.engine.save_gateway(&bench.id, &plant).unwrap();
    let locked = bench.engine.rotation(&bench.id).unwrap().unwrap().locked;
    assert_eq!(locked, Some(Locked::Unconfirmed(vec!["plant-1".to_owned()])));
}
