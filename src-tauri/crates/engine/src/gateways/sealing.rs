//! Bundles for many gateways: sealed in parallel, written whole, recorded before they are there.

mod instructions;
mod write;

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use bundle::{BundleContent, GatewayName, Recipient, RecipientKind, SigningKey};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::Issued;
use crate::{export::Existing, fault::Fault, outputs::Output};

pub use instructions::OpeningCommands;
pub(crate) use instructions::{instructions, private_key_file};
pub(crate) use write::{hold, remove_drafts, write_beside};

/// The moment at which a day is over, in UTC; none where the calendar ends. What is good until then is good on that day.
pub fn end_of(day: Date) -> Option<Timestamp> {
    Some(day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// What to seal, and where to put it.
#[derive(Clone, Debug)]
pub struct SealRequest {
    /// For which gateways.
    pub gateways: SealFor,
    /// The folder; it is made when it is not there.
    pub folder: PathBuf,
    /// What to do with bundles that are there already.
    pub existing: Existing,
    /// When the bundles end. Without it, or when it is later, they end with their credential; without a known end of
    /// that, after 90 days.
    pub ends_at: Option<Timestamp>,
    /// The key that signs the manifests.
    pub signing_key: SigningKeyFrom,
    /// What to do when the connection is not proven.
    pub unproven: Unproven,
    /// What to write besides, for a fleet's own engine.
    pub fleet: FleetFiles,
}

/// What sealing would meet, before it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealOutlook {
    /// When bundles end that are given no end of their own, at the latest; none when the credential has ended.
    pub ends_at: Option<Timestamp>,
    /// They end with their credential, whose end is known.
    pub with_credential: bool,
    /// The link that is not proven, or not lately, as a sentence; none when all up to the directory are.
    pub unproven: Option<String>,
    /// All are proven, only more than 24 hours ago: a check shows whether they still are.
    pub proof_too_old: bool,
}

/// For which gateways bundles are sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SealFor {
    /// All of the connection.
    All,
    /// These.
    Named(Vec<String>),
    /// All that have not confirmed the current credential.
    HoldingOtherThanCurrent,
}

/// Where the signing key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SigningKeyFrom {
    /// The one in the keychain, made when there is none; a practice connection uses one that ends with the program.
    Keychain,
    /// An OpenSSH private key of the type Ed25519, without a passphrase.
    File(PathBuf),
}

/// What to do when a link of the connection, up to the directory, is not proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    /// Seal nothing, and name the link.
    Refuse,
    /// The admin asked for it in so many words.
    SealAnyway,
}

/// What is written beside the bundles for an engine that hands them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FleetFiles {
    /// Nothing.
    None,
    /// An Ansible inventory and playbook.
    Ansible,
}

/// Hears how far the work is. It is called from several threads.
pub trait SealWatcher: Sync {
    /// So many of all bundles are written and recorded.
    fn sealed(&self, done: usize, of: usize);
}

/// What came of sealing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The bundles that were written, by gateway.
    pub files: Vec<SealedFile>,
    /// The gateways without a new bundle.
    pub left_out: Vec<LeftOut>,
    /// The file by which gateways believe the bundles.
    pub allowed_signers: PathBuf,
    /// The commands that open a bundle with stock tools.
    pub instructions: PathBuf,
    /// What was written for a fleet's own engine.
    pub fleet: Vec<PathBuf>,
    /// The signing key's fingerprint, as `ssh-keygen -lf` prints it.
    pub signed_by: String,
    /// The line by which gateways believe the bundles: what `allowed_signers` holds.
    pub signer_line: String,
    /// It was cancelled before all bundles were sealed; those in `files` are whole and recorded.
    pub cancelled: bool,
}

/// One written bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFile {
    /// The gateway.
    pub gateway: GatewayName,
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of the sealed file, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its sequence number.
    pub sequence: u64,
    /// Fingerprint of the key that it is sealed to.
    pub recipient: String,
    /// What kind of key that is.
    pub kind: RecipientKind,
    /// The first moment at which it is no longer good.
    pub ends_at: Timestamp,
}

/// A gateway without a new bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The gateway.
    pub gateway: GatewayName,
    /// Why, as a sentence.
    pub because: String,
}

/// One bundle to be made.
pub(crate) struct Job {
    pub(crate) gateway: GatewayName,
    pub(crate) recipient: Recipient,
    pub(crate) outputs: Vec<Output>,
    pub(crate) sequence: u64,
}

/// Keeps what is known of bundles, before they have their names.
pub(crate) type Record<'a> = dyn Fn(&[(GatewayName, Issued)]) -> Result<(), Fault> + Sync + 'a;

/// What all bundles of one run share.
pub(crate) struct Run<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) signer: &'a SigningKey,
    /// What goes into the bundle of one gateway.
    pub(crate) content: &'a (dyn Fn(&Job) -> Result<BundleContent, Fault> + Sync),
    /// Records bundles that are about to appear.
    pub(crate) record: &'a Record<'a>,
    pub(crate) cancelled: &'a (dyn Fn() -> bool + Sync),
    pub(crate) watcher: &'a dyn SealWatcher,
}

/// What the threads have come to.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) files: Vec<SealedFile>,
    pub(crate) left_out: Vec<LeftOut>,
    /// The first fault after which it made no sense to go on.
    pub(crate) fault: Option<Fault>,
}

/// Seals all jobs, on as many threads as the computer has. A batch is sealed into drafts, recorded, and only then
/// given its names: a bundle that anybody can hand out is always known here.
pub(crate) fn seal_all(jobs: &[Job], run: &Run<'_>) -> Made {
    let threads = thread::available_parallelism().map_or(1, usize::from).clamp(1, jobs.len().max(1));
    let batch = jobs.len().div_ceil(16).clamp(1, 256);
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Made::default());
    let lock = || made.lock().unwrap_or_else(PoisonError::into_inner);
    let work = || {
        loop {
            let start = next.fetch_add(batch, Ordering::Relaxed);
            let Some(rest) = jobs.get(start..).filter(|rest| !rest.is_empty()) else { return };
            if (run.cancelled)() || lock().fault.is_some() {
                return;
            }
            let done = write::batch(&rest[..batch.min(rest.len())], run);
            let mut made = lock();
            made.files.extend(done.files);
            made.left_out.extend(done.left_out);
            made.fault = made.fault.take().or(done.fault);
            run.watcher.sealed(made.files.len() + made.left_out.len(), jobs.len());
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.files.sort_by(|a, b| a.gateway.cmp(&b.gateway));
    made.left_out.sort_by(|a, b| a.gateway.cmp(&b.gateway));
    made
}
