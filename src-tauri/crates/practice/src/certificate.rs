//! The client certificate that is registered on the app: what the portal shows of it, and its public key.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey};
use sha2::{Digest, Sha256};
use x509_parser::{certificate::X509Certificate, pem::Pem, prelude::FromDer, public_key::PublicKey};

/// A certificate as `keyCredentials` of the application has it.
#[derive(Clone)]
pub(crate) struct ClientCertificate {
    /// Its subject, such as `CN=gateway`.
    pub(crate) subject: String,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    sha1: Vec<u8>,
    sha256: Vec<u8>,
    key: Key,
}

#[derive(Clone)]
enum Key {
    Rsa(DecodingKey),
    EllipticP256(DecodingKey),
}

impl ClientCertificate {
    /// Reads what **Upload certificate** takes: X.509 in DER, or PEM text that holds it. Refuses a file in which the
    /// private key came along. The error is a sentence.
    pub(crate) fn read_upload(file: &[u8]) -> Result<Self, String> {
        const DER_SEQUENCE: u8 = 0x30;
        if file.first() == Some(&DER_SEQUENCE) {
            return Self::read_der(file)
                .map_err(|problem| problem.replace("Its PEM block “CERTIFICATE”", "It"));
        }
        if Pem::iter_from_buffer(file).flatten().any(|block| block.label.ends_with("PRIVATE KEY")) {
            return Err(
                "It holds a private key, which stays with the gateway; upload the .cer file.".to_owned()
            );
        }
        Self::read(file)
    }

    /// Reads PEM text that holds exactly one certificate; other blocks in it are left alone. The error is a sentence.
    pub(crate) fn read(pem: &[u8]) -> Result<Self, String> {
        let mut certificates =
            Pem::iter_from_buffer(pem).flatten().filter(|block| block.label == "CERTIFICATE");
        let block = certificates.next().ok_or("It holds no PEM block “CERTIFICATE”.")?;
        if certificates.next().is_some() {
            return Err(
                "It holds more than one certificate; only the gateway’s own belongs in it.".to_owned()
            );
        }
        Self::read_der(&block.contents)
    }

    fn read_der(der: &[u8]) -> Result<Self, String> {
        let not_one = "Its PEM block “CERTIFICATE” is no X.509 certificate.";
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| not_one)?;
        if !rest.is_empty() {
            return Err(not_one.to_owned());
        }
        let time = |seconds: i64| Timestamp::from_second(seconds).map_err(|_| "Its dates cannot be read.");
        Ok(Self {
            subject: certificate.subject().to_string(),
            start: time(certificate.validity().not_before.timestamp())?,
            end: time(certificate.validity().not_after.timestamp())?,
            sha1: digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref().to_vec(),
            sha256: Sha256::digest(der).to_vec(),
            key: Key::read(&certificate)?,
        })
    }

    /// The SHA-1 thumbprint as the portal shows it, upper-case hex.
    pub(crate) fn thumbprint(&self) -> String {
        upper_hex(&self.sha1)
    }

    /// `customKeyIdentifier` of the key credential: the SHA-1 thumbprint, base64.
    pub(crate) fn custom_key_identifier(&self) -> String {
        STANDARD.encode(&self.sha1)
    }

    /// True when this is the certificate whose SHA-1 or SHA-256 stands in the head of an assertion.
    pub(crate) fn has_hash(&self, hash: &[u8]) -> bool {
        hash == self.sha1 || hash == self.sha256
    }

    /// The key, when it can have made a signature of this kind.
    pub(crate) fn key_for(&self, algorithm: Algorithm) -> Option<&DecodingKey> {
        match (&self.key, algorithm) {
            (Key::Rsa(key), Algorithm::RS256 | Algorithm::PS256)
            | (Key::EllipticP256(key), Algorithm::ES256) => Some(key),
            _ => None,
        }
    }
}

impl Key {
    fn read(certificate: &X509Certificate<'_>) -> Result<Self, &'static str> {
        const P256_POINT: usize = 65;
        let info = certificate.public_key();
        let bytes = &info.subject_public_key.data;
        match info.parsed() {
            Ok(PublicKey::RSA(_)) => Ok(Self::Rsa(DecodingKey::from_rsa_der(bytes))),
            Ok(PublicKey::EC(point)) if point.data().len() == P256_POINT => {
                Ok(Self::EllipticP256(DecodingKey::from_ec_der(bytes)))
            }
            _ => Err("Its key is neither RSA nor elliptic on the curve P-256."),
        }
    }
}

/// Upper-case hex without separators.
pub(crate) fn upper_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};

    use super::*;

    fn pem(key: &KeyPair) -> String {
        CertificateParams::new(vec!["gateway".to_owned()]).unwrap().self_signed(key).unwrap().pem()
    }

    fn problem(text: &str) -> String {
        ClientCertificate::read(text.as_bytes()).err().unwrap()
    }

    #[test]
    fn one_certificate_is_read_also_beside_other_blocks() {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let text = pem(&key);
        let read = ClientCertificate::read(format!("{}{text}", key.serialize_pem()).as_bytes()).unwrap();
        assert_eq!((read.thumbprint().len(), read.custom_key_identifier().len()), (40, 28));
        assert!(read.start < read.end && read.subject.starts_with("CN="));
        assert!(read.key_for(Algorithm::PS256).is_some() && read.key_for(Algorithm::ES256).is_none());
        let elliptic = ClientCertificate::read(pem(&KeyPair::generate().unwrap()).as_bytes()).unwrap();
        assert!(elliptic.key_for(Algorithm::ES256).is_some() && elliptic.key_for(Algorithm::RS256).is_none());
    }

    #[test]
    fn an_upload_is_der_or_pem_and_never_the_key() {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let made = CertificateParams::new(vec!["gateway".to_owned()]).unwrap().self_signed(&key).unwrap();
        let read = |file: &[u8]| ClientCertificate::read_upload(file).map(|read| read.thumbprint());
        let by_der = read(made.der()).unwrap();
        assert_eq!(read(made.pem().as_bytes()).unwrap(), by_der);
        let both = format!("{}{}", made.pem(), key.serialize_pem());
        assert!(read(both.as_bytes()).unwrap_err().contains("private key"));
        assert!(read(&made.der()[..400]).unwrap_err().contains("It is no X.509"));
        assert!(read(key.serialized_der()).is_err() && read(b"").is_err());
    }

    #[test]
    fn what_is_no_certificate_is_said() {
        let text = pem(&KeyPair::generate().unwrap());
        assert!(problem("").contains("no PEM block"));
        assert!(problem(&format!("{text}{text}")).contains("more than one"));
        assert!(problem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").contains("X.509"));
    }
}
