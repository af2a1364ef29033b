//! What a gateway answers: which bundle it has, and whether that works.

use std::path::{Path, PathBuf};

use bundle::{GatewayKey, GatewayName, Manifest, Receipt, ReceiptFormat};
use jiff::{Timestamp, Unit};

use super::{
    folder,
    judge::{Refusal, Stopped},
    pointer::Pointer,
    release::{self, OpenedRecord},
};
use crate::{
    fault::{Fault, FaultCode},
    store::atomic,
};

/// The signed receipt for what is installed: in the folder that bundles are installed in, or in a folder that a bundle
/// was opened into with stock tools. A test that was made with it is told as it was when it was made.
///
/// # Errors
/// Nothing is installed there, a file is no longer as it was signed, or the key is another one or cannot sign.
pub fn receipt(from: &Path, key: &GatewayKey, now: Timestamp) -> Result<Vec<u8>, Stopped> {
    let (release, manifest, bytes) = opened(from)?;
    if let Some(name) = release::altered(&release, &manifest) {
        return Err(Stopped::Refused(Refusal {
            code: "file-altered",
            text: format!(
                "files \"{name}\": is no longer the file that was signed. Open the bundle again, then answer for it."
            ),
        }));
    }
    let record =
        OpenedRecord::read(&release).unwrap_or_else(|| OpenedRecord::untested(in_whole_seconds(now)));
    let receipt = Receipt {
        format: ReceiptFormat,
        gateway: manifest.gateway,
        bundle_sequence: manifest.sequence,
        manifest_sha256: release::sha256(&bytes),
        credential_id: manifest.credential_id,
        opened_at: record.opened_at,
        tested_at: record.tested_at,
        self_test: record.self_test,
    };
    sign(&receipt, &manifest.recipient, key)
}

/// The manifest of what is installed in a folder, or was opened into it with stock tools.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn installed_manifest(from: &Path) -> Result<Manifest, Fault> {
    opened(from).map(|(_, manifest, _)| manifest)
}

/// Writes a receipt, whole or not at all; into a folder under the name that receipts have. Gives the file's path.
///
/// # Errors
/// It cannot be written.
pub fn write_receipt(path: &Path, gateway: &GatewayName, receipt: &[u8]) -> Result<PathBuf, Fault> {
    let file = if path.is_dir() { path.join(gateway.receipt_file_name()) } else { path.to_path_buf() };
    atomic::write_private(&file, receipt)
        .map_err(|error| Fault::storage("Could not write", &file, &error))?;
    Ok(file)
}

/// The release's folder, its manifest and the manifest's bytes.
fn opened(from: &Path) -> Result<(PathBuf, Manifest, Vec<u8>), Fault> {
    let release = folder::installed(from, Pointer::Current)?
        .map_or_else(|| from.to_path_buf(), |installed| installed.folder);
    let (manifest, bytes) = release::manifest(&release).map_err(|error| {
        Fault::new(
            FaultCode::InvalidInput,
            format!("{} holds no opened bundle: {error}.", from.display()),
            "Name the folder that the bundle was opened into.",
        )
    })?;
    Ok((release, manifest, bytes))
}

/// Signs with the key that the bundle was sealed to; another key's receipt would not be believed.
pub(super) fn sign(receipt: &Receipt, recipient: &str, key: &GatewayKey) -> Result<Vec<u8>, Stopped> {
    let yours = key.recipient().fingerprint();
    if recipient != yours {
        return Err(Stopped::Refused(Refusal {
            code: "other-recipient",
            text: format!(
                "recipient: The bundle is sealed for {} ({recipient}); yours is {yours}. Sign with the key that opened it.",
                receipt.gateway
            ),
        }));
    }
    receipt
        .sign(key)
        .map_err(|problem| Stopped::Refused(Refusal { code: "receipt", text: format!("receipt: {problem}") }))
}

/// As a person would write it: nobody needs the rest.
pub(super) fn in_whole_seconds(time: Timestamp) -> Timestamp {
    time.round(Unit::Second).unwrap_or(time)
}
