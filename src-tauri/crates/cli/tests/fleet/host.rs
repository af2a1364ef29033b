//! A host with nothing on it but the script.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use engine::{
    fleet::{self, Fleet},
    outputs::InstallFolder,
};

use crate::given::{Gateway, Has, allowed_signers, files_below, programs, run, text, write};

/// How the script is run.
pub(crate) struct Run {
    /// `real` or `practice`.
    pub(crate) kind: &'static str,
    /// `try` or `trust`.
    pub(crate) trial: &'static str,
    pub(crate) has: Has,
    /// Where the host's other programs are.
    pub(crate) path: String,
}

impl Default for Run {
    fn default() -> Self {
        Self { kind: "real", trial: "trust", has: Has::StockTools, path: "/usr/bin:/bin".to_owned() }
    }
}

/// One host with nothing on it but the script.
pub(crate) struct Host {
    pub(crate) root: tempfile::TempDir,
    pub(crate) gateway: Gateway,
}

impl Host {
    pub(crate) fn new() -> Self {
        let root = tempfile::Builder::new().prefix("gatehouse-host-").tempdir().unwrap();
        let gateway = Gateway::new("plant-1", root.path());
        let fleet = Fleet {
            connection: "Contoso",
            practice: false,
            installed_in: &InstallFolder::default(),
            hosts: &[],
        };
        let files = fleet::ansible(&fleet).unwrap();
        let script = files.iter().find(|file| file.name == "open-bundle.sh").unwrap();
        write(&root.path().join("open-bundle.sh"), &script.content, 0o700);
        let host = Self { root, gateway };
        write(&host.folder().join("incoming/allowed_signers"), allowed_signers(), 0o600);
        host
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("etc gatehouse")
    }

    /// Puts a sealed file where the playbook puts it.
    pub(crate) fn receive(&self, sealed: &[u8]) {
        write(&self.folder().join("incoming").join(self.gateway.name.file_name()), sealed, 0o600);
    }

    /// Opens a bundle with stock tools, and does not try it.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<String, String> {
        self.receive(sealed);
        self.run(&Run::default())
    }

    /// The last line of the script; when it fails, all that it said.
    pub(crate) fn run(&self, how: &Run) -> Result<String, String> {
        let opened = run(&mut self.command(how));
        let said = text(&opened);
        assert!(!said.contains("canary-of-"), "{said}");
        if opened.status.success() {
            let told = String::from_utf8(opened.stdout).unwrap();
            Ok(told.lines().last().unwrap().to_owned())
        } else {
            Err(said)
        }
    }

    /// The script with what it is given.
    pub(crate) fn command(&self, how: &Run) -> Command {
        let mut command = Command::new("sh");
        command
            .arg(self.root.path().join("open-bundle.sh"))
            .arg(self.gateway.name.as_str())
            .arg(&self.gateway.key_file)
            .arg(self.folder())
            .args([how.kind, how.trial])
            .env("PATH", format!("{}:{}", programs(how.has, self.root.path()).display(), how.path));
        command
    }

    /// Somebody opens a bundle that was sealed to `from`, and seals it to this host.
    pub(crate) fn resealed(&self, sealed: &[u8], from: &Gateway) -> Vec<u8> {
        let (input, output) = (self.root.path().join("input.age"), self.root.path().join("output.age"));
        write(&input, sealed, 0o600);
        let pipe = "age -d -i \"$1\" \"$2\" | age -R \"$3\" -o \"$4\"";
        let made = Command::new("sh")
            .args(["-eu", "-c", pipe, "sh"])
            .args([&from.key_file, &input, &self.gateway.key_file.with_extension("host_key.pub"), &output])
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success());
        fs::read(output).unwrap()
    }

    /// Somebody opens a bundle of this host, changes its files with a script, and seals it again without signing.
    pub(crate) fn repacked(&self, sealed: &[u8], change: &str) -> Vec<u8> {
        let (input, output) = (self.root.path().join("input.age"), self.root.path().join("output.age"));
        write(&input, sealed, 0o600);
        let work = format!(
            "mkdir work; cd work; age -d -i \"$1\" \"$2\" | tar -x; {change}; cd ..; \
             tar -C work -c . --transform 's,^\\./,,' | age -R \"$3\" -o \"$4\"; rm -r work"
        );
        let made = Command::new("sh")
            .args(["-eu", "-c", &work, "sh"])
            .args([
                &self.gateway.key_file,
                &input,
                &self.gateway.key_file.with_extension("host_key.pub"),
                &output,
            ])
            .current_dir(self.root.path())
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success());
        fs::read(output).unwrap()
    }

    /// All files of the host with their content, except the sealed one and the lock.
    pub(crate) fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files_below(&self.folder())
            .into_iter()
            .filter(|path| !path.ends_with(self.gateway.name.file_name()) && !path.ends_with(".lock"))
            .map(|path| (path.clone(), fs::read(&path).unwrap()))
            .collect()
    }
}
