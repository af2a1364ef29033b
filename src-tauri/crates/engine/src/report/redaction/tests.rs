//! Secrets go always, names and ids unless they were chosen.

use entra::{Cloud, Endpoints};
use serde_json::json;

use super::*;
use crate::{evidence::Evidence, journey::Step};

fn connection() -> Connection {
    let at = "2026-11-20T14:27:00Z".parse().unwrap();
    Connection {
        id: "contoso".to_owned(),
        name: "Contoso".to_owned(),
        practice: false,
        endpoints: Endpoints::of(Cloud::Global),
        ca_file: Some("/home/alice/proxy.pem".to_owned()),
        tenant: None,
        client_id: None,
        credential: None,
        profile: "least-privilege".to_owned(),
        custom_permissions: Vec::new(),
        access: Vec::new(),
        current_step: Step::Prepare,
        evidence: Evidence::default(),
        checked_at: Some(at),
        saved_at: at,
        sequence: 0,
        sync_standing: crate::sync::Standing::default(),
        rotation: None,
        last_rotation: None,
    }
}

fn redacted(names: Names, ids: Ids, text: &str) -> String {
    Redaction::of(&connection(), names, ids).text(text)
}

#[test]
fn every_pattern_compiles() {
    assert_eq!(PATTERNS.secrets.len(), SECRETS.len());
    assert_eq!(PATTERNS.people.len(), PEOPLE.len());
    assert!(PATTERNS.long_run.is_some() && PATTERNS.guid.is_some());
}

#[test]
fn secrets_and_tokens_go_whatever_is_chosen() {
    let token = "eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJncmFwaCJ9.c2lnbmF0dXJl";
    for (text, expected) in [
        (format!("Bearer {token} was sent"), "Bearer [token] was sent"),
        (format!("the token {token}."), "the token [token]"),
        ("value AbC8Q~0123456789abcdefghijklmnopqrstuvwx given".to_owned(), "value [secret] given"),
        ("old Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZmc= one".to_owned(), "old [secret] one"),
        ("client_secret=hunter2&scope=x".to_owned(), "client_secret=[secret]&scope=x"),
        (r#"{"password": "hunter2"}"#.to_owned(), r#"{"password": "[secret]"}"#),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- end".to_owned(), "[key] end"),
    ] {
        for names in [Names::Masked, Names::Shown] {
            for ids in [Ids::Short, Ids::Full] {
                assert_eq!(redacted(names, ids, &text), expected);
            }
        }
    }
}

#[test]
fn sentences_of_ours_stay_as_they_are() {
    for text in [
        "The token request was refused: HTTP 401, `invalid_client`, `AADSTS7000222`.",
        "Open **Certificates & secrets** and choose **New client secret**.",
        "`GET /groups/{id}/members` answered 403 `Authorization_RequestDenied`.",
        "The issuer is `https://login.microsoftonline.com/common/v2.0`.",
        "SHA-256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.",
        "Permissions: AccessReview.Read.All, Directory.Read.All, GroupMember.Read.All.",
        "Asked for `https://graph.microsoft.com/.default`.",
        "A secret’s password-like value: copy it.",
    ] {
        assert_eq!(redacted(Names::Masked, Ids::Short, text), text);
    }
}

#[test]
fn people_and_their_folders_are_told_only_when_chosen() {
    let text =
        "alice.smith@contoso.com wrote /home/alice/gw and C:\\Users\\Alice\\gw, ca /home/alice/proxy.pem";
    assert_eq!(
        redacted(Names::Masked, Ids::Short, text),
        "[person] wrote /home/[person]/gw and C:\\Users\\[person]\\gw, ca [file]"
    );
    assert_eq!(redacted(Names::Shown, Ids::Short, text), text);
    let guest = "alice_fabrikam.com#EXT#@contoso.onmicrosoft.com is a guest";
    assert_eq!(redacted(Names::Masked, Ids::Short, guest), "[person] is a guest");
}

#[test]
fn ids_are_short_unless_chosen_and_support_ids_are_whole() {
    let id = "5e0b6f3a-71c9-4a8e-b2d4-09f7c3e18a62";
    let graph = "00000003-0000-0000-c000-000000000000";
    let text = format!("App {id} asks {graph}");
    assert_eq!(
        redacted(Names::Masked, Ids::Short, &text),
        format!("App 5e0b6f3a-…-09f7c3e18a62 asks {graph}")
    );
    assert_eq!(redacted(Names::Masked, Ids::Full, &text), text);
    assert_eq!(Redaction::of(&connection(), Names::Masked, Ids::Short).support_id(id), id);
}

#[test]
fn a_services_own_words_go_and_those_of_gatehouse_stay() {
    let fault = |status: Option<u16>, detail: &str| {
        json!({
            "kind": "refused", "host": "login.microsoftonline.com", "operation": "token", "path": null,
            "http_status": status, "oauth_error": null, "aadsts": null, "graph_code": null, "trace_id": null,
            "correlation_id": null, "request_id": null, "timestamp": null, "retry_after": null, "detail": detail,
        })
    };
    let refused = |fault: Value| json!({ "refused": { "fault": fault, "source": "token-endpoint", "at": "2026-11-20T14:27:00Z" } });
    let mut connection = connection();
    connection.evidence = serde_json::from_value(json!({
        "token": refused(fault(Some(401), "User Alice Smith is locked.")),
        "graph": refused(fault(None, "Nothing answered within the connect deadline.")),
    }))
    .unwrap();
    let redaction = Redaction::of(&connection, Names::Masked, Ids::Short);
    assert_eq!(redaction.text("It says: “User Alice Smith is locked.”"), "It says: “[left out]”");
    let ours = "`graph.microsoft.com`: Nothing answered within the connect deadline.";
    assert_eq!(redaction.text(ours), ours);
    let shown = Redaction::of(&connection, Names::Shown, Ids::Short);
    assert_eq!(
        shown.text("It says: “User Alice Smith is locked.”"),
        "It says: “User Alice Smith is locked.”"
    );
}

#[test]
fn whole_names_go_and_words_of_gatehouses_own_stay() {
    let mut connection = connection();
    let named = |name: &str| crate::connection::AccessRule {
        group_id: "55555555-5555-4555-8555-555555555555".to_owned(),
        group_name: name.to_owned(),
        role: "administrator".to_owned(),
    };
    connection.access = ["Gateway", "Ann", "Ann Lee", "Größe & Co", "it"].map(named).to_vec();
    let redaction = Redaction::of(&connection, Names::Masked, Ids::Short);
    assert_eq!(
        redaction.text("Gateways and Gateway, it, Ann, Anna, Ann Lee, Größe & Co."),
        "Gateways and Gateway, it, [group], Anna, [group], [group]."
    );
}

#[test]
fn invisible_and_control_characters_go_and_long_texts_are_cut() {
    assert_eq!(redacted(Names::Shown, Ids::Full, "a\u{1b}[31mb\r\n\tc\u{202e}d\u{200b}e"), "a [31mb cde");
    let long = redacted(Names::Shown, Ids::Full, &"é ".repeat(3_000));
    assert_eq!(long.chars().count(), TEXT_AT_MOST + 1);
    assert!(long.ends_with('…'));
}
