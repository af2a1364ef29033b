//! What each step's screen needs.

use serde::Serialize;
use specta::Type;

use super::{
    AccessRuleView, AccessTotals, CertificateView, GatewayCounts, HandOff, KeychainView, RoleView,
    UnusableProfile,
};

/// Step 1.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PrepareView {
    pub clouds: Vec<CloudChoice>,
    pub profiles: Vec<ProfileChoice>,
    pub unusable_profiles: Vec<UnusableProfile>,
    pub profile: String,
    pub hosts: Vec<HostView>,
    /// `Right within 1 s`, `3 minutes slow`.
    pub clock: Option<String>,
}

/// A Microsoft cloud.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CloudChoice {
    pub id: String,
    pub name: String,
    pub graph_host: String,
}

/// A gateway profile.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProfileChoice {
    pub id: String,
    pub name: String,
    pub summary: String,
    pub permissions: u8,
}

/// A host that Gatehouse contacts.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HostView {
    /// `Sign-in`, `Directory`.
    pub purpose: String,
    pub host: String,
    pub answered: Option<bool>,
    pub took_ms: Option<u32>,
}

/// Step 2.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationView {
    pub tenant: String,
    pub client_id: String,
    pub name: String,
    /// The tenant's id once discovery has answered.
    pub tenant_id: Option<String>,
    /// The line below the tenant once it is proven.
    pub tenant_says: Option<String>,
    /// The line below the client ID once the app is proven.
    pub app_says: Option<String>,
}

/// Step 3.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct CredentialView {
    /// `Secret` or `Certificate`; none before one was entered.
    pub noun: Option<String>,
    pub kept: SecretKept,
    pub entered_at: Option<String>,
    pub ends_on: Option<String>,
    pub days_left: Option<i32>,
    /// Absent for a client secret.
    pub certificate: Option<CertificateView>,
    pub keychain: KeychainView,
}

/// Where the secret, or the certificate's private key, is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKept {
    Nowhere,
    Keychain,
    Session,
    /// A file that the admin named.
    File,
}

/// Step 4.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PermissionsView {
    pub rows: Vec<PermissionRow>,
    /// Permissions that the custom profile can choose from.
    pub choices: Vec<PermissionChoice>,
    /// Where the states come from, in words: `Read from the token, 14:19`.
    pub source: Option<String>,
    /// What the profile asks for beyond what its calls need.
    pub excess: Option<String>,
}

/// One permission of the profile, or one that was found beyond it.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PermissionRow {
    pub name: String,
    pub required: bool,
    pub why: String,
    pub state: PermissionState,
}

/// A permission for the custom profile.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PermissionChoice {
    pub name: String,
    pub why: String,
    pub chosen: bool,
}

/// What is known of one permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum PermissionState {
    Unknown,
    InToken,
    /// On the registration as an application permission, not in the token.
    Requested,
    DelegatedOnly,
    Missing,
    /// In the token, and not needed by the profile.
    NotNeeded,
}

/// Step 5.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConsentView {
    /// The admin consent link; absent until tenant and client ID are known.
    pub link: Option<String>,
    pub roles: Vec<ConsentRole>,
    pub hand_off: Option<HandOff>,
    pub granted_at: Option<String>,
}

/// One role that consent must bring.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ConsentRole {
    pub name: String,
    pub arrived: Option<bool>,
}

/// Step 6.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PublicClientView {
    pub needed: bool,
    /// Why the profile's sign-in needs it, or why not.
    pub why: String,
    /// Absent when it could not be told.
    pub on: Option<bool>,
    /// How it was told, or why it could not be.
    pub says: Option<String>,
    pub source: Option<String>,
}

/// Step 7.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    pub fetched_at: String,
    pub took_ms: u32,
    pub minutes_left: i32,
    pub request_id: Option<String>,
    pub claims: Vec<ClaimRow>,
    /// The claims as JSON; the signature and the token itself are not in it.
    pub raw: String,
}

/// One claim and its verdict.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRow {
    pub claim: String,
    pub value: String,
    pub verdict: String,
    pub state: ClaimState,
}

/// Whether a claim is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimState {
    Right,
    Attention,
    Wrong,
    Information,
}

/// Step 9.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccessView {
    pub roles: Vec<RoleView>,
    pub rules: Vec<AccessRuleView>,
    pub totals: Option<AccessTotals>,
    /// Groups in the last test sync; access can be mapped once there are some.
    pub groups_known: u32,
    /// Why the rules cannot be used as they are: nobody is let in, no administrator is left.
    pub warning: Option<String>,
}

/// Step 10.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WriteView {
    pub suggested_folder: String,
    pub facts: Vec<WriteFact>,
    /// `gateway.json` as it would be written now.
    pub preview: Option<String>,
    pub written: Option<WrittenView>,
    /// None when the connection has no gateways.
    pub gateways: Option<GatewayCounts>,
}

/// One fact in the summary: label, value, caption.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WriteFact {
    pub label: String,
    pub value: String,
    pub caption: String,
}

/// What was written last.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WrittenView {
    pub at: String,
    pub folder: String,
    pub files: Vec<WrittenFile>,
    /// Settings changed since; the gateway still has the older config.
    pub outdated: bool,
}

/// One written file, read back after writing.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct WrittenFile {
    pub name: String,
    pub bytes: u32,
    pub sha256: String,
    pub holds_secret: bool,
}
