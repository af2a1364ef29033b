//! The façade: everything a window or a terminal can ask of the engine.

mod beginning;
mod beside;
mod credentials;
mod entries;
mod gateways;
mod going_back;
mod history;
mod keeping;
mod labels;
mod listing;
mod preferring;
mod reading;
mod reminding;
mod retiring;
mod rotating;
mod running;
mod sealing;
mod signing;
mod standing;
mod syncing;
mod trying;
mod work;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

use crate::{
    access::AccessEffect,
    clock::Clock,
    connection::{Connection, Kept},
    diagnosis::{Case, Chain, judge},
    export::Existing,
    fault::{Fault, FaultCode},
    journey::{self, StepReport},
    profile::{self, Profile, Shelf, shipped_profile},
    store::{ConnectionStore, SetAside},
    sync,
    vault::{MemoryVault, Vault, VaultFault, VaultState},
};

pub use beginning::NewCredential;
pub use credentials::{CERTIFICATE_DAYS, CertificateImport, CertificateOrder, CurrentCredential, KeepKey};
pub use entries::{Keep, NewConnection, Registration, SecretEntry};
pub use gateways::{GatewayList, GatewaysRemoved};
pub use listing::DirectorySummary;
pub use rotating::RotationTrial;
pub use syncing::SyncRequest;
pub use trying::CredentialTry;
pub use work::CheckRequest;

/// What the engine is given: everything that would otherwise be implicit.
pub struct Setup {
    /// Folder for all data.
    pub home: PathBuf,
    /// The keychain.
    pub keychain: Arc<dyn Vault>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Sent as `User-Agent`.
    pub user_agent: String,
}

/// The engine. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Gatehouse {
    inner: Arc<Inner>,
}

struct Inner {
    store: ConnectionStore,
    keychain: Arc<dyn Vault>,
    session: MemoryVault,
    /// Proxies of practice connections; never saved.
    proxies: Mutex<BTreeMap<String, String>>,
    clock: Arc<dyn Clock>,
    user_agent: String,
    running: running::Running,
}

/// A connection with everything judged at one moment.
pub struct Report {
    /// The connection.
    pub connection: Connection,
    /// Its profile.
    pub profile: Arc<Profile>,
    /// The chain of proof.
    pub chain: Chain,
    /// The ten steps.
    pub steps: Vec<StepReport>,
    /// What the access rules mean in people, when a directory has been read.
    pub effect: Option<AccessEffect>,
    /// Bundles were sealed for its gateways.
    pub sealed: bool,
    /// When it was judged.
    pub now: Timestamp,
}

impl Report {
    /// A config was written or sealed: from then on the connection is re-validated, whatever breaks later.
    pub fn set_up(&self) -> bool {
        self.sealed || self.connection.evidence.written.value().is_some()
    }
}

impl Gatehouse {
    /// Opens the engine. Nothing is read or sent yet.
    pub fn new(setup: Setup) -> Self {
        let Setup { home, keychain, clock, user_agent } = setup;
        Self {
            inner: Arc::new(Inner {
                store: ConnectionStore::new(home),
                keychain,
                session: MemoryVault::default(),
                proxies: Mutex::default(),
                clock,
                user_agent,
                running: running::Running::default(),
            }),
        }
    }

    /// The current time, from the engine's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Folder of all data.
    pub fn home(&self) -> &std::path::Path {
        self.inner.store.home()
    }

    /// All saved connections, and files that had to be set aside and are still where they were kept.
    ///
    /// # Errors
    /// The file cannot be read, or comes from a newer Gatehouse.
    pub fn connections(&self) -> Result<(Vec<Connection>, Vec<SetAside>), Fault> {
        self.inner.store.all(&*self.inner.clock)
    }

    /// One connection.
    ///
    /// # Errors
    /// There is none of this id, or the file cannot be read.
    pub fn connection(&self, id: &str) -> Result<Connection, Fault> {
        self.inner.store.get(id, &*self.inner.clock)
    }

    /// Whether the keychain can be used.
    pub fn keychain(&self) -> VaultState {
        self.inner.keychain.state()
    }

