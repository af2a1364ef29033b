//! The journey: ten steps as one table, and what the evidence says about each. Pure.
//!
//! A step is never done because Continue was pressed. Its state follows from evidence, and turns back when the
//! evidence does.

mod state;

use serde::{Deserialize, Serialize};

pub use state::{StepReport, StepState, steps};

/// The ten steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Cloud and gateway profile.
    Prepare,
    /// Tenant, client ID and name.
    Registration,
    /// The client secret.
    Credential,
    /// Graph application permissions.
    Permissions,
    /// Admin consent.
    Consent,
    /// Public client flows.
    PublicClient,
    /// The token's claims.
    Token,
    /// Users, groups and memberships, read to the end.
    Sync,
    /// Groups to gateway roles.
    Access,
    /// The gateway config on disk.
    Write,
}

/// One row of the table.
pub struct StepRow {
    /// Which step.
    pub step: Step,
    /// Its title in the rail.
    pub title: &'static str,
    /// What is proven before it turns green.
    pub proves: &'static str,
}

/// The table of steps, in the order of the rail.
pub const STEPS: [StepRow; 10] = [
    StepRow { step: Step::Prepare, title: "Prepare", proves: "the hosts answer and the clock is right" },
    StepRow {
        step: Step::Registration,
        title: "App registration",
        proves: "the tenant exists and knows the app",
    },
    StepRow {
        step: Step::Credential,
        title: "Credential",
        proves: "the secret is accepted, and when it ends",
    },
    StepRow { step: Step::Permissions, title: "Permissions", proves: "each is requested as application" },
    StepRow { step: Step::Consent, title: "Admin consent", proves: "a fresh token carries every role" },
    StepRow {
        step: Step::PublicClient,
        title: "Public client flows",
        proves: "the setting matches the sign-in",
    },
    StepRow {
        step: Step::Token,
        title: "Test token",
        proves: "the token is for Graph, app-only and complete",
    },
    StepRow {
        step: Step::Sync,
        title: "Test sync",
        proves: "everything is read to the end and counted twice",
    },
    StepRow {
        step: Step::Access,
        title: "Gateway access",
        proves: "who gets what, and nobody is locked out",
    },
    StepRow { step: Step::Write, title: "Write & export", proves: "the config is written and reads back" },
];

impl Step {
    /// 1 to 10.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }
}
