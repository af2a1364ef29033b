//! `connections.json`: every saved connection, without any secret.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde::{Deserialize, Serialize};

use super::{
    atomic,
    document::{self, Document, SetAside},
};
use crate::{
    clock::Clock,
    connection::Connection,
    fault::{Fault, FaultCode},
};

const FILE: &str = "connections.json";

/// The saved connections of one `GATEHOUSE_HOME`. Several programs may use it at once; each change is made under a
/// lock on the folder.
pub(crate) struct ConnectionStore {
    home: PathBuf,
    transient: Mutex<BTreeMap<String, Held>>,
}

/// A connection in memory only.
struct Held {
    connection: Connection,
    /// It is a copy of a saved one.
    detached: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFile {
    format: String,
    connections: Vec<Connection>,
    /// Damaged files that were kept aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set_aside: Vec<SetAside>,
}

impl Document for SavedFile {
    const FORMAT: &'static str = "gatehouse.connections/1";

    fn empty() -> Self {
        Self { format: Self::FORMAT.to_owned(), connections: Vec::new(), set_aside: Vec::new() }
    }

    fn set_aside(&mut self) -> &mut Vec<SetAside> {
        &mut self.set_aside
    }
}

impl ConnectionStore {
    /// The store in this folder. Nothing is read or created yet.
    pub(crate) fn new(home: PathBuf) -> Self {
        Self { home, transient: Mutex::default() }
    }

    /// The folder.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// All saved connections, and files that had to be set aside. Who moves or deletes such a file has dismissed it.
    ///
    /// # Errors
    /// The file cannot be read, or comes from a newer Gatehouse.
    pub(crate) fn all(&self, clock: &dyn Clock) -> Result<(Vec<Connection>, Vec<SetAside>), Fault> {
        let _lock = self.lock()?;
        let mut saved = self.read(clock)?;
        saved.set_aside.retain(|aside| aside.path.exists());
        Ok((saved.connections, saved.set_aside))
    }

    /// One connection, saved or transient.
    ///
    /// # Errors
    /// There is none of this id, or the file cannot be read.
    pub(crate) fn get(&self, id: &str, clock: &dyn Clock) -> Result<Connection, Fault> {
        if let Some(held) = lock(&self.transient).get(id) {
            return Ok(held.connection.clone());
        }
        let (connections, _) = self.all(clock)?;
        connections.into_iter().find(|connection| connection.id == id).ok_or_else(|| unknown(id))
    }

    /// Keeps a connection in memory only, such as one from environment variables.
    pub(crate) fn adopt(&self, connection: Connection) {
        self.hold(connection, false);
    }

    /// Keeps a copy of a saved connection in memory; changes reach the copy only, until the program ends.
    pub(crate) fn detach(&self, connection: Connection) {
        self.hold(connection, true);
    }

    /// Whether changes to this connection reach a copy only.
    pub(crate) fn is_detached(&self, id: &str) -> bool {
        lock(&self.transient).get(id).is_some_and(|held| held.detached)
    }

    /// Whether this connection, or a copy of it, is in memory.
    pub(crate) fn is_held(&self, id: &str) -> bool {
        lock(&self.transient).contains_key(id)
    }

    fn hold(&self, connection: Connection, detached: bool) {
        lock(&self.transient).insert(connection.id.clone(), Held { connection, detached });
    }

    /// Saves a new connection; its id gets a number when it is taken.
    ///
    /// # Errors
    /// The file cannot be read or written; the old one is then untouched.
    pub(crate) fn add(&self, mut connection: Connection, clock: &dyn Clock) -> Result<Connection, Fault> {
        self.change(clock, |saved| {
            let wanted = connection.id.clone();
            let mut number = 2;
            while saved.connections.iter().any(|known| known.id == connection.id) {
                connection.id = format!("{wanted}-{number}");
                number += 1;
            }
            saved.connections.push(connection.clone());
        })?;
        Ok(connection)
    }

