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
        let every = [Output::Systemd, Output::Kubernetes, Output::IotEdge, Output::AnsibleRole];
        let opened = Opened::new(&config, SECRET, None, &every);
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
        take_the_plain_files_away_as_told(&opened);
        assert!(still_holding_the_secret(&opened).is_empty(), "{:?}", still_holding_the_secret(&opened));
    }
}

#[test]
fn a_service_gets_the_secret_as_a_credential_and_in_no_other_way() {
    let opened = Opened::new(&config(), SECRET, None, &[Output::Systemd]);
    let drop_in = fs::read_to_string(opened.path("systemd/gatehouse-gateway.conf")).unwrap();
    let settings: Vec<&str> = drop_in.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(!settings.iter().any(|line| line.starts_with("EnvironmentFile")), "{settings:?}");
    assert!(settings.iter().any(|line| line.starts_with("Environment=\"AZURE_TENANT_ID=")), "{settings:?}");
    let loaded = format!("LoadCredential=client-secret:{}", opened.path("client-secret").display());
    assert!(settings.contains(&loaded.as_str()), "{settings:?}");
    // As the remark says, for a program that knows the variable only.
    let with_variables = format!("{drop_in}EnvironmentFile={}\n", opened.path("gateway.env").display());
    assert!(drop_in.contains(&format!("#   EnvironmentFile={}", opened.path("gateway.env").display())));
    assert_eq!(verify(&opened, &with_variables), "");
}

/// Runs the command in the drop-in's remarks.
fn take_the_plain_files_away_as_told(opened: &Opened) {
    assert!(still_holding_the_secret(opened).len() >= 2);
    let drop_in = fs::read_to_string(opened.path("systemd/gatehouse-gateway.conf")).unwrap();
    let command = drop_in.lines().find_map(|line| line.strip_prefix("#   cd ")).unwrap();
    let done = run(Command::new("sh").args(["-ec", &format!("cd {command}")]));
    assert!(done.status.success(), "{}", text(&done));
}

/// The files of the bundle with the secret in them, plain or as base64.
fn still_holding_the_secret(opened: &Opened) -> Vec<String> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let encoded = STANDARD.encode(SECRET);
    let found = run(Command::new("grep")
        .args(["-rlF", "-e", SECRET, "-e", encoded.trim_end_matches('=')])
        .arg(opened.root().join("current")));
    String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect()
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