    /// One connection, judged now.
    ///
    /// # Errors
    /// There is none of this id, its profile is unknown, or its files cannot be read.
    pub fn report(&self, id: &str) -> Result<Report, Fault> {
        self.judge(self.connection(id)?)
    }

    /// Judges a connection at the present moment.
    ///
    /// # Errors
    /// Its profile is unknown, or its directory snapshot cannot be read.
    pub fn judge(&self, connection: Connection) -> Result<Report, Fault> {
        let profile = self.profile_of(&connection)?;
        let now = self.now();
        let effect = self.effect(&connection, &profile)?;
        let gateways = self.gateways(&connection.id)?.gateways;
        let (chain, steps) = {
            let case = Case::of(&connection, &profile, now).with_gateways(&gateways);
            let chain = judge(&case);
            let steps = journey::steps(&case, &chain, effect.as_ref());
            (chain, steps)
        };
        let sealed = gateways.iter().any(|gateway| gateway.newest().is_some());
        Ok(Report { connection, profile, chain, steps, effect, sealed, now })
    }

    fn effect(&self, connection: &Connection, profile: &Profile) -> Result<Option<AccessEffect>, Fault> {
        match self.directory_of(connection)? {
            Some(directory) if !connection.access.is_empty() => {
                directory.effect(&connection.access, &profile.roles).map(Some).map_err(reading::unreadable)
            }
            _ => Ok(None),
        }
    }

    /// The file that the directory of a connection is stored in: its last complete test sync, or, before the first, the
    /// last one that was not. A detached copy has a file of its own.
    pub fn snapshot(&self, id: &str) -> PathBuf {
        let saved = self.snapshot_of_saved(id);
        if self.inner.store.is_detached(id) { saved.with_extension("detached.sqlite") } else { saved }
    }

    fn snapshot_of_saved(&self, id: &str) -> PathBuf {
        self.home().join("directories").join(format!("{id}.sqlite"))
    }

    /// Removes a stored directory with everything beside it; nothing happens when there is none.
    fn remove_directory(file: &std::path::Path) -> Result<(), Fault> {
        sync::remove_all(file)
            .map_err(|problem| Fault::storage("Could not remove", file, &std::io::Error::other(problem)))
    }

    /// The file that the last test sync of a connection was stored in, complete or not.
    pub fn last_read(&self, id: &str) -> PathBuf {
        let whole = self.snapshot(id);
        let unapplied = sync::unapplied_beside(&whole);
        if unapplied.exists() { unapplied } else { whole }
    }

    /// All gateway profiles: the shipped ones, and those in the folder `profiles` of the data folder.
    pub fn profiles(&self) -> Shelf {
        Shelf::of(&self.profiles_folder())
    }

    /// Takes a vendor's profile over from a file.
    ///
    /// # Errors
    /// It is no usable profile, its id is taken, or it cannot be written.
    pub fn add_profile(&self, file: &std::path::Path, existing: Existing) -> Result<Arc<Profile>, Fault> {
        profile::add(&self.profiles_folder(), file, existing)
    }

    fn profiles_folder(&self) -> PathBuf {
        self.home().join("profiles")
    }

    /// The profile of a connection.
    fn profile_of(&self, connection: &Connection) -> Result<Arc<Profile>, Fault> {
        match shipped_profile(&connection.profile) {
            Some(profile) => Ok(profile),
            None => self.profiles().get(&connection.profile),
        }
    }

    fn vault_of(&self, kept: Kept) -> &dyn Vault {
        match kept {
            Kept::Keychain => &*self.inner.keychain,
            Kept::Session | Kept::Caller | Kept::File => &self.inner.session,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn vault_fault(fault: &VaultFault) -> Fault {
    match fault {
        VaultFault::Missing => Fault::new(
            FaultCode::KeychainMissing,
            "No keychain is running on this computer.",
            "Keep the secret for this session only, or start a keychain and try again.",
        ),
        VaultFault::Locked => Fault::new(
            FaultCode::KeychainLocked,
            "The keychain is locked.",
            "Unlock it, then try again; or keep the secret for this session only.",
        ),
        VaultFault::Refused(because) => Fault::new(
            FaultCode::KeychainLocked,
            format!("The keychain refused: {because}."),
            "Keep the secret for this session only.",
        ),
    }
}
