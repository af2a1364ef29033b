//! The gateways of a connection: to which key each one's bundles are sealed, which it was given, and what it answered.

mod app;
mod entry;
mod keys;
mod receipts;
mod sealing;
mod shared_keys;
mod standing;
mod store;
mod table;

use bundle::{GatewayName, Recipient, SelfTest};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    fault::{Fault, FaultCode},
    outputs::Output,
    store::can_name_a_file,
};

pub use entry::GatewayEntry;
pub use keys::{
    FoundKey, KeyChange, KeyPreview, KeyProblem, KeyRequest, KeyTarget, KeysApplied, KeysOutcome, NewGateways,
};
pub use receipts::{Answer, Received, ReceivedNews};
pub use sealing::{
    FleetFiles, LeftOut, OpeningCommands, SealFor, SealOutlook, SealRequest, SealWatcher, Sealed, SealedFile,
    SigningKeyFrom, Unproven, end_of,
};
pub use shared_keys::SharedKey;
pub use standing::{GatewayStanding, Holding};
pub use table::{
    FaultyRows, ImportOutcome, ImportRequest, MAX_TABLE_BYTES, RowChange, RowProblem, TablePreview,
};

pub(crate) use app::App;
pub(crate) use entry::{checked_entry, enter};
pub(crate) use keys::{apply as give_keys, preview as preview_keys};
pub(crate) use receipts::{judge as judge_receipt, no_receipt};
pub(crate) use sealing::{
    Job, Run, hold, instructions, private_key_file, remove_drafts, seal_all, write_beside,
};
pub(crate) use shared_keys::shared_keys;
pub(crate) use store::GatewayStore;
pub(crate) use table::{import as import_table, preview as preview_table, write as write_table};

/// Sealed bundles that are remembered of each gateway, the newest last.
const BUNDLES_REMEMBERED: usize = 32;

/// What the code of a failed test begins with when the bundle was therefore not installed (`FORMAT.md`, Receipts).
pub(crate) const HELD_BACK: &str = "held-back.";

/// One gateway of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Its name: the label of its bundles and receipts.
    pub name: GatewayName,
    /// Where it is, for people; inventories use `host`, `host:port` and `user@host`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The public key that its bundles are sealed to, as one line without a comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The gateway profile that it is meant for; absent for the connection's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What its bundles hold besides `gateway.json` and `gateway.env`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// The last sequence number that was given to a bundle for it, 0 before the first.
    #[serde(default)]
    pub sequence: u64,
    /// The bundles that were sealed for it, the newest last: receipts of earlier ones may still come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issued: Vec<Issued>,
    /// The newest receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Confirmed>,
}

/// One bundle that was sealed for a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    /// Its sequence number.
    pub sequence: u64,
    /// The SHA-256 of its manifest, 64 lower-case hexadecimal digits.
    pub manifest_sha256: String,
    /// The label of the credential inside.
    pub credential_id: String,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// The first moment at which it is no longer good.
    pub ends_at: Timestamp,
    /// The fingerprint of the key that it was sealed to.
    pub recipient: String,
    /// The sealed file's path when it was written.
    pub file: String,
    /// The latest moment that a receipt for it told of, by the gateway's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
}

/// What a gateway answered after it opened a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// The sequence number of the bundle.
    pub sequence: u64,
    /// The label of the credential in it, which it has since, unless the bundle was [held back](Self::held_back).
    pub credential_id: String,
    /// When it opened the bundle, by its own clock.
    pub opened_at: Timestamp,
    /// When it made the test, by its own clock, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_at: Option<Timestamp>,
    /// When the receipt was received here.
    pub received_at: Timestamp,
    /// What became of its test with the credential.
    pub self_test: SelfTest,
}

impl Confirmed {
    /// The moment that the receipt tells of, by the gateway's clock.
    pub(crate) fn told_at(&self) -> Timestamp {
        self.tested_at.unwrap_or(self.opened_at)
    }

    /// The code of the test that the bundle failed, when the gateway did not install it and goes on with what it had.
    pub fn held_back(&self) -> Option<&str> {
        match &self.self_test {
            SelfTest::Failed { code } => code.strip_prefix(HELD_BACK),
            SelfTest::Ok | SelfTest::NotRun => None,
        }
    }
}

impl Gateway {
    /// A gateway of which nothing but the name is known.
    pub fn named(name: GatewayName) -> Self {
        Self {
            name,
            address: None,
            recipient: None,
            profile: None,
            outputs: Vec::new(),
            sequence: 0,
            issued: Vec::new(),
            confirmed: None,
        }
    }

    /// The key that its bundles are sealed to; none when there is none yet.
    pub fn key(&self) -> Option<Recipient> {
        self.recipient.as_deref().and_then(|line| Recipient::from_line(line).ok())
    }

    /// The newest sealed bundle.
    pub fn newest(&self) -> Option<&Issued> {
        self.issued.last()
    }

    /// Gives it another key. What it confirmed with the old one says nothing about the machine with the new one.
    pub(crate) fn give_key(&mut self, key: &Recipient) {
        let line = key.to_line();
        if self.recipient.as_deref() != Some(&line) {
            self.recipient = Some(line);
            self.confirmed = None;
        }
    }

    /// Remembers what it answered; the newest answer counts from now on.
    pub(crate) fn answered(&mut self, confirmed: &Confirmed, news: ReceivedNews) {
        let told_at = confirmed.told_at();
        if let Some(issued) = self.issued.iter_mut().find(|issued| issued.sequence == confirmed.sequence) {
            issued.answered_at = issued.answered_at.max(Some(told_at));
        }
        if news == ReceivedNews::New {
            self.confirmed = Some(confirmed.clone());
        }
    }

    /// Remembers a sealed bundle, and forgets those that are too old for a receipt to be expected.
    pub(crate) fn remember(&mut self, issued: Issued) {
        self.issued.push(issued);
        self.issued.sort_by_key(|issued| issued.sequence);
        let surplus = self.issued.len().saturating_sub(BUNDLES_REMEMBERED);
        self.issued.drain(..surplus);
    }
}

/// The gateway's name, as a field that an admin fills in.
///
/// # Errors
/// It breaks the rule for names, or a file cannot be called by it everywhere.
pub fn gateway_name(text: &str) -> Result<GatewayName, Fault> {
    let name = GatewayName::new(text.trim())
        .map_err(|problem| Fault::field("gateway", format!("This {}.", problem.what), problem.fix))?;
    if can_name_a_file(name.as_str()) {
        return Ok(name);
    }
    let what = "Windows keeps this name for a device, so no file there can be called by it.";
    Err(Fault::field("gateway", what, "Choose another one, such as gateway-1."))
}

pub(crate) fn find<'a>(gateways: &'a [Gateway], name: &str) -> Option<&'a Gateway> {
    gateways.iter().find(|gateway| gateway.name.as_str().eq_ignore_ascii_case(name))
}

pub(crate) fn find_mut<'a>(gateways: &'a mut [Gateway], name: &str) -> Option<&'a mut Gateway> {
    gateways.iter_mut().find(|gateway| gateway.name.as_str().eq_ignore_ascii_case(name))
}

pub(crate) fn unknown_gateway(name: &str) -> Fault {
    Fault::new(
        FaultCode::InvalidInput,
        format!("There is no gateway named {name} in this connection’s list."),
        "See the list under Gateways, or with `gatehouse gateways`.",
    )
}

#[cfg(test)]
pub(crate) mod sample;
