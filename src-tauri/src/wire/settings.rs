//! What was chosen for this account, and what a policy has decided.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::UnusableProfile;

/// Every setting, with whoever has decided it.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SettingsView {
    pub mask_names: MaskNames,
    pub mask_names_by: DecidedBy,
    /// Days before a credential's end, the earliest first; none for no reminders.
    pub remind_days: Vec<u16>,
    pub remind_days_by: DecidedBy,
    /// What could not be read, each as a sentence.
    pub problems: Vec<String>,
    /// Vendors' profiles that cannot be used.
    pub unusable_profiles: Vec<UnusableProfile>,
    /// Where a policy is looked for.
    pub policy_file: String,
}

/// What is changed; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SettingsForm {
    pub mask_names: Option<MaskNames>,
    /// As typed, with commas or blanks between the numbers.
    pub remind_days: Option<String>,
}

/// Whether people's names are masked until somebody asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum MaskNames {
    /// Those of real tenants.
    Auto,
    Always,
    Never,
}

/// Who has decided a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum DecidedBy {
    /// Nobody.
    Gatehouse,
    You,
    /// The administrator of this computer.
    Policy,
}
