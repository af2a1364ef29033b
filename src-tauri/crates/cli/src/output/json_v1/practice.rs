//! Where a practice tenant is.

use std::path::Path;

use serde::Serialize;

/// The first line of `gatehouse practice --json`.
#[derive(Serialize)]
pub(crate) struct Practice<'a> {
    #[serde(flatten)]
    facts: &'a practice::Facts,
    ca_file: String,
    scenario: practice::Scenario,
}

impl<'a> Practice<'a> {
    pub(crate) fn of(tenant: &'a practice::Practice, ca_file: &Path) -> Self {
        Self {
            facts: tenant.facts(),
            ca_file: ca_file.to_string_lossy().into_owned(),
            scenario: tenant.scenario(),
        }
    }
}
