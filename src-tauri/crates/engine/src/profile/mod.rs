//! Gateway profiles: what a kind of gateway needs, as data.

mod read;
mod rules;
mod schema;
mod shelf;

use std::{path::PathBuf, sync::Arc, sync::LazyLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    fault::{Fault, FaultCode},
    outputs::Output,
};

pub use read::{MAX_BYTES, ProfileProblem, from_toml};
pub use schema::json_schema;
pub(crate) use shelf::add;
pub use shelf::{Shelf, ShelfProblem, check_file};

/// What a kind of gateway needs. Read from TOML; the shipped ones are in `profiles/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Profile {
    /// Stable id: lower-case words joined by hyphens, at most 64 characters.
    #[schemars(length(min = 1, max = 64), regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub id: String,
    /// Name for people, 1 to 100 characters.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// One sentence, 1 to 300 characters.
    #[schemars(length(min = 1, max = 300))]
    pub summary: String,
    /// Where it was read from.
    #[serde(skip)]
    pub origin: Origin,
    /// The admin chooses among the permissions.
    #[serde(default)]
    pub custom: bool,
    /// Application permissions of Microsoft Graph.
    #[serde(default, rename = "permission", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub permissions: Vec<ProfilePermission>,
    /// Whether its sign-in needs public client flows.
    pub public_client: PublicClientNeed,
    /// The account that the gateway signs in with besides the app, when it uses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in_account: Option<SignInAccount>,
    /// Users' fields the gateway reads, named as in Microsoft Graph. 1 to 100.
    #[schemars(
        length(min = 1, max = 100),
        inner(length(max = 200), regex(pattern = "^[A-Za-z][A-Za-z0-9_]*$"))
    )]
    pub user_fields: Vec<String>,
    /// The files that a bundle for such a gateway carries besides `gateway.json` and `gateway.env`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// Roles on the gateway, 1 to 64; the highest rank wins.
    #[serde(rename = "role")]
    #[schemars(length(min = 1, max = 64))]
    pub roles: Vec<ProfileRole>,
}

/// One permission and the reason for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfilePermission {
    /// Name, `User.Read.All`.
    pub name: String,
    /// Why the gateway needs it.
    pub reason: String,
    /// The calls it is for; empty when no call of the gateway needs it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<String>,
}

/// Whether public client flows have to be on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PublicClientNeed {
    /// They have to be on.
    pub needed: bool,
    /// Why, or why not.
    pub reason: String,
}

/// An account that a gateway signs in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignInAccount {
    /// What the gateway uses it for.
    pub reason: String,
}

/// A role on the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfileRole {
    /// Stable id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The higher rank wins when somebody is in several groups.
    pub rank: u16,
    /// Somebody must hold this role, or nobody can administer the gateway.
    #[serde(default)]
    pub administers: bool,
}

/// Where a profile was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// It comes with Gatehouse.
    #[default]
    Shipped,
    /// A vendor's own file.
    File(PathBuf),
}

impl Profile {
    /// The profile as a file of its own, TOML.
    ///
    /// # Errors
    /// Never, as far as is known: every profile can be written.
    pub fn to_toml(&self) -> Result<String, Fault> {
        toml::to_string(self).map_err(|error| {
            let what = format!("The profile cannot be written: {error}.");
            Fault::new(FaultCode::Internal, what, "Report this.")
        })
    }

    /// Names of the permissions the gateway must hold; for the custom profile, the chosen ones.
    pub fn required<'a>(&'a self, chosen: &'a [String]) -> Vec<&'a str> {
        if self.custom {
            chosen.iter().map(String::as_str).collect()
        } else {
            self.permissions.iter().map(|permission| permission.name.as_str()).collect()
        }
    }

    /// The reason for a permission.
    pub fn reason(&self, permission: &str) -> Option<&str> {
        self.permissions.iter().find(|known| known.name == permission).map(|known| known.reason.as_str())
    }

    /// A role by its id.
    pub fn role(&self, id: &str) -> Option<&ProfileRole> {
        self.roles.iter().find(|role| role.id == id)
    }
}

/// Id of the profile that is used when none is named.
pub const DEFAULT_PROFILE: &str = "least-privilege";

/// The shipped profiles, the default first.
pub fn shipped() -> &'static [Arc<Profile>] {
    static SHIPPED: LazyLock<Vec<Arc<Profile>>> = LazyLock::new(|| {
        [
            include_str!("../../profiles/least-privilege.toml"),
            include_str!("../../profiles/gateway-identity-sync.toml"),
            include_str!("../../profiles/gespage-print.toml"),
            include_str!("../../profiles/custom.toml"),
        ]
        .into_iter()
        .filter_map(|text| from_toml(text.as_bytes()).ok().map(Arc::new))
        .collect()
    });
    &SHIPPED
}

/// A shipped profile by its id.
pub fn shipped_profile(id: &str) -> Option<Arc<Profile>> {
    shipped().iter().find(|profile| profile.id == id).cloned()
}

/// Permissions that include what others allow, for the calls of a directory sync.
/// Source: the permissions tables of <https://learn.microsoft.com/graph/api/user-list> and its siblings.
const COVERS: &[(&str, &[&str])] = &[
    (
        "Directory.ReadWrite.All",
        &["Directory.Read.All", "User.Read.All", "Group.Read.All", "GroupMember.Read.All"],
    ),
    ("Directory.Read.All", &["User.Read.All", "Group.Read.All", "GroupMember.Read.All"]),
    ("Group.ReadWrite.All", &["Group.Read.All", "GroupMember.Read.All"]),
    ("Group.Read.All", &["GroupMember.Read.All"]),
    ("GroupMember.ReadWrite.All", &["GroupMember.Read.All"]),
    ("User.ReadWrite.All", &["User.Read.All"]),
];

/// Whether one of the held permissions is the wanted one, or includes it.
pub fn covered(held: &[String], wanted: &str) -> bool {
    held.iter().any(|role| {
        role == wanted || COVERS.iter().any(|(wide, narrow)| wide == role && narrow.contains(&wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_profile_reads_and_names_known_permissions() {
        let ids: Vec<&str> = shipped().iter().map(|profile| profile.id.as_str()).collect();
        assert_eq!(ids, ["least-privilege", "gateway-identity-sync", "gespage-print", "custom"]);
        for profile in shipped() {
            for permission in &profile.permissions {
                assert!(entra::app_role(&permission.name).is_some(), "{}: {}", profile.id, permission.name);
            }
            assert!(profile.roles.iter().any(|role| role.administers), "{} has no administrator", profile.id);
            assert!(!profile.user_fields.is_empty());
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for profile in shipped() {
            let text = profile.to_toml().unwrap();
            assert_eq!(from_toml(text.as_bytes()).as_ref(), Ok(&**profile), "{text}");
        }
    }

    #[test]
    fn a_wider_permission_covers_a_narrower_one() {
        let held = vec!["Directory.Read.All".to_owned()];
        assert!(covered(&held, "User.Read.All"));
        assert!(!covered(&held, "AccessReview.Read.All"));
        assert!(!covered(&[], "User.Read.All"));
    }
}
