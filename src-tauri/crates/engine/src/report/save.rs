//! A report as a file.

use std::{io::Write, path::Path};

use crate::{
    export::Existing,
    fault::{Fault, FaultCode},
    store::atomic::sync_folder,
};

/// Writes a report, whole or not at all, readable by its owner only.
///
/// # Errors
/// The file is there already and is to be kept, its folder is not there, or it cannot be written.
pub fn save(path: &Path, content: impl AsRef<[u8]>, existing: Existing) -> Result<(), Fault> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let already_there = || {
        Fault::new(
            FaultCode::AlreadyThere,
            format!("{} is there already.", path.display()),
            "Choose another file, or replace this one.",
        )
    };
    let write = || -> std::io::Result<()> {
        let mut draft = tempfile::Builder::new().prefix(".gatehouse-").tempfile_in(folder)?;
        draft.write_all(content.as_ref())?;
        draft.as_file().sync_all()?;
        match existing {
            Existing::Replace => draft.persist(path).map_err(|error| error.error)?,
            Existing::Keep => draft.persist_noclobber(path).map_err(|error| error.error)?,
        };
        sync_folder(folder)
    };
    if path.is_dir() {
        let what = format!("{} is a folder.", path.display());
        return Err(Fault::new(FaultCode::InvalidInput, what, "Name a file in it."));
    }
    if existing == Existing::Keep && path.exists() {
        return Err(already_there());
    }
    write().map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => already_there(),
        _ => Fault::storage("Could not write", path, &error),
    })
}
