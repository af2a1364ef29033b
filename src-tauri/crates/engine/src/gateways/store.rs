//! `gateways/ID.json`: the gateways of one connection, without any secret.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::Gateway;
use crate::{
    clock::Clock,
    fault::Fault,
    store::{
        SetAside, atomic,
        document::{self, Document},
    },
};

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
    set_aside: Vec<SetAside>,
}

impl Document for SavedFile {
    const FORMAT: &'static str = "gatehouse.gateways/1";

    fn empty() -> Self {
        Self { format: Self::FORMAT.to_owned(), gateways: Vec::new(), set_aside: Vec::new() }
    }

    fn set_aside(&mut self) -> &mut Vec<SetAside> {
        &mut self.set_aside
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
        let saved: SavedFile = document::read(&self.path(id), clock.now())?;
        Ok((saved.gateways, saved.set_aside))
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
        let mut saved: SavedFile = document::read(&self.path(id), clock.now())?;
        let answer = change(&mut saved.gateways)?;
        saved.gateways.sort_by(|a, b| a.name.cmp(&b.name));
        document::write(&self.path(id), &saved)?;
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

    fn lock(&self) -> Result<File, Fault> {
        document::lock(&self.folder.join("gateways.lock"))
    }
}

#[cfg(test)]
mod tests;
