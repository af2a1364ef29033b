//! The folder that bundles are installed in, step by step. Each step leaves `current` whole.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use bundle::{Manifest, OpenedBundle};

use super::{
    pointer::{self, Pointer, RELEASES},
    readers::Readers,
    release,
    rights::{self, Rights},
};
use crate::{
    fault::{Fault, FaultCode},
    store::atomic,
};

const DRAFT: &str = ".draft";
const LOCK: &str = ".lock";

/// A release that a pointer names.
#[derive(Clone, Debug)]
pub(super) struct Installed {
    /// The folder's own name below `releases`.
    pub(super) name: String,
    /// The folder.
    pub(super) folder: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) manifest_sha256: String,
}

/// What a pointer names; none when there is no pointer. Writes nothing and needs no lock.
///
/// # Errors
/// The pointer, or the manifest of its release, cannot be read; or `current` is gone and `previous` is not.
pub(super) fn installed(root: &Path, pointer: Pointer) -> Result<Option<Installed>, Fault> {
    let unreadable = |path: &Path, error: &io::Error| {
        Fault::new(
            FaultCode::StoreDamaged,
            format!("{} cannot be read: {error}.", path.display()),
            "Which bundle is installed cannot be told. Look at it, then move the folder away or choose another one.",
        )
    };
    let place = pointer.path(root);
    let Some(name) = pointer.read(root).map_err(|error| unreadable(&place, &error))? else {
        // No program of ours leaves it so: something was installed, and nobody can tell which number.
        if pointer == Pointer::Current && fs::symlink_metadata(Pointer::Previous.path(root)).is_ok() {
            return Err(unreadable(&place, &io::ErrorKind::NotFound.into()));
        }
        return Ok(None);
    };
    let folder = root.join(RELEASES).join(&name);
    let (manifest, bytes) =
        release::manifest(&folder).map_err(|error| unreadable(&folder.join(release::MANIFEST), &error))?;
    Ok(Some(Installed { name, folder, manifest, manifest_sha256: release::sha256(&bytes) }))
}

/// What a release takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Another bundle, or none.
    Another,
    /// The same bundle, of which a file is no longer as it was signed.
    TheSameAltered,
}

/// The folder while one program works on it.
pub(super) struct LockedFolder {
    root: PathBuf,
    rights: Rights,
    _lock: File,
}

impl LockedFolder {
    /// Makes the folder where there is none, keeps others from working on it, and clears what a killed program left.
    ///
    /// # Errors
    /// The folder cannot be made or used, others may write to it, or another program works on it.
    pub(super) fn take(root: &Path) -> Result<Self, Fault> {
        let storage = |error: &io::Error| Fault::storage("Could not use", root, error);
        rights::check(root)?;
        if !root.exists() {
            make_with_parents(root).map_err(|error| storage(&error))?;
        }
        let releases = root.join(RELEASES);
        let rights = rights::check(root)?;
        if fs::symlink_metadata(&releases).is_err() {
            release::make_private(&releases).map_err(|error| storage(&error))?;
            atomic::sync_folder(root).map_err(|error| storage(&error))?;
        }
        rights::check_releases(root)?;
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        release::private(&mut options);
        let lock = options.open(root.join(LOCK)).map_err(|error| storage(&error))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => Fault::new(
                FaultCode::Busy,
                format!("Another program is installing into {} now.", root.display()),
                "Wait until it is through, then try again.",
            ),
            TryLockError::Error(error) => storage(&error),
        })?;
        let folder = Self { root: root.to_path_buf(), rights, _lock: lock };
        folder.drop_draft().map_err(|error| storage(&error))?;
        Ok(folder)
    }

    /// What could be found out about who may change the folder.
    pub(super) fn rights(&self) -> &Rights {
        &self.rights
    }

    /// Where drafts are written.
    pub(super) fn draft(&self) -> PathBuf {
        self.releases().join(DRAFT)
    }

    /// Step 1: the bundle's files, in a folder that no pointer names.
    pub(super) fn write_draft(&self, bundle: &OpenedBundle) -> io::Result<PathBuf> {
        let draft = self.draft();
        release::write(&draft, bundle, self.readers()?)?;
        Ok(draft)
    }

    /// Who besides the owner may read releases.
    pub(super) fn readers(&self) -> io::Result<Readers> {
        Readers::of(&self.releases())
    }

    /// Takes a draft away.
    pub(super) fn drop_draft(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.draft()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Step 2: the draft becomes a release of its own, in one step. Gives its name.
    pub(super) fn place_draft(&self, sequence: u64) -> io::Result<String> {
        let kept = self.kept()?;
        let mut name = sequence.to_string();
        for number in 2.. {
            if !kept.contains(&name) {
                break;
            }
            name = format!("{sequence}-{number}");
        }
        let place = self.releases().join(&name);
        if fs::symlink_metadata(&place).is_ok() {
            fs::remove_dir_all(&place)?;
        }
        fs::rename(self.draft(), &place)?;
        atomic::sync_folder(&self.releases())?;
        Ok(name)
    }

    /// Step 3: `previous` names what `current` names, then `current` names the release. A release that is to be mended
    /// is nothing to go back to.
    pub(super) fn switch(&self, release: &str, over: Over) -> io::Result<()> {
        match (Pointer::Current.read(&self.root)?, over) {
            (Some(current), _) if current == release => return Ok(()),
            (_, Over::TheSameAltered) => {}
            (Some(current), Over::Another) => Pointer::Previous.set(&self.root, &current)?,
            (None, Over::Another) => Pointer::Previous.clear(&self.root)?,
        }
        Pointer::Current.set(&self.root, release)
    }

    /// Step 4: takes away the releases that no pointer names. What it does not know, it leaves. Gives those that could not
    /// be taken away, each with the reason.
    pub(super) fn sweep(&self) -> io::Result<Vec<(PathBuf, io::Error)>> {
        let kept = self.kept()?;
        let mut left = Vec::new();
        for entry in fs::read_dir(self.releases())? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if pointer::is_release_name(&name) && !kept.contains(&name) && entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path()).unwrap_or_else(|error| left.push((entry.path(), error)));
            }
        }
        atomic::sync_folder(&self.releases())?;
        Ok(left)
    }

    /// Both pointers change places.
    pub(super) fn swap(&self, current: &str, previous: &str) -> io::Result<()> {
        Pointer::Current.set(&self.root, previous)?;
        Pointer::Previous.set(&self.root, current)
    }

    fn kept(&self) -> io::Result<Vec<String>> {
        let pointers = [Pointer::Current, Pointer::Previous];
        let read: io::Result<Vec<_>> = pointers.iter().map(|pointer| pointer.read(&self.root)).collect();
        Ok(read?.into_iter().flatten().collect())
    }

    fn releases(&self) -> PathBuf {
        self.root.join(RELEASES)
    }
}

/// The folder and parents that are not there yet are made for everybody to look into, and for nobody else to write to,
/// whatever the mask: other things lie in `/etc/gatehouse` too, such as the administrator's policy. `releases` is private.
fn make_with_parents(root: &Path) -> io::Result<()> {
    let mut missing: Vec<&Path> = root.ancestors().take_while(|folder| !folder.exists()).collect();
    missing.retain(|folder| !folder.as_os_str().is_empty());
    missing.into_iter().rev().try_for_each(make_for_everybody_to_pass)
}

#[cfg(unix)]
fn make_for_everybody_to_pass(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().mode(0o755).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_for_everybody_to_pass(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

#[cfg(test)]
mod tests;
