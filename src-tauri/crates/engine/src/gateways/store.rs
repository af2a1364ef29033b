//! `gateways/ID.json`: the gateways of one connection, without any secret.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{App, Gateway};
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
    app: Option<App>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedFile {
    format: String,
    gateways: Vec<Gateway>,
    /// The app registration of the connection, when the list was changed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app: Option<App>,
    /// The connection was made anew since: its gateways are these only if it is for the same app.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    orphaned: bool,
    /// Files that were kept aside: damaged ones, and those of another app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    set_aside: Vec<SetAside>,
}

impl Document for SavedFile {
    const FORMAT: &'static str = "gatehouse.gateways/1";

    fn empty() -> Self {
        Self {
            format: Self::FORMAT.to_owned(),
            gateways: Vec::new(),
            app: None,
            orphaned: false,
            set_aside: Vec::new(),
        }
    }

    fn set_aside(&mut self) -> &mut Vec<SetAside> {
        &mut self.set_aside
    }
}

impl GatewayStore {
    /// The files below this data folder. Nothing is read or created yet.
    pub(crate) fn below(home: &Path) -> Self {
        Self { folder: home.join("gateways"), app: None }
    }

    /// The same, where changes are made for a connection to this app.
    pub(crate) fn of(self, app: Option<App>) -> Self {
        Self { app, ..self }
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
        Ok((if saved.orphaned { Vec::new() } else { saved.gateways }, saved.set_aside))
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
        if saved.orphaned {
            saved = self.part(id, clock)?;
        }
        if self.app.is_some() {
            saved.app.clone_from(&self.app);
        }
        let answer = change(&mut saved.gateways)?;
        saved.gateways.sort_by(|a, b| a.name.cmp(&b.name));
        document::write(&self.path(id), &saved)?;
        Ok(answer)
    }

    /// Forgets that files of this connection were set aside; they stay where they are.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub(crate) fn dismiss(&self, id: &str, clock: &dyn Clock) -> Result<(), Fault> {
        let _lock = self.lock()?;
        let mut saved: SavedFile = document::read(&self.path(id), clock.now())?;
        if saved.set_aside.is_empty() {
            return Ok(());
        }
        saved.set_aside.clear();
        document::write(&self.path(id), &saved)
    }

    /// Leaves gateways that stand under the id of a connection that is made anew to nobody, until it is
    /// [told](Self::belongs_to) which app it is for.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub(crate) fn orphan(&self, id: &str, clock: &dyn Clock) -> Result<(), Fault> {
        if !self.path(id).exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let mut saved: SavedFile = document::read(&self.path(id), clock.now())?;
        saved.orphaned = !saved.gateways.is_empty();
        document::write(&self.path(id), &saved)
    }

    /// Notes the app of a connection. Gateways that were left to nobody are its own if they were the same app's, and are
    /// set aside if not.
    ///
    /// # Errors
    /// The file cannot be read, written or set aside.
    pub(crate) fn belongs_to(&self, id: &str, app: &App, clock: &dyn Clock) -> Result<(), Fault> {
        if !self.path(id).exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        let mut saved: SavedFile = document::read(&self.path(id), clock.now())?;
        if saved.orphaned && !saved.app.as_ref().is_some_and(|known| known.is(app)) {
            saved = self.part(id, clock)?;
        }
        if saved.orphaned || saved.app.as_ref() != Some(app) {
            saved.orphaned = false;
            saved.app = Some(app.clone());
            document::write(&self.path(id), &saved)?;
        }
        Ok(())
    }

    fn part(&self, id: &str, clock: &dyn Clock) -> Result<SavedFile, Fault> {
        let because = "it belongs to an earlier connection of this name, to another app".to_owned();
        document::set_aside(&self.path(id), "earlier", because, clock.now())
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
