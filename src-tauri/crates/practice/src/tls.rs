//! Throwaway keys: a CA that lives as long as the process, the server's certificate, and the token signing key.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use aws_lc_rs::digest;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, SanType,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::default_provider,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::StartProblem;

/// Everything secret of one run.
pub(crate) struct Keys {
    pub(crate) ca_pem: String,
    pub(crate) certificates: Certificates,
    pub(crate) signing: SigningKey,
    /// Binds page tokens to this run.
    pub(crate) run: [u8; 32],
}

/// What the servers show: their own certificate, and those that scenarios show in its place.
#[derive(Clone)]
pub(crate) struct Certificates {
    pub(crate) own: Arc<ServerConfig>,
    /// Of a CA that nobody has been told to trust.
    pub(crate) other_issuer: Arc<ServerConfig>,
    /// For another host.
    pub(crate) other_name: Arc<ServerConfig>,
    /// It ended yesterday.
    pub(crate) ended: Arc<ServerConfig>,
}

/// The key that signs tokens, as the JWKS endpoint shows it.
pub(crate) struct SigningKey {
    pub(crate) encoding: jsonwebtoken::EncodingKey,
    pub(crate) decoding: jsonwebtoken::DecodingKey,
    /// `kid` and `x5t`: base64url of the SHA-1 of the certificate (RFC 7515, section 4.1.7).
    pub(crate) thumbprint: String,
    /// The certificate, base64 of DER.
    pub(crate) certificate: String,
    pub(crate) modulus: String,
    pub(crate) exponent: String,
}

impl Keys {
    /// Makes new keys, valid from a day before `now` to thirty days after it.
    pub(crate) fn generate(now: Timestamp) -> Result<Self, StartProblem> {
        let validity = Validity::around(now)?;
        let ca = validity.ca("Gatehouse practice CA", None).map_err(keys_problem)?;
        Ok(Self {
            ca_pem: ca.pem(),
            certificates: Certificates::generate(&validity, &ca)?,
            run: Sha256::digest(ca.key().serialized_der()).into(),
            signing: SigningKey::generate(&validity)?,
        })
    }
}

impl Certificates {
    fn generate(validity: &Validity, ca: &CertifiedIssuer<'static, KeyPair>) -> Result<Self, StartProblem> {
        let middlebox = validity.ca("Fabrikam TLS Inspection CA (practice)", Some("Fabrikam Web Gateway"));
        let middlebox = middlebox.map_err(keys_problem)?;
        let config = |validity: &Validity, ca, name: &str| server_config(validity, ca, name).map(Arc::new);
        Ok(Self {
            own: config(validity, ca, "localhost")?,
            other_issuer: config(validity, &middlebox, "localhost")?,
            other_name: config(validity, ca, "balancer.contoso-practice.example")?,
            ended: config(&validity.past(), ca, "localhost")?,
        })
    }
}

impl SigningKey {
    fn generate(validity: &Validity) -> Result<Self, StartProblem> {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).map_err(keys_problem)?;
        let mut params = validity.params("Gatehouse practice token signing");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key).map_err(keys_problem)?;
        let encoding =
            jsonwebtoken::EncodingKey::from_rsa_pem(key.serialize_pem().as_bytes()).map_err(keys_problem)?;
        let decoding =
            jsonwebtoken::DecodingKey::from_rsa_pem(key.public_key_pem().as_bytes()).map_err(keys_problem)?;
        let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&encoding, jsonwebtoken::Algorithm::RS256)
            .map_err(keys_problem)?;
        let jsonwebtoken::jwk::AlgorithmParameters::RSA(rsa) = jwk.algorithm else {
            return Err(StartProblem::Keys("the signing key is no RSA key".to_owned()));
        };
        let thumbprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.der());
        Ok(Self {
            encoding,
            decoding,
            thumbprint: URL_SAFE_NO_PAD.encode(thumbprint),
            certificate: STANDARD.encode(certificate.der()),
            modulus: rsa.n,
            exponent: rsa.e,
        })
    }
}

struct Validity {
    from: OffsetDateTime,
    until: OffsetDateTime,
}

impl Validity {
    fn around(now: Timestamp) -> Result<Self, StartProblem> {
        let now = OffsetDateTime::from_unix_timestamp(now.as_second()).map_err(keys_problem)?;
        Ok(Self { from: now - Duration::days(1), until: now + Duration::days(30) })
    }

    /// The ninety days up to the day before, as the dates of a certificate that was not renewed.
    fn past(&self) -> Self {
        Self { from: self.from - Duration::days(90), until: self.from }
    }

    fn params(&self, common_name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.not_before = self.from;
        params.not_after = self.until;
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.use_authority_key_identifier_extension = true;
        params
    }

    fn ca(
        &self,
        name: &str,
        organisation: Option<&str>,
    ) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
        let mut params = self.params(name);
        if let Some(organisation) = organisation {
            params.distinguished_name.push(DnType::OrganizationName, organisation);
        }
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        CertifiedIssuer::self_signed(params, KeyPair::generate()?)
    }

    fn leaf(
        &self,
        ca: &CertifiedIssuer<'static, KeyPair>,
        key: &KeyPair,
        name: &str,
    ) -> Result<rcgen::Certificate, rcgen::Error> {
        let mut params = self.params(name);
        params.subject_alt_names = vec![SanType::DnsName(name.try_into()?)];
        if name == "localhost" {
            params.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.signed_by(key, ca)
    }
}

fn server_config(
    validity: &Validity,
    ca: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
) -> Result<ServerConfig, StartProblem> {
    let key = KeyPair::generate().map_err(keys_problem)?;
    let leaf = validity.leaf(ca, &key, name).map_err(keys_problem)?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(keys_problem)?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone(), ca.der().clone()], private)
        .map_err(keys_problem)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn keys_problem(problem: impl std::fmt::Display) -> StartProblem {
    StartProblem::Keys(problem.to_string())
}
