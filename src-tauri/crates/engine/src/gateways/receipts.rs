//! Receipts: what a gateway answers is checked against what was sealed for it. Pure.

use std::cmp::Ordering;

use bundle::{GatewayName, Receipt, ReceiptFormat, ReceiptProblem, SelfTest, verify_receipt};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{Confirmed, Gateway, find, unknown_gateway};
use crate::{
    connection::Connection,
    fault::{Fault, FaultCode},
};

/// How far a gateway's clock may be ahead before it counts as wrong.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

/// A receipt that was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The gateway that answered.
    pub gateway: GatewayName,
    /// What it answered.
    pub confirmed: Confirmed,
    /// What that means for the connection.
    pub answer: Answer,
    /// Whether it is news.
    pub news: ReceivedNews,
}

/// What a receipt means for the connection as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The gateway has the current credential.
    Current,
    /// It has an earlier credential, or this receipt is older than the one it gave last.
    Older,
    /// Its test with the credential failed with this code.
    Failed(String),
    /// It did not install the bundle, because its test failed with this code.
    HeldBack(String),
}

/// Whether a receipt says something that was not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceivedNews {
    /// It is now the gateway's newest answer.
    New,
    /// It was received before; nothing has changed.
    Repeated,
    /// A newer answer of this gateway is known; nothing has changed.
    Superseded,
}

/// Judges a receipt against the gateways of a connection.
///
/// # Errors
/// It is no receipt, comes from a gateway that is not in the list, was signed by another key, or answers for a bundle
/// that was not sealed here.
pub(crate) fn judge(
    gateways: &[Gateway],
    connection: &Connection,
    file: &[u8],
    now: Timestamp,
) -> Result<Received, Fault> {
    let name = named_in(file).ok_or_else(no_receipt)?;
    let gateway = find(gateways, &name).ok_or_else(|| unknown_gateway(&name))?;
    let key = gateway.key().ok_or_else(|| {
        let what = format!("There is no key for {} yet, so its receipt cannot be checked.", gateway.name);
        Fault::new(FaultCode::NotReady, what, "Give the gateway its host key first.")
    })?;
    let receipt = verify_receipt(file, &key).map_err(|problem| signed_by_another(gateways, &problem))?;
    check_issued(gateway, &receipt)?;
    let confirmed = Confirmed {
        sequence: receipt.bundle_sequence,
        credential_id: receipt.credential_id,
        opened_at: receipt.opened_at,
        tested_at: receipt.tested_at,
        received_at: now,
        self_test: receipt.self_test,
    };
    let news = news(gateway, &confirmed);
    let answer = match &confirmed.self_test {
        _ if news == ReceivedNews::Superseded => Answer::Older,
        _ if !gateway.is_current(connection, &confirmed.credential_id) => Answer::Older,
        SelfTest::Failed { code } => match confirmed.held_back() {
            Some(code) => Answer::HeldBack(code.to_owned()),
            None => Answer::Failed(code.clone()),
        },
        SelfTest::Ok | SelfTest::NotRun => Answer::Current,
    };
    Ok(Received { gateway: gateway.name.clone(), confirmed, answer, news })
}

/// A text that is no receipt at all.
pub(crate) fn no_receipt() -> Fault {
    refused(&ReceiptProblem::NotAReceipt)
}

/// The gateway that a receipt names, before anything of it is believed.
fn named_in(file: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
        gateway: String,
    }
    let line = file.split(|byte| *byte == b'\n').next()?;
    let head: Head = serde_json::from_slice(line).ok()?;
    let known = head.format.starts_with(ReceiptFormat::ID.trim_end_matches(char::is_numeric));
    known.then_some(head.gateway).filter(|name| GatewayName::new(name.as_str()).is_ok())
}

fn check_issued(gateway: &Gateway, receipt: &Receipt) -> Result<(), Fault> {
    let name = &gateway.name;
    let number = receipt.bundle_sequence;
    let Some(issued) = gateway.issued.iter().find(|issued| issued.sequence == number) else {
        let what =
            format!("No bundle with the number {number} is known to have been sealed for {name} here.");
        let fix = "Seal a bundle for it, and have the receipt made after that one is opened.";
        return Err(Fault::new(FaultCode::InvalidInput, what, fix));
    };
    if issued.manifest_sha256 != receipt.manifest_sha256 || issued.credential_id != receipt.credential_id {
        let what = format!("{name} opened another bundle with the number {number} than the one sealed here.");
        let fix = "Find out who sealed that one, then seal a new bundle for this gateway.";
        return Err(Fault::new(FaultCode::InvalidInput, what, fix));
    }
    // Only who has the key that a bundle was sealed to can have opened it.
    if gateway.key().is_none_or(|key| key.fingerprint() != issued.recipient) {
        let what =
            format!("The bundle with the number {number} was sealed to another key than {name} has now.");
        let fix = "Seal a new bundle for it, and have the receipt made after that one is opened.";
        return Err(Fault::new(FaultCode::InvalidInput, what, fix));
    }
    Ok(())
}

/// A gateway may go back to an earlier bundle, so what it told of last counts, by its own clock. Where that clock was
/// ahead, the bundles' numbers count: one with a higher number is news, unless its answer was heard before. Of two answers
/// of the same moment the worse one counts.
fn news(gateway: &Gateway, told: &Confirmed) -> ReceivedNews {
    let Some(known) = &gateway.confirmed else { return ReceivedNews::New };
    let issued = gateway.issued.iter().find(|issued| issued.sequence == told.sequence);
    let was_ahead = known.told_at() > known.received_at + CLOCKS_DIFFER;
    let unheard = issued.is_some_and(|issued| issued.answered_at.is_none_or(|at| at < told.told_at()));
    let sealed_since = issued.is_some_and(|issued| issued.sealed_at > known.received_at);
    if told.sequence > known.sequence && (sealed_since || was_ahead && unheard) {
        return ReceivedNews::New;
    }
    let order = |answer: &Confirmed| (answer.told_at(), answer.sequence, severity(&answer.self_test));
    match order(told).cmp(&order(known)) {
        Ordering::Less => ReceivedNews::Superseded,
        Ordering::Equal if told.self_test == known.self_test => ReceivedNews::Repeated,
        Ordering::Equal | Ordering::Greater => ReceivedNews::New,
    }
}

fn severity(test: &SelfTest) -> u8 {
    match test {
        SelfTest::Ok => 0,
        SelfTest::NotRun => 1,
        SelfTest::Failed { .. } => 2,
    }
}

/// Names the gateway whose key signed, when it is another one of the list.
fn signed_by_another(gateways: &[Gateway], problem: &ReceiptProblem) -> Fault {
    if let ReceiptProblem::OtherSigner { signer, .. } = problem {
        let is_signer = |gateway: &&Gateway| gateway.key().is_some_and(|key| key.fingerprint() == signer);
        if let Some(other) = gateways.iter().find(is_signer) {
            let what = format!("This receipt was signed with the key of {}.", other.name);
            let fix = "Have the receipt made on the gateway that it names.";
            return Fault::new(FaultCode::InvalidInput, what, fix);
        }
    }
    refused(problem)
}

fn refused(problem: &ReceiptProblem) -> Fault {
    let text = problem.to_string();
    let (what, fix) =
        text.split_once(". ").unwrap_or((text.as_str(), "Take the file as the gateway wrote it."));
    Fault { field: Some("receipt"), ..Fault::new(FaultCode::InvalidInput, format!("{what}."), fix) }
}

#[cfg(test)]
mod tests;
