//! What is saved.

use engine::Report;
use serde::Serialize;

use super::{clean, findings::verdict};

/// `gatehouse.connections/1`.
#[derive(Serialize)]
pub(crate) struct Connections {
    schema: &'static str,
    connections: Vec<SavedConnection>,
}

#[derive(Serialize)]
struct SavedConnection {
    id: String,
    name: String,
    tenant: Option<String>,
    client_id: Option<String>,
    profile: String,
    practice: bool,
    verdict: &'static str,
    checked_at: Option<String>,
    secret_ends_on: Option<String>,
}

impl Connections {
    pub(crate) fn of(reports: &[Report]) -> Self {
        let connections = reports
            .iter()
            .map(|report| {
                let known = &report.connection;
                SavedConnection {
                    id: known.id.clone(),
                    name: clean(&known.name),
                    tenant: known.tenant.as_ref().map(|tenant| tenant.text.clone()),
                    client_id: known.client_id.clone(),
                    profile: known.profile.clone(),
                    practice: known.practice,
                    verdict: verdict(&report.chain),
                    checked_at: known.checked_at.map(|at| at.to_string()),
                    secret_ends_on: known
                        .credential
                        .as_ref()
                        .and_then(|credential| credential.ends_on)
                        .map(|day| day.to_string()),
                }
            })
            .collect();
        Self { schema: "gatehouse.connections/1", connections }
    }
}
