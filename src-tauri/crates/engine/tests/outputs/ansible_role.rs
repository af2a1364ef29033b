//! The role in a bundle, run by `ansible-playbook`.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use bundle::GatewayConfig;
use engine::outputs::Output;

use crate::given::{HOSTILE, Opened, config, run, text, venv};

#[test]
fn the_role_installs_the_files_once() {
    let secret = HOSTILE[3];
    let opened = Opened::new(&config(), secret, None, &[Output::Systemd, Output::AnsibleRole]);
    let host = tempfile::Builder::new().prefix("gatehouse-role-").tempdir().unwrap();
    let first = play(&opened, host.path());
    assert!(first.contains("failed=0") && !first.contains("changed=0"), "{first}");
    assert!(!first.contains("lookup("), "Ansible shows the secret");
    let current = host.path().join("current");
    assert_eq!(fs::read_to_string(current.join("client-secret")).unwrap(), secret);
    for (name, mode) in [
        ("client-secret", 0o600),
        ("gateway.env", 0o600),
        ("gateway.json", 0o640),
        ("systemd/gatehouse-gateway.conf", 0o644),
        ("systemd/encrypt-credential.sh", 0o700),
        ("", 0o700),
    ] {
        let found = fs::metadata(current.join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(found, mode, "{name}: {found:o}");
    }
    let second = play(&opened, host.path());
    assert!(second.contains("changed=0") && second.contains("failed=0"), "{second}");

    let newer = GatewayConfig { sequence: 4, ..config() };
    let opened = Opened::new(&newer, "another", None, &[Output::AnsibleRole]);
    play(&opened, host.path());
    assert_eq!(fs::read_to_string(current.join("client-secret")).unwrap(), "another");
    let previous = fs::read_to_string(host.path().join("previous/client-secret")).unwrap();
    assert_eq!(previous, secret);
}

fn play(opened: &Opened, host: &std::path::Path) -> String {
    let id = |of: &str| text(&run(Command::new("id").arg(of))).trim().to_owned();
    let playbook = opened.root().join("site.yml");
    let role = opened.path("ansible/gatehouse_gateway");
    let play = format!(
        "- hosts: localhost\n  connection: local\n  gather_facts: false\n  roles:\n    - role: {}\n      vars:\n        \
         gatehouse_folder: {}\n        gatehouse_owner: \"{}\"\n        gatehouse_group: \"{}\"\n        \
         ansible_python_interpreter: {}\n",
        role.display(),
        host.display(),
        id("-u"),
        id("-g"),
        venv("python3").display()
    );
    fs::write(&playbook, play).unwrap();
    let played = run(Command::new(venv("ansible-playbook"))
        .args(["-i", "localhost,"])
        .arg(&playbook)
        .env("HOME", opened.root())
        .env("ANSIBLE_NOCOLOR", "1")
        .env("ANSIBLE_LOCAL_TEMP", opened.root().join("l"))
        .env("ANSIBLE_REMOTE_TEMP", opened.root().join("r")));
    let said = text(&played);
    assert!(played.status.success(), "{said}");
    said
}
