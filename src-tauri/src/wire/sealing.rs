//! Sealed bundles.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{ExistingFiles, GatewaysView};

/// What to seal, and where to put it.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealForm {
    pub which: SealWhich,
    /// Names, where `which` is `named`.
    pub gateways: Vec<String>,
    pub folder: String,
    pub existing: ExistingFiles,
    /// Also write an Ansible inventory and playbook.
    pub fleet: FleetFilesId,
    /// The whole path of an OpenSSH key that signs; empty for the one in the keychain.
    pub signing_key_file: String,
    /// The last day on which the bundles are good; none when they end with their credential.
    pub ends_on: Option<String>,
    pub unproven: UnprovenId,
}

/// What to do when the connection is not proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum UnprovenId {
    Refuse,
    /// The admin has read why it is not, and wants the bundles all the same.
    SealAnyway,
}

/// What sealing would meet, before it is asked for.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SealOutlookView {
    /// The last day on which bundles are good that are given none; none when the credential has ended.
    pub ends_on: Option<String>,
    /// They end with their credential, whose end is known.
    pub with_credential: bool,
    /// What is not proven, as a sentence; none when bundles are sealed without further ado.
    pub unproven: Option<String>,
}

/// For which gateways bundles are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SealWhich {
    All,
    Named,
    /// All that have not confirmed the current credential.
    Unconfirmed,
}

/// What is written for a fleet's own engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum FleetFilesId {
    None,
    Ansible,
}

/// What came of sealing.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SealedView {
    pub at: String,
    pub folder: String,
    pub files: Vec<SealedFileView>,
    pub left_out: Vec<LeftOutView>,
    /// It was cancelled; what is in `files` is whole.
    pub cancelled: bool,
    /// Other files that were written, by name.
    pub others: Vec<String>,
    /// The signing key's fingerprint.
    pub signed_by: String,
    /// The line by which gateways believe the bundles.
    pub allowed_signers: String,
    /// How a gateway opens its bundle.
    pub ways: Vec<OpeningWay>,
    pub view: GatewaysView,
}

/// One sealed file.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct SealedFileView {
    pub gateway: String,
    pub name: String,
    pub sha256: String,
    pub bytes: u32,
    pub sequence: u32,
    pub ends_at: String,
}

/// A gateway without a new bundle.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LeftOutView {
    pub gateway: String,
    pub because: String,
}

/// One way to open a bundle.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OpeningWay {
    /// `gatehouse`, `stock`, `ansible`.
    pub id: String,
    pub title: String,
    /// What it needs.
    pub needs: String,
    /// The commands, to copy.
    pub open: String,
    /// The commands that make the receipt.
    pub receipt: String,
}
