//! A gateway's private key: it opens bundles and signs receipts.

use std::fmt;

use rsa::{
    BigUint, RsaPrivateKey, pkcs1::DecodeRsaPrivateKey, signature::SignatureEncoding, signature::Signer,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha512;
use ssh_key::{
    Algorithm, HashAlg, Mpint, PrivateKey, Signature, SshSig, private::KeypairData, private::RsaKeypair,
};
use thiserror::Error;

use super::sshsig;
use crate::recipient::{Recipient, RecipientProblem};

/// The private half of a [`Recipient`]. It is never shown.
pub struct GatewayKey {
    opens: Opens,
    signs: Signs,
    recipient: Recipient,
}

enum Opens {
    Ssh(Box<age::ssh::Identity>),
    X25519(age::x25519::Identity),
}

enum Signs {
    Ed25519(Box<PrivateKey>),
    Rsa(Box<RsaPrivateKey>),
    Nothing,
}

/// Why a text is no private key that opens bundles.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GatewayKeyProblem {
    /// Something else than a private key.
    #[error(
        "This is not a private key. Choose the gateway's /etc/ssh/ssh_host_ed25519_key, or a file that age-keygen wrote."
    )]
    NotAPrivateKey,
    /// The public half.
    #[error(
        "This is the public half of a key, and only the private half opens a bundle. Choose the file without .pub."
    )]
    PublicKey,
    /// Protected by a passphrase.
    #[error("This private key has a passphrase. Choose the gateway's host key, which has none.")]
    Encrypted,
    /// A kind of key that age cannot use.
    #[error(
        "age cannot open files with this kind of key. Choose the gateway's ssh-ed25519 or ssh-rsa host key."
    )]
    Unsupported,
    /// Its public half is refused as a recipient.
    #[error("{0}")]
    Recipient(#[from] RecipientProblem),
    /// It is damaged.
    #[error("This private key is damaged or was cut off. Choose the file itself, or copy it whole.")]
    Damaged,
    /// It cannot sign.
    #[error(
        "An age key cannot sign a receipt. Seal this gateway's bundles to its SSH host key if receipts are wanted."
    )]
    CannotSign,
}

impl GatewayKey {
    /// Reads the text of a private key: OpenSSH (`ssh-ed25519`, `ssh-rsa`), PEM as older `ssh-keygen` wrote RSA keys, or
    /// a file of `age-keygen`.
    ///
    /// # Errors
    /// See [`GatewayKeyProblem`].
    pub fn from_text(text: &SecretString) -> Result<Self, GatewayKeyProblem> {
        let text = text.expose_secret().trim();
        if text.starts_with("-----BEGIN OPENSSH PRIVATE KEY-----") {
            return from_openssh(text);
        }
        if text.starts_with("-----BEGIN RSA PRIVATE KEY-----") {
            return from_pkcs1(text);
        }
        if text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
            return Err(GatewayKeyProblem::Encrypted);
        }
        if text.starts_with("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
            return Err(GatewayKeyProblem::Unsupported);
        }
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (lines.next(), lines.next()) {
            (Some(line), None) if line.starts_with("AGE-SECRET-KEY-1") => {
                let key: age::x25519::Identity = line.parse().map_err(|_| GatewayKeyProblem::Damaged)?;
                let recipient = Recipient::from_x25519(key.to_public());
                Ok(Self { opens: Opens::X25519(key), signs: Signs::Nothing, recipient })
            }
            (Some(line), _) if Recipient::from_line(line).is_ok() => Err(GatewayKeyProblem::PublicKey),
            _ => Err(GatewayKeyProblem::NotAPrivateKey),
        }
    }

    /// Its public half.
    pub fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    pub(crate) fn as_age(&self) -> &dyn age::Identity {
        match &self.opens {
            Opens::Ssh(key) => key.as_ref(),
            Opens::X25519(key) => key,
        }
    }

    /// Signs a message as `ssh-keygen -Y sign` does, and gives the signature as text.
    pub(crate) fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, GatewayKeyProblem> {
        let signature = match &self.signs {
            Signs::Ed25519(key) => key.sign(namespace, HashAlg::Sha512, message).ok(),
            Signs::Rsa(key) => self.sign_rsa(key, namespace, message),
            Signs::Nothing => return Err(GatewayKeyProblem::CannotSign),
        };
        signature.as_ref().and_then(sshsig::to_text).ok_or(GatewayKeyProblem::Damaged)
    }

    fn sign_rsa(&self, key: &RsaPrivateKey, namespace: &str, message: &[u8]) -> Option<SshSig> {
        let signed = SshSig::signed_data(namespace, HashAlg::Sha512, message).ok()?;
        let signature = rsa::pkcs1v15::SigningKey::<Sha512>::new(key.clone()).try_sign(&signed).ok()?;
        let algorithm = Algorithm::Rsa { hash: Some(HashAlg::Sha512) };
        let signature = Signature::new(algorithm, signature.to_vec()).ok()?;
        SshSig::new(self.recipient.ssh()?.key_data().clone(), namespace, HashAlg::Sha512, signature).ok()
    }
}

