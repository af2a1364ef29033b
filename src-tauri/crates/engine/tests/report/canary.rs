//! No secret, no token, no person's name or UPN: not in a report, whatever the format, and not in the history.

use engine::{
    connection::Connection,
    report::{Format, Ids, Names, ReportOptions},
};
use serde_json::{Value, json};

use crate::fixture::{directory_forbidden, engine, fact, fault, healthy, refused, save, seen, token_refused};

const SECRET: &str = "AbC8Q~canary-canary-canary-canary-canaryX";
const OLD_SECRET: &str = "Canary5tSxK2vQ9mZr4Yw7Lp0Nh3Jd6Gf1Bc8A=";
const TOKEN: &str = "eyJ0eXAiOiJDYW5hcnkifQ.eyJjYW5hcnkiOiJ0b2tlbiJ9.Y2FuYXJ5c2ln";
const NAME: &str = "Canary McPerson";
const UPN: &str = "canary.mcperson@contoso.com";
const GUEST: &str = "canary_fabrikam.com#EXT#@contoso.onmicrosoft.com";

/// What must be in none of them. Capitals do not matter.
const FORBIDDEN: [&str; 3] = ["canary", "mcperson", "eyj"];

fn words() -> String {
    format!("User {NAME} ({UPN}, {GUEST}) sent {SECRET}, {OLD_SECRET} and Bearer {TOKEN}; password={SECRET}")
}

/// The canary at every place of the evidence where a service or the admin puts words.
fn planted(mut connection: Connection) -> Connection {
    let mut evidence = serde_json::to_value(&connection.evidence).unwrap();
    plant(&mut evidence);
    connection.evidence = serde_json::from_value(evidence).unwrap();
    connection.ca_file = Some(format!("/home/canary/{NAME}.pem"));
    for rule in &mut connection.access {
        rule.group_name = format!("{NAME}’s team");
    }
    connection
}

fn plant(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(plant),
        Value::Object(fields) => {
            for (field, value) in fields.iter_mut() {
                match field.as_str() {
                    "detail" => *value = json!(words()),
                    "display_name" | "app_displayname" | "organization" => *value = json!(NAME),
                    "folder" => *value = json!(format!("/home/canary/{NAME}/gateway")),
                    "unreadable" if !value.is_null() => *value = json!(format!("{UPN} {SECRET}")),
                    "graph_code" | "oauth_error" | "trace_id" if !value.is_null() => {
                        *value = json!(format!("Denied {NAME} {UPN} {TOKEN}"));
                    }
                    _ => plant(value),
                }
            }
        }
        _ => {}
    }
}

/// Connections whose findings quote all kinds of evidence.
fn broken() -> Vec<Connection> {
    let mut all: Vec<Connection> = [
        7_000_215, 7_000_222, 700_016, 90_002, 53_003, 50_126, 50_053, 50_076, 65_001, 500_011, 700_025,
        7_000_218, 999_999,
    ]
    .into_iter()
    .map(|number| token_refused(number, "x"))
    .collect();
    all.push(directory_forbidden("x"));
    all.push(healthy());

    let mut partial = healthy();
    let sync = partial.evidence.sync.as_mut().unwrap();
    sync.complete = false;
    sync.fault = Some(serde_json::from_value(fault("graph", 503, None, "x")).unwrap());
    all.push(partial);

    let mut unreadable = healthy();
    unreadable.evidence.written = fact(seen(
        "computer",
        &json!({
            "written_at": "2026-11-20T14:27:00Z", "folder": "x", "files": [], "settings": "other",
            "unreadable": "x",
        }),
    ));
    all.push(unreadable);

    let mut outdated = healthy();
    outdated.name = "Another name".to_owned();
    all.push(outdated);

    for kind in ["tls-intercepted", "answer-unreadable", "service-unavailable", "throttled"] {
        let mut network = healthy();
        let mut wrong = fault("discovery", 502, None, "x");
        wrong["kind"] = json!(kind);
        network.evidence.authority = fact(refused(&wrong));
        all.push(network);
    }
    all
}

#[test]
fn nothing_confidential_is_in_a_report_or_in_the_history() {
    let mut findings = std::collections::BTreeSet::new();
    for connection in broken() {
        let (_home, engine) = engine();
        save(&engine, &planted(connection));
        let report = engine.report("contoso").unwrap();
        engine.record_run(&report, 1.0).unwrap();
        let paper = engine.paper(&report, ReportOptions::default()).unwrap();
        findings.extend(paper.findings.iter().map(|finding| finding.id));
        for format in [Format::Html, Format::Markdown, Format::Json] {
            let id = paper.findings.first().map(|finding| finding.id);
            assert_clean(&paper.write(format), &format!("{id:?} as {format:?}"));
        }
        let history = std::fs::read(engine.home().join("history.sqlite")).unwrap();
        assert_clean(&String::from_utf8_lossy(&history), "the history");
    }
    assert!(findings.len() > 12, "findings of all kinds were looked at: {findings:?}");
}

#[test]
fn a_connection_that_is_named_after_its_app_keeps_its_name() {
    let mut connection = healthy();
    connection.name = "Gatehouse gateway (practice)".to_owned();
    let mut evidence = serde_json::to_value(&connection.evidence).unwrap();
    evidence["token"]["seen"]["value"]["claims"]["app_displayname"] = json!(connection.name);
    connection.evidence = serde_json::from_value(evidence).unwrap();
    let (_home, engine) = engine();
    let report = engine.judge(connection).unwrap();
    let paper = engine.paper(&report, ReportOptions::default()).unwrap();
    assert!(paper.write(Format::Markdown).starts_with("# Gatehouse gateway (practice)\n"));
}

#[test]
fn names_can_be_chosen_and_secrets_cannot() {
    let (_home, engine) = engine();
    save(&engine, &planted(directory_forbidden("x")));
    let report = engine.report("contoso").unwrap();
    let options = ReportOptions { names: Names::Shown, ids: Ids::Full };
    let paper = engine.paper(&report, options).unwrap();
    for format in [Format::Html, Format::Markdown, Format::Json] {
        let text = paper.write(format);
        assert!(text.contains(NAME), "{format:?}");
        for secret in [SECRET, OLD_SECRET, TOKEN, "eyJ"] {
            assert!(!text.contains(secret), "{secret} as {format:?}");
        }
    }
}

fn assert_clean(text: &str, what: &str) {
    let folded = text.to_lowercase();
    for word in FORBIDDEN {
        if let Some(at) = folded.find(word) {
            let from = folded.floor_char_boundary(at.saturating_sub(120));
            let to = folded.floor_char_boundary(at + 120);
            panic!("{what} holds {word}: …{}…", &folded[from..to]);
        }
    }
}
