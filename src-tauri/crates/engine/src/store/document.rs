//! One versioned JSON file: changed under a lock, written whole, and set aside when it is damaged, never overwritten.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::atomic;
use crate::fault::{Fault, FaultCode};

/// What such a file holds.
pub(crate) trait Document: Serialize + DeserializeOwned {
    /// The value of its field `format`: a name, a slash and the version's number.
    const FORMAT: &'static str;

    /// The content of a file that is not there yet.
    fn empty() -> Self;

    /// Damaged files that were kept aside.
    fn set_aside(&mut self) -> &mut Vec<SetAside>;
}

/// A file that could not be read, or belongs to something else, and was kept under another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Where it is now.
    pub path: PathBuf,
    /// Why it is not used.
    pub because: String,
}

/// Reads it; a damaged one is set aside first.
///
/// # Errors
/// It cannot be read, comes from a newer Gatehouse, or cannot be set aside.
pub(crate) fn read<D: Document>(path: &Path, now: Timestamp) -> Result<D, Fault> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(D::empty()),
        Err(error) => return Err(Fault::storage("Could not read", path, &error)),
    };
    match parse(&bytes) {
        Ok(saved) => Ok(saved),
        Err(Unusable::Newer(format)) => Err(Fault::new(
            FaultCode::StoreDamaged,
            format!("{} was written by a newer Gatehouse ({format}).", path.display()),
            "Update Gatehouse, or set GATEHOUSE_HOME to another folder.",
        )),
        Err(Unusable::Damaged(because)) => set_aside(path, "damaged", because, now),
    }
}

/// Writes it, whole or not at all.
///
/// # Errors
/// It cannot be written; the old file is then untouched.
pub(crate) fn write<D: Document>(path: &Path, saved: &D) -> Result<(), Fault> {
    let mut bytes = serde_json::to_vec_pretty(saved).map_err(|error| {
        let what = format!("{} cannot be written: {error}.", path.display());
        Fault::new(FaultCode::Internal, what, "Report this.")
    })?;
    bytes.push(b'\n');
    atomic::write_private(path, &bytes).map_err(|error| Fault::storage("Could not save", path, &error))
}

/// Waits until no other program has this lock; its folder is made, for its owner only. It is given back when the file
/// is dropped.
///
/// # Errors
/// The folder or the lock cannot be made.
pub(crate) fn lock(path: &Path) -> Result<File, Fault> {
    let open = || -> io::Result<File> {
        let file = lock_file(path)?;
        file.lock()?;
        Ok(file)
    };
    open().map_err(|error| Fault::storage("Could not open", path, &error))
}

/// As [`lock`], but does not wait: none when another program has this lock.
///
/// # Errors
/// The folder or the lock cannot be made.
pub(crate) fn lock_if_free(path: &Path) -> Result<Option<File>, Fault> {
    let open = || -> io::Result<Option<File>> {
        let file = lock_file(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    };
    open().map_err(|error| Fault::storage("Could not open", path, &error))
}

fn lock_file(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
        private_folder(folder)?;
    }
    File::options().create(true).truncate(false).write(true).open(path)
}

/// Keeps the file under a name with this word in it, and begins a new one that tells of it.
///
/// # Errors
/// It cannot be renamed, or the new one cannot be written.
pub(crate) fn set_aside<D: Document>(
    path: &Path,
    word: &str,
    because: String,
    now: Timestamp,
) -> Result<D, Fault> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let stamp = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut kept = path.with_file_name(format!("{stem}.{word}-{stamp}.json"));
    let mut number = 2;
    while kept.exists() {
        kept = path.with_file_name(format!("{stem}.{word}-{stamp}-{number}.json"));
        number += 1;
    }
    fs::rename(path, &kept).map_err(|error| Fault::storage("Could not set aside", path, &error))?;
    let mut saved = D::empty();
    saved.set_aside().push(SetAside { path: kept, because });
    write(path, &saved)?;
    Ok(saved)
}

enum Unusable {
    Newer(String),
    Damaged(String),
}

fn parse<D: Document>(bytes: &[u8]) -> Result<D, Unusable> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|error| Unusable::Damaged(error.to_string()))?;
    if head.format != D::FORMAT {
        let name = |format: &str| format.rsplit_once('/').map(|(name, _)| name.to_owned());
        let version = head.format.rsplit_once('/').and_then(|(_, version)| version.parse::<u32>().ok());
        return Err(if version.is_some() && name(&head.format) == name(D::FORMAT) {
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
