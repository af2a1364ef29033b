//! A proven connection with a secret, whose credential is about to be replaced.

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
    CertificateOrder, CheckRequest, Endpoints, Gatehouse, Keep, KeepKey, KeySize, NewConnection,
    NewCredential, Registration, SecretEntry, Setup,
    clock::SystemClock,
    connection::Slot,
    diagnosis::{ProbeWatcher, Unwatched, Verdict},
    vault::{MemoryVault, Vault},
};
use practice::{NewSecret, Options, Practice};
use secrecy::SecretString;
use tempfile::TempDir;

/// The tenant's clock, some seconds ahead of the computer's.
#[derive(Default)]
pub(crate) struct Ahead(pub(crate) AtomicI64);

impl practice::Clock for Ahead {
    fn now(&self) -> jiff::Timestamp {
        let now = engine::clock::Clock::now(&SystemClock);
        now + jiff::SignedDuration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// What the connection takes the tenant of these tests for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenant {
    Real,
    Practice,
}

pub(crate) struct Bench {
    pub(crate) practice: Practice,
    pub(crate) ahead: Arc<Ahead>,
    pub(crate) engine: Gatehouse,
    pub(crate) keychain: Arc<MemoryVault>,
    pub(crate) id: String,
    pub(crate) home: TempDir,
}

impl Bench {
    /// A connection that does not take it for granted that its tenant knows every secret at once, as a practice one does.
    pub(crate) async fn proven() -> Self {
        Self::on(Tenant::Real).await
    }

    pub(crate) async fn on(tenant: Tenant) -> Self {
        let ahead = Arc::new(Ahead::default());
        let clock = Arc::clone(&ahead) as Arc<dyn practice::Clock>;
        let practice = practice::start(Options { clock, ..Options::default() }).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let ca = home.path().join("ca.pem");
        std::fs::File::create(&ca).unwrap().write_all(practice.ca_pem().as_bytes()).unwrap();
        let keychain = Arc::new(MemoryVault::default());
        let engine = engine_in(home.path(), Arc::clone(&keychain) as Arc<dyn Vault>);
        let facts = practice.facts();
        let endpoints = Endpoints::custom(&facts.authority, &facts.graph).unwrap();
        let ca_file = Some(ca.to_string_lossy().into_owned());
        let new = NewConnection {
            name: "Contoso".to_owned(),
            endpoints,
            practice: tenant == Tenant::Practice,
            ca_file,
        };
        let id = engine.create(new).unwrap().id;
        let (tenant, client_id) = (facts.domain.clone(), facts.client_id.clone());
        engine.save_registration(&id, &Registration { tenant, client_id, name: String::new() }).unwrap();
        engine.save_secret(&id, &entry(&facts.client_secret)).unwrap();
        let bench = Self { practice, ahead, engine, keychain, id, home };
        bench.works().await;
        bench
    }

    pub(crate) async fn works(&self) {
        let checked = self.engine.check(&self.id, CheckRequest::default(), &Unwatched).await.unwrap();
        let verdict = self.engine.judge(checked).unwrap().chain.verdict;
        assert!(matches!(verdict, Verdict::Proven | Verdict::Attention), "{verdict:?}");
    }

    /// Step 3 with a certificate that the app registration has.
    pub(crate) async fn signs_in_with_a_certificate(&self) {
        let order = CertificateOrder { days: 200, key_size: KeySize::default(), keep: KeepKey::Keychain };
        self.engine.make_certificate(&self.id, &order).unwrap();
        let cer = self.home.path().join("first.cer");
        self.engine.save_public_part(&self.id, &cer).unwrap();
        self.practice.upload_certificate(&std::fs::read(cer).unwrap()).unwrap();
        self.works().await;
    }

    pub(crate) fn begin(&self, secret: &str) -> Result<(), engine::Fault> {
        self.engine.begin_rotation(&self.id, &NewCredential::Secret(entry(secret))).map(drop)
    }

    pub(crate) fn new_secret(&self, accepted_after_ms: u64) -> String {
        let wish = NewSecret { accepted_after_ms: Some(accepted_after_ms), ..NewSecret::default() };
        self.practice.new_secret(&wish).unwrap().value
    }

    /// Another program on the same data folder and keychain.
    pub(crate) fn another(&self) -> Gatehouse {
        self.another_with(Arc::clone(&self.keychain) as Arc<dyn Vault>)
    }

    /// Another program on the same data folder that asks this keychain.
    pub(crate) fn another_with(&self, keychain: Arc<dyn Vault>) -> Gatehouse {
        engine_in(self.home.path(), keychain)
    }

    pub(crate) fn keeps(&self, entry: &str) -> bool {
        self.keychain.get(&format!("{}{entry}", self.id)).unwrap().is_some()
    }

    pub(crate) fn slot(&self) -> Slot {
        self.engine.connection(&self.id).unwrap().credential.unwrap().slot
    }
}

fn engine_in(home: &Path, keychain: Arc<dyn Vault>) -> Gatehouse {
    Gatehouse::new(Setup {
        home: home.join("data"),
        keychain,
        clock: Arc::new(SystemClock),
        user_agent: "test".to_owned(),
    })
}

pub(crate) fn made() -> NewCredential {
    NewCredential::Made(CertificateOrder { days: 30, key_size: KeySize::default(), keep: KeepKey::Keychain })
}

pub(crate) fn entry(secret: &str) -> SecretEntry {
    SecretEntry { secret: SecretString::from(secret), ends_on: None, keep: Keep::Keychain }
}

/// Each wait lets half a minute pass at the tenant.
pub(crate) struct Impatient<'a> {
    pub(crate) ahead: &'a Ahead,
    pub(crate) waits: AtomicUsize,
}

impl ProbeWatcher for Impatient<'_> {
    fn not_yet(&self, _: Duration) {
        self.waits.fetch_add(1, Ordering::SeqCst);
        self.ahead.0.fetch_add(30, Ordering::SeqCst);
    }
}
