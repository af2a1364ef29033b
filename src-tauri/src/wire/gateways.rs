//! The gateways of a connection: the list, their keys, tables and receipts.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Everything the Gateways screen shows of one connection.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GatewaysView {
    pub connection: String,
    pub rows: Vec<GatewayRow>,
    pub counts: GatewayCounts,
    /// What bundles hold when nothing else is chosen for a gateway: ids of outputs.
    pub profile_outputs: Vec<String>,
    /// All outputs there are, in the order that an admin sees.
    pub outputs: Vec<OutputChoice>,
    /// The folder that is suggested for bundles.
    pub suggested_folder: String,
    /// Said when a saved file could not be read and was set aside.
    pub notices: Vec<String>,
}

/// Where the gateways of a connection stand, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GatewayCounts {
    pub total: u32,
    pub confirmed: u32,
    /// Its newest bundle holds the current credential, and no receipt came.
    pub waiting: u32,
    /// Can be sealed for: there is a key.
    pub with_key: u32,
    /// Has not confirmed the current credential.
    pub unconfirmed: u32,
}

/// One gateway in the list.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GatewayRow {
    pub name: String,
    /// `host` or `host:port`, as entered; empty for none.
    pub address: String,
    pub key: Option<GatewayKeyView>,
    /// Ids of the outputs that were chosen for it; empty for what the profile says.
    pub outputs: Vec<String>,
    pub standing: StandingId,
    /// The code of its failed self test.
    pub code: Option<String>,
    pub newest: Option<BundleView>,
    pub receipt: Option<ReceiptView>,
}

/// A recipient key, as `ssh-keygen -lf` shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GatewayKeyView {
    /// `ED25519`, `RSA`, `age`.
    pub kind: String,
    /// `SHA256:` and 43 characters; an age recipient is its own fingerprint.
    pub fingerprint: String,
}

/// The newest bundle that was sealed for a gateway.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct BundleView {
    pub sequence: u32,
    pub sealed_at: String,
    pub ends_at: String,
    /// It has ended.
    pub ended: bool,
}

/// The newest receipt of a gateway.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptView {
    pub sequence: u32,
    pub received_at: String,
    pub opened_at: String,
    pub tested: SelfTestId,
}

/// Whether a gateway tried the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum SelfTestId {
    Ok,
    NotRun,
    Failed,
}

/// How far a gateway has come with the current credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum StandingId {
    NoKey,
    NotSealed,
    Outdated,
    Unconfirmed,
    /// It cannot answer: its key is an age key.
    CannotConfirm,
    Confirmed,
    CouldNotTell,
    Failed,
    /// It did not install the current credential, because its test failed, and goes on with what it had.
    HeldBack,
}

/// Something that a bundle can hold besides what all hold.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct OutputChoice {
    pub id: String,
    pub title: String,
    /// What it puts into the bundle.
    pub says: String,
}

/// One gateway as it is entered. A key that is left out leaves the present one.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewayForm {
    pub entry: GatewayEntryKind,
    pub name: String,
    pub address: String,
    /// The line of a `.pub` file; empty for none.
    pub key: String,
    /// Ids of outputs; empty for what the profile says.
    pub outputs: Vec<String>,
    /// Fingerprints of new keys that may take the place of earlier ones.
    pub confirmed: Vec<String>,
}

/// Whether an entry is a new gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum GatewayEntryKind {
    /// A name that is in the list already is refused.
    Add,
    Change,
}

/// Keys to give, as text.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeysForm {
    pub text: String,
    pub new_gateways: NewGatewaysId,
    /// Fingerprints of new keys that may take the place of earlier ones.
    pub confirmed: Vec<String>,
}

/// What to do about hosts that are no gateways yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum NewGatewaysId {
    Make,
    Leave,
}

/// What a text of keys holds.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeysPreview {
    pub lines: Vec<KeyLineView>,
    pub problems: Vec<LineProblem>,
    /// What somebody should know besides, as sentences: several gateways have one key.
    #[specta(optional)]
    pub notes: Vec<String>,
}

/// One key of a text, and what would become of it.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyLineView {
    pub line: u32,
    pub host: String,
    pub key: GatewayKeyView,
    pub target: KeyTargetId,
    pub gateway: Option<String>,
    /// The fingerprint that it would replace.
    pub replaces: Option<String>,
}

/// What would become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum KeyTargetId {
    Gives,
    Has,
    Changes,
    Makes,
    /// Another key of the same gateway is preferred.
    Spare,
    Ambiguous,
    Nameless,
}

/// What is wrong with a line of a text or table.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct LineProblem {
    pub line: u32,
    /// The column or host that it is about.
    pub at: Option<String>,
    pub what: String,
    pub fix: String,
}

/// A key that would take the place of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyChangeView {
    pub gateway: String,
    pub from: String,
    pub to: String,
}

/// What came of a change that may have to be confirmed first.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct GatewaysChange {
    /// Keys to confirm; while there are any, nothing was changed.
    pub asks: Vec<KeyChangeView>,
    /// What was done, in a sentence; none when nothing was.
    pub says: Option<String>,
    /// What somebody should know besides, as sentences: several gateways have one key.
    #[specta(optional)]
    pub notes: Vec<String>,
    pub view: GatewaysView,
}

/// What a table would change.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TablePreviewView {
    pub rows: Vec<TableRowView>,
    pub problems: Vec<LineProblem>,
    pub key_changes: Vec<KeyChangeView>,
    /// What somebody should know besides, as sentences: several gateways have one key.
    #[specta(optional)]
    pub notes: Vec<String>,
    pub new: u32,
    pub changed: u32,
    pub unchanged: u32,
}

/// What would become of a row of a table.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TableRowView {
    pub line: u32,
    pub gateway: String,
    /// It is in the list already.
    pub known: bool,
    /// The columns that would change.
    pub changes: Vec<String>,
}

/// A table to take over.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableForm {
    /// CSV with a header.
    pub table: String,
    pub faulty: FaultyRowsId,
    /// Fingerprints of new keys that may take the place of earlier ones.
    pub confirmed: Vec<String>,
}

/// What to do about rows that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum FaultyRowsId {
    Refuse,
    LeaveOut,
}

/// What came of receipts.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptsView {
    pub lines: Vec<ReceiptLine>,
    pub view: GatewaysView,
}

/// What one receipt said.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptLine {
    /// The file, or which one of what was pasted.
    pub from: String,
    pub gateway: Option<String>,
    pub answer: ReceiptAnswer,
    /// What is true, and what to do.
    pub says: String,
}

/// What a receipt means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptAnswer {
    Current,
    Older,
    Failed,
    Refused,
}
