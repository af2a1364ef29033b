//! A bundle's files in a folder, as they lie on a gateway.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output as Finished, Stdio},
};

use bundle::{CredentialReference, GatewayConfig};
use engine::outputs::{self, InstallFolder, Output, OutputCredential, OutputSource};
use secrecy::{ExposeSecret, SecretString};

/// An ordinary secret.
pub(crate) const SECRET: &str = "canary-8Q~x0";

/// Secrets that somebody's quoting would break, and that a bundle takes.
pub(crate) const HOSTILE: [&str; 9] = [
    "it's",
    "say \"hi\"",
    "$(touch x) `id` ${HOME} %d %%",
    "a # b: {{ lookup('env','HOME') }} - [x], {y}",
    "\\n \\ \\\\",
    " leading and trailing ",
    "~:~ & | > * ! @",
    "ünïcödé 秘密 🔑",
    "null",
];

/// The config that the format's description shows.
pub(crate) fn config() -> GatewayConfig {
    GatewayConfig::from_json(include_bytes!("../../../bundle/gateway.example.json")).unwrap()
}

/// The same with a certificate.
pub(crate) fn with_certificate(config: GatewayConfig) -> GatewayConfig {
    let credential = CredentialReference::ClientCertificate {
        reference: "file:anywhere.pem".to_owned(),
        thumbprint: "A".repeat(40),
        ends_on: None,
    };
    GatewayConfig { credential, ..config }
}

/// A bundle's files in `root/current`.
pub(crate) struct Opened {
    root: tempfile::TempDir,
}

impl Opened {
    /// `credential` is of the kind that the config says.
    pub(crate) fn new(
        config: &GatewayConfig,
        credential: &str,
        ca_pem: Option<&[u8]>,
        outputs: &[Output],
    ) -> Self {
        let root = tempfile::Builder::new().prefix("gatehouse-outputs-").tempdir().unwrap();
        let opened = Self { root };
        let secret = SecretString::from(credential);
        let credential = match config.credential {
            CredentialReference::ClientSecret { .. } => OutputCredential::Secret(&secret),
            CredentialReference::ClientCertificate { .. } => OutputCredential::CertificatePem(&secret),
        };
        let installed_in = &InstallFolder::new(opened.root.path().to_str().unwrap()).unwrap();
        let source = OutputSource { gateway: "plant-3", config, credential, ca_pem, installed_in };
        for file in outputs::files(&source, outputs).unwrap() {
            let path = opened.path(file.name.as_str());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, file.content.expose_secret()).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(file.mode.bits())).unwrap();
        }
        opened
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("current").join(name)
    }
}

/// Runs a program to its end. One that is not there is named together with what installs it.
pub(crate) fn run(command: &mut Command) -> Finished {
    let name = command.get_program().to_owned();
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| missing(&name, &error))
}

fn missing(program: &OsStr, error: &std::io::Error) -> ! {
    panic!("{} could not be started ({error}); `make setup` installs it", program.display())
}

pub(crate) fn text(finished: &Finished) -> String {
    format!("{}{}", String::from_utf8_lossy(&finished.stdout), String::from_utf8_lossy(&finished.stderr))
}

/// A program of the Python packages in `tests/strangers`.
pub(crate) fn venv(program: &str) -> PathBuf {
    strangers().join(".venv/bin").join(program)
}

/// The folder of what others wrote.
pub(crate) fn strangers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/strangers")
}

/// What a Python program prints, which is JSON.
pub(crate) fn python(program: &str, arguments: &[&Path]) -> serde_json::Value {
    let finished = run(Command::new(venv("python3")).args(["-c", program]).args(arguments));
    assert!(finished.status.success(), "{}", text(&finished));
    serde_json::from_slice(&finished.stdout).unwrap()
}
