//! The public key that a bundle is sealed to.

mod list;
mod problem;

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};
use ssh_key::{HashAlg, PublicKey, public::KeyData};

use crate::{gateway_name::GatewayName, sealed::sshsig::RECEIPT};

pub use list::{KeyLine, KeyLineProblem, KeyLines};
pub use problem::RecipientProblem;

/// One gateway's public key: its SSH host key (`ssh-ed25519`, or `ssh-rsa` of 2048 to 4096 bits), or an age X25519
/// recipient (`age1…`).
#[derive(Clone)]
pub struct Recipient {
    key: Key,
    comment: String,
    fingerprint: String,
}

/// The kinds of keys that a bundle can be sealed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecipientKind {
    /// An SSH key of the type `ssh-ed25519`.
    SshEd25519,
    /// An SSH key of the type `ssh-rsa`.
    SshRsa,
    /// An age recipient, `age1…`. It can open bundles, and cannot sign receipts.
    X25519,
}

#[derive(Clone)]
enum Key {
    Ssh { public: Box<PublicKey>, age: Box<age::ssh::Recipient> },
    X25519(age::x25519::Recipient),
}

impl Recipient {
    /// Reads one key from one line: `ssh-ed25519 AAAA… comment`, `ssh-rsa AAAA… comment`, `age1…`, or a line of
    /// `known_hosts`. Take [`KeyLines::read`] for a whole file.
    ///
    /// # Errors
    /// See [`RecipientProblem`]; every kind of line that people paste by mistake has its own.
    pub fn from_line(line: &str) -> Result<Self, RecipientProblem> {
        let mut lines = KeyLines::read(line);
        match (lines.found.pop(), lines.problems.into_iter().next()) {
            (_, Some(KeyLineProblem { problem, .. })) => Err(problem),
            (Some(KeyLine { recipient, .. }), None) if lines.found.is_empty() => Ok(recipient),
            (Some(_), None) => Err(RecipientProblem::SeveralKeys),
            (None, None) => Err(RecipientProblem::Empty),
        }
    }

    /// What kind of key it is.
    pub fn kind(&self) -> RecipientKind {
        match &self.key {
            Key::Ssh { public, .. } if public.key_data().is_rsa() => RecipientKind::SshRsa,
            Key::Ssh { .. } => RecipientKind::SshEd25519,
            Key::X25519(_) => RecipientKind::X25519,
        }
    }

    /// The text after the key; for a line of `known_hosts` without one, the host's names. A label for people, perhaps
    /// empty.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// `SHA256:` and 43 characters, as `ssh-keygen` shows an SSH key. An age recipient is its own fingerprint.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The line that `ssh-keygen -lf` prints: bits, fingerprint, comment, type.
    pub fn fingerprint_line(&self) -> String {
        let comment = if self.comment.is_empty() { "no comment" } else { &self.comment };
        match (&self.key, self.kind()) {
            (Key::Ssh { public, .. }, RecipientKind::SshRsa) => {
                format!("{} {} {comment} (RSA)", rsa_bits(public.key_data()), self.fingerprint)
            }
            (Key::Ssh { .. }, _) => format!("256 {} {comment} (ED25519)", self.fingerprint),
            (Key::X25519(_), _) => format!("256 {} {comment} (X25519)", self.fingerprint),
        }
    }

    /// The key without its comment, as it stands in a `.pub` file or in a list of age recipients.
    pub fn to_line(&self) -> String {
        match &self.key {
            Key::Ssh { age, .. } => age.to_string(),
            Key::X25519(key) => key.to_string(),
        }
    }

    /// The line for `allowed_signers` by which `ssh-keygen -Y verify` believes this gateway's receipts, and nothing
    /// else; none for an age recipient, which cannot sign.
    pub fn receipt_signer_line(&self, gateway: &GatewayName) -> Option<String> {
        self.ssh().map(|_| format!("{gateway} namespaces=\"{RECEIPT}\" {}", self.to_line()))
    }

    pub(crate) fn as_age(&self) -> &dyn age::Recipient {
        match &self.key {
            Key::Ssh { age, .. } => age.as_ref(),
            Key::X25519(key) => key,
        }
    }

    /// The SSH key; none for an age recipient.
    pub(crate) fn ssh(&self) -> Option<&PublicKey> {
        match &self.key {
            Key::Ssh { public, .. } => Some(public),
            Key::X25519(_) => None,
        }
    }

    /// The first four bytes of the key's SHA-256, by which an age file names an SSH recipient.
    pub(crate) fn tag(&self) -> Option<[u8; 4]> {
        let digest = Sha256::digest(self.ssh()?.to_bytes().ok()?);
        digest.first_chunk().copied()
    }

    pub(crate) fn from_x25519(key: age::x25519::Recipient) -> Self {
        let fingerprint = key.to_string();
        Self { key: Key::X25519(key), comment: String::new(), fingerprint }
    }

    /// `algorithm` and `data` as they stand in a `.pub` file.
    pub(crate) fn from_ssh(algorithm: &str, data: &str, comment: &str) -> Result<Self, RecipientProblem> {
        let line = format!("{algorithm} {data}");
        let public = PublicKey::from_openssh(&line).map_err(|_| RecipientProblem::Damaged)?;
        if let KeyData::Rsa(_) = public.key_data() {
            match rsa_bits(public.key_data()) {
                0..2048 => return Err(RecipientProblem::RsaTooShort { bits: rsa_bits(public.key_data()) }),
                2048..=4096 => {}
                bits => return Err(RecipientProblem::RsaTooLong { bits }),
            }
        }
        let age: age::ssh::Recipient = line.parse().map_err(|_| RecipientProblem::Damaged)?;
        let fingerprint = public.fingerprint(HashAlg::Sha256).to_string();
        let key = Key::Ssh { public: Box::new(public), age: Box::new(age) };
        Ok(Self { key, comment: comment.to_owned(), fingerprint })
    }
}

impl PartialEq for Recipient {
    /// Two recipients are the same when their keys are, whatever their comments say.
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for Recipient {}

impl fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Recipient").field(&self.fingerprint_line()).finish()
    }
}

/// How a fingerprint starts, as far as the four bytes of an age file's tag tell: five characters after `SHA256:`.
pub(crate) fn fingerprint_start(tag: [u8; 4]) -> String {
    let encoded = STANDARD_NO_PAD.encode(tag);
    format!("SHA256:{}…", encoded.get(..5).unwrap_or_default())
}

fn rsa_bits(key: &KeyData) -> usize {
    let modulus = key.rsa().and_then(|key| key.n.as_positive_bytes()).unwrap_or_default();
    let leading = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    modulus.len() * 8 - leading
}
