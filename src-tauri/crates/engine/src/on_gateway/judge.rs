//! Whether a sealed file may be installed, without writing anything.

use std::{fmt, path::Path};

use bundle::{
    AllowedSigners, Expectations, GatewayKey, GatewayName, Inspection, Manifest, OpenProblem, OpenedBundle,
};
use jiff::Timestamp;

use super::{
    folder::{self, Installed},
    inputs::SealedFile,
    pointer::Pointer,
};
use crate::fault::Fault;

/// What an admin on the gateway trusts and expects.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// Who may have signed.
    pub signers: &'a AllowedSigners,
    /// The gateway that it has to be for; without one, that of the installed bundle.
    pub gateway: Option<&'a GatewayName>,
    /// What to do with bundles of the practice tenant.
    pub practice: PracticeBundles,
}

/// What to do with bundles that were made with the practice tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PracticeBundles {
    /// Refuse them, as a gateway in production does.
    Refuse,
    /// Take them.
    Take,
}

/// Why a bundle is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A short stable name for programs, such as `wrong-recipient`.
    pub code: &'static str,
    /// One line: the field, what is true of it, what to do.
    pub text: String,
}

/// Why nothing came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The bundle is refused.
    Refused(Refusal),
    /// A file or folder of this computer cannot be used.
    Fault(Fault),
}

/// What can be told of a sealed file. None of it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What the outside tells.
    pub outside: Inspection,
    /// With the private key, what the inside says of itself.
    pub inside: Option<Manifest>,
    /// With the private key, the fingerprint of the key that signed it, whoever's that is.
    pub signed_by: Option<String>,
}

/// A sealed file that passed every check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The verified manifest.
    pub manifest: Manifest,
    /// The SHA-256 of its bytes, 64 lower-case hex digits.
    pub manifest_sha256: String,
    /// Whether this very bundle is installed already.
    pub already_installed: bool,
}

/// Tells what can be told of a sealed file: from outside, and with the private key from inside.
///
/// # Errors
/// It is no sealed bundle, or is not sealed to this key, or is damaged.
pub fn inspect(sealed: &SealedFile, key: Option<&GatewayKey>) -> Result<Seen, Refusal> {
    let problem = |problem| Refusal::of(problem, sealed);
    let outside = bundle::inspect(&sealed.bytes).map_err(problem)?;
    let Some(key) = key else { return Ok(Seen { outside, inside: None, signed_by: None }) };
    let inside = bundle::look_inside(&sealed.bytes, key).map_err(problem)?;
    Ok(Seen { outside, inside: Some(inside.manifest), signed_by: inside.signed_by })
}

/// Checks everything that [`open`](super::open) checks, and writes nothing. With a folder, the bundle also has to be
/// newer than the one that is installed there, or the same.
///
/// # Errors
/// The bundle is refused, or what is installed in the folder cannot be read.
pub fn verify(
    sealed: &SealedFile,
    key: &GatewayKey,
    trust: &Trust<'_>,
    into: Option<&Path>,
    now: Timestamp,
) -> Result<Judged, Stopped> {
    let installed = into.map(|root| folder::installed(root, Pointer::Current)).transpose()?.flatten();
    let (opened, already_installed) = judge(sealed, key, trust, installed.as_ref(), now)?;
    let manifest_sha256 = opened.manifest_sha256();
    Ok(Judged { manifest: opened.manifest().clone(), manifest_sha256, already_installed })
}

/// The opened bundle, and whether it is the one that is installed.
pub(super) fn judge(
    sealed: &SealedFile,
    key: &GatewayKey,
    trust: &Trust<'_>,
    installed: Option<&Installed>,
    now: Timestamp,
) -> Result<(OpenedBundle, bool), Refusal> {
    let number = installed.map(|installed| installed.manifest.sequence);
    let expected = Expectations {
        signers: trust.signers,
        gateway: trust.gateway.or(installed.map(|installed| &installed.manifest.gateway)),
        // The bundle that is installed may come again: nothing is done then.
        installed: number.map(|number| number.saturating_sub(1)),
        now,
    };
    let opened = bundle::open(&sealed.bytes, key, &expected).map_err(|problem| {
        let problem = match (problem, number) {
            (OpenProblem::Replayed { sequence, .. }, Some(installed)) => {
                OpenProblem::Replayed { sequence, installed }
            }
            (problem, _) => problem,
        };
        Refusal::of(problem, sealed)
    })?;
    let manifest = opened.manifest();
    if manifest.practice && trust.practice == PracticeBundles::Refuse {
        return Err(Refusal {
            code: "practice",
            text: "practice: is true, so this bundle was made with the practice tenant and opens nothing real. Take \
                   the bundle that was exported from the real connection."
                .to_owned(),
        });
    }
    let same = installed.is_some_and(|installed| installed.manifest_sha256 == opened.manifest_sha256());
    refuse_another_with_the_same_number(manifest.sequence, installed, same, sealed)?;
    Ok((opened, same))
}

/// Two bundles with one number: only one of them can be the one that Gatehouse counted.
pub(super) fn refuse_another_with_the_same_number(
    sequence: u64,
    installed: Option<&Installed>,
    same: bool,
    sealed: &SealedFile,
) -> Result<(), Refusal> {
    match installed.map(|installed| installed.manifest.sequence) {
        Some(installed) if sequence <= installed && !same => {
            Err(Refusal::of(OpenProblem::Replayed { sequence, installed }, sealed))
        }
        _ => Ok(()),
    }
}

impl Refusal {
    /// With the gateway's name from the file's, where the bundle itself cannot be opened to tell it.
    fn of(problem: OpenProblem, sealed: &SealedFile) -> Self {
        let problem = match problem {
            OpenProblem::WrongRecipient { sealed_for, yours, .. } => {
                OpenProblem::WrongRecipient { gateway: sealed.named_for(), sealed_for, yours }
            }
            problem => problem,
        };
        Self { code: problem.code(), text: problem.to_string() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
