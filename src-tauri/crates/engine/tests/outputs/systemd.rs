//! The drop-in, read by `systemd-analyze`, and the credential, encrypted and decrypted by `systemd-creds`.

use std::{fs, path::Path, process::Command};

use engine::outputs::Output;

use crate::given::{Opened, SECRET, config, run, text, with_certificate};

const UNIT: &str = "[Unit]\nDescription=Gateway\n[Service]\nExecStart=/bin/true\n";

#[test]
fn systemd_takes_the_drop_in_without_a_word() {
    for config in [config(), with_certificate(config())] {
        let opened = Opened::new(&config, SECRET, None, &[Output::Systemd]);
        let drop_in = fs::read_to_string(opened.path("systemd/gatehouse-gateway.conf")).unwrap();
        assert_eq!(verify(&opened, &drop_in), "");
        let wrong = drop_in.replace("LoadCredential=", "LoadCredentials=");
        assert!(
            verify(&opened, &wrong).contains("LoadCredentials"),
            "systemd-analyze does not read the drop-in"
        );
    }
}

#[test]
fn the_script_encrypts_the_credential_for_this_machine() {
    for (config, name) in
        [(config(), "client-secret"), (with_certificate(config()), "client-certificate.pem")]
    {
        let opened = Opened::new(&config, SECRET, None, &[Output::Systemd]);
        let (key, store) = (opened.root().join("credential.key"), opened.root().join("store"));
        let made = run(Command::new(opened.path("systemd/encrypt-credential.sh"))
            .arg(&store)
            .env("SYSTEMD_CREDENTIAL_SECRET", &key));
        assert!(made.status.success(), "{}", text(&made));
        let encrypted = store.join(format!("gatehouse-{name}"));
        assert!(!fs::read_to_string(&encrypted).unwrap().contains(SECRET));
        let named = format!("--name={name}");
        let decrypted = decrypt(&[&named], &encrypted, &key);
        assert_eq!(decrypted, SECRET);
        assert_unit_names_it(&opened, name);
    }
}

/// What `systemd-analyze verify` says of a unit with this drop-in.
fn verify(opened: &Opened, drop_in: &str) -> String {
    let unit = opened.root().join("gatehouse-test.service");
    let folder = opened.root().join("gatehouse-test.service.d");
    fs::create_dir_all(&folder).unwrap();
    fs::write(&unit, UNIT).unwrap();
    fs::write(folder.join("gatehouse-gateway.conf"), drop_in).unwrap();
    let verified = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit));
    text(&verified)
}

fn decrypt(arguments: &[&str], encrypted: &Path, key: &Path) -> String {
    let decrypted = run(Command::new("systemd-creds")
        .arg("decrypt")
        .args(arguments)
        .arg(encrypted)
        .arg("-")
        .env("SYSTEMD_CREDENTIAL_SECRET", key));
    assert!(decrypted.status.success(), "{}", text(&decrypted));
    String::from_utf8(decrypted.stdout).unwrap()
}

fn assert_unit_names_it(opened: &Opened, name: &str) {
    let drop_in = fs::read_to_string(opened.path("systemd/gatehouse-gateway.conf")).unwrap();
    let line = format!("#   LoadCredentialEncrypted={name}:/etc/credstore.encrypted/gatehouse-{name}");
    assert!(drop_in.lines().any(|found| found == line), "{drop_in}");
}
