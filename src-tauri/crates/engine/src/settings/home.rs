//! The folder for all of Gatehouse's data.

use std::path::PathBuf;

use directories::{ProjectDirs, UserDirs};

use super::{Environment, names};
use crate::fault::{Fault, FaultCode};

/// `GATEHOUSE_HOME`, else the platform's data folder for this program.
///
/// # Errors
/// `GATEHOUSE_HOME` is not an absolute path, or the account has no home folder.
pub fn home_folder(environment: &dyn Environment) -> Result<PathBuf, Fault> {
    if let Some(named) = environment.get(names::GATEHOUSE_HOME) {
        let folder = PathBuf::from(named);
        if folder.is_absolute() {
            return Ok(folder);
        }
        return Err(Fault::field(
            names::GATEHOUSE_HOME,
            format!("{} is not an absolute path.", folder.display()),
            "Give the whole path, from the root on.",
        ));
    }
    ProjectDirs::from("org", "gatehouse", "Gatehouse").map(|dirs| dirs.data_dir().to_path_buf()).ok_or_else(
        || {
            Fault::new(
                FaultCode::StorageFailed,
                "This account has no home folder to keep connections in.",
                "Set GATEHOUSE_HOME to a folder you may write to.",
            )
        },
    )
}

/// The folder that is proposed for written configs.
pub fn documents_folder(home: &std::path::Path) -> PathBuf {
    UserDirs::new()
        .map_or_else(
            || home.to_path_buf(),
            |dirs| dirs.document_dir().unwrap_or_else(|| dirs.home_dir()).to_path_buf(),
        )
        .join("Gatehouse")
}
