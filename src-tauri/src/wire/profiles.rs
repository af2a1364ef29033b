//! Gateway profiles that cannot be used.

use serde::Serialize;
use specta::Type;

/// A vendor's file that holds no usable profile.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct UnusableProfile {
    /// The whole path.
    pub file: String,
    /// Everything that is wrong with it.
    pub problems: Vec<ProfileProblemView>,
}

/// What is wrong in a profile's file.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ProfileProblemView {
    /// From 1, where it can be told.
    pub line: Option<u32>,
    /// Such as `permission[2].name`; none when it is the file as a whole.
    pub field: Option<String>,
    pub what: String,
    pub fix: String,
}
