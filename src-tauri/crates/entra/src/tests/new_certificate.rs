//! Certificates that are made here, and what leaves them.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};
use uuid::Uuid;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::certificate::certificate;
use crate::{CertificateProblem, ClientCertificate, KeySize, NewCertificate};

fn new(key_size: KeySize) -> NewCertificate {
    NewCertificate {
        common_name: "gatehouse-Söder & Co".to_owned(),
        key_size,
        not_before: time("2026-11-20T14:12:00Z"),
        not_after: time("2027-11-20T14:12:00Z"),
        serial: Uuid::from_u128(u128::MAX - 5),
    }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn what_is_made_says_what_was_wanted_and_signs_itself() {
    let made = ClientCertificate::make(&new(KeySize::Rsa2048)).unwrap();
    assert_eq!((made.key_bits(), made.subject()), (2048, "CN=gatehouse-Söder & Co"));
    assert_eq!(made.not_before(), time("2026-11-20T14:12:00Z"));
    assert_eq!(made.not_after(), time("2027-11-20T14:12:00Z"));
    let (rest, parsed) = X509Certificate::from_der(made.certificate_der()).unwrap();
    assert!(rest.is_empty());
    assert_eq!(parsed.issuer(), parsed.subject());
    let serial = parsed.raw_serial();
    assert!(serial.len() <= 20 && serial[0] < 0x80, "a positive number of at most 20 bytes (RFC 5280)");
    assert_eq!(serial[serial.len() - 16..], *Uuid::from_u128(u128::MAX - 5).as_bytes());
    let usage = parsed.key_usage().unwrap().unwrap().value;
    assert!(usage.digital_signature() && usage.flags == 1, "digitalSignature and nothing else");
    assert!(!parsed.basic_constraints().unwrap().is_some_and(|constraints| constraints.value.ca));
}

#[test]
fn the_default_is_3072_bits_and_no_two_keys_are_the_same() {
    assert_eq!(KeySize::default().bits(), 3072);
    let made = || ClientCertificate::make(&new(KeySize::Rsa2048)).unwrap();
    assert_ne!(made().sha256_thumbprint(), made().sha256_thumbprint());
}

#[test]
fn a_certificate_comes_back_from_its_parts_and_from_its_pem() {
    let whole = certificate();
    let key = whole.private_key_der().unwrap();
    let again = ClientCertificate::from_parts(whole.certificate_der(), &key).unwrap();
    let pem = whole.to_pem().unwrap();
    let read = ClientCertificate::from_pem(pem.expose_secret().as_bytes(), None).unwrap();
    for other in [again, read] {
        assert_eq!(other.sha256_thumbprint(), whole.sha256_thumbprint());
        assert_eq!(other.private_key_der().unwrap().expose_secret(), key.expose_secret());
    }
    assert!(pem.expose_secret().starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert!(pem.expose_secret().ends_with("\n-----END PRIVATE KEY-----\n"));
    assert!(!format!("{whole:?}{key:?}{pem:?}").contains("MII"));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let whole = certificate();
    let another = ClientCertificate::make(&new(KeySize::Rsa2048)).unwrap().private_key_der().unwrap();
    let problem = |certificate: &[u8], key: &SecretSlice<u8>| {
        ClientCertificate::from_parts(certificate, key).unwrap_err()
    };
    assert_eq!(problem(whole.certificate_der(), &another), CertificateProblem::KeyMismatch);
    let cut = SecretSlice::from(another.expose_secret()[..900].to_vec());
    assert_eq!(problem(whole.certificate_der(), &cut), CertificateProblem::KeyUnreadable);
    assert_eq!(problem(b"0", &another), CertificateProblem::CertificateUnreadable);
}
