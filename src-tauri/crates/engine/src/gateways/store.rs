//! `gateways/ID.json`: the gateways of one connection, without any secret.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Gateway;
use crate::{
    clock::Clock,
    fault::{Fault, FaultCode},
    store::{SetAside, atomic},
};

const FORMAT: &str = "gatehouse.gateways/1";

/// The files of all connections' gateways. Several programs may use them at once; each change is made under a lock.
pub(crate) struct GatewayStore {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFile {
    format: String,
    gateways: Vec<Gateway>,
    /// Damaged files that were kept aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set_aside: Vec<SavedAside>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedAside {
    path: PathBuf,
    because: String,
}

impl SavedFile {
    fn empty() -> Self {
        Self { format: FORMAT.to_owned(), gateways: Vec::new(), set_aside: Vec::new() }
    }
}

impl GatewayStore {
    /// The files below this data folder. Nothing is read or created yet.
    pub(crate) fn below(home: &Path) -> Self {
        Self { folder: home.join("gateways") }
    }

    /// The gateways of a connection by name, and files that had to be set aside.
    ///
    /// # Errors
    /// The file cannot be read, or comes from a newer Gatehouse.
    pub(crate) fn all(&self, id: &str, clock: &dyn Clock) -> Result<(Vec<Gateway>, Vec<SetAside>), Fault> {
        if !self.path(id).exists() {
            return Ok((Vec::new(), Vec::new()));
        }
        let _lock = self.lock()?;
        let saved = self.read(id, clock.now())?;
        let aside = saved.set_aside.into_iter();
        let aside = aside.map(|aside| SetAside { path: aside.path, because: aside.because }).collect();
        Ok((saved.gateways, aside))
    }

    /// Changes the gateways of a connection: read, changed and saved under one lock, sorted by name.
    ///
    /// # Errors
    /// The change was refused, or the file cannot be read or written; nothing is changed then.
    pub(crate) fn update<T>(
        &self,
        id: &str,
        clock: &dyn Clock,
        change: impl FnOnce(&mut Vec<Gateway>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let _lock = self.lock()?;
        let mut saved = self.read(id, clock.now())?;
        let answer = change(&mut saved.gateways)?;
        saved.gateways.sort_by(|a, b| a.name.cmp(&b.name));
        self.write(id, &saved)?;
        Ok(answer)
    }

    /// Removes the gateways of a connection; nothing happens when it has none.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub(crate) fn remove(&self, id: &str) -> Result<(), Fault> {
        let path = self.path(id);
        if !path.exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        atomic::remove_if_there(&path).map_err(|error| Fault::storage("Could not remove", &path, &error))
    }

    fn path(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    fn write(&self, id: &str, saved: &SavedFile) -> Result<(), Fault> {
        let path = self.path(id);
        let mut bytes = serde_json::to_vec_pretty(saved).map_err(|error| {
            let what = format!("The gateways cannot be written: {error}.");
            Fault::new(FaultCode::Internal, what, "Report this.")
        })?;
        bytes.push(b'\n');
        atomic::write_private(&path, &bytes).map_err(|error| Fault::storage("Could not save", &path, &error))
    }

    fn read(&self, id: &str, now: Timestamp) -> Result<SavedFile, Fault> {
        let path = self.path(id);
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
            Err(Unusable::Damaged(because)) => self.set_aside(id, because, now),
        }
    }

    fn set_aside(&self, id: &str, because: String, now: Timestamp) -> Result<SavedFile, Fault> {
        let path = self.path(id);
        let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut kept = self.folder.join(format!("{id}.damaged-{stamp}.json"));
        let mut number = 2;
        while kept.exists() {
            kept = self.folder.join(format!("{id}.damaged-{stamp}-{number}.json"));
            number += 1;
        }
        fs::rename(&path, &kept).map_err(|error| Fault::storage("Could not set aside", &path, &error))?;
        let mut saved = SavedFile::empty();
        saved.set_aside.push(SavedAside { path: kept, because });
        self.write(id, &saved)?;
        Ok(saved)
    }

    fn lock(&self) -> Result<File, Fault> {
        let path = self.folder.join("gateways.lock");
        let open = || -> io::Result<File> {
            fs::create_dir_all(&self.folder)?;
            private_folder(&self.folder)?;
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
    let head: Head = serde_json::from_slice(bytes).map_err(|error| Unusable::Damaged(error.to_string()))?;
    if head.format != FORMAT {
        let version = head.format.strip_prefix("gatehouse.gateways/");
        return Err(if version.is_some_and(|version| version.parse::<u32>().is_ok()) {
            Unusable::Newer(head.format)
        } else {
            Unusable::Damaged(format!("format is {}", head.format))
        });
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| Unusable::Damaged(format!("{}: {}", error.path(), error.inner())))
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

#[cfg(test)]
mod tests;
