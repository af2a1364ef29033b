//! Rotation: a new credential beside the old one.

use serde::Serialize;
use specta::Type;

use super::{FindingView, KeychainView, LinkView};

/// Where the credential of a connection stands.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RotationView {
    pub connection: String,
    pub name: String,
    pub practice: bool,
    pub keychain: KeychainView,
    /// The credential that goes, or the one in use while no rotation is under way.
    pub old: Option<LifelineView>,
    pub under_way: Option<RotationUnderWay>,
    /// The last rotation that came to its end.
    pub last: Option<RotationEnded>,
    /// The connection's chain with the credential in use.
    pub links: Vec<LinkView>,
    /// The present moment of the engine.
    pub now: String,
}

/// A rotation under way.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RotationUnderWay {
    pub stage: RotationStage,
    pub started_at: String,
    pub proven_at: Option<String>,
    pub new: LifelineView,
    pub tried: Option<TriedView>,
    pub removal: Option<RemovalView>,
    pub holders: Vec<HolderView>,
    pub confirmed: u32,
    /// The gateways that keep the old credential from being removed.
    pub waiting_for: Vec<String>,
    /// The gateways whose receipt is not waited for.
    pub exceptions: Vec<String>,
    /// Gateways that were removed from the list without an answer.
    #[specta(optional)]
    pub removed: Vec<RemovedGatewayView>,
    /// Other connections of the same app that use the old credential, or whose gateways may hold it.
    #[specta(optional)]
    pub elsewhere: Vec<ElsewhereView>,
    /// The damaged list of gateways, while nobody has said that it is whole again.
    #[specta(optional)]
    pub list_lost: Option<LostListView>,
    /// When the connection went back to the old credential though nobody could tell whether it works.
    #[specta(optional)]
    pub went_back_at: Option<String>,
    /// The new credential is proven and nobody is waited for.
    pub removable: bool,
}

/// Another connection of the same app.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ElsewhereView {
    pub name: String,
    /// Its own credential is the old one, as far as can be told.
    pub uses_old: bool,
    /// Its gateways that may hold the old one, as exceptions name them: `contoso-doors/door-1`.
    pub gateways: Vec<String>,
}

/// A damaged list of gateways.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LostListView {
    /// The id of the connection whose list it is.
    pub connection: String,
    /// Where the damaged file is kept.
    pub path: String,
}

/// How far a rotation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum RotationStage {
    /// The new credential is not proven.
    Entered,
    HandingOut,
}

/// One credential on the time axis.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LifelineView {
    /// `Secret` or `Certificate`.
    pub noun: String,
    /// The first three characters of a secret, or the first eight of a thumbprint.
    pub hint: Option<String>,
    /// The day from which it is known to be there.
    pub starts_on: String,
    pub ends_on: Option<String>,
    /// Whole days until it ends; negative once it has ended.
    pub days_left: Option<i32>,
}

/// The newest try with a new credential that was not proven.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TriedView {
    pub at: String,
    /// The first finding's id and title.
    pub finding: Option<String>,
    pub title: Option<String>,
}

/// The newest look for the old credential.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RemovalView {
    pub at: String,
    pub seen: OldSeen,
    pub because: Option<String>,
}

/// What Entra ID said to the old credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum OldSeen {
    Accepted,
    Refused,
    CouldNotTell,
}

/// A gateway in a rotation.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct HolderView {
    pub gateway: String,
    pub address: Option<String>,
    pub holds: HoldsId,
    /// The code with which its own test failed.
    pub code: Option<String>,
    pub receipt_at: Option<String>,
    /// Its newest bundle carries the new credential.
    pub sealed: bool,
    pub excepted: bool,
    /// Its key cannot sign a receipt.
    pub cannot_answer: bool,
}

/// What a gateway holds, as far as its receipts tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum HoldsId {
    New,
    /// It has the new one and did not try it.
    NewUntested,
    NewFailed,
    /// It did not install the new one, because its test failed, and goes on with what it had.
    HeldBack,
    Old,
    Unknown,
}

/// A gateway that was removed from the list before it had confirmed the new credential.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RemovedGatewayView {
    pub gateway: String,
    pub at: String,
}

/// A rotation that came to its end.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RotationEnded {
    pub finished_at: String,
    pub exceptions: Vec<String>,
    /// Gateways that were removed from the list without an answer.
    #[specta(optional)]
    pub removed: Vec<RemovedGatewayView>,
    /// Entra ID was seen refusing the old credential; otherwise it ended on the admin's word.
    pub seen_refused: bool,
}

/// What came of trying the new credential.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct RotationTrialView {
    pub proven: bool,
    /// The chain with the new credential.
    pub links: Vec<LinkView>,
    pub findings: Vec<FindingView>,
    pub view: RotationView,
}
