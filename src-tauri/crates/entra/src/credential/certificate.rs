//! A certificate with its private key: what an application signs its client assertions with.

use std::fmt;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use jiff::Timestamp;
use jsonwebtoken::EncodingKey;
use secrecy::SecretString;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::certificate_file::{self, CertificateFile};
use super::certificate_problem::CertificateProblem;
use super::private_key::RsaPrivateKey;
use crate::redaction::plain;

/// An RSA certificate and the private key that belongs to it, kept in memory.
///
/// The key is never printed and never serialised; the copies made here are zeroed when they are dropped. What the
/// PFX and PEM readers copy while they read is freed without that.
#[derive(Clone)]
pub struct ClientCertificate {
    key: RsaPrivateKey,
    der: Vec<u8>,
    key_bits: usize,
    subject: String,
    not_before: Timestamp,
    not_after: Timestamp,
}

impl ClientCertificate {
    /// Reads a file of either kind, told apart by its first byte: PFX is DER, everything else is taken for PEM.
    ///
    /// # Errors
    /// As [`ClientCertificate::from_pem`] and [`ClientCertificate::from_pfx`].
    pub fn from_file(content: &[u8], password: Option<&SecretString>) -> Result<Self, CertificateProblem> {
        const DER_SEQUENCE: u8 = 0x30;
        if content.first() == Some(&DER_SEQUENCE) {
            Self::from_pfx(content, password)
        } else {
            Self::from_pem(content, password)
        }
    }

    /// Reads PEM text (RFC 7468): the certificate and its key in any order, the key as PKCS#8, encrypted PKCS#8
    /// or PKCS#1. Certificates that do not belong to the key, such as the chain, are passed over.
    ///
    /// # Errors
    /// Names the part of the file that cannot be used, and what to do about it.
    pub fn from_pem(pem: &[u8], password: Option<&SecretString>) -> Result<Self, CertificateProblem> {
        certificate_file::from_pem(pem, password).and_then(|file| Self::of(&file))
    }

    /// Reads PFX, also called PKCS#12 (RFC 7292), with AES or with the older 3DES and RC2 encryption. A file
    /// without a password is one with an empty password. Opening takes as long as the file's maker wanted it to
    /// take: usually milliseconds, a second or two at most.
    ///
    /// # Errors
    /// Names the part of the file that cannot be used, and what to do about it.
    pub fn from_pfx(pfx: &[u8], password: Option<&SecretString>) -> Result<Self, CertificateProblem> {
        certificate_file::from_pfx(pfx, password).and_then(|file| Self::of(&file))
    }

    pub(super) fn of(file: &CertificateFile) -> Result<Self, CertificateProblem> {
        if file.keys.is_empty() {
            return Err(CertificateProblem::NoPrivateKey);
        }
        if file.certificates.is_empty() {
            return Err(CertificateProblem::NoCertificate);
        }
        for key in &file.keys {
            let pair = key.pair()?;
            if let Some(certificate) = certificate_of(&pair, &file.certificates) {
                return Self::joined(key, &pair, certificate);
            }
        }
        let unreadable = |der: &Vec<u8>| parsed(der).is_none();
        Err(if file.certificates.iter().any(unreadable) {
            CertificateProblem::CertificateUnreadable
        } else {
            CertificateProblem::KeyMismatch
        })
    }

    fn joined(key: &RsaPrivateKey, pair: &RsaKeyPair, der: &[u8]) -> Result<Self, CertificateProblem> {
        let certificate = parsed(der).ok_or(CertificateProblem::CertificateUnreadable)?;
        let validity = certificate.validity();
        Ok(Self {
            key: key.clone(),
            der: der.to_vec(),
            key_bits: pair.public_modulus_len() * 8,
            subject: plain(&certificate.subject().to_string(), 200),
            not_before: timestamp(validity.not_before.timestamp()),
            not_after: timestamp(validity.not_after.timestamp()),
        })
    }

    /// SHA-1 of the certificate in upper-case hexadecimal: the *Thumbprint* in the portal.
    pub fn sha1_thumbprint(&self) -> String {
        hexadecimal(&self.sha1())
    }

    /// SHA-256 of the certificate in upper-case hexadecimal.
    pub fn sha256_thumbprint(&self) -> String {
        hexadecimal(&self.sha256())
    }

    /// The subject's name as one line, such as `CN=gateway`, at most 200 characters.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The start of the certificate's validity.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The end of the certificate's validity.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The length of the RSA key in bits, 2048 or more.
    pub fn key_bits(&self) -> usize {
        self.key_bits
    }

    /// The certificate alone, in DER: the public half, which is what is uploaded in the portal as `.cer`.
    pub fn certificate_der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn sha1(&self) -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der).as_ref().to_vec()
    }

    pub(super) fn sha256(&self) -> Vec<u8> {
        digest(&SHA256, &self.der).as_ref().to_vec()
    }

    pub(super) fn signing_key(&self) -> EncodingKey {
        self.key.signing_key()
    }

    pub(super) fn private_key(&self) -> &RsaPrivateKey {
        &self.key
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("sha1_thumbprint", &self.sha1_thumbprint())
            .field("not_after", &self.not_after)
            .finish_non_exhaustive()
    }
}

fn certificate_of<'a>(pair: &RsaKeyPair, certificates: &'a [Vec<u8>]) -> Option<&'a Vec<u8>> {
    let public_key = pair.public_key().as_ref();
    certificates.iter().find(|der| {
        parsed(der).is_some_and(|certificate| {
            certificate.public_key().subject_public_key.data.as_ref() == public_key
        })
    })
}

fn parsed(der: &[u8]) -> Option<X509Certificate<'_>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(certificate)
}

/// A certificate without an end says 9999-12-31, which is just outside the range of a timestamp.
fn timestamp(seconds: i64) -> Timestamp {
    let nearest = if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(seconds).unwrap_or(nearest)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
