//! The bare program: fetches the pages of a directory, takes the object ids out of them, and keeps nothing.
//!
//! It shares no code with Gatehouse. It reads its task from standard input and prints one JSON object.

mod client;
mod patterns;

use std::io::Read;

use reqwest::Certificate;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{Problem, tenant::Facts};
use client::Client;

/// What the bare program is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) tenant: Facts,
    pub(crate) pattern: Pattern,
    /// Resource units per 10 seconds that it never exceeds; without them it goes on until it is refused.
    pub(crate) paced: Option<u32>,
}

/// How it reads.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Pattern {
    /// As `gatehouse sync` does: twenty groups in one `$batch`, eight of them at a time, beside the lists of users and
    /// groups.
    Batches { users: UserList },
    /// One request for each group, so many at a time, beside the lists of users and groups.
    Gets { parallel: usize, users: UserList },
    /// One delta of all groups with their members, page after page. It lists the groups as well, and no users.
    Delta,
    /// A delta with members for every fifty groups, so many at a time, beside the list of groups; no users.
    Deltas { parallel: usize },
    /// As the connectors of today do: HTTP/1.1, pages of a hundred, the users twice, one group after the other.
    Serial,
}

/// How the users are listed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum UserList {
    /// One list, page after page.
    Whole,
    /// Twelve parts of it at the same time.
    Shards,
    /// Not at all, where only memberships are of interest.
    None,
}

/// What it did.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Tally {
    /// Requests as Graph counts them: each item of a batch is one, the batch around them is none. Refused ones too.
    requests: u64,
    /// Those among them that were answered 429.
    throttled: u64,
    /// Those among them that asked for members and were answered.
    member_pages: u64,
    /// Requests on the wire: a batch is one.
    sent: u64,
    /// Resource units, as the answers tell them.
    units: u64,
    /// Milliseconds from the end of the sign-in to the last answer.
    reading_ms: u64,
    users: u64,
    groups: u64,
    memberships: u64,
}

/// Does the task on standard input.
pub(crate) async fn run() -> Result<Tally, Problem> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let task: Task = serde_json::from_str(&text)?;
    let client = Client::sign_in(&task).await?;
    let began = Instant::now();
    match task.pattern {
        Pattern::Batches { users } => patterns::batches(&client, users).await?,
        Pattern::Gets { parallel, users } => patterns::gets(&client, parallel, users).await?,
        Pattern::Delta => patterns::delta(&client).await?,
        Pattern::Deltas { parallel } => patterns::deltas(&client, parallel).await?,
        Pattern::Serial => patterns::serial(&client).await?,
    }
    let reading_ms = began.elapsed().as_millis().try_into()?;
    Ok(Tally { reading_ms, ..client.tally() })
}

/// A plain HTTP client that trusts the tenant's CA: HTTP/2, as Gatehouse has it.
pub(crate) fn http(tenant: &Facts) -> Result<reqwest::Client, Problem> {
    Ok(trusting(tenant)?.build()?)
}

/// One that speaks HTTP/1.1, as the connectors of today do.
fn older_http(tenant: &Facts) -> Result<reqwest::Client, Problem> {
    Ok(trusting(tenant)?.http1_only().build()?)
}

fn trusting(tenant: &Facts) -> Result<reqwest::ClientBuilder, Problem> {
    let ca = Certificate::from_pem(&std::fs::read(&tenant.ca_file)?)?;
    Ok(reqwest::Client::builder().tls_certs_only([ca]).no_proxy())
}
