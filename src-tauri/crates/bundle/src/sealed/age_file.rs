//! What the header of an age file tells without a private key.
//!
//! Source: the age file format, version 1 (C2SP `age.md`).

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::{
    limits::{MAX_HEADER_BYTES, MAX_SEALED_BYTES},
    problem::OpenProblem,
};
use crate::recipient::{Recipient, RecipientKind, fingerprint_start};

const FIRST_LINE: &[u8] = b"age-encryption.org/v1\n";

/// What can be told of a sealed bundle without the gateway's private key. None of it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The file's size in bytes.
    pub bytes: usize,
    /// To whom it is sealed, in the order of the header. Lines that age adds to keep readers tolerant are left out.
    pub sealed_to: Vec<SealedTo>,
}

/// One recipient in an age header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedTo {
    /// An SSH key, named by the first four bytes of its SHA-256.
    Ssh {
        /// `ssh-ed25519` or `ssh-rsa`.
        kind: RecipientKind,
        /// The start of the SHA-256 that a fingerprint spells.
        tag: [u8; 4],
    },
    /// An age recipient; the file does not tell which.
    X25519,
}

/// Whether a bundle is sealed to a key, as far as its header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedFor {
    /// The header names this key's tag: the same key, but for a chance of one in four thousand million.
    ThisKey,
    /// The header names other keys only.
    AnotherKey,
    /// Only opening it tells.
    CannotTell,
}

/// Reads the header of a sealed bundle.
///
/// # Errors
/// [`OpenProblem`] when it is no age file of version 1, is cut off in its header, or is too large.
pub fn inspect(sealed: &[u8]) -> Result<Inspection, OpenProblem> {
    if sealed.len() > MAX_SEALED_BYTES {
        return Err(OpenProblem::TooLarge);
    }
    check_first_line(sealed)?;
    let head = sealed.get(..MAX_HEADER_BYTES).unwrap_or(sealed);
    let mut sealed_to = Vec::new();
    let mut lines = head.split_inclusive(|byte| *byte == b'\n').skip(1);
    loop {
        let Some(line) = lines.next().and_then(|line| line.strip_suffix(b"\n")) else {
            let cut_off = sealed.len() <= MAX_HEADER_BYTES;
            return Err(if cut_off { OpenProblem::Truncated } else { OpenProblem::TooLarge });
        };
        if line.starts_with(b"--- ") {
            return Ok(Inspection { bytes: sealed.len(), sealed_to });
        }
        if let Some(stanza) = line.strip_prefix(b"-> ") {
            sealed_to.extend(recipient(stanza)?);
        }
    }
}

impl Inspection {
    /// Whether the bundle is sealed to this key.
    pub fn sealed_for(&self, recipient: &Recipient) -> SealedFor {
        let same = |sealed: &SealedTo| match sealed {
            SealedTo::Ssh { kind, tag } => *kind == recipient.kind() && Some(*tag) == recipient.tag(),
            SealedTo::X25519 => false,
        };
        if self.sealed_to.iter().any(same) {
            SealedFor::ThisKey
        } else if recipient.kind() == RecipientKind::X25519 && self.sealed_to.contains(&SealedTo::X25519) {
            SealedFor::CannotTell
        } else {
            SealedFor::AnotherKey
        }
    }

    /// How the fingerprint starts of the first SSH key that it is sealed to, such as `SHA256:AbCdE…`.
    pub fn fingerprint_start(&self) -> Option<String> {
        self.sealed_to.iter().find_map(SealedTo::fingerprint_start)
    }
}

impl SealedTo {
    /// How the key's fingerprint starts, such as `SHA256:AbCdE…`; none for an age recipient.
    pub fn fingerprint_start(&self) -> Option<String> {
        match self {
            Self::Ssh { tag, .. } => Some(fingerprint_start(*tag)),
            Self::X25519 => None,
        }
    }
}

fn check_first_line(sealed: &[u8]) -> Result<(), OpenProblem> {
    if sealed.starts_with(FIRST_LINE) {
        return Ok(());
    }
    if !sealed.is_empty() && FIRST_LINE.starts_with(sealed) {
        return Err(OpenProblem::Truncated);
    }
    if sealed.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----") {
        return Err(OpenProblem::Armored);
    }
    if sealed.starts_with(b"age-encryption.org/") {
        return Err(OpenProblem::AgeVersion);
    }
    Err(OpenProblem::NotAge)
}

fn recipient(stanza: &[u8]) -> Result<Option<SealedTo>, OpenProblem> {
    let mut words = stanza.split(|byte| *byte == b' ');
    let kind = match words.next() {
        Some(b"ssh-ed25519") => RecipientKind::SshEd25519,
        Some(b"ssh-rsa") => RecipientKind::SshRsa,
        Some(b"X25519") => return Ok(Some(SealedTo::X25519)),
        Some(b"scrypt") => return Err(OpenProblem::Passphrase),
        _ => return Ok(None),
    };
    let tag = words.next().and_then(|word| STANDARD_NO_PAD.decode(word).ok());
    let tag = tag.and_then(|tag| <[u8; 4]>::try_from(tag).ok()).ok_or(OpenProblem::Altered)?;
    Ok(Some(SealedTo::Ssh { kind, tag }))
}
