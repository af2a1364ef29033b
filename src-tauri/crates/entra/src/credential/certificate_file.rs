//! Keys and certificates out of PEM text and PFX files.

use p12_keystore::{Pkcs12Archive, error::Error as PfxError};
use pem::Pem;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::{EncryptedPrivateKeyInfoRef, Error as Pkcs8Error, pkcs5};
use secrecy::{ExposeSecret, SecretString};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use zeroize::Zeroizing;

use super::certificate_problem::CertificateProblem;
use super::private_key::RsaPrivateKey;

/// A file from a stranger may ask for any amount of work before its password can be judged.
const MOST_ITERATIONS: u32 = 10_000_000;
const MOST_SCRYPT_BYTES: u64 = 1 << 28;

/// What a file holds.
pub(super) struct CertificateFile {
    pub(super) keys: Vec<RsaPrivateKey>,
    /// In DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

pub(super) fn from_pem(
    text: &[u8],
    password: Option<&SecretString>,
) -> Result<CertificateFile, CertificateProblem> {
    if text.trim_ascii().is_empty() {
        return Err(CertificateProblem::Empty);
    }
    let blocks = pem::parse_many(text).map_err(|_| CertificateProblem::NotPem)?;
    if blocks.is_empty() {
        return Err(CertificateProblem::NotPem);
    }
    let mut file = CertificateFile { keys: Vec::new(), certificates: Vec::new() };
    for block in blocks {
        match block.tag() {
            "CERTIFICATE" | "X509 CERTIFICATE" => file.certificates.push(block.into_contents()),
            tag if tag.ends_with("PRIVATE KEY") => file.keys.push(key_of(block, password)?),
            _ => {}
        }
    }
    Ok(file)
}

/// The key in a block whose name ends in `PRIVATE KEY`. An encrypted block of the older kind (RFC 1421) says so in
/// its headers.
fn key_of(block: Pem, password: Option<&SecretString>) -> Result<RsaPrivateKey, CertificateProblem> {
    let tag = block.tag().to_owned();
    let is_old_encryption = block.headers().get("Proc-Type").is_some();
    let der = Zeroizing::new(block.into_contents());
    match tag.as_str() {
        "ENCRYPTED PRIVATE KEY" => decrypted(&der, password),
        "PRIVATE KEY" => RsaPrivateKey::from_pkcs8(&der),
        "RSA PRIVATE KEY" if is_old_encryption => Err(CertificateProblem::UnsupportedEncryption),
        "RSA PRIVATE KEY" => Ok(RsaPrivateKey::from_pkcs1(der.to_vec())),
        _ => Err(CertificateProblem::NotRsa),
    }
}

/// Opens encrypted PKCS#8 (RFC 5958). What cannot be parsed is most often encrypted as PKCS#12 did it, before PBES2.
fn decrypted(der: &[u8], password: Option<&SecretString>) -> Result<RsaPrivateKey, CertificateProblem> {
    let info =
        EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| CertificateProblem::UnsupportedEncryption)?;
    let kdf = info.encryption_algorithm.pbes2().map(|parameters| &parameters.kdf);
    if !kdf.is_some_and(is_bearable) {
        return Err(CertificateProblem::UnsupportedEncryption);
    }
    let password = password.ok_or(CertificateProblem::PasswordNeeded)?;
    let key = info.decrypt(password.expose_secret()).map_err(|error| match error {
        Pkcs8Error::EncryptedPrivateKey(pkcs5::Error::UnsupportedAlgorithm { .. }) => {
            CertificateProblem::UnsupportedEncryption
        }
        _ => CertificateProblem::PasswordWrong,
    })?;
    RsaPrivateKey::from_pkcs8(key.as_bytes())
}

fn is_bearable(kdf: &Kdf) -> bool {
    match kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= MOST_ITERATIONS,
        Kdf::Scrypt(parameters) => {
            let memory =
                parameters.cost_parameter.saturating_mul(128).saturating_mul(parameters.block_size.into());
            memory.saturating_mul(parameters.parallelization.into()) <= MOST_SCRYPT_BYTES
        }
        _ => false,
    }
}

pub(super) fn from_pfx(
    content: &[u8],
    password: Option<&SecretString>,
) -> Result<CertificateFile, CertificateProblem> {
    if content.is_empty() {
        return Err(CertificateProblem::Empty);
    }
    if X509Certificate::from_der(content).is_ok() {
        return Err(CertificateProblem::NoPrivateKey);
    }
    let given = password.map(ExposeSecret::expose_secret);
    if given.is_some_and(|password| password.chars().any(|character| character > '\u{ffff}')) {
        return Err(CertificateProblem::PasswordUnsupported);
    }
    let archive =
        Pkcs12Archive::from_pkcs12(content, given.unwrap_or_default()).map_err(|error| match error {
            PfxError::MacError(_) | PfxError::Pkcs5Error(_) | PfxError::UnpadError => match given {
                None => CertificateProblem::PasswordNeeded,
                Some(_) => CertificateProblem::PasswordWrong,
            },
            PfxError::InvalidParameters
            | PfxError::UnsupportedEncryptionScheme
            | PfxError::UnsupportedMacAlgorithm => CertificateProblem::UnsupportedEncryption,
            PfxError::InvalidPrivateKey => CertificateProblem::KeyUnreadable,
            PfxError::UnsupportedCertificateType | PfxError::X509Error(_) => {
                CertificateProblem::CertificateUnreadable
            }
            _ => CertificateProblem::NotPfx,
        })?;
    let keys = archive.keys.iter().map(|bag| RsaPrivateKey::from_pkcs8(bag.key.as_der()));
    Ok(CertificateFile {
        keys: keys.collect::<Result<_, _>>()?,
        certificates: archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect(),
    })
}
