//! A connection to a practice tenant, in a data folder of its own.

use std::{io::Write, path::Path, sync::Arc};

use engine::{
    CheckRequest, Endpoints, Fault, Gatehouse, Keep, NewConnection, Registration, SecretEntry, Setup,
    clock::SystemClock,
    diagnosis::Unwatched,
    vault::{MemoryVault, Vault, VaultFault, VaultState},
};
use practice::{Options, Practice};
use secrecy::SecretString;
use tempfile::TempDir;

pub(crate) struct Bench {
    pub(crate) practice: Practice,
    pub(crate) home: TempDir,
    pub(crate) engine: Gatehouse,
    pub(crate) id: String,
}

impl Bench {
    /// A connection that nothing was entered for.
    pub(crate) async fn start() -> Self {
        let practice = practice::start(Options::default()).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let ca = home.path().join("ca.pem");
        std::fs::File::create(&ca).unwrap().write_all(practice.ca_pem().as_bytes()).unwrap();
        let engine = engine_in(home.path(), Arc::new(MemoryVault::default()));
        let endpoints = Endpoints::custom(&practice.facts().authority, &practice.facts().graph).unwrap();
        let ca_file = Some(ca.to_string_lossy().into_owned());
        let new = NewConnection { name: "Print servers".to_owned(), endpoints, practice: true, ca_file };
        let id = engine.create(new).unwrap().id;
        Self { practice, home, engine, id }
    }

    /// Everything is entered, with a secret in the keychain.
    pub(crate) async fn entered() -> Self {
        let bench = Self::start().await;
        let facts = bench.practice.facts();
        bench.register(&facts.domain, &facts.client_id).unwrap();
        bench.enter_secret(Keep::Keychain);
        bench
    }

    /// Everything is entered, and works.
    pub(crate) async fn proven() -> Self {
        let bench = Self::entered().await;
        bench.check().await;
        bench
    }

    pub(crate) fn register(&self, tenant: &str, client_id: &str) -> Result<(), Fault> {
        let name = "Print servers".to_owned();
        let entered = Registration { tenant: tenant.to_owned(), client_id: client_id.to_owned(), name };
        self.engine.save_registration(&self.id, &entered).map(drop)
    }

    pub(crate) fn enter_secret(&self, keep: Keep) {
        let secret = SecretString::from(self.practice.facts().client_secret.clone());
        self.engine.save_secret(&self.id, &SecretEntry { secret, ends_on: None, keep }).unwrap();
    }

    pub(crate) async fn check(&self) {
        self.engine.check(&self.id, CheckRequest::default(), &Unwatched).await.unwrap();
    }
}

/// A program with its data folder below `home`.
pub(crate) fn engine_in(home: &Path, keychain: Arc<dyn Vault>) -> Gatehouse {
    let (home, clock) = (home.join("data"), Arc::new(SystemClock));
    Gatehouse::new(Setup { home, keychain, clock, user_agent: "test".to_owned() })
}

/// A computer without a keychain.
pub(crate) struct NoKeychain;

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
