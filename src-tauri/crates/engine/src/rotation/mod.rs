//! Rotation: a new credential beside the old one, until every gateway has answered that it works with the new one.
//!
//! The order is fixed: enter the new one, prove it, hand it out, collect receipts, remove the old one. Until it is
//! proven the connection goes on with the old one, and until the old one is removed the admin can go back to it.

mod elsewhere;
mod known;
mod standing;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::connection::Credential;

pub use elsewhere::Elsewhere;
pub use known::Known;
pub use standing::{Around, Holder, Holds, Locked, LostList, RotationStanding, standing};

pub(crate) use elsewhere::{elsewhere, label, same_app};

/// A rotation under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// When the new credential was entered.
    pub started_at: Timestamp,
    /// The other credential: the new one while it is not proven, the old one from then on.
    pub other: Credential,
    /// How far it has come.
    pub stage: Stage,
    /// What was known with the old credential when the new one took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Box<Known>>,
    /// Gateways that were removed from the list before they had confirmed the new credential.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<RemovedGateway>,
    /// When the admin went back to the old credential though nobody could tell whether it works; none once the new one
    /// is proven again. The new one is not forgotten before the old one was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub went_back_at: Option<Timestamp>,
}

/// A gateway that nobody waits for any more, because it was removed from the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovedGateway {
    /// The name that it had.
    pub gateway: String,
    /// When it was removed.
    pub at: Timestamp,
}

/// How far a rotation has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Stage {
    /// The new credential was entered. The connection still uses the old one.
    Entered {
        /// What the newest try with it came to.
        tried: Option<Trial>,
    },
    /// The new credential was proven and is the connection's own. Gateways get it one after the other.
    HandingOut {
        /// When it was proven.
        proven_at: Timestamp,
        /// The gateways that the admin named as exceptions: the old one may be removed without their receipt.
        exceptions: Vec<String>,
        /// What the newest look for the old one came to.
        removal: Option<Removal>,
    },
}

/// What a try with the new credential came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// When it ended.
    pub at: Timestamp,
    /// The id of the first finding; none when it was proven.
    pub finding: Option<String>,
    /// The finding's title.
    pub title: Option<String>,
}

/// Whether Entra ID still takes the old credential, after the admin removed it in the portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removal {
    /// When it was looked.
    pub at: Timestamp,
    /// What was seen.
    pub seen: OldCredential,
}

/// What Entra ID said to the old credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "old", rename_all = "kebab-case")]
pub enum OldCredential {
    /// It still takes it: nobody has removed it, or not every sign-in server knows yet.
    Accepted,
    /// It refuses it. `aadsts` is Microsoft's number, where there was one.
    Refused {
        /// Such as 7000215.
        aadsts: Option<u32>,
    },
    /// It could not be asked.
    CouldNotTell {
        /// Why, as part of a sentence.
        because: String,
    },
}

/// A rotation that came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FinishedRotation {
    /// When it began.
    pub started_at: Timestamp,
    /// When the old credential was found removed, or the admin said so.
    pub finished_at: Timestamp,
    /// The label of the credential that was removed.
    pub old_id: String,
    /// The label of the credential that took its place.
    pub new_id: String,
    /// Gateways that had not confirmed the new one.
    pub exceptions: Vec<String>,
    /// Gateways that were removed from the list while it was under way, and had not confirmed the new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<RemovedGateway>,
    /// Whether Entra ID was seen refusing the old one.
    pub seen_refused: bool,
}

impl Rotation {
    /// A new credential that nobody has tried.
    pub fn entered(other: Credential) -> Self {
        let stage = Stage::Entered { tried: None };
        Self {
            started_at: other.entered_at,
            other,
            stage,
            known: None,
            removed: Vec::new(),
            went_back_at: None,
        }
    }

    /// Whether this is the new credential, which nobody has proven.
    pub fn tries(&self, credential: &Credential) -> bool {
        !self.is_proven() && self.other == *credential
    }

    /// The new credential is proven and in use.
    pub fn is_proven(&self) -> bool {
        matches!(self.stage, Stage::HandingOut { .. })
    }
}
