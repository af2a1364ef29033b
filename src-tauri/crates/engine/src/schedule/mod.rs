//! Unattended checks by the system's own scheduler: the files that make it run `gatehouse check --all --strict` once a
//! day. No service of ours runs.

mod cron;
mod systemd;
mod task_scheduler;

use std::path::{Path, PathBuf};

use crate::{
    export::Existing,
    fault::{Fault, FaultCode},
    report,
};

pub use cron::cron_line;
pub use systemd::{SERVICE, TIMER, service_unit, timer_unit};
pub use task_scheduler::{task_xml, utf16_with_mark};

/// What a scheduler runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unattended {
    /// The whole path of the headless program.
    pub program: PathBuf,
    /// The folder of all data, where it is not the account's usual one.
    pub home: Option<PathBuf>,
}

/// The command's arguments. Nobody has just consented to anything, so no connection is waited for.
pub const ARGUMENTS: [&str; 5] = ["check", "--all", "--strict", "--consent-wait", "0"];

/// Hours after which a scheduler ends a check that hangs. One that goes well ends long before, with hundreds of connections
/// that do not answer too.
pub const LIMIT_HOURS: u8 = 6;

impl Unattended {
    /// A path that would break a line or a unit out of its file cannot be written.
    pub fn is_writable(&self) -> bool {
        let plain = |path: &Path| path.to_str().is_some_and(|text| !text.contains(char::is_control));
        plain(&self.program) && self.home.as_deref().is_none_or(plain)
    }
}

/// Writes files into a folder, which is made when it is not there: all of them, or none where one is there already and
/// is to be kept.
///
/// # Errors
/// One is there already, or cannot be written.
pub fn write(folder: &Path, files: &[(&str, String)], existing: Existing) -> Result<(), Fault> {
    let there = files.iter().map(|(name, _)| folder.join(name)).find(|path| path.symlink_metadata().is_ok());
    if let (Existing::Keep, Some(path)) = (existing, there) {
        let what = format!("{} is there already.", path.display());
        return Err(Fault::new(FaultCode::AlreadyThere, what, "Choose another folder, or replace it."));
    }
    std::fs::create_dir_all(folder).map_err(|error| Fault::storage("Could not make", folder, &error))?;
    files.iter().try_for_each(|(name, text)| report::save(&folder.join(name), text.as_bytes(), existing))
}

/// Writes one file.
///
/// # Errors
/// It is there already and is to be kept, or cannot be written.
pub fn write_bytes(file: &Path, bytes: &[u8], existing: Existing) -> Result<(), Fault> {
    report::save(file, bytes, existing)
}

/// Whether systemd runs the daily check for this account; none where that cannot be told without asking anybody.
/// `config` is the account's folder for configuration, such as `~/.config`.
pub fn is_set_up(config: &Path) -> Option<bool> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let wanted = config.join("systemd/user/timers.target.wants").join(TIMER);
    Some(wanted.symlink_metadata().is_ok())
}

/// As [`is_set_up`], for the account that runs this program.
pub fn is_set_up_here() -> Option<bool> {
    directories::BaseDirs::new().and_then(|folders| is_set_up(folders.config_dir()))
}

#[cfg(test)]
mod tests;
