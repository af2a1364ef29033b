//! A certificate takes the secret's place.

use std::time::Duration;

use engine::{CertificateImport, CurrentCredential, KeepKey, NewCredential, diagnosis::ProbeWatcher};
use secrecy::{ExposeSecret, SecretSlice};

use super::rotating::{Bench, made};

/// The admin uploads the certificate, and while it is not yet known, waits.
struct Uploads<'a>(&'a Bench);

impl ProbeWatcher for Uploads<'_> {
    fn not_yet(&self, _: Duration) {
        let cer = self.0.home.path().join("new.cer");
        self.0.engine.save_new_public_part(&self.0.id, &cer).unwrap();
        self.0.practice.upload_certificate(&std::fs::read(cer).unwrap()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_uploaded_a_moment_ago_is_waited_for_and_is_no_new_one_afterwards() {
    let bench = Bench::proven().await;
    bench.engine.begin_rotation(&bench.id, &made()).unwrap();
    let trial = bench.engine.prove_rotation(&bench.id, &Uploads(&bench)).await.unwrap();
    assert!(trial.proven, "{:#?}", trial.report.chain);
    assert!(bench.practice.remove_secret(&bench.practice.facts().secret_id));
    let done = bench.engine.look_for_old_credential(&bench.id).await.unwrap();
    assert!(done.rotation.is_none());

    let CurrentCredential::CertificatePem(pem) = bench.engine.current_credential(&bench.id).unwrap() else {
        unreachable!("it signs in with the certificate")
    };
    let content = SecretSlice::from(pem.expose_secret().as_bytes().to_vec());
    let again = CertificateImport { content, password: None, keep: KeepKey::Keychain };
    let fault = bench.engine.begin_rotation(&bench.id, &NewCredential::Imported(again)).unwrap_err();
    assert_eq!(fault.field, Some("certificate"), "{fault}");
    bench.works().await;
}
