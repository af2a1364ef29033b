//! One connection's journey: the rail, the chain, the findings, and one view for each step.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{
    AccessView, ConsentView, CredentialView, FindingView, LinkView, PermissionsView, PrepareView,
    PublicClientView, RegistrationView, SummaryState, SyncStart, SyncView, TokenView, WriteView,
};

/// The wizard's steps in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum StepId {
    Prepare,
    Registration,
    Credential,
    Permissions,
    Consent,
    PublicClient,
    Token,
    Sync,
    Access,
    Write,
}

/// What the evidence says about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    NotStarted,
    InProgress,
    Done,
    Attention,
    Broken,
}

/// One step in the rail.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    pub step: StepId,
    pub number: u8,
    pub title: String,
    pub state: StepState,
    /// The rail's second line: `Secret · ends 19 May 2027`.
    pub note: Option<String>,
    /// Why Continue is blocked; absent when it is not.
    pub blocked: Option<String>,
    /// The sentence beside Continue when it is not blocked.
    pub ready: Option<String>,
}

/// The whole journey of one connection.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct JourneyView {
    pub id: String,
    pub name: String,
    pub cloud: String,
    pub cloud_name: String,
    pub practice: bool,
    pub summary: String,
    pub summary_state: SummaryState,
    pub current_step: StepId,
    pub steps: Vec<StepView>,
    pub links: Vec<LinkView>,
    pub findings: Vec<FindingView>,
    pub checked_at: Option<String>,
    pub saved_at: String,
    pub prepare: PrepareView,
    pub registration: RegistrationView,
    pub credential: CredentialView,
    pub permissions: PermissionsView,
    pub consent: ConsentView,
    pub public_client: PublicClientView,
    pub token: Option<TokenView>,
    pub sync_start: SyncStart,
    pub sync: Option<SyncView>,
    pub access: AccessView,
    pub write: WriteView,
}
