//! Gateways with keys of their own, and sealed bundles for them.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output as Finished, Stdio},
};

use bundle::{BundleContent, ConnectionIds, GatewayConfig, GatewayKey, GatewayName, Recipient, SigningKey};
use engine::outputs::{self, InstallFolder, Output, OutputCredential, OutputSource};
use secrecy::SecretString;

/// The number of the first bundles.
pub(crate) const SEQUENCE: u64 = 7;

/// One gateway: its name, and its host key in a file.
pub(crate) struct Gateway {
    pub(crate) name: GatewayName,
    pub(crate) key_file: PathBuf,
}

impl Gateway {
    /// Makes the host key with `ssh-keygen`.
    pub(crate) fn new(name: &str, folder: &Path) -> Self {
        let key_file = folder.join(format!("{name}.host_key"));
        make_key(&key_file);
        Self { name: GatewayName::new(name).unwrap(), key_file }
    }

    /// The same gateway once more.
    pub(crate) fn again(&self) -> Self {
        Self { name: self.name.clone(), key_file: self.key_file.clone() }
    }

    pub(crate) fn recipient(&self) -> Recipient {
        Recipient::from_line(fs::read_to_string(self.key_file.with_extension("host_key.pub")).unwrap().trim())
            .unwrap()
    }

    pub(crate) fn key(&self) -> GatewayKey {
        GatewayKey::from_text(&fs::read_to_string(&self.key_file).unwrap().into()).unwrap()
    }

    /// A secret that no other gateway has.
    pub(crate) fn secret(&self, sequence: u64) -> String {
        format!("canary-of-{}-{sequence}-8Q~x", self.name)
    }

    /// What its bundle with this number holds.
    pub(crate) fn content(&self, sequence: u64) -> BundleContent {
        let config =
            GatewayConfig::from_json(include_bytes!("../../../bundle/gateway.example.json")).unwrap();
        let secret = SecretString::from(self.secret(sequence));
        let source = OutputSource {
            gateway: self.name.as_str(),
            config: &config,
            credential: OutputCredential::Secret(&secret),
            ca_pem: None,
            installed_in: &InstallFolder::default(),
        };
        BundleContent {
            gateway: self.name.clone(),
            practice: false,
            connection: ConnectionIds {
                name: config.name.clone(),
                tenant_id: config.tenant_id,
                client_id: config.client_id,
            },
            credential_id: format!("secret \"of\" {}", self.name),
            sequence,
            created_at: "2026-11-20T14:34:00Z".parse().unwrap(),
            ends_at: "2999-01-01T00:00:00Z".parse().unwrap(),
            files: outputs::files(&source, &Output::ALL).unwrap(),
        }
    }
}

pub(crate) fn signer() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

pub(crate) fn seal(content: &BundleContent, recipient: &Recipient) -> Vec<u8> {
    bundle::seal(content, recipient, &signer()).unwrap()
}

pub(crate) fn allowed_signers() -> String {
    format!("{}\n", signer().verifying_key().allowed_signers_line())
}

/// An Ed25519 key pair without a passphrase.
pub(crate) fn make_key(path: &Path) {
    let made =
        run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(path));
    assert!(made.status.success(), "{}", text(&made));
}

pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>, mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs a program to its end. One that is not there is named together with what installs it.
pub(crate) fn run(command: &mut Command) -> Finished {
    let name = command.get_program().to_owned();
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| missing(&name, &error))
}

pub(crate) fn missing(program: &OsStr, error: &std::io::Error) -> ! {
    panic!("{} could not be started ({error}); `make setup` installs it", program.display())
}

pub(crate) fn text(finished: &Finished) -> String {
    format!("{}{}", String::from_utf8_lossy(&finished.stdout), String::from_utf8_lossy(&finished.stderr))
}

/// Every file below a folder, links not followed.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files_below(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}
