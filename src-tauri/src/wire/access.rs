//! Step 9: who gets what.

use serde::Serialize;
use specta::Type;

/// A role of the gateway.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RoleView {
    pub id: String,
    pub name: String,
    /// This role keeps people out and wins over every other.
    pub denies: bool,
}

/// A group found by name or id.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GroupHit {
    pub id: String,
    pub name: String,
    pub members: u32,
    pub nested_groups: u32,
    /// Another group has the same display name.
    pub shares_name: bool,
}

/// One line of the access table.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccessRuleView {
    pub group_id: String,
    pub group_name: String,
    pub role: String,
    /// People, directly or through nested groups.
    pub people: u32,
    pub nested_groups: u32,
    /// How many of them another line gives another role.
    pub in_several: u32,
    /// The group is not in the directory that was read last.
    pub vanished: bool,
}

/// What the rules mean in people.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AccessTotals {
    pub granted: u32,
    pub kept_out: u32,
    /// People in the directory whom no rule names.
    pub unnamed: u32,
}

/// What one group's line means in people.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GroupAccess {
    pub group_id: String,
    pub group_name: String,
    pub will_get: u32,
    pub kept_out: u32,
    pub direct: u32,
    pub via: Vec<ViaGroup>,
}

/// People who come through a nested group.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ViaGroup {
    pub group_name: String,
    pub people: u32,
}

/// What one person gets, and why.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PersonAccess {
    pub id: String,
    pub user_principal_name: String,
    pub display_name: String,
    pub role: String,
    pub denied: bool,
    /// `Print – Colour, via Design studio`.
    pub because: Vec<String>,
}

/// Who becomes an administrator of the gateway.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AdministratorsView {
    pub count: u32,
    /// Names are masked.
    pub masked: bool,
    /// The first of them, each with the way to the role.
    pub first: Vec<PersonAccess>,
}
