//! Practice tenants as processes of their own, so that their processor time and memory are not those of the client.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tempfile::TempDir;

use crate::{Problem, bare};

/// What a tenant is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) users: u32,
    pub(crate) groups: u32,
    pub(crate) memberships: u32,
    pub(crate) latency_ms: u32,
    /// Resource units per 10 seconds; 0 is without limit.
    pub(crate) quota: u32,
}

/// What a client needs to know of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Facts {
    pub(crate) authority: String,
    pub(crate) graph: String,
    pub(crate) tenant_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) ca_file: String,
}

/// A practice tenant that runs until it is dropped.
pub(crate) struct Tenant {
    pub(crate) shape: Shape,
    pub(crate) facts: Facts,
    process: Child,
    _home: TempDir,
}

impl Tenant {
    pub(crate) fn start(shape: Shape) -> Result<Self, Problem> {
        let home = tempfile::tempdir()?;
        let numbers = [
            ("--users", shape.users),
            ("--groups", shape.groups),
            ("--members", shape.memberships),
            ("--latency-ms", shape.latency_ms),
        ];
        let mut process = gatehouse(home.path())
            .args(["practice", "--json"])
            .args(numbers.iter().flat_map(|(flag, number)| [(*flag).to_owned(), number.to_string()]))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(printed) = process.stdout.take() {
            BufReader::new(printed).read_line(&mut line)?;
        }
        match serde_json::from_str(&line) {
            Ok(facts) => Ok(Self { shape, facts, process, _home: home }),
            Err(error) => {
                process.kill()?;
                Err(error.into())
            }
        }
    }

    /// Fills the quota again.
    pub(crate) async fn rested(&self) -> Result<(), Problem> {
        self.tell(reqwest::Method::PUT, "knobs", &json!({ "quota": self.shape.quota })).await
    }

    /// Sets the most objects on a page, and ten times as many members on one of a delta; 0 is the usual.
    pub(crate) async fn set_page_size(&self, objects: u16) -> Result<(), Problem> {
        self.tell(reqwest::Method::PUT, "knobs", &json!({ "page_size": objects })).await
    }

    /// Changes one user in a hundred, renames one group in a hundred, and moves one membership in a hundred.
    pub(crate) async fn change_one_percent(&self) -> Result<(), Problem> {
        let Shape { users, groups, memberships, .. } = self.shape;
        let changes = json!({
            "users_updated": users / 100,
            "groups_renamed": groups / 100,
            "members_added": memberships / 200,
            "members_removed": memberships / 200,
        });
        self.tell(reqwest::Method::POST, "changes", &changes).await
    }

    /// `gatehouse sync` of this tenant, with its data in this folder.
    pub(crate) fn sync(&self, home: &Path, mode: &str) -> Command {
        let facts = &self.facts;
        let mut sync = gatehouse(home);
        sync.args(["sync", "--json", mode, "--authority", &facts.authority, "--graph", &facts.graph])
            .args(["--ca-file", &facts.ca_file])
            .env("AZURE_TENANT_ID", &facts.tenant_id)
            .env("AZURE_CLIENT_ID", &facts.client_id)
            .env("AZURE_CLIENT_SECRET", &facts.client_secret);
        sync
    }

    async fn tell(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<(), Problem> {
        let url = format!("{}/practice/{path}", self.facts.graph);
        let answer = bare::http(&self.facts)?.request(method, url).json(body).send().await?;
        if answer.status().is_success() { Ok(()) } else { Err(answer.text().await?.into()) }
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        // A tenant that has ended already is as stopped as it should be.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

pub(crate) fn gatehouse(home: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
    program.env_clear().env("GATEHOUSE_HOME", home).env("HOME", home);
    program
}
