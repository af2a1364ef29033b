//! One batch of bundles: drafts first, then the record, then the names.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use bundle::{GatewayName, SealedFor};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{Job, LeftOut, Made, Run, SealedFile};
use crate::{
    export::hex,
    fault::{Fault, FaultCode},
    gateways::Issued,
    store::atomic,
};

const DRAFT: &str = ".gatehouse-seal-";

/// A sealed bundle without its name.
struct Draft<'a> {
    job: &'a Job,
    file: NamedTempFile,
    issued: Issued,
    sealed: SealedFile,
}

/// Seals and writes some bundles. A fault of the disk ends the batch; the bundles before it are whole and recorded.
pub(super) fn batch(jobs: &[Job], run: &Run<'_>) -> Made {
    let mut made = Made::default();
    let mut drafts = Vec::with_capacity(jobs.len());
    for job in jobs {
        if (run.cancelled)() {
            break;
        }
        match draft(job, run) {
            Ok(draft) => drafts.push(draft),
            Err(fault) if matches!(fault.code, FaultCode::StorageFailed | FaultCode::StorageFull) => {
                made.fault = Some(fault);
                break;
            }
            Err(fault) => {
                made.left_out.push(LeftOut { gateway: job.gateway.clone(), because: fault.to_string() });
            }
        }
    }
    let issued: Vec<(GatewayName, Issued)> =
        drafts.iter().map(|draft| (draft.job.gateway.clone(), draft.issued.clone())).collect();
    if let Err(fault) = (run.record)(&issued) {
        made.fault = Some(fault);
        return made;
    }
    for draft in drafts {
        match publish(draft) {
            Ok(file) => made.files.push(file),
            Err(fault) => {
                made.fault = Some(fault);
                break;
            }
        }
    }
    if let Err(error) = atomic::sync_folder(run.folder) {
        made.fault = made.fault.or(Some(Fault::storage("Could not finish writing to", run.folder, &error)));
    }
    made
}

fn draft<'a>(job: &'a Job, run: &Run<'_>) -> Result<Draft<'a>, Fault> {
    let content = (run.content)(job)?;
    let sealed = bundle::seal(&content, &job.recipient, run.signer).map_err(|problem| {
        let what = format!("{} {}.", problem.field, problem.what);
        Fault::new(FaultCode::InvalidInput, what, problem.fix)
    })?;
    let path = run.folder.join(job.gateway.file_name());
    let file =
        draft_in(run.folder, &sealed).map_err(|error| Fault::storage("Could not write", &path, &error))?;
    let issued = Issued {
        sequence: job.sequence,
        manifest_sha256: hex(&Sha256::digest(content.manifest(&job.recipient).to_json())),
        credential_id: content.credential_id,
        sealed_at: content.created_at,
        ends_at: content.ends_at,
        recipient: job.recipient.fingerprint().to_owned(),
        file: path.to_string_lossy().into_owned(),
        answered_at: None,
    };
    let sealed = SealedFile {
        gateway: job.gateway.clone(),
        path,
        sha256: hex(&Sha256::digest(&sealed)),
        bytes: sealed.len() as u64,
        sequence: job.sequence,
        recipient: issued.recipient.clone(),
        kind: job.recipient.kind(),
        ends_at: issued.ends_at,
    };
    Ok(Draft { job, file, issued, sealed })
}

/// Gives a draft its name, and looks at what stands there then.
fn publish(draft: Draft<'_>) -> Result<SealedFile, Fault> {
    let Draft { job, file, sealed, .. } = draft;
    let path = &sealed.path;
    file.persist(path).map_err(|error| Fault::storage("Could not write", path, &error.error))?;
    let bytes = fs::read(path).map_err(|error| Fault::storage("Could not read back", path, &error))?;
    let same = hex(&Sha256::digest(&bytes)) == sealed.sha256;
    let for_it =
        bundle::inspect(&bytes).is_ok_and(|seen| seen.sealed_for(&job.recipient) != SealedFor::AnotherKey);
    if same && for_it {
        return Ok(sealed);
    }
    let what = format!("{} is not as it was written.", path.display());
    Err(Fault::new(FaultCode::StorageFailed, what, "Check the disk, then seal again."))
}

/// Keeps others from sealing into the folder at the same time: each would take the other's drafts for left ones. Where a
/// folder cannot be locked, nobody is kept from it.
///
/// # Errors
/// Another program is sealing into it now.
pub(crate) fn hold(folder: &Path) -> Result<Option<File>, Fault> {
    let Ok(held) = File::open(folder) else { return Ok(None) };
    match held.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Fault::new(
            FaultCode::Busy,
            format!("Bundles are being sealed into {} now.", folder.display()),
            "Wait until that is done, or choose another folder.",
        )),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(held)),
    }
}

/// Removes what a run that was killed has left in the folder; none of it has a bundle's name.
pub(crate) fn remove_drafts(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(DRAFT) {
            // Whatever stays is in nobody's way.
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// Writes a file that holds no secret beside the bundles.
///
/// # Errors
/// Any failure of the file system.
pub(crate) fn write_beside(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Fault> {
    let path = folder.join(name);
    let write = || -> io::Result<()> {
        draft_in(folder, bytes)?.persist(&path).map_err(|error| error.error)?;
        atomic::sync_folder(folder)
    };
    write().map_err(|error| Fault::storage("Could not write", &path, &error))?;
    Ok(path)
}

/// A whole file without its name yet, which [`remove_drafts`] finds if the program is killed.
fn draft_in(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}
