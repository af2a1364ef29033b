//! JSON about gateways, version 1. A change in meaning is a new version.

use engine::{
    bundle::SelfTest,
    connection::Connection,
    gateways::{
        Answer, Gateway, GatewayStanding, KeyPreview, KeyTarget, KeysOutcome, Received, ReceivedNews,
        SharedKey, TablePreview,
    },
};
use serde::Serialize;
use serde_json::{Value, json};

/// `gatehouse.gateways/1`.
#[derive(Serialize)]
pub(super) struct List {
    schema: &'static str,
    connection: String,
    confirmed: usize,
    gateways: Vec<Value>,
    /// What somebody should know about what was done, as sentences.
    notes: Vec<String>,
}

impl List {
    pub(super) fn of(connection: &Connection, gateways: &[Gateway], notes: &[String]) -> Self {
        let each = gateways.iter().map(|gateway| one(connection, gateway));
        let confirmed =
            gateways.iter().filter(|known| known.standing(connection) == GatewayStanding::Confirmed);
        Self {
            schema: "gatehouse.gateways/1",
            connection: connection.id.clone(),
            confirmed: confirmed.count(),
            gateways: each.collect(),
            notes: notes.to_vec(),
        }
    }
}

fn one(connection: &Connection, gateway: &Gateway) -> Value {
    let standing = gateway.standing(connection);
    let failed = match &standing {
        GatewayStanding::Failed(code) | GatewayStanding::HeldBack(code) => Some(code.clone()),
        _ => None,
    };
    let outputs: Vec<&str> = gateway.outputs.iter().map(|output| output.id()).collect();
    json!({
        "name": gateway.name.as_str(),
        "address": gateway.address,
        "fingerprint": gateway.key().map(|key| key.fingerprint().to_owned()),
        "profile": gateway.profile,
        "outputs": outputs,
        "standing": standing.id(),
        "self_test_code": failed,
        "sequence": gateway.sequence,
        "sealed": gateway.newest().map(|newest| json!({
            "sequence": newest.sequence,
            "credential_id": newest.credential_id,
            "sealed_at": newest.sealed_at.to_string(),
            "ends_at": newest.ends_at.to_string(),
            "recipient": newest.recipient,
            "file": newest.file,
        })),
        "confirmed": gateway.confirmed.as_ref().map(|confirmed| json!({
            "sequence": confirmed.sequence,
            "credential_id": confirmed.credential_id,
            "opened_at": confirmed.opened_at.to_string(),
            "received_at": confirmed.received_at.to_string(),
            "self_test": self_test(&confirmed.self_test),
        })),
    })
}

fn self_test(test: &SelfTest) -> Value {
    match test {
        SelfTest::NotRun => json!({"outcome": "not-run"}),
        SelfTest::Ok => json!({"outcome": "ok"}),
        SelfTest::Failed { code } => json!({"outcome": "failed", "code": code}),
    }
}

/// `gatehouse.gateway-keys/1`.
#[derive(Serialize)]
pub(super) struct Keys {
    schema: &'static str,
    changed: bool,
    must_confirm: Vec<String>,
    keys: Vec<Value>,
    problems: Vec<Value>,
    shared: Vec<Value>,
}

impl Keys {
    pub(super) fn of(preview: &KeyPreview, outcome: Option<&KeysOutcome>) -> Self {
        let target = |target: &KeyTarget| match target {
            KeyTarget::Gives(gateway) => ("gives", Some(gateway.to_string())),
            KeyTarget::Has(gateway) => ("has", Some(gateway.to_string())),
            KeyTarget::Changes(change) => ("changes", Some(change.gateway.to_string())),
            KeyTarget::Makes { gateway, .. } => ("makes", Some(gateway.to_string())),
            KeyTarget::Spare(gateway) => ("spare", Some(gateway.to_string())),
            KeyTarget::Ambiguous(gateway) => ("ambiguous", Some(gateway.to_string())),
            KeyTarget::Nameless => ("nameless", None),
        };
        let keys = preview.found.iter().map(|found| {
            let (what, gateway) = target(&found.target);
            json!({
                "line": found.line,
                "hosts": found.hosts,
                "fingerprint": found.recipient.fingerprint(),
                "what": what,
                "gateway": gateway,
            })
        });
        let problems = preview.problems.iter();
        let problems =
            problems.map(|known| json!({"line": known.line, "hosts": known.hosts, "what": known.what}));
        Self {
            schema: "gatehouse.gateway-keys/1",
            changed: matches!(outcome, Some(KeysOutcome::Applied(_))),
            must_confirm: match outcome {
                Some(KeysOutcome::Asks(changes)) => changes.iter().map(|change| change.to.clone()).collect(),
                _ => Vec::new(),
            },
            keys: keys.collect(),
            problems: problems.collect(),
            shared: shared(&preview.shared),
        }
    }
}

/// Keys that several gateways have in common.
fn shared(keys: &[SharedKey]) -> Vec<Value> {
    let names = |key: &SharedKey| key.gateways.iter().map(ToString::to_string).collect::<Vec<_>>();
    keys.iter().map(|key| json!({"fingerprint": key.fingerprint, "gateways": names(key)})).collect()
}

/// `gatehouse.gateway-import/1`.
#[derive(Serialize)]
pub(super) struct Table {
    schema: &'static str,
    imported: bool,
    new: usize,
    changed: usize,
    unchanged: usize,
    problems: Vec<Value>,
    must_confirm: Vec<Value>,
    shared: Vec<Value>,
}

impl Table {
    pub(super) fn of(preview: &TablePreview, imported: bool) -> Self {
        let problems = preview.problems.iter().map(
            |known| json!({"line": known.line, "column": known.column, "what": known.what, "fix": known.fix}),
        );
        let changes = preview
            .key_changes
            .iter()
            .map(|change| json!({"gateway": change.gateway.as_str(), "from": change.from, "to": change.to}));
        Self {
            schema: "gatehouse.gateway-import/1",
            imported,
            new: preview.new,
            changed: preview.changed,
            unchanged: preview.unchanged,
            problems: problems.collect(),
            must_confirm: changes.collect(),
            shared: shared(&preview.shared),
        }
    }
}

/// `gatehouse.gateway-receipts/1`.
#[derive(Serialize)]
pub(super) struct Receipts {
    schema: &'static str,
    receipts: Vec<Value>,
}

impl Receipts {
    pub(super) fn of(received: &[(String, Result<Received, engine::Fault>)]) -> Self {
        let each = received.iter().map(|(file, received)| match received {
            Ok(received) => json!({
                "file": file,
                "gateway": received.gateway.as_str(),
                "sequence": received.confirmed.sequence,
                "credential_id": received.confirmed.credential_id,
                "self_test": self_test(&received.confirmed.self_test),
                "answer": answer(&received.answer),
                "news": news(received.news),
                "refused": null,
            }),
            Err(fault) => json!({"file": file, "gateway": null, "refused": fault.what, "fix": fault.fix}),
        });
        Self { schema: "gatehouse.gateway-receipts/1", receipts: each.collect() }
    }
}

fn answer(answer: &Answer) -> &'static str {
    match answer {
        Answer::Current => "current",
        Answer::Older => "older",
        Answer::Failed(_) => "failed",
        Answer::HeldBack(_) => "held-back",
    }
}

fn news(news: ReceivedNews) -> &'static str {
    match news {
        ReceivedNews::New => "new",
        ReceivedNews::Repeated => "repeated",
        ReceivedNews::Superseded => "superseded",
    }
}
