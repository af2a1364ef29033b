//! Certificate files as other tools write them, and as they should not be. `credentials/make.sh` makes them.

use secrecy::SecretString;

use crate::{CertificateField, CertificateProblem, ClientCertificate};

pub(super) const CERTIFICATE: &str = include_str!("credentials/certificate.pem");
pub(super) const KEY: &str = include_str!("credentials/key-pkcs8.pem");
const ANOTHER: &str = include_str!("credentials/another-certificate.pem");
const EXPECTED: &str = include_str!("credentials/expected.txt");

pub(super) fn certificate() -> ClientCertificate {
    ClientCertificate::from_pem(format!("{CERTIFICATE}{KEY}").as_bytes(), None).unwrap()
}

fn read(content: impl AsRef<[u8]>, password: &str) -> Result<ClientCertificate, CertificateProblem> {
    ClientCertificate::from_file(content.as_ref(), Some(&SecretString::from(password)))
}

fn read_open(content: impl AsRef<[u8]>) -> Result<ClientCertificate, CertificateProblem> {
    ClientCertificate::from_file(content.as_ref(), None)
}

fn with_key(key: &str) -> String {
    format!("{key}{CERTIFICATE}")
}

fn assert_is_the_one(certificate: &ClientCertificate) {
    let expected: Vec<&str> = EXPECTED.lines().collect();
    assert_eq!(certificate.sha1_thumbprint(), expected[0]);
    assert_eq!(certificate.sha256_thumbprint(), expected[1]);
    assert_eq!(certificate.not_before().to_string(), expected[2]);
    assert_eq!(certificate.not_after().to_string(), expected[3]);
    assert_eq!(certificate.subject(), "O=Contoso, CN=Gatehouse test");
    assert_eq!(certificate.key_bits(), 2048);
    assert_eq!(certificate.certificate_der(), pem::parse(CERTIFICATE).unwrap().contents());
}

#[test]
fn pem_is_read_in_any_order_and_the_chain_is_passed_over() {
    for text in [
        format!("{KEY}{CERTIFICATE}"),
        format!("{CERTIFICATE}{KEY}{ANOTHER}"),
        format!("{ANOTHER}{CERTIFICATE}{KEY}"),
        format!("Bag Attributes\r\n    friendlyName: é\r\n{ANOTHER}\n\n{KEY}\nsubject=CN=x\n{CERTIFICATE}"),
        format!("\u{feff}{KEY}{CERTIFICATE}").replace('\n', "\r\n"),
        with_key(include_str!("credentials/key-pkcs1.pem")),
    ] {
        assert_is_the_one(&read_open(text).unwrap());
    }
}

#[test]
fn encrypted_pem_keys_are_opened_with_their_password() {
    for key in [
        include_str!("credentials/key-aes.pem"),
        include_str!("credentials/key-3des.pem"),
        include_str!("credentials/key-scrypt.pem"),
    ] {
        assert_is_the_one(&read(with_key(key), "correct-horse").unwrap());
        assert_eq!(read_open(with_key(key)).unwrap_err(), CertificateProblem::PasswordNeeded);
        assert_eq!(read(with_key(key), "Correct-Horse").unwrap_err(), CertificateProblem::PasswordWrong);
    }
}

#[test]
fn pfx_is_read_with_the_encryptions_of_the_last_twenty_years() {
    for pfx in [
        include_bytes!("credentials/aes.pfx").as_slice(),
        include_bytes!("credentials/3des.pfx"),
        include_bytes!("credentials/rc2.pfx"),
        include_bytes!("credentials/no-mac.pfx"),
    ] {
        assert_is_the_one(&read(pfx, "correct-horse").unwrap());
        assert_eq!(read_open(pfx).unwrap_err(), CertificateProblem::PasswordNeeded);
        assert_eq!(read(pfx, "grüße €").unwrap_err(), CertificateProblem::PasswordWrong);
        assert_eq!(read(pfx, "smile\u{1f600}").unwrap_err(), CertificateProblem::PasswordUnsupported);
    }
    for pfx in [
        include_bytes!("credentials/no-password.pfx").as_slice(),
        include_bytes!("credentials/not-encrypted.pfx"),
    ] {
        assert_is_the_one(&read_open(pfx).unwrap());
    }
}

#[test]
fn encryptions_that_are_too_old_or_too_slow_are_named() {
    let unsupported = CertificateProblem::UnsupportedEncryption;
    for key in [
        include_str!("credentials/key-rfc1421.pem"),
        include_str!("credentials/key-pbes1.pem"),
        include_str!("credentials/key-slow.pem"),
    ] {
        assert_eq!(read(with_key(key), "correct-horse").unwrap_err(), unsupported);
    }
    assert_eq!(read(include_bytes!("credentials/slow.pfx"), "correct-horse").unwrap_err(), unsupported);
}

