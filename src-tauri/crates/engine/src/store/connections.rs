//! `connections.json`: every saved connection, without any secret.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Mutex,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::atomic;
use crate::{
    clock::Clock,
    connection::Connection,
    fault::{Fault, FaultCode},
};

const FORMAT: &str = "gatehouse.connections/1";
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

/// A file that could not be read and was kept under another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is now.
    pub path: PathBuf,
    /// Why it could not be read.
    pub because: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFile {
    format: String,
    connections: Vec<Connection>,
    /// Damaged files that were kept aside and not yet dismissed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set_aside: Vec<SavedAside>,
}

#[derive(Clone, Serialize, Deserialize)]
struct SavedAside {
    path: PathBuf,
    because: String,
}

impl SavedFile {
    fn empty() -> Self {
        Self { format: FORMAT.to_owned(), connections: Vec::new(), set_aside: Vec::new() }
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

    /// All saved connections, and files that had to be set aside.
    ///
    /// # Errors
    /// The file cannot be read, or comes from a newer Gatehouse.
    pub(crate) fn all(&self, clock: &dyn Clock) -> Result<(Vec<Connection>, Vec<SetAside>), Fault> {
        let _lock = self.lock()?;
        let saved = self.read(clock.now())?;
        let aside =
            saved.set_aside.into_iter().map(|aside| SetAside { path: aside.path, because: aside.because });
        Ok((saved.connections, aside.collect()))
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
        let mut saved = self.read(clock.now())?;
        let known = saved.connections.iter_mut().find(|known| known.id == id).ok_or_else(|| unknown(id))?;
        change(known)?;
        known.saved_at = clock.now();
        let changed = known.clone();
        self.write(&saved)?;
        Ok(changed)
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
        if found { Ok(()) } else { Err(unknown(id)) }
    }

    fn change(&self, clock: &dyn Clock, change: impl FnOnce(&mut SavedFile)) -> Result<(), Fault> {
        let _lock = self.lock()?;
        let mut saved = self.read(clock.now())?;
        change(&mut saved);
        self.write(&saved)
    }

    fn write(&self, saved: &SavedFile) -> Result<(), Fault> {
        let path = self.home.join(FILE);
        let mut bytes = serde_json::to_vec_pretty(saved).map_err(|error| {
            Fault::new(
                FaultCode::Internal,
                format!("Connections cannot be written: {error}."),
                "Report this.",
            )
        })?;
        bytes.push(b'\n');
        atomic::write_private(&path, &bytes).map_err(|error| Fault::storage("Could not save", &path, &error))
    }

    fn read(&self, now: Timestamp) -> Result<SavedFile, Fault> {
        let path = self.home.join(FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(SavedFile::empty()),
            Err(error) => return Err(Fault::storage("Could not read", &path, &error)),
        };
        match parse(&bytes) {
            Ok(saved) => Ok(saved),
            Err(Unusable::Newer(format)) => Err(Fault::new(
                FaultCode::StoreDamaged,
                format!("{} was written by a newer Gatehouse ({format}).", path.display()),
                "Update Gatehouse, or set GATEHOUSE_HOME to another folder.",
            )),
            Err(Unusable::Damaged(because)) => self.set_aside(&path, because, now),
        }
    }

    fn set_aside(&self, path: &Path, because: String, now: Timestamp) -> Result<SavedFile, Fault> {
        let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut kept = self.home.join(format!("connections.damaged-{stamp}.json"));
        let mut number = 2;
        while kept.exists() {
            kept = self.home.join(format!("connections.damaged-{stamp}-{number}.json"));
            number += 1;
        }
        fs::rename(path, &kept).map_err(|error| Fault::storage("Could not set aside", path, &error))?;
        let mut saved = SavedFile::empty();
        saved.set_aside.push(SavedAside { path: kept, because });
        self.write(&saved)?;
        Ok(saved)
    }

    fn lock(&self) -> Result<File, Fault> {
        let path = self.home.join("connections.lock");
        let open = || -> io::Result<File> {
            fs::create_dir_all(&self.home)?;
            private_folder(&self.home)?;
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(|error| Fault::storage("Could not open", &path, &error))
    }
}

enum Unusable {
    Newer(String),
    Damaged(String),
}

fn parse(bytes: &[u8]) -> Result<SavedFile, Unusable> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let damaged = |what: String| Unusable::Damaged(what);
    let head: Head = serde_json::from_slice(bytes).map_err(|error| damaged(error.to_string()))?;
    if head.format != FORMAT {
        let newer =
            head.format.strip_prefix("gatehouse.connections/").is_some_and(|v| v.parse::<u32>().is_ok());
        return Err(if newer {
            Unusable::Newer(head.format)
        } else {
            damaged(format!("format is {}", head.format))
        });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| damaged(format!("{}: {}", error.path(), error.inner())))
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

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
