//! What an admin does, from `gatehouse export` to `gatehouse gateways receipt`, with nothing changed that Gatehouse wrote.
//! Each host has an `/etc` of its own, so the folder, the host key and the account are those that the export names.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use bundle::GatewayName;
use practice::{Options, Practice};

use crate::{
    ansible::venv,
    given::{Gateway, Has, make_key, programs, run, text, write},
    sshd::Sshd,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_played_and_its_receipts_are_taken() {
    if text(&run(Command::new("id").arg("-u"))).trim() != "0" {
        return;
    }
    let desk = Desk::new(practice::start(Options::default()).await.unwrap());
    let hosts = [("plant-1", Has::Gatehouse), ("plant-2", Has::StockTools)];
    let hosts = hosts.map(|(name, has)| Host::new(name, has, desk.root.path()));
    for host in &hosts {
        let address = format!("root@127.0.0.1:{}", host.sshd.port);
        let key = host.etc.join("ssh/ssh_host_ed25519_key.pub");
        desk.gatehouse("gateways", &["add", host.name(), "--address", &address, "--key", path(&key)]);
    }
    let (signing, export) = (desk.root.path().join("signing"), desk.root.path().join("export"));
    make_key("ed25519", &signing);
    for number in [1, 2] {
        let more = ["--signing-key", path(&signing), "--force"];
        desk.gatehouse("export", &[&["--sealed", "--ansible", "--to", path(&export)][..], &more].concat());
        let first = desk.play();
        assert!(!first.contains("changed=0 "), "{first}");
        for host in &hosts {
            let folder = host.etc.join("gatehouse");
            let secret = fs::read_to_string(folder.join("current/client-secret")).unwrap();
            assert_eq!(secret, desk.tenant.facts().client_secret, "{}", host.name());
            assert_eq!(
                fs::read_link(folder.join("current")).unwrap(),
                Path::new(&format!("releases/{number}"))
            );
        }
        let taken = desk.gatehouse("gateways", &["receipt", path(&export.join("receipts"))]);
        for host in &hosts {
            let line = format!("✓ {} opened bundle {number} and has the current credential.", host.name());
            assert!(taken.contains(&line), "{taken}");
        }
        let second = desk.play();
        assert_eq!(second.matches("changed=0 ").count(), hosts.len(), "{second}");
        let again = desk.gatehouse("gateways", &["receipt", path(&export.join("receipts"))]);
        assert_eq!(again.matches("This receipt was here before.").count(), hosts.len(), "{again}");
    }
}

/// The admin's computer.
struct Desk {
    root: tempfile::TempDir,
    tenant: Practice,
}

impl Desk {
    fn new(tenant: Practice) -> Self {
        let root = tempfile::Builder::new().prefix("gatehouse-desk-").tempdir_in("/tmp").unwrap();
        write(&root.path().join("ca.pem"), tenant.ca_pem(), 0o644);
        make_key("ed25519", &root.path().join("user"));
        Self { root, tenant }
    }

    /// What the program says; it ends well.
    fn gatehouse(&self, command: &str, arguments: &[&str]) -> String {
        let facts = self.tenant.facts();
        let mut program = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
        program
            .env_clear()
            .env("GATEHOUSE_HOME", self.root.path().join("home"))
            .env("HOME", self.root.path().join("home"))
            .env("AZURE_TENANT_ID", &facts.tenant_id)
            .env("AZURE_CLIENT_ID", &facts.client_id)
            .env("AZURE_CLIENT_SECRET", &facts.client_secret)
            .arg(command)
            .args(["--authority", &facts.authority, "--graph", &facts.graph, "--ca-file"])
            .arg(self.root.path().join("ca.pem"))
            .args(arguments);
        let said = ended_well(&run(&mut program));
        assert!(!said.contains(&facts.client_secret));
        said
    }

    /// `ansible-playbook gatehouse.yml` in the folder of the export. What is set here is what an admin has in an agent and
    /// at home: the key to sign in with, and where Ansible may write.
    fn play(&self) -> String {
        let at = |name: &str| self.root.path().join(name);
        let played = Command::new(venv("ansible-playbook"))
            .arg("gatehouse.yml")
            .current_dir(at("export"))
            .env("HOME", at("home"))
            .env("ANSIBLE_NOCOLOR", "1")
            .env("ANSIBLE_LOCAL_TEMP", at("l"))
            .env("ANSIBLE_REMOTE_TEMP", at("r"))
            .env("ANSIBLE_SSH_CONTROL_PATH_DIR", at("c"))
            .env("ANSIBLE_PYTHON_INTERPRETER", venv("python3"))
            .env("ANSIBLE_PRIVATE_KEY_FILE", at("user"))
            .env("ANSIBLE_SSH_ARGS", "-F /dev/null -o ControlMaster=auto -o ControlPersist=5s")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = ended_well(&played);
        assert!(!said.contains(&self.tenant.facts().client_secret), "Ansible shows a secret");
        said
    }
}

/// A machine with nothing on it but its keys.
struct Host {
    gateway: Gateway,
    etc: PathBuf,
    sshd: Sshd,
}

impl Host {
    fn new(name: &str, has: Has, root: &Path) -> Self {
        let folder = root.join(name);
        let etc = folder.join("etc");
        fs::create_dir(&folder).unwrap();
        ended_well(&run(Command::new("cp").args(["-a", "/etc"]).arg(&etc)));
        for old in ["gatehouse", "ssh"] {
            fs::remove_dir_all(etc.join(old)).ok();
        }
        fs::create_dir(etc.join("ssh")).unwrap();
        let key_file = etc.join("ssh/ssh_host_ed25519_key");
        make_key("ed25519", &key_file);
        let gateway = Gateway { name: GatewayName::new(name).unwrap(), key_file };
        let programs = programs(has, root);
        let sshd = Sshd::start_with_etc(&etc, &gateway, &programs, &root.join("user.pub"), &folder);
        Self { gateway, etc, sshd }
    }

    fn name(&self) -> &str {
        self.gateway.name.as_str()
    }
}

fn ended_well(finished: &Output) -> String {
    let said = text(finished);
    assert!(finished.status.success(), "{said}");
    said
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}
