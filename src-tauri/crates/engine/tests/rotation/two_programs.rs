//! Two programs on one data folder, each in the other's way.

use std::{
    sync::{
        Arc, Mutex,
        atomic::Ordering,
        mpsc::{self, Receiver},
    },
    time::Duration,
};

use engine::{
    Fault, FaultCode, Keep, NewCredential, Registration, SecretEntry,
    connection::Slot,
    diagnosis::{ProbeWatcher, Unwatched},
    vault::{MemoryVault, Vault, VaultFault, VaultState},
};
use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};
use tokio::runtime::Handle;

use super::rotating::{Bench, entry};

/// A keychain that lets something happen right before, or right after, the next entry is written.
struct Interrupted {
    keychain: Arc<MemoryVault>,
    when: When,
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

impl Interrupted {
    fn by(bench: &Bench, when: When, meanwhile: impl FnOnce() + Send + 'static) -> Arc<dyn Vault> {
        let meanwhile = Mutex::new(Some(Box::new(meanwhile) as Box<dyn FnOnce() + Send>));
        Arc::new(Self { keychain: Arc::clone(&bench.keychain), when, meanwhile })
    }

    fn happens(&self, when: When) {
        let meanwhile = if self.when == when { self.meanwhile.lock().unwrap().take() } else { None };
        if let Some(meanwhile) = meanwhile {
            meanwhile();
        }
    }
}

impl Vault for Interrupted {
    fn state(&self) -> VaultState {
        self.keychain.state()
    }

    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultFault> {
        self.happens(When::Before);
        self.keychain.put(name, secret)?;
        self.happens(When::After);
        Ok(())
    }

    fn get(&self, name: &str) -> Result<Option<SecretString>, VaultFault> {
        self.keychain.get(name)
    }

    fn remove(&self, name: &str) -> Result<(), VaultFault> {
        self.keychain.remove(name)
    }
}

/// What another program's attempt came to.
fn tries(
    attempt: impl FnOnce() -> Result<(), Fault> + Send + 'static,
) -> (impl FnOnce() + Send + 'static, Receiver<Option<FaultCode>>) {
    let (tell, told) = mpsc::channel();
    (move || tell.send(attempt().err().map(|fault| fault.code)).unwrap(), told)
}

fn kept(bench: &Bench, name: &str) -> Option<String> {
    let secret = bench.keychain.get(&format!("{}{name}", bench.id)).unwrap();
    secret.map(|secret| secret.expose_secret().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_that_enter_a_new_credential_never_mix_theirs() {
    for when in [When::Before, When::After] {
        let bench = Bench::proven().await;
        let (mine, theirs) = (bench.new_secret(0), bench.new_secret(0));
        let (other, id) = (bench.another(), bench.id.clone());
        let (attempt, told) =
            tries(move || other.begin_rotation(&id, &NewCredential::Secret(entry(&theirs))).map(drop));
        let this = bench.another_with(Interrupted::by(&bench, when, attempt));
        this.begin_rotation(&bench.id, &NewCredential::Secret(entry(&mine))).unwrap();
        assert_eq!(told.recv().unwrap(), Some(FaultCode::Busy));
        assert_eq!(kept(&bench, ".2"), Some(mine), "the entry is the one that the rotation describes");
        assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_another_program_proves_meanwhile_is_not_written_over() {
    let bench = Bench::proven().await;
    let (first, second) = (bench.new_secret(0), bench.new_secret(0));
    bench.begin(&first).unwrap();
    let (other, id, runtime) = (bench.another(), bench.id.clone(), Handle::current());
    let (attempt, told) = tries(move || {
        let prove = async move { other.prove_rotation(&id, &Unwatched).await.map(drop) };
        std::thread::spawn(move || runtime.block_on(prove)).join().unwrap()
    });
    let this = bench.another_with(Interrupted::by(&bench, When::Before, attempt));
    this.begin_rotation(&bench.id, &NewCredential::Secret(entry(&second))).unwrap();
    assert_eq!(told.recv().unwrap(), Some(FaultCode::NotReady), "there was nothing to prove at that moment");
    assert_eq!(bench.slot(), Slot::First, "the old one is still in use");
    assert_eq!(kept(&bench, ".2"), Some(second));
    bench.works().await;
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
    bench.works().await;
}

/// A keychain that stops taking entries.
struct Full(Arc<MemoryVault>);

impl Vault for Full {
    fn state(&self) -> VaultState {
        self.0.state()
    }

    fn put(&self, _: &str, _: &SecretString) -> Result<(), VaultFault> {
        Err(VaultFault::Refused("it is full".to_owned()))
    }

    fn get(&self, name: &str) -> Result<Option<SecretString>, VaultFault> {
        self.0.get(name)
    }

    fn remove(&self, name: &str) -> Result<(), VaultFault> {
        self.0.remove(name)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_kept_leaves_the_rotation_as_it_was() {
    let bench = Bench::proven().await;
    bench.begin(&bench.new_secret(0)).unwrap();
    let before = bench.engine.connection(&bench.id).unwrap().rotation;
    let full = bench.another_with(Arc::new(Full(Arc::clone(&bench.keychain))));
    let fault =
        full.begin_rotation(&bench.id, &NewCredential::Secret(entry(&bench.new_secret(0)))).unwrap_err();
    assert_eq!(fault.code, FaultCode::KeychainLocked);
    assert_eq!(bench.engine.connection(&bench.id).unwrap().rotation, before);
    assert!(bench.engine.prove_rotation(&bench.id, &Unwatched).await.unwrap().proven);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_settings_change_meanwhile_nothing_of_the_new_credential_stays() {
    let bench = Bench::proven().await;
    let (other, id, facts) = (bench.another(), bench.id.clone(), bench.practice.facts().clone());
    let (attempt, told) = tries(move || {
        let (tenant, client_id) = (facts.tenant_id, facts.client_id);
        other.save_registration(&id, &Registration { tenant, client_id, name: String::new() }).map(drop)
    });
    let this = bench.another_with(Interrupted::by(&bench, When::After, attempt));
    let new = NewCredential::Secret(entry(&bench.new_secret(0)));
    assert_eq!(this.begin_rotation(&bench.id, &new).unwrap_err().code, FaultCode::Cancelled);
    assert_eq!(told.recv().unwrap(), None);
    assert!(!bench.keeps(".2") && bench.keeps(""));
    assert!(bench.engine.rotation(&bench.id).unwrap().is_none());
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
