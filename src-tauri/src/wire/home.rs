//! Home, and the practice tenant.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{GatewayCounts, LinkId, LinkView, StepId};

/// Everything Home shows.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HomeView {
    pub connections: Vec<ConnectionCard>,
    pub keychain: KeychainView,
    pub practice: Option<PracticeView>,
    /// Said when a saved file could not be read and was set aside.
    pub notices: Vec<String>,
    pub version: String,
    pub daily_check: DailyCheckView,
}

/// Whether the system's own scheduler checks every connection once a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum DailyCheckView {
    SetUp,
    NotSetUp,
    /// It cannot be told without asking the scheduler.
    Unknown,
}

/// One saved connection in Home's list.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionCard {
    pub id: String,
    pub name: String,
    /// The tenant as the admin entered it, or its first verified domain.
    pub tenant: String,
    pub cloud: String,
    pub practice: bool,
    pub links: Vec<LinkView>,
    /// `Proven`, `Broken at Consent`, `Setup at step 4 of 10`.
    pub summary: String,
    pub summary_state: SummaryState,
    pub checked_at: Option<String>,
    pub saved_at: String,
    /// A config was written: Re-validate from now on, not the wizard.
    pub set_up: bool,
    pub current_step: StepId,
    pub credential: Option<CredentialCard>,
    /// Title and meaning of the first finding, if there is one.
    pub finding: Option<CardFinding>,
    /// Folder of the last written config.
    pub written_to: Option<String>,
    /// None when it has none.
    pub gateways: Option<GatewayCounts>,
    /// A rotation of its credential is under way.
    pub rotating: bool,
}

/// The first finding of a connection, in two sentences.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CardFinding {
    pub title: String,
    pub meaning: String,
}

/// Colour of a connection's summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SummaryState {
    Idle,
    Proven,
    Attention,
    Broken,
    Unknown,
}

/// The credential column in Home's list.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CredentialCard {
    /// `Secret` or `Certificate`.
    pub noun: String,
    pub ends_on: Option<String>,
    /// Whole days until it ends; negative once it has ended.
    pub days_left: Option<i32>,
    /// 30 days or fewer are left.
    pub ending: bool,
}

/// The keychain of this computer.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeychainView {
    pub available: bool,
    /// `Secret Service`, `Windows Credential Manager`, `macOS Keychain`.
    pub name: String,
    pub because: Option<String>,
}

/// The running practice tenant. Its values are no secrets: they are made for trying things out.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PracticeView {
    pub scenario: String,
    /// Id of the connection for rehearsals, once there is one.
    pub rehearsal: Option<String>,
    pub scenarios: Vec<ScenarioChoice>,
    pub tenant_id: String,
    pub domain: String,
    pub client_id: String,
    pub app_object_id: String,
    pub app_name: String,
    pub client_secret: String,
    pub secret_id: String,
    pub users: u32,
    pub groups: u32,
    pub memberships: u32,
    /// Sign-in name of a Global Administrator.
    pub admin: String,
    /// Sign-in name and password of the account that a gateway could sign in with.
    pub account: String,
    pub account_password: String,
}

/// One scenario of the practice tenant.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ScenarioChoice {
    pub id: String,
    pub title: String,
    pub story: String,
    /// A rehearsal's check meets this one.
    pub rehearsable: bool,
    /// What an admin should know of the rehearsal before it begins, or why there is none.
    pub remark: Option<String>,
    /// The link that it breaks; none when everything works.
    pub link: Option<LinkId>,
}

/// What the practice admin does on the practice tenant's consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum PracticeConsent {
    Accept,
    Cancel,
}
