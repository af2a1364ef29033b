//! Gateways with keys of their own, and sealed bundles for them.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output as Finished, Stdio},
};

use bundle::{
    BundleContent, ConnectionIds, CredentialReference, GatewayConfig, GatewayKey, GatewayName, Recipient,
    SigningKey,
};
use engine::outputs::{self, InstallFolder, Output, OutputCredential, OutputSource};
use practice::Practice;
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
        Self::with_key("ed25519", name, folder)
    }

    /// The same with a key of this type.
    pub(crate) fn with_key(kind: &str, name: &str, folder: &Path) -> Self {
        let key_file = folder.join(format!("{name}.host_key"));
        make_key(kind, &key_file);
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
        self.content_of(sequence, &example(), &self.secret(sequence), None)
    }

    /// The same for a practice tenant, with a client secret or with a certificate and its key.
    pub(crate) fn content_for(&self, tenant: &Practice, sequence: u64, credential: &str) -> BundleContent {
        let facts = tenant.facts();
        let mut config = GatewayConfig {
            practice: true,
            authority: facts.authority.parse().unwrap(),
            graph: facts.graph.parse().unwrap(),
            cloud: None,
            tenant_id: facts.tenant_id.parse().unwrap(),
            client_id: facts.client_id.parse().unwrap(),
            ..example()
        };
        if credential.starts_with("-----BEGIN") {
            config.credential = CredentialReference::ClientCertificate {
                reference: "file:anywhere.pem".to_owned(),
                thumbprint: "A".repeat(40),
                ends_on: None,
            };
        }
        self.content_of(sequence, &config, credential, Some(tenant.ca_pem().as_ref()))
    }

    fn content_of(
        &self,
        sequence: u64,
        config: &GatewayConfig,
        credential: &str,
        ca_pem: Option<&[u8]>,
    ) -> BundleContent {
        let secret = SecretString::from(credential.to_owned());
        let source = OutputSource {
            gateway: self.name.as_str(),
            config,
            credential: match config.credential {
                CredentialReference::ClientSecret { .. } => OutputCredential::Secret(&secret),
                CredentialReference::ClientCertificate { .. } => OutputCredential::CertificatePem(&secret),
            },
            ca_pem,
            installed_in: &InstallFolder::default(),
        };
        // oauth2-proxy knows no certificates.
        let no_proxy: &[Output] = &[Output::Systemd, Output::Kubernetes];
        let outputs = if credential.starts_with("-----BEGIN") { no_proxy } else { &Output::ALL };
        BundleContent {
            gateway: self.name.clone(),
            practice: config.practice,
            connection: ConnectionIds {
                name: config.name.clone(),
                tenant_id: config.tenant_id,
                client_id: config.client_id,
            },
            credential_id: format!("secret \"of\" {}", self.name),
            sequence,
            created_at: "2026-11-20T14:34:00Z".parse().unwrap(),
            ends_at: "2999-01-01T00:00:00Z".parse().unwrap(),
            files: outputs::files(&source, outputs).unwrap(),
        }
    }
}

fn example() -> GatewayConfig {
    GatewayConfig::from_json(include_bytes!("../../../bundle/gateway.example.json")).unwrap()
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

/// A key pair of this type, without a passphrase.
pub(crate) fn make_key(kind: &str, path: &Path) {
    let made = run(Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", "", "-C", "", "-f"]).arg(path));
    assert!(made.status.success(), "{}", text(&made));
}

/// Whether a host has `gatehouse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Has {
    Gatehouse,
    StockTools,
}

/// A folder to put first into a host's `PATH`. Where the host has no `gatehouse`, one stands there that knows no bundles:
/// what is installed on this computer is not what is tested.
pub(crate) fn programs(has: Has, folder: &Path) -> PathBuf {
    let folder = folder.join(format!("bin {has:?}"));
    let program = folder.join("gatehouse");
    if !program.exists() {
        fs::create_dir_all(&folder).unwrap();
        match has {
            Has::Gatehouse => symlink(env!("CARGO_BIN_EXE_gatehouse"), &program).unwrap(),
            Has::StockTools => write(&program, "#!/bin/sh\nexit 2\n", 0o755),
        }
    }
    folder
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
