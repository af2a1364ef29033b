//! The folder that bundles go to: what stands there already, and whose it is.

use std::{fs, path::Path};

use bundle::Recipient;

use super::{INSTRUCTIONS, SIGNERS};
use crate::{
    fault::{Fault, FaultCode},
    fleet::FleetFile,
    gateways::{self, Gateway},
};

/// What is about to be written into the folder.
pub(super) struct Coming<'a> {
    /// The gateways with a new bundle each.
    pub(super) chosen: &'a [Gateway],
    /// What will stand in `allowed_signers`.
    pub(super) signers: &'a [u8],
    /// All gateways of the connection: `OPEN.txt` names one of them.
    pub(super) all: &'a [Gateway],
    pub(super) practice: bool,
    /// What will be written for a fleet's own engine.
    pub(super) fleet: &'a [FleetFile],
    /// What Gatehouse would have written for it without the new bundles.
    pub(super) fleet_so_far: &'a [FleetFile],
}

/// Keeps everything that somebody else may have put into the folder: bundles, and each file that is not, byte by byte,
/// what Gatehouse writes there or has written.
///
/// # Errors
/// One is there already.
pub(super) fn keep_what_is_there(folder: &Path, coming: &Coming<'_>) -> Result<(), Fault> {
    let bundles = coming.chosen.iter().map(|gateway| gateway.name.file_name());
    let taken = bundles.into_iter().find(|name| is_there(folder, name)).or_else(|| {
        let others = is_another(folder, SIGNERS, |bytes| bytes == coming.signers).then_some(SIGNERS);
        let others = others.or_else(|| {
            is_another(folder, INSTRUCTIONS, |bytes| is_ours(bytes, coming)).then_some(INSTRUCTIONS)
        });
        others.or_else(|| foreign_fleet_file(folder, coming)).map(str::to_owned)
    });
    let Some(name) = taken else { return Ok(()) };
    Err(Fault {
        code: FaultCode::AlreadyThere,
        field: Some("folder"),
        what: format!("{name} is there already, in {}.", folder.display()),
        fix: "Choose another folder, or say that it may be replaced.".to_owned(),
    })
}

fn foreign_fleet_file(folder: &Path, coming: &Coming<'_>) -> Option<&'static str> {
    let written_before = |name: &str, bytes: &[u8]| {
        coming.fleet_so_far.iter().any(|file| file.name == name && file.content == bytes)
    };
    let files = coming.fleet.iter();
    files
        .filter(|file| {
            is_another(folder, file.name, |bytes| bytes == file.content || written_before(file.name, bytes))
        })
        .map(|file| file.name)
        .next()
}

/// The commands of any of the connection's gateways.
fn is_ours(bytes: &[u8], coming: &Coming<'_>) -> bool {
    coming.all.iter().any(|gateway| {
        let commands = |key: Recipient| gateways::instructions(&gateway.name, key.kind(), coming.practice);
        gateway.key().map(commands).is_some_and(|text| text.as_bytes() == bytes)
    })
}

fn is_there(folder: &Path, name: &str) -> bool {
    folder.join(name).symlink_metadata().is_ok()
}

/// Something is there, and it is not a file with these bytes.
fn is_another(folder: &Path, name: &str, known: impl FnOnce(&[u8]) -> bool) -> bool {
    is_there(folder, name) && !fs::read(folder.join(name)).is_ok_and(|bytes| known(&bytes))
}
