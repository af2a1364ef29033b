//! `inspect` and `verify`.

use crate::{
    gateway::{Gateway, code, errors, everything, json, text},
    given::{ED25519, OTHER, X25519, sealed, signer},
};

#[test]
fn without_a_key_the_outside_is_told() {
    let gateway = Gateway::new();
    for (pair, kind, start) in [(ED25519, "ssh-ed25519", Some("SHA256:D3fMs…")), (X25519, "x25519", None)] {
        let sealed = sealed(pair);
        gateway.receive(&sealed);
        let file = gateway.path("plant-3.tar.age");
        let output =
            gateway.program(&["bundle", "inspect", "--json", &file.to_string_lossy()]).output().unwrap();
        assert_eq!(code(&output), 0, "{}", errors(&output));
        let told = json(&output);
        assert_eq!(told["schema"], "gatehouse.bundle-report/1");
        assert_eq!((told["command"].as_str(), told["outcome"].as_str()), (Some("inspect"), Some("told")));
        assert_eq!(told["bytes"], sealed.len());
        assert_eq!(told["sealed_to"][0]["kind"], kind);
        assert_eq!(told["sealed_to"][0]["fingerprint_start"].as_str(), start);
        assert!(told["manifest"].is_null());
    }
}

#[test]
fn with_the_key_everything_but_the_secret_is_told() {
    let gateway = Gateway::new();
    gateway.receive(&sealed(ED25519));
    let told = json(&gateway.command("inspect").arg("--json").output().unwrap());
    assert_eq!(told["manifest"]["gateway"], "plant-3");
    assert_eq!(told["manifest"]["files"][0]["name"], "gateway.env");
    assert_eq!(told["signed_by"].as_str(), Some(signer().verifying_key().fingerprint().as_str()));
    let said = text(&gateway.command("inspect").output().unwrap());
    for part in [
        "plant-3",
        "Contoso print",
        "Good until",
        "9000-05-19T00:00:00Z",
        "0640        gateway.json, 3 bytes",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("canary") && !told.to_string().contains("canary"));
}

#[test]
fn a_bundle_that_holds_is_verified_and_nothing_is_written() {
    let gateway = Gateway::new();
    gateway.receive(&sealed(ED25519));
    let before = everything(gateway.path("").as_path());
    let told = json(&gateway.command("verify").arg("--json").output().unwrap());
    assert_eq!(
        (told["outcome"].as_str(), told["manifest"]["sequence"].as_u64()),
        (Some("verified"), Some(7))
    );
    assert!(text(&gateway.command("verify").output().unwrap()).contains("Everything holds."));
    assert!(everything(gateway.path("").as_path()) == before);
    assert_eq!(code(&gateway.open(&[])), 0);
    let mut again = gateway.command("verify");
    let told = json(&again.arg("--to").arg(gateway.root()).arg("--json").output().unwrap());
    assert_eq!(told["outcome"], "already-installed");
}

#[test]
fn what_cannot_be_used_is_2_and_has_its_sentence() {
    let gateway = Gateway::new();
    let missing = gateway.command("verify").output().unwrap();
    assert_eq!(code(&missing), 2);
    assert!(errors(&missing).contains("plant-3.tar.age cannot be read"), "{}", errors(&missing));

    gateway.receive(&sealed(ED25519));
    for (name, content, sentence) in [
        ("key", OTHER.public, "This is the public half of a key, and only the private half opens a bundle."),
        ("key", "hello", "This is not a private key."),
        (
            "allowed_signers",
            "plant ssh-ed25519 AAAA",
            "allowed_signers, line 1: does not start with the name gatehouse.",
        ),
        ("allowed_signers", "# none\n", "allowed_signers, line 0: holds no key."),
    ] {
        let good = std::fs::read(gateway.path(name)).unwrap();
        std::fs::write(gateway.path(name), content).unwrap();
        let output = gateway.open(&[]);
        assert_eq!(code(&output), 2, "{}", errors(&output));
        assert!(errors(&output).contains(sentence), "{}", errors(&output));
        std::fs::write(gateway.path(name), good).unwrap();
    }
    assert!(!gateway.root().exists());
}
