//! An RSA private key on its way from a file to a signature.

use aws_lc_rs::signature::RsaKeyPair;
use jsonwebtoken::EncodingKey;
use pkcs8::der::asn1::UintRef;
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::der::{Decode, Encode, Header, SliceReader};
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::certificate_problem::CertificateProblem;

/// Entra ID takes RSA keys of this length or longer.
const LEAST_BITS: usize = 2048;

/// `rsaEncryption` (RFC 8017, appendix A.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A private key in PKCS#1 (RFC 8017, appendix A.1.2). Zeroed on drop.
#[derive(Clone)]
pub(super) struct RsaPrivateKey {
    pkcs1: Zeroizing<Vec<u8>>,
}

impl RsaPrivateKey {
    pub(super) fn from_pkcs1(der: Vec<u8>) -> Self {
        Self { pkcs1: Zeroizing::new(der) }
    }

    /// Takes the key out of PKCS#8 (RFC 5208).
    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, CertificateProblem> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(|_| CertificateProblem::KeyUnreadable)?;
        if info.algorithm.oid != RSA {
            return Err(CertificateProblem::NotRsa);
        }
        Ok(Self::from_pkcs1(info.private_key.as_bytes().to_vec()))
    }

    /// The key, checked: its parts agree with each other, and it is long enough.
    pub(super) fn pair(&self) -> Result<RsaKeyPair, CertificateProblem> {
        let bits = modulus_bits(&self.pkcs1).ok_or(CertificateProblem::KeyUnreadable)?;
        if bits < LEAST_BITS {
            return Err(CertificateProblem::TooShort { bits });
        }
        RsaKeyPair::from_der(&self.pkcs1).map_err(|_| CertificateProblem::KeyUnreadable)
    }

    /// The key in PKCS#8 (RFC 5208), as other programs read it.
    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, CertificateProblem> {
        let unreadable = |_| CertificateProblem::KeyUnreadable;
        let algorithm = AlgorithmIdentifierRef { oid: RSA, parameters: Some(AnyRef::NULL) };
        let key = OctetStringRef::new(&self.pkcs1).map_err(unreadable)?;
        PrivateKeyInfoRef::new(algorithm, key).to_der().map(Zeroizing::new).map_err(unreadable)
    }

    pub(super) fn signing_key(&self) -> EncodingKey {
        EncodingKey::from_rsa_der(&self.pkcs1)
    }
}

fn modulus_bits(pkcs1: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(pkcs1).ok()?;
    Header::decode(&mut reader).ok()?;
    let _version = UintRef::decode(&mut reader).ok()?;
    let modulus = UintRef::decode(&mut reader).ok()?;
    let (first, rest) = modulus.as_bytes().split_first()?;
    Some((u8::BITS - first.leading_zeros()) as usize + rest.len() * 8)
}