#[test]
fn what_is_missing_or_unfit_is_named() {
    let elliptic_sec1 = format!("{}{CERTIFICATE}", include_str!("credentials/elliptic-sec1.pem"));
    let cut_key = KEY.lines().enumerate().filter(|(at, _)| *at != 9).map(|(_, line)| format!("{line}\n"));
    let cut_key: String = cut_key.collect();
    let cut_certificate: String = CERTIFICATE
        .lines()
        .enumerate()
        .filter(|(at, _)| *at != 3)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let certificate_der = pem::parse(CERTIFICATE).unwrap().into_contents();
    let utf_16: Vec<u8> = with_key(KEY).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&[u8], CertificateProblem); 14] = [
        (b"", CertificateProblem::Empty),
        (b" \r\n", CertificateProblem::Empty),
        (b"hello", CertificateProblem::NotPem),
        (&utf_16, CertificateProblem::NotPem),
        (b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", CertificateProblem::NotPem),
        (b"\x30\x03\x02\x01\x03", CertificateProblem::NotPfx),
        (CERTIFICATE.as_bytes(), CertificateProblem::NoPrivateKey),
        (&certificate_der, CertificateProblem::NoPrivateKey),
        (KEY.as_bytes(), CertificateProblem::NoCertificate),
        (include_bytes!("credentials/elliptic.pem"), CertificateProblem::NotRsa),
        (elliptic_sec1.as_bytes(), CertificateProblem::NotRsa),
        (include_bytes!("credentials/short.pem"), CertificateProblem::TooShort { bits: 1024 }),
        (&with_key(&cut_key).into_bytes(), CertificateProblem::KeyUnreadable),
        (&format!("{KEY}{cut_certificate}").into_bytes(), CertificateProblem::CertificateUnreadable),
    ];
    for (content, problem) in cases {
        assert_eq!(read_open(content).unwrap_err(), problem);
    }
    let mismatch = read_open(format!("{KEY}{ANOTHER}")).unwrap_err();
    assert_eq!(mismatch, CertificateProblem::KeyMismatch);
    let no_key = read(include_bytes!("credentials/no-key.pfx"), "correct-horse").unwrap_err();
    assert_eq!(no_key, CertificateProblem::NoPrivateKey);
    assert_eq!(ClientCertificate::from_pfx(b"", None).unwrap_err(), CertificateProblem::Empty);
}

#[test]
fn a_damaged_pfx_is_refused_wherever_it_is_damaged() {
    let pfx = include_bytes!("credentials/not-encrypted.pfx");
    for length in 0..pfx.len() {
        assert!(read_open(&pfx[..length]).is_err(), "cut to {length} bytes");
    }
    for at in 0..pfx.len() {
        let mut changed = pfx.to_vec();
        changed[at] ^= 1 << (at % 8);
        if let Ok(certificate) = read_open(&changed) {
            assert_eq!(certificate.key_bits(), 2048, "changed at {at}");
        }
    }
}

#[test]
fn a_sealed_pfx_is_read_whole_or_not_at_all() {
    let pfx = include_bytes!("credentials/3des.pfx");
    for at in (0..pfx.len()).step_by(41) {
        let mut changed = pfx.to_vec();
        changed[at] ^= 1 << (at % 8);
        if let Ok(certificate) = read(&changed, "correct-horse") {
            assert_is_the_one(&certificate);
        }
    }
}

#[test]
fn a_key_that_contradicts_itself_is_refused() {
    let key = pem::parse(KEY).unwrap();
    let mut der = key.contents().to_vec();
    let last = der.len() - 1;
    der[last] ^= 1;
    let text = pem::encode(&pem::Pem::new("PRIVATE KEY", der));
    assert_eq!(read_open(with_key(&text)).unwrap_err(), CertificateProblem::KeyUnreadable);
}

#[test]
fn a_certificate_without_an_end_is_read() {
    let key = rcgen::KeyPair::from_pem(KEY).unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "x\u{202e}\n".repeat(200));
    params.not_before = rcgen::date_time_ymd(1970, 1, 1);
    params.not_after = rcgen::date_time_ymd(9999, 12, 31);
    let made = params.self_signed(&key).unwrap();
    let certificate = read_open(format!("{}{KEY}", made.pem())).unwrap();
    assert_eq!(certificate.not_before(), jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(certificate.not_after(), jiff::Timestamp::MAX);
    assert_eq!(certificate.subject().chars().count(), 200);
    assert!(!certificate.subject().contains(['\u{202e}', '\n']));
}

#[test]
fn neither_the_key_nor_the_password_is_printed() {
    let printed = format!("{:?}", certificate());
    assert!(printed.contains("sha1_thumbprint") && printed.len() < 200, "{printed}");
    let problem = read(include_bytes!("credentials/aes.pfx"), "canary").unwrap_err();
    assert!(!format!("{problem:?} {problem}").contains("canary"));
}

#[test]
fn each_problem_names_its_part() {
    for (problem, field) in [
        (CertificateProblem::NotPfx, CertificateField::File),
        (CertificateProblem::PasswordWrong, CertificateField::Password),
        (CertificateProblem::TooShort { bits: 1024 }, CertificateField::PrivateKey),
        (CertificateProblem::NoCertificate, CertificateField::Certificate),
    ] {
        assert_eq!(problem.field(), field);
    }
    assert_eq!(
        CertificateProblem::TooShort { bits: 1024 }.to_string(),
        "the RSA key has 1024 bits, which is too short; make a certificate with an RSA key of 2048 bits or more"
    );
}
