use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::spelling;

/// Which groups give which role on the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessRules {
    /// One entry per group, by the group's object id. Their order has no meaning.
    #[schemars(length(max = 5_000))]
    pub rules: Vec<AccessRule>,
    /// What a person gets who is in several of the groups.
    pub several: SeveralRoles,
    /// The gateway's roles. Ids and ranks are unique.
    #[schemars(length(max = 64))]
    pub roles: Vec<Role>,
    /// What a person gets who is in none of the groups.
    pub otherwise: Otherwise,
}

/// One group and what its members, direct or through nested groups, may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessRule {
    /// The group's object id. It alone decides.
    #[serde(with = "spelling::guid")]
    #[schemars(with = "Uuid")]
    pub group_id: Uuid,
    /// The group's name when the file was written, for people only: names change and are not unique.
    #[schemars(length(max = 256))]
    pub group_name: String,
    /// The id of one of `roles`, or `no-access`, which wins over every role.
    #[schemars(length(min = 1, max = 64), regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub role: String,
}

impl AccessRule {
    /// The reserved value of `role` that keeps a group's members out, whatever other groups give them.
    pub const NO_ACCESS: &str = "no-access";
}

/// What a person gets who is in several of the groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SeveralRoles {
    /// The role with the highest rank.
    #[default]
    MostPermissive,
}

/// What a person gets who is in none of the groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// Nothing.
    #[default]
    NoAccess,
}

/// A role of the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Lower-case words joined by hyphens, 1 to 64 characters; not `no-access`.
    #[schemars(length(min = 1, max = 64), regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub id: String,
    /// For people. 1 to 100 characters.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// The higher the rank, the more the role permits.
    pub rank: u16,
}

/// What the rules give to one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'rules> {
    /// This role.
    Role(&'rules Role),
    /// A group of the person is kept out, and that wins.
    Denied,
    /// No rule names a group of the person.
    NoRule,
}

impl AccessRules {
    /// Decides for a person who is, directly or through nested groups, a member of `groups` (object ids, in any
    /// order). This is the reference for readers in other languages.
    pub fn decide(&self, groups: &[Uuid]) -> Access<'_> {
        let mut decided = Access::NoRule;
        for rule in self.rules.iter().filter(|rule| groups.contains(&rule.group_id)) {
            if rule.role == AccessRule::NO_ACCESS {
                return Access::Denied;
            }
            let Some(role) = self.roles.iter().find(|role| role.id == rule.role) else { continue };
            match decided {
                Access::Role(other) if other.rank >= role.rank => {}
                _ => decided = Access::Role(role),
            }
        }
        decided
    }
}
