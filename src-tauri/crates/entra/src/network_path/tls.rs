//! The TLS handshake with the client's own trust, and a note of what was shown.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, ProtocolVersion, RootCertStore, SignatureScheme};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

use crate::redaction::{Redaction, plain};

/// The longest name from a certificate, and the most names of each kind, that are kept.
const NAME_CAP: usize = 120;
const NAMES_CAP: usize = 12;

/// What TLS showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsSeen {
    /// `TLS 1.2` or `TLS 1.3`; none when the certificate was not trusted, for the handshake then ends early.
    pub version: Option<String>,
    /// Who issued the certificate: common name and organisation.
    pub issuer: String,
    /// Who issued the issuer, and so on upwards, as far as the certificates that were shown tell.
    pub issuers_above: Vec<String>,
    /// Whom the certificate names: common name and organisation.
    pub subject: String,
    /// The host names and addresses that the certificate is for.
    pub names: Vec<String>,
    /// Start of its validity.
    pub not_before: Option<Timestamp>,
    /// End of its validity.
    pub not_after: Option<Timestamp>,
    /// This computer trusts it for this host, at this time.
    pub trusted: bool,
    /// SHA-256 of the certificate's public key (its `SubjectPublicKeyInfo`) in lower-case hexadecimal, to compare.
    pub key_sha256: String,
}

/// The client's trust: the system's anchors, and those that were added.
#[derive(Clone)]
pub(super) struct Trust(Arc<dyn ServerCertVerifier>);

impl Trust {
    /// As the client is prepared: with `only_these`, the given anchors take the system's place.
    pub(super) fn load(pem: Option<&[u8]>, only_these: bool) -> Option<Self> {
        let anchors: Vec<CertificateDer<'static>> =
            pem.map(|pem| CertificateDer::pem_slice_iter(pem).flatten().collect()).unwrap_or_default();
        let verifier: Arc<dyn ServerCertVerifier> = if only_these && pem.is_some() {
            let mut store = RootCertStore::empty();
            store.add_parsable_certificates(anchors);
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider()).build().ok()?
        } else {
            Arc::new(rustls_platform_verifier::Verifier::new_with_extra_roots(anchors, provider()).ok()?)
        };
        Some(Self(verifier))
    }
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()))
}

/// Judges as the client does, and notes the certificate. What is not trusted ends the handshake here too.
#[derive(Debug)]
pub(super) struct Witness {
    trust: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<TlsSeen>>,
}

impl Witness {
    pub(super) fn with(trust: &Trust) -> Arc<Self> {
        Arc::new(Self { trust: trust.0.clone(), seen: Mutex::new(None) })
    }

    /// What was shown so far.
    pub(super) fn seen(&self) -> Option<TlsSeen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Offers these protocols (ALPN, RFC 7301) for what would come after.
    pub(super) async fn handshake<S>(
        self: &Arc<Self>,
        host: &str,
        stream: S,
        protocols: &[&[u8]],
    ) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(self.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let version = stream.get_ref().1.protocol_version();
        if let Some(seen) = &mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner) {
            seen.version = version.map(words);
        }
        Ok(stream)
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict =
            self.trust.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            read(end_entity, intermediates, verdict.is_ok());
        verdict
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.trust.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.trust.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.supported_verify_schemes()
    }
}

/// None where the certificate is not one.
fn read(shown: &CertificateDer<'_>, chain: &[CertificateDer<'_>], trusted: bool) -> Option<TlsSeen> {
    let (_, certificate) = X509Certificate::from_der(shown).ok()?;
    let validity = certificate.validity();
    let key = Sha256::digest(certificate.public_key().raw);
    Some(TlsSeen {
        version: None,
        issuer: name(certificate.issuer()),
        issuers_above: issuers_above(&certificate, chain),
        subject: name(certificate.subject()),
        names: names(&certificate),
        not_before: time(validity.not_before),
        not_after: time(validity.not_after),
        trusted,
        key_sha256: key.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

/// Follows the issuers through the certificates that were shown, in whatever order they came.
fn issuers_above(certificate: &X509Certificate<'_>, chain: &[CertificateDer<'_>]) -> Vec<String> {
    let shown: Vec<X509Certificate<'_>> =
        chain.iter().filter_map(|der| Some(X509Certificate::from_der(der).ok()?.1)).collect();
    let mut above: Vec<String> = Vec::new();
    let mut at = certificate;
    while let Some(issuer) = shown.iter().find(|issuer| issuer.subject() == at.issuer()) {
        if issuer.issuer() == issuer.subject() || above.len() >= NAMES_CAP {
            break;
        }
        above.push(name(issuer.issuer()));
        at = issuer;
    }
    above
}

/// `Common name, Organisation`, or the one of them that there is.
fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|part| part.as_str().ok());
    let organisation = name.iter_organization().next().and_then(|part| part.as_str().ok());
    match (common, organisation) {
        (Some(common), Some(organisation)) if common != organisation => {
            format!("{}, {}", clean(common), clean(organisation))
        }
        (Some(only), _) | (None, Some(only)) => clean(only),
        (None, None) => "a certificate without a name".to_owned(),
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let alternatives = alternatives.map(|found| found.value.general_names.as_slice()).unwrap_or_default();
    let names = alternatives.iter().filter_map(|alternative| match alternative {
        GeneralName::DNSName(name) => Some(clean(name)),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    });
    names.take(NAMES_CAP).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(bytes).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|bytes| std::net::Ipv6Addr::from(bytes).to_string())
}

fn clean(text: &str) -> String {
    plain(&Redaction::default().clean(text), NAME_CAP)
}

fn time(time: ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

fn words(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

    use super::*;

    struct Authority {
        params: CertificateParams,
        key: KeyPair,
    }

    fn authority(common: &str, organisation: Option<&str>) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common);
        if let Some(organisation) = organisation {
            params.distinguished_name.push(DnType::OrganizationName, organisation);
        }
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority { params, key: KeyPair::generate().unwrap() }
    }

    fn signed(params: &CertificateParams, key: &KeyPair, by: &Authority) -> CertificateDer<'static> {
        let issuer = Issuer::from_params(&by.params, &by.key);
        params.signed_by(key, &issuer).unwrap().der().clone()
    }

    #[test]
    fn issuers_are_followed_as_far_as_they_are_shown() {
        let root = authority("Root", None);
        let middle = authority("Middle", Some("Contoso"));
        let issuing = authority("Issuing <b>CA</b>\u{202e}\n", Some("Contoso"));
        let mut params =
            CertificateParams::new(vec!["login.example".to_owned(), "192.0.2.7".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        let key = KeyPair::generate().unwrap();
        let leaf = signed(&params, &key, &issuing);
        let root_itself = signed(&root.params, &root.key, &root);
        let shown = [
            root_itself,
            signed(&middle.params, &middle.key, &root),
            signed(&issuing.params, &issuing.key, &middle),
        ];
        let seen = read(&leaf, &shown, false).unwrap();
        assert_eq!(seen.issuer, "Issuing, Contoso");
        assert_eq!(seen.issuers_above, ["Middle, Contoso", "Root"]);
        assert_eq!(seen.names, ["login.example", "192.0.2.7"]);
        assert_eq!(seen.subject, "a certificate without a name");
        assert!(read(&leaf, &shown[..2], false).unwrap().issuers_above.is_empty());
        assert_eq!(read(&CertificateDer::from(vec![0x30, 0x00]), &[], false), None);
    }
}
