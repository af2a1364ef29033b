//! Copies of a ledger: whole for another run, and what others may read.

use std::{fs, io, path::Path};

use rusqlite::Connection;

use super::{StoreProblem, TABLES, read_only, tables};
use crate::store::atomic::{sync_folder, write_private};

/// Copies everything that a ledger holds to a new file, which must not be there. Runs of the ledger go on meanwhile.
pub(in crate::sync) fn copy_whole(ledger: &Path, to: &Path) -> Result<(), StoreProblem> {
    into(&read_only(ledger)?, to)
}

pub(super) fn into(ledger: &Connection, to: &Path) -> Result<(), StoreProblem> {
    let name = as_text(to)?;
    // Made by us before SQLite sees it, so that nobody else can ever read it.
    write_private(to, b"")?;
    ledger.execute("VACUUM INTO ?1", [name])?;
    Ok(())
}

/// Copies what others may read to a new file, whole or not at all: no links, no list of changes.
pub(crate) fn copy_for_others(ledger: &Path, to: &Path) -> Result<(), CopyProblem> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let draft = tempfile::Builder::new().prefix(".gatehouse-").tempfile_in(folder)?.into_temp_path();
    let copy = Connection::open(&draft)?;
    copy.execute_batch("PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
    copy.execute_batch(TABLES)?;
    copy.execute_batch(tables::FOR_OTHERS)?;
    copy.execute("ATTACH ?1 AS ledger", [format!("file:{}?mode=ro", uri_path(ledger)?)])?;
    copy.execute_batch("BEGIN")?;
    for table in tables::SHARED {
        copy.execute_batch(&format!("INSERT INTO main.{table} SELECT * FROM ledger.{table}"))?;
    }
    copy.execute_batch("COMMIT; DETACH ledger;")?;
    copy.close().map_err(|(_, error)| error)?;
    fs::File::options().write(true).open(&draft)?.sync_all()?;
    draft.persist(to).map_err(|problem| problem.error)?;
    Ok(sync_folder(folder)?)
}

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct CopyProblem(#[from] StoreProblem);

impl From<std::io::Error> for CopyProblem {
    fn from(error: std::io::Error) -> Self {
        Self(error.into())
    }
}

impl From<rusqlite::Error> for CopyProblem {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.into())
    }
}

/// A path inside a `file:` address of SQLite.
fn uri_path(path: &Path) -> Result<String, StoreProblem> {
    Ok(as_text(path)?.replace('%', "%25").replace('?', "%3f").replace('#', "%23"))
}

/// SQLite takes paths as UTF-8 in statements; another path would lead to another file.
fn as_text(path: &Path) -> Result<&str, StoreProblem> {
    path.to_str().ok_or_else(|| {
        let says = "the folder’s name is not Unicode text; move the data folder with GATEHOUSE_HOME";
        StoreProblem::File(io::Error::new(io::ErrorKind::InvalidFilename, says))
    })
}
