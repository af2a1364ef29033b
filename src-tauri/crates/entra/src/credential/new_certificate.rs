//! A new key and the certificate that it signs for itself.

use jiff::Timestamp;
use rcgen::{
    CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RsaKeySize, SerialNumber,
};
use time::OffsetDateTime;
use uuid::Uuid;

use super::certificate::ClientCertificate;
use super::certificate_file::CertificateFile;
use super::certificate_problem::CertificateProblem;
use super::private_key::RsaPrivateKey;

/// What a new certificate is to say.
#[derive(Clone, Debug)]
pub struct NewCertificate {
    /// The subject's and issuer's common name.
    pub common_name: String,
    /// The length of its RSA key.
    pub key_size: KeySize,
    /// The start of its validity, in whole seconds.
    pub not_before: Timestamp,
    /// The end of its validity, in whole seconds.
    pub not_after: Timestamp,
    /// Its serial number: a random one.
    pub serial: Uuid,
}

/// The length of an RSA key. Entra ID wants 2048 bits or more.
/// Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeySize {
    /// 2048 bits.
    Rsa2048,
    /// 3072 bits, which is thought to hold beyond 2030 (NIST SP 800-57, part 1, table 2).
    #[default]
    Rsa3072,
    /// 4096 bits.
    Rsa4096,
}

impl KeySize {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096];

    /// Its length in bits.
    pub fn bits(self) -> u32 {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
        }
    }
}

impl ClientCertificate {
    /// Makes an RSA key and a certificate that it signs itself (X.509 version 3, SHA-256, `digitalSignature`, no
    /// authority). The key's randomness is the cryptographic library's own. A long key takes a second or more.
    ///
    /// # Errors
    /// The key could not be made, or the dates cannot be written.
    pub fn make(new: &NewCertificate) -> Result<Self, CertificateProblem> {
        let not_made = |_| CertificateProblem::NotMade;
        let mut wanted = CertificateParams::new(Vec::new()).map_err(not_made)?;
        wanted.distinguished_name.push(DnType::CommonName, new.common_name.as_str());
        wanted.serial_number = Some(SerialNumber::from_slice(new.serial.as_bytes()));
        wanted.is_ca = IsCa::ExplicitNoCa;
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        (wanted.not_before, wanted.not_after) = (moment(new.not_before)?, moment(new.not_after)?);
        let size = match new.key_size {
            KeySize::Rsa2048 => RsaKeySize::_2048,
            KeySize::Rsa3072 => RsaKeySize::_3072,
            KeySize::Rsa4096 => RsaKeySize::_4096,
        };
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size).map_err(not_made)?;
        let certificate = wanted.self_signed(&key).map_err(not_made)?;
        Self::of(&CertificateFile {
            keys: vec![RsaPrivateKey::from_pkcs8(key.serialized_der())?],
            certificates: vec![certificate.der().to_vec()],
        })
    }
}

fn moment(time: Timestamp) -> Result<OffsetDateTime, CertificateProblem> {
    OffsetDateTime::from_unix_timestamp(time.as_second()).map_err(|_| CertificateProblem::NotMade)
}