impl fmt::Debug for GatewayKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("GatewayKey").field(&self.recipient).finish()
    }
}

fn from_openssh(text: &str) -> Result<GatewayKey, GatewayKeyProblem> {
    let opens = age_identity(text)?;
    let key = PrivateKey::from_openssh(text).map_err(|_| GatewayKeyProblem::Damaged)?;
    let signs = match key.key_data() {
        KeypairData::Ed25519(_) => Signs::Ed25519(Box::new(key)),
        KeypairData::Rsa(pair) => Signs::Rsa(Box::new(rsa_key(pair).ok_or(GatewayKeyProblem::Damaged)?)),
        _ => return Err(GatewayKeyProblem::Unsupported),
    };
    with_recipient(opens, signs)
}

fn from_pkcs1(text: &str) -> Result<GatewayKey, GatewayKeyProblem> {
    let opens = age_identity(text)?;
    let key = RsaPrivateKey::from_pkcs1_pem(text).map_err(|_| GatewayKeyProblem::Damaged)?;
    with_recipient(opens, Signs::Rsa(Box::new(key)))
}

fn age_identity(text: &str) -> Result<age::ssh::Identity, GatewayKeyProblem> {
    use age::ssh::{Identity, UnsupportedKey};
    match Identity::from_buffer(text.as_bytes(), None) {
        Ok(key @ Identity::Unencrypted(_)) => Ok(key),
        Ok(Identity::Encrypted(_)) => Err(GatewayKeyProblem::Encrypted),
        Ok(Identity::Unsupported(UnsupportedKey::EncryptedPem | UnsupportedKey::EncryptedSsh(_))) => {
            Err(GatewayKeyProblem::Encrypted)
        }
        Ok(Identity::Unsupported(_)) => Err(GatewayKeyProblem::Unsupported),
        Err(_) => Err(GatewayKeyProblem::Damaged),
    }
}

fn with_recipient(opens: age::ssh::Identity, signs: Signs) -> Result<GatewayKey, GatewayKeyProblem> {
    let public = age::ssh::Recipient::try_from(opens.clone()).map_err(|_| GatewayKeyProblem::Unsupported)?;
    let recipient = Recipient::from_line(&public.to_string())?;
    Ok(GatewayKey { opens: Opens::Ssh(Box::new(opens)), signs, recipient })
}

fn rsa_key(pair: &RsaKeypair) -> Option<RsaPrivateKey> {
    let number = |number: &Mpint| number.as_positive_bytes().map(BigUint::from_bytes_be);
    let primes = vec![number(&pair.private.p)?, number(&pair.private.q)?];
    let (modulus, exponent) = (number(&pair.public.n)?, number(&pair.public.e)?);
    RsaPrivateKey::from_components(modulus, exponent, number(&pair.private.d)?, primes).ok()
}