    /// Changes one connection, read, changed and saved under one lock.
    ///
    /// # Errors
    /// There is none of this id, the change was refused, or the file cannot be read or written; nothing is changed then.
    pub(crate) fn update(
        &self,
        id: &str,
        clock: &dyn Clock,
        change: impl FnOnce(&mut Connection) -> Result<(), Fault>,
    ) -> Result<Connection, Fault> {
        if let Some(held) = lock(&self.transient).get_mut(id) {
            let mut changed = held.connection.clone();
            change(&mut changed)?;
            held.connection.clone_from(&changed);
            return Ok(changed);
        }
        self.update_saved(id, clock, change)
    }

    /// Changes one saved connection, whether a copy of it is in memory or not.
    ///
    /// # Errors
    /// As [`ConnectionStore::update`].
    pub(crate) fn update_saved(
        &self,
        id: &str,
        clock: &dyn Clock,
        change: impl FnOnce(&mut Connection) -> Result<(), Fault>,
    ) -> Result<Connection, Fault> {
        let _lock = self.lock()?;
        let mut saved = self.read(clock)?;
        let known = saved.connections.iter_mut().find(|known| known.id == id).ok_or_else(|| unknown(id))?;
        change(known)?;
        known.saved_at = clock.now();
        let changed = known.clone();
        document::write(&self.path(), &saved)?;
        Ok(changed)
    }

    /// Keeps every other program from putting a credential of this connection into its vault, or taking one out, until
    /// the answer is dropped: the vault's entry and the connection that describes it are changed one after the other.
    /// None for a connection in memory, which no other program has.
    ///
    /// # Errors
    /// Another program is at it, or the lock cannot be made.
    pub(crate) fn hold_credentials(&self, id: &str) -> Result<Option<File>, Fault> {
        if lock(&self.transient).contains_key(id) {
            return Ok(None);
        }
        let held = document::lock_if_free(&self.credentials_lock(id))?;
        held.map(Some).ok_or_else(|| {
            Fault::new(
                FaultCode::Busy,
                "Another program is changing this connection’s credential at this moment.",
                "Wait until it is done, then try again.",
            )
        })
    }

    /// Removes a connection; its secret is the vault's.
    ///
    /// # Errors
    /// There is none of this id, or the file cannot be read or written.
    pub(crate) fn remove(&self, id: &str, clock: &dyn Clock) -> Result<(), Fault> {
        if lock(&self.transient).remove(id).is_some() {
            return Ok(());
        }
        let mut found = false;
        self.change(clock, |saved| {
            let before = saved.connections.len();
            saved.connections.retain(|known| known.id != id);
            found = saved.connections.len() < before;
        })?;
        // An empty file that nobody needs any more.
        atomic::remove_if_there(&self.credentials_lock(id)).ok();
        if found { Ok(()) } else { Err(unknown(id)) }
    }

    fn change(&self, clock: &dyn Clock, change: impl FnOnce(&mut SavedFile)) -> Result<(), Fault> {
        let _lock = self.lock()?;
        let mut saved = self.read(clock)?;
        change(&mut saved);
        document::write(&self.path(), &saved)
    }

    fn read(&self, clock: &dyn Clock) -> Result<SavedFile, Fault> {
        document::read(&self.path(), clock.now())
    }

    fn path(&self) -> PathBuf {
        self.home.join(FILE)
    }

    fn credentials_lock(&self, id: &str) -> PathBuf {
        self.home.join("locks").join(format!("{id}.lock"))
    }

    fn lock(&self) -> Result<File, Fault> {
        document::lock(&self.home.join("connections.lock"))
    }
}

fn unknown(id: &str) -> Fault {
    Fault::new(
        FaultCode::UnknownConnection,
        format!("There is no connection named {id}."),
        "See the saved ones on Home, or with `gatehouse connections`.",
    )
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
