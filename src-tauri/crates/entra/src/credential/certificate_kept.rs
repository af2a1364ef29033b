//! A certificate and its key on their way to where they are kept, and back.

use pem::{EncodeConfig, LineEnding, Pem};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroizing;

use super::certificate::ClientCertificate;
use super::certificate_file::CertificateFile;
use super::certificate_problem::CertificateProblem;
use super::private_key::RsaPrivateKey;

impl ClientCertificate {
    /// Puts a certificate and the private key that was kept apart from it together again.
    ///
    /// `certificate` is X.509 in DER, `key` is PKCS#8 in DER (RFC 5208) without encryption.
    ///
    /// # Errors
    /// One of them is damaged, or they do not belong to each other.
    pub fn from_parts(certificate: &[u8], key: &SecretSlice<u8>) -> Result<Self, CertificateProblem> {
        Self::of(&CertificateFile {
            keys: vec![RsaPrivateKey::from_pkcs8(key.expose_secret())?],
            certificates: vec![certificate.to_vec()],
        })
    }

    /// The private key alone, in PKCS#8 (RFC 5208) as DER without encryption.
    ///
    /// # Errors
    /// The key cannot be written in this form.
    pub fn private_key_der(&self) -> Result<SecretSlice<u8>, CertificateProblem> {
        Ok(SecretSlice::from(self.private_key().to_pkcs8()?.to_vec()))
    }

    /// The certificate, then its private key in PKCS#8, as one PEM text (RFC 7468): what
    /// `AZURE_CLIENT_CERTIFICATE_PATH` leads to.
    ///
    /// # Errors
    /// The key cannot be written in this form.
    pub fn to_pem(&self) -> Result<SecretString, CertificateProblem> {
        let lines = EncodeConfig::new().set_line_ending(LineEnding::LF);
        let encoded = |tag: &str, der: &[u8]| pem::encode_config(&Pem::new(tag, der), lines);
        let mut text = encoded("CERTIFICATE", self.certificate_der());
        let key = Zeroizing::new(encoded("PRIVATE KEY", &self.private_key().to_pkcs8()?));
        text.push_str(&key);
        Ok(SecretString::from(text))
    }
}
