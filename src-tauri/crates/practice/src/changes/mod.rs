//! A directory that changes: what the seed makes, and a journal of everything that happened to it since.

mod current;
mod edit;
mod journal;
mod picks;
mod roster;

use serde::{Deserialize, Serialize};

pub(crate) use current::CurrentDirectory;
pub(crate) use journal::{Happened, Subject};
pub(crate) use roster::MemberList;

/// How an object left the directory, in the words of delta queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// `changed`: it can be restored.
    Restorable,
    /// `deleted`: it is gone.
    Final,
}

impl Removal {
    /// The `reason` of `@removed`.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Restorable => "changed",
            Self::Final => "deleted",
        }
    }
}

/// Changes to make at once, in the order of these fields. Body of `POST /practice/changes`. Which objects are changed
/// follows from the seed and from what happened before. The two practice accounts and the group “Print –
/// Administrators” are never removed, and nobody leaves that group but by `empty_group`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// New users, without memberships.
    pub users_added: u32,
    /// Users who get another display name, mail address or `accountEnabled`.
    pub users_updated: u32,
    /// Users who were removed in a way that can be taken back and who come back, with their memberships.
    pub users_restored: u32,
    /// New groups, without members.
    pub groups_added: u32,
    /// Groups that get another display name.
    pub groups_renamed: u32,
    /// People who join groups, one group each.
    pub members_added: u32,
    /// Members of all kinds who leave groups, one group each.
    pub members_removed: u32,
    /// Users who are removed, with their memberships; about half of them can be restored.
    pub users_removed: u32,
    /// Groups that are removed, with their memberships; Microsoft 365 groups could be restored.
    pub groups_removed: u32,
    /// Share of the present users to remove, 0 to 1.
    pub remove_share_of_users: f64,
    /// Object ID of a group that everybody leaves.
    pub empty_group: Option<String>,
}

impl Changes {
    /// Most changes of one kind at once.
    const MOST: u32 = 1_000_000;

    /// Refuses numbers that no caller can mean.
    pub(crate) fn validate(&self) -> Result<(), ChangeProblem> {
        let numbers = [
            self.users_added,
            self.users_updated,
            self.users_restored,
            self.users_removed,
            self.groups_added,
            self.groups_renamed,
            self.groups_removed,
            self.members_added,
            self.members_removed,
        ];
        if numbers.iter().any(|number| *number > Self::MOST) {
            return Err(ChangeProblem::TooMany);
        }
        if !(0.0..=1.0).contains(&self.remove_share_of_users) {
            return Err(ChangeProblem::NoShare);
        }
        Ok(())
    }
}

/// The size of the directory after changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Number of users.
    pub users: u64,
    /// Number of groups.
    pub groups: u64,
    /// Number of distinct direct pairs of group and member.
    pub memberships: u64,
    /// Changes since the start, each membership that ended with its user or group counted.
    pub changes: u64,
}

/// Changes that cannot be made. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeProblem {
    /// A number is above a million.
    #[error("At most 1000000 changes of one kind are made at once.")]
    TooMany,
    /// The share is no share.
    #[error("remove_share_of_users is between 0 and 1.")]
    NoShare,
    /// The group to empty does not exist.
    #[error("There is no group with the object ID “{0}” that empty_group could mean.")]
    UnknownGroup(String),
}
