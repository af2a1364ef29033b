//! SSH signatures: the format that `ssh-keygen -Y sign` writes and `ssh-keygen -Y verify` checks.
//!
//! Source: OpenSSH, `PROTOCOL.sshsig`.

use ssh_key::{HashAlg, LineEnding, PublicKey, SshSig};

/// The namespace of a bundle's manifest.
pub(crate) const BUNDLE: &str = "gatehouse-bundle";
/// The namespace of a gateway's receipt.
pub(crate) const RECEIPT: &str = "gatehouse-receipt";

/// Why a signature does not prove what it should.
#[derive(Debug)]
pub(crate) enum SignatureFault {
    Unreadable,
    WrongKey { fingerprint: String },
    WrongNamespace,
    Wrong,
}

/// Checks that one of the keys signed the message for the namespace.
///
/// The signature is taken in one spelling only, the one that `ssh-keygen` writes: no bit of it can change unseen.
pub(crate) fn verify(
    armored: &[u8],
    message: &[u8],
    namespace: &str,
    keys: impl IntoIterator<Item = impl AsRef<PublicKey>>,
) -> Result<(), SignatureFault> {
    let signature = read(armored)?;
    let Some(key) = keys.into_iter().find(|key| key.as_ref().key_data() == signature.public_key()) else {
        let fingerprint = signature.public_key().fingerprint(HashAlg::Sha256).to_string();
        return Err(SignatureFault::WrongKey { fingerprint });
    };
    if signature.namespace() != namespace {
        return Err(SignatureFault::WrongNamespace);
    }
    key.as_ref().verify(namespace, message, &signature).map_err(|_| SignatureFault::Wrong)
}

/// The fingerprint of the key, whoever's it is, that signed the message for the namespace.
pub(crate) fn signer(armored: &[u8], message: &[u8], namespace: &str) -> Option<String> {
    let signature = read(armored).ok()?;
    let key = PublicKey::from(signature.public_key().clone());
    key.verify(namespace, message, &signature).ok()?;
    Some(key.fingerprint(HashAlg::Sha256).to_string())
}

fn read(armored: &[u8]) -> Result<SshSig, SignatureFault> {
    let signature = SshSig::from_pem(armored).map_err(|_| SignatureFault::Unreadable)?;
    // The version is the one field that a signature does not cover.
    let plain = signature.version() == SshSig::VERSION && signature.reserved().is_empty();
    if !plain || to_text(&signature).is_none_or(|text| text.as_bytes() != armored) {
        return Err(SignatureFault::Unreadable);
    }
    Ok(signature)
}

/// The signature as `ssh-keygen` writes it, with a line break at the end.
pub(crate) fn to_text(signature: &SshSig) -> Option<String> {
    let mut text = signature.to_pem(LineEnding::LF).ok()?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Some(text)
}
