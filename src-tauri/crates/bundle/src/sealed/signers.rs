//! The key that signs manifests, and the list of those that a gateway believes.

use std::fmt;

use ed25519_dalek::Signer as _;
use ssh_key::{
    Algorithm, HashAlg, PublicKey, Signature, SshSig,
    public::{Ed25519PublicKey, KeyData},
};
use thiserror::Error;

use super::sshsig;
use crate::problem::ConfigProblem;

/// The Ed25519 key that signs manifests. Its seed comes from whoever keeps it; this crate draws none.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    /// The same key where it signs quicker. A signature is the same wherever it is made (RFC 8032).
    #[cfg(feature = "aws-lc")]
    quicker: Option<aws_lc_rs::signature::Ed25519KeyPair>,
}

/// The public half of a [`SigningKey`].
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey(PublicKey);

/// The keys whose manifests a gateway believes: the content of a file `allowed_signers`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedSigners(Vec<VerifyingKey>);

/// Why a text is no list of signers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "allowed_signers, line {line}: {what}. Take the line that Gatehouse shows: gatehouse \
     namespaces=\"gatehouse-bundle\" ssh-ed25519 and the key."
)]
pub struct SignerProblem {
    /// The line's number, from 1; 0 for the text as a whole.
    pub line: usize,
    /// What is true of it.
    pub what: &'static str,
}

impl SigningKey {
    /// The key that a seed of 32 random bytes gives. The same seed always gives the same key.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self {
            key: ed25519_dalek::SigningKey::from_bytes(seed),
            #[cfg(feature = "aws-lc")]
            quicker: aws_lc_rs::signature::Ed25519KeyPair::from_seed_unchecked(seed).ok(),
        }
    }

    /// Its public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(PublicKey::from(self.key_data()))
    }

    pub(crate) fn sign(&self, manifest: &[u8]) -> Result<String, ConfigProblem> {
        self.signature(manifest).as_ref().and_then(sshsig::to_text).ok_or_else(|| {
            ConfigProblem::new(
                "manifest.json.sig",
                "could not be made",
                "Make a new signing key, and try again.",
            )
        })
    }

    fn signature(&self, manifest: &[u8]) -> Option<SshSig> {
        let signed = SshSig::signed_data(sshsig::BUNDLE, HashAlg::Sha512, manifest).ok()?;
        let signature = Signature::new(Algorithm::Ed25519, self.signed(&signed)).ok()?;
        SshSig::new(self.key_data(), sshsig::BUNDLE, HashAlg::Sha512, signature).ok()
    }

    fn signed(&self, message: &[u8]) -> Vec<u8> {
        #[cfg(feature = "aws-lc")]
        if let Some(Ok(signature)) = self.quicker.as_ref().map(|quicker| quicker.try_sign(message)) {
            return signature.as_ref().to_vec();
        }
        self.key.sign(message).to_bytes().to_vec()
    }

    fn key_data(&self) -> KeyData {
        KeyData::Ed25519(Ed25519PublicKey(self.key.verifying_key().to_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SigningKey").field(&self.verifying_key().fingerprint()).finish()
    }
}

impl VerifyingKey {
    /// `SHA256:` and 43 characters, as `ssh-keygen` shows it.
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint(HashAlg::Sha256).to_string()
    }

    /// The line for a gateway's `allowed_signers`, without a line break. It believes the key for bundles only.
    pub fn allowed_signers_line(&self) -> String {
        format!("{} namespaces=\"{}\" {}", AllowedSigners::PRINCIPAL, sshsig::BUNDLE, self.0.to_string())
    }
}

impl AsRef<PublicKey> for VerifyingKey {
    fn as_ref(&self) -> &PublicKey {
        &self.0
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("VerifyingKey").field(&self.fingerprint()).finish()
    }
}

impl AllowedSigners {
    /// The name by which `ssh-keygen -Y verify -I` asks for the key.
    pub const PRINCIPAL: &str = "gatehouse";

    /// Reads a file `allowed_signers` (ssh-keygen(1), "ALLOWED SIGNERS"). Only lines of the one form that
    /// [`VerifyingKey::allowed_signers_line`] writes, perhaps with a remark behind the key, are taken; a line with
    /// other names or options would mean something else to `ssh-keygen`.
    ///
    /// # Errors
    /// [`SignerProblem`] with the number of the first line that is none of these, or when there is no key.
    pub fn from_text(text: &str) -> Result<Self, SignerProblem> {
        let mut keys = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                keys.push(read_line(line).map_err(|what| SignerProblem { line: index + 1, what })?);
            }
        }
        if keys.is_empty() {
            return Err(SignerProblem { line: 0, what: "holds no key" });
        }
        Ok(Self(keys))
    }

    /// The keys.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.0
    }
}

impl From<VerifyingKey> for AllowedSigners {
    fn from(key: VerifyingKey) -> Self {
        Self(vec![key])
    }
}

fn read_line(line: &str) -> Result<VerifyingKey, &'static str> {
    let mut words = line.split_whitespace();
    if words.next() != Some(AllowedSigners::PRINCIPAL) {
        return Err("does not start with the name gatehouse");
    }
    if words.next() != Some(concat!("namespaces=\"", "gatehouse-bundle", "\"")) {
        return Err("is not for the namespace gatehouse-bundle alone");
    }
    match (words.next(), words.next()) {
        (Some("ssh-ed25519"), Some(data)) => {
            let key = PublicKey::from_openssh(&format!("ssh-ed25519 {data}"));
            key.map(VerifyingKey).map_err(|_| "holds a key that is damaged or was cut off")
        }
        _ => Err("does not hold an ssh-ed25519 key"),
    }
}

#[cfg(all(test, feature = "aws-lc"))]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_signing_make_the_same_signature() {
        let key = SigningKey::from_seed(&[7; 32]);
        assert!(key.quicker.is_some());
        for message in [&b""[..], b"manifest", &[0xff; 5_000]] {
            assert_eq!(key.signed(message), key.key.sign(message).to_bytes());
        }
    }
}
