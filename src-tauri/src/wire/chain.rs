//! The chain of proof and its findings, as every screen shows them.

use serde::{Deserialize, Serialize};
use specta::Type;

/// One of the eight links, in the order of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum LinkId {
    Network,
    Tenant,
    App,
    Credential,
    Token,
    Consent,
    Directory,
    Gateway,
}

/// How far a link is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    NotTried,
    Checking,
    Proven,
    Attention,
    Broken,
    /// Waits for an earlier link, or cannot be told and need not be.
    Skipped,
    /// Was tried and could not be told; never green.
    Unknown,
}

/// One link of the chain.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LinkView {
    pub link: LinkId,
    pub state: LinkState,
    /// One or two words under the link's name: `Proven`, `0 of 2 roles`.
    pub word: String,
    /// At most two short lines of evidence for the big chain.
    pub evidence: Vec<String>,
    /// What else was seen about it: for the network, the way to each host.
    pub details: Vec<String>,
    /// Why the link is skipped or unknown.
    pub because: Option<String>,
    /// When the evidence was gathered.
    pub at: Option<String>,
    /// Where the evidence comes from, in words.
    pub source: Option<String>,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Broken,
    Attention,
    Unknown,
}

/// Something that was found, with its meaning and its way out.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FindingView {
    /// The check's id, `consent-missing`.
    pub id: String,
    pub link: LinkId,
    pub severity: Severity,
    pub title: String,
    pub saw: Vec<SawLine>,
    pub meaning: String,
    pub fix: Vec<String>,
    /// The role that is needed to mend it.
    pub who: String,
    /// The page of Microsoft's portal where it is mended.
    pub page: Option<PageLink>,
    /// Commands to copy, with the connection's own ids; never with a secret.
    pub script: Option<String>,
    /// A message to whoever has to act, when that is not the person at the keyboard.
    pub hand_off: Option<HandOff>,
    /// Plain text with every identifier, to paste into a ticket.
    pub details: String,
}

/// A message that somebody else can act on.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HandOff {
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// One line under "What we saw".
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SawLine {
    /// Where it was seen: `Token`, `Directory`, `What you pasted`.
    pub source: String,
    pub text: String,
}

/// A page that can be opened in the system browser. The page names it, the engine knows its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum PageLink {
    AppRegistrations,
    NewRegistration,
    Overview,
    CertificatesAndSecrets,
    ApiPermissions,
    Authentication,
    Manifest,
    EnterpriseApplication,
    EnterprisePermissions,
    Users,
    SignInLogs,
    AdminConsent,
    /// The practice tenant's own portal page.
    PracticePortal,
}
