//! What the page sends: the wizard's forms, and the verdicts on single fields.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Step 1.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PrepareForm {
    /// `global`, `usgov-l4`, …; ignored for a practice connection.
    pub cloud: String,
    pub profile: String,
}

/// Step 2.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistrationForm {
    pub tenant: String,
    pub client_id: String,
    pub name: String,
}

/// Step 3. The secret goes in and never comes back.
#[derive(Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretForm {
    #[specta(type = String)]
    pub secret: secrecy::SecretString,
    /// The day the portal shows under Expires, `YYYY-MM-DD`.
    pub ends_on: Option<String>,
    pub keep: KeepSecret,
}

/// Where a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum KeepSecret {
    Keychain,
    /// In memory until Gatehouse is closed.
    Session,
}

/// Step 4, for the custom profile.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PermissionsForm {
    pub permissions: Vec<String>,
}

/// Step 9.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessForm {
    pub rules: Vec<AccessRuleForm>,
}

/// One line of the access table.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessRuleForm {
    pub group_id: String,
    pub role: String,
}

/// Step 10.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WriteForm {
    pub folder: String,
    pub secret_in_env_file: SecretInEnvFile,
    pub existing: ExistingFiles,
}

/// Whether `gateway.env` holds the client secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SecretInEnvFile {
    LeaveOut,
    Include,
}

/// What to do when the folder already holds a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ExistingFiles {
    Keep,
    Replace,
}

/// A field whose text is judged while it is typed; nothing is sent anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum FieldId {
    Tenant,
    ClientId,
    Name,
    Secret,
    EndsOn,
    /// The last day of bundles, which end with their credential at the latest.
    BundlesEnd,
    Folder,
    /// The thumbprint that the portal shows, compared with the certificate’s here.
    Thumbprint,
}

/// The line below a field.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FieldVerdict {
    pub state: FieldState,
    /// Empty for an empty field.
    pub says: String,
    /// Stray white space, quotes or invisible characters were taken away.
    pub trimmed: bool,
    /// The id of the finding that explains a wrong value: `secret-id-pasted`.
    pub finding: Option<FieldFinding>,
}

/// The longer explanation of a wrong value, found before anything was sent.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FieldFinding {
    pub id: String,
    pub title: String,
    pub saw: String,
    pub meaning: String,
    pub fix: Vec<String>,
}

/// How a field looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum FieldState {
    Empty,
    Fine,
    /// Can be saved, but looks unusual.
    Doubtful,
    Wrong,
}

/// What was found in a pasted text (portal overview, JSON, `az ad app show`).
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PasteView {
    pub tenant: Option<String>,
    pub client_id: Option<String>,
    pub name: Option<String>,
    pub object_id: Option<String>,
    /// `Client ID`, `Display name`, `Object ID, not needed`.
    pub found: Vec<String>,
    /// The paste seems to hold a secret, which was not read.
    pub secret_seen: bool,
}
