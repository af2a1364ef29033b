//! A gateway's folder, the program on it, and what stands in the folder.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use bundle::{AllowedSigners, BundleContent};
use serde_json::Value;
use tempfile::TempDir;

use crate::given::{ED25519, Pair, seal, signers};

/// `plant-3.tar.age`, `key`, `allowed_signers` and, once something is opened, `to/current`.
pub(crate) struct Gateway {
    folder: TempDir,
}

impl Gateway {
    pub(crate) fn new() -> Self {
        let gateway = Self { folder: tempfile::tempdir().unwrap() };
        gateway.give_key(ED25519);
        gateway.believe(&signers());
        gateway
    }

    /// One that has the bundle with this number.
    pub(crate) fn having(content: &BundleContent) -> Self {
        let gateway = Self::new();
        gateway.receive(&seal(content, ED25519));
        let output = gateway.open(&[]);
        assert_eq!(code(&output), 0, "{}", errors(&output));
        gateway
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("to")
    }

    pub(crate) fn give_key(&self, pair: Pair) {
        fs::write(self.path("key"), pair.private).unwrap();
        fs::set_permissions(self.path("key"), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn believe(&self, signers: &AllowedSigners) {
        let lines: Vec<String> = signers.keys().iter().map(|key| key.allowed_signers_line()).collect();
        fs::write(self.path("allowed_signers"), format!("{}\n", lines.join("\n"))).unwrap();
    }

    pub(crate) fn receive(&self, sealed: &[u8]) {
        fs::write(self.path("plant-3.tar.age"), sealed).unwrap();
    }

    /// `gatehouse bundle …` with the sealed file, the key and the signers.
    pub(crate) fn command(&self, action: &str) -> Command {
        let mut command = self.program(&["bundle", action]);
        command.arg(self.path("plant-3.tar.age")).arg("--key").arg(self.path("key"));
        if action != "inspect" {
            command.arg("--signers").arg(self.path("allowed_signers"));
        }
        command
    }

    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
        command.env_clear().env("HOME", self.folder.path()).stdin(Stdio::null()).args(arguments);
        command
    }

    pub(crate) fn open_command(&self, more: &[&str]) -> Command {
        let mut command = self.command("open");
        command.arg("--to").arg(self.root()).args(more);
        command
    }

    pub(crate) fn open(&self, more: &[&str]) -> Output {
        self.open_command(more).output().unwrap()
    }

    /// What a gateway would read.
    pub(crate) fn current(&self, name: &str) -> String {
        fs::read_to_string(self.root().join("current").join(name)).unwrap()
    }
}

/// Every file, folder and link below a folder: its mode, and what it holds or leads to.
pub(crate) fn everything(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            let about = fs::symlink_metadata(&path).unwrap();
            let holds = if about.is_symlink() {
                fs::read_link(&path).unwrap().to_string_lossy().into_owned().into_bytes()
            } else if about.is_dir() {
                open.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            found.insert(path, (about.mode() & 0o7777, holds));
        }
    }
    found
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}
