//! Receipts of what is installed, checked by `ssh-keygen`.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use bundle::{SelfTest, verify_receipt};

use crate::{
    gateway::{Gateway, code, errors, text},
    given::{ED25519, OTHER, Pair, RSA, X25519, numbered, seal},
};

fn receipt(gateway: &Gateway, from: &Path, out: Option<&Path>) -> Output {
    let mut command = gateway.program(&["bundle", "receipt", "--from"]);
    command.arg(from).arg("--key").arg(gateway.path("key"));
    if let Some(out) = out {
        command.arg("--out").arg(out);
    }
    command.output().unwrap()
}

/// As FORMAT.md tells it.
pub(crate) fn ssh_keygen_believes(folder: &Path, receipt: &str, pair: Pair) {
    let line = pair.recipient().receipt_signer_line(&bundle::GatewayName::new("plant-3").unwrap()).unwrap();
    fs::write(folder.join("gateways"), format!("{line}\n")).unwrap();
    let check = format!(
        "head -n 1 {receipt} > receipt.json; tail -n +2 {receipt} > receipt.json.sig; ssh-keygen -Y verify -f gateways \
         -I plant-3 -n gatehouse-receipt -s receipt.json.sig < receipt.json"
    );
    let output = Command::new("sh").args(["-ec", &check]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output), errors(&output));
}

#[test]
fn a_receipt_tells_what_is_installed() {
    for pair in [ED25519, RSA] {
        let gateway = Gateway::new();
        gateway.give_key(pair);
        gateway.receive(&seal(&numbered(7), pair));
        assert_eq!(code(&gateway.open(&[])), 0);
        let output = receipt(&gateway, &gateway.root(), Some(&gateway.path("")));
        assert_eq!(code(&output), 0, "{}", errors(&output));
        let made = fs::read(gateway.path("plant-3.gatehouse.receipt")).unwrap();
        let told = verify_receipt(&made, &pair.recipient()).unwrap();
        assert_eq!((told.bundle_sequence, &told.self_test), (7, &SelfTest::NotRun));
        assert_eq!(told.credential_id, numbered(7).credential_id);
        assert_eq!(told.manifest_sha256, crate::archive::sha256(gateway.current("manifest.json").as_bytes()));
        ssh_keygen_believes(&gateway.path(""), "plant-3.gatehouse.receipt", pair);

        let printed = receipt(&gateway, &gateway.root(), None);
        assert_eq!(printed.stdout, made);
        let stock_folder = receipt(&gateway, &gateway.root().join("releases/7"), None);
        assert_eq!(stock_folder.stdout, made);
    }
}

#[test]
fn opening_writes_the_same_receipt() {
    let gateway = Gateway::new();
    gateway.receive(&seal(&numbered(7), ED25519));
    let output = gateway.open(&["--receipt", &gateway.path("answer").to_string_lossy()]);
    assert_eq!(code(&output), 0, "{}", errors(&output));
    let made = fs::read(gateway.path("answer")).unwrap();
    assert_eq!(receipt(&gateway, &gateway.root(), None).stdout, made);
    let again = gateway.open(&["--receipt", &gateway.path("again").to_string_lossy()]);
    assert_eq!((code(&again), fs::read(gateway.path("again")).unwrap()), (0, made));
}

#[test]
fn no_receipt_is_given_for_what_is_not_there_or_not_as_signed() {
    let gateway = Gateway::new();
    let nothing = receipt(&gateway, &gateway.path(""), None);
    assert_eq!(code(&nothing), 2);
    assert!(errors(&nothing).contains("holds no opened bundle"), "{}", errors(&nothing));

    let gateway = Gateway::having(&numbered(7));
    gateway.give_key(OTHER);
    let other = receipt(&gateway, &gateway.root(), None);
    assert_eq!(code(&other), 1);
    assert!(errors(&other).contains("is sealed for plant-3 (SHA256:D3fMsP5a8"), "{}", errors(&other));

    gateway.give_key(ED25519);
    fs::write(gateway.root().join("current/gateway.json"), "{ }").unwrap();
    let altered = receipt(&gateway, &gateway.root(), None);
    assert_eq!(code(&altered), 1);
    assert!(errors(&altered).contains("is no longer the file that was signed"), "{}", errors(&altered));
    assert!(altered.stdout.is_empty());
}

#[test]
fn an_age_key_opens_and_cannot_answer() {
    let gateway = Gateway::new();
    gateway.give_key(X25519);
    gateway.receive(&seal(&numbered(7), X25519));
    let output = gateway.open(&["--receipt", &gateway.path("answer").to_string_lossy()]);
    assert_eq!(code(&output), 1);
    assert!(errors(&output).contains("An age key cannot sign a receipt."), "{}", errors(&output));
    assert!(gateway.root().join("current").exists() && !gateway.path("answer").exists());
}
