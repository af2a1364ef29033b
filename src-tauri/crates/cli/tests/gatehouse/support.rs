//! The program as a process, against a practice tenant inside the test.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use practice::{Options, Practice, Scenario};
use serde_json::Value;
use tempfile::TempDir;

/// What the profile `gespage-print` asks for.
pub(crate) const GESPAGE: [&str; 5] = [
    "AccessReview.Read.All",
    "Directory.Read.All",
    "Group.Read.All",
    "GroupMember.Read.All",
    "User.Read.All",
];

/// A practice tenant, a home of its own, and the program with the variables of both.
pub(crate) struct Bench {
    pub(crate) practice: Practice,
    pub(crate) home: TempDir,
    ca_file: String,
}

impl Bench {
    pub(crate) async fn start(scenario: Scenario) -> Self {
        Self::with(Options { scenario, ..Options::default() }).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let practice = practice::start(options).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let ca = home.path().join("ca.pem");
        std::fs::File::create(&ca).unwrap().write_all(practice.ca_pem().as_bytes()).unwrap();
        Self { practice, home, ca_file: ca.to_string_lossy().into_owned() }
    }

    /// The program with a connection in its variables and no keychain.
    pub(crate) fn program(&self) -> Command {
        let facts = self.practice.facts();
        let mut program = program(self.home.path());
        program
            .env("AZURE_TENANT_ID", &facts.tenant_id)
            .env("AZURE_CLIENT_ID", &facts.client_id)
            .env("AZURE_CLIENT_SECRET", &facts.client_secret);
        program
    }

    /// As [`Bench::program`], with a command and the flags for the practice tenant's endpoints.
    pub(crate) fn command(&self, name: &str) -> Command {
        let facts = self.practice.facts();
        let mut program = self.program();
        program.args([
            name,
            "--authority",
            &facts.authority,
            "--graph",
            &facts.graph,
            "--ca-file",
            &self.ca_file,
        ]);
        program
    }
}

/// The program with nothing of this machine's settings.
pub(crate) fn program(home: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
    program.env_clear().env("GATEHOUSE_HOME", home).env("HOME", home).stdin(Stdio::null());
    program
}

/// Runs it without blocking the practice tenant that serves it.
pub(crate) async fn run(mut program: Command) -> Output {
    tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap()
}

/// Runs it until a moment has come, and kills it there; true when it came to its end before.
pub(crate) async fn ended_before(mut program: Command, has_come: impl Fn() -> bool) -> bool {
    let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    loop {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        if has_come() {
            child.kill().unwrap();
            child.wait().unwrap();
            return false;
        }
        tokio::task::yield_now().await;
    }
}

pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stdout)))
}

pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Ids of the findings, in order.
pub(crate) fn findings(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

/// Every file below a folder that holds this text.
pub(crate) fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if std::fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found
}
