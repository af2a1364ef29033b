//! The façade: everything a window or a terminal can ask of the engine.

mod entries;
mod history;
mod listing;
mod reading;
mod running;
mod syncing;
mod work;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entra::ClientCertificate;
use jiff::Timestamp;

use crate::{
    access::AccessEffect,
    clock::Clock,
    connection::{Connection, Kept},
    diagnosis::{Case, Chain, judge},
    fault::{Fault, FaultCode},
    journey::{self, StepReport},
    profile::{Profile, profile},
    store::{ConnectionStore, SetAside},
    sync,
    vault::{MemoryVault, Vault, VaultFault, VaultState},
};

pub use entries::{Keep, NewConnection, Registration, SecretEntry};
pub use listing::DirectorySummary;
pub use syncing::SyncRequest;
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
    certificates: Mutex<BTreeMap<String, Arc<ClientCertificate>>>,
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
    pub profile: &'static Profile,
    /// The chain of proof.
    pub chain: Chain,
    /// The ten steps.
    pub steps: Vec<StepReport>,
    /// What the access rules mean in people, when a directory has been read.
    pub effect: Option<AccessEffect>,
    /// When it was judged.
    pub now: Timestamp,
}

impl Report {
    /// A config was written: from then on the connection is re-validated, whatever breaks later.
    pub fn set_up(&self) -> bool {
        self.connection.evidence.written.value().is_some()
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
                certificates: Mutex::default(),
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

    /// All saved connections, and files that had to be set aside.
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
        let profile = profile_of(&connection)?;
        let now = self.now();
        let effect = self.effect(&connection, profile)?;
        let (chain, steps) = {
            let case = Case::of(&connection, profile, now);
            let chain = judge(&case);
            let steps = journey::steps(&case, &chain, effect.as_ref());
            (chain, steps)
        };
        Ok(Report { connection, profile, chain, steps, effect, now })
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

    fn vault_of(&self, kept: Kept) -> &dyn Vault {
        match kept {
            Kept::Keychain => &*self.inner.keychain,
            Kept::Session | Kept::Caller => &self.inner.session,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn profile_of(connection: &Connection) -> Result<&'static Profile, Fault> {
    profile(&connection.profile).ok_or_else(|| unknown_profile(&connection.profile))
}

fn unknown_profile(id: &str) -> Fault {
    let known: Vec<&str> = crate::profile::profiles().iter().map(|profile| profile.id.as_str()).collect();
    Fault::field(
        "profile",
        format!("There is no gateway profile named {id}."),
        format!("Choose one of: {}.", known.join(", ")),
    )
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
