//! Tokens by secret, and the probe for public client flows.

use std::time::Duration;

use secrecy::SecretString;

use super::server::{Act, TestServer, json, with};
use super::{CLIENT, TENANT, entra, tenant};
use crate::{AccessToken, Answered, Fault, FaultKind, Operation, PublicClientProbe};

const SECRET: &str = "aB8Q~x+y/z&= %canary";

async fn token_from(act: fn() -> Act) -> Result<Answered<AccessToken>, Fault> {
    let server = TestServer::start(move |_, _| act()).await;
    entra(&server).token_by_secret(&tenant(), CLIENT, &SecretString::from(SECRET)).await
}

#[tokio::test]
async fn the_request_is_a_form_and_nothing_is_cached() {
    let server = TestServer::start(|_, _| {
        json(200, r#"{"token_type":"Bearer","expires_in":3599,"access_token":"a.b.c"}"#)
    })
    .await;
    let entra = entra(&server);
    for _ in 0..2 {
        let answered = entra.token_by_secret(&tenant(), CLIENT, &SecretString::from(SECRET)).await.unwrap();
        assert_eq!(answered.value.expires_in(), Duration::from_secs(3599));
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].line, format!("POST /{TENANT}/oauth2/v2.0/token"));
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(seen[0].body.as_bytes()).into_owned().collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(fields.len(), 4);
    assert_eq!(field("grant_type"), Some("client_credentials"));
    assert_eq!(field("client_id"), Some(CLIENT));
    assert_eq!(field("client_secret"), Some(SECRET));
    assert_eq!(field("scope"), Some("https://graph.microsoft.com/.default"));
    assert!(!seen[0].headers.contains("authorization"));
}

#[tokio::test]
async fn the_older_shape_with_numbers_as_text_is_read() {
    let answered = token_from(|| {
        json(
            200,
            r#"{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599","expires_on":"1767322745",
                "resource":"https://graph.microsoft.com/","access_token":"a.b.c"}"#,
        )
    })
    .await
    .unwrap();
    assert_eq!(answered.value.expires_in(), Duration::from_secs(3599));
}

#[tokio::test]
async fn a_token_is_never_printed() {
    let answered =
        token_from(|| json(200, r#"{"token_type":"bearer","expires_in":1,"access_token":"canary.b.c"}"#))
            .await;
    assert!(!format!("{answered:?}").contains("canary"));
}

#[tokio::test]
async fn an_answer_without_a_usable_token_is_unreadable() {
    for act in [
        (|| json(200, r#"{"token_type":"Bearer","expires_in":3599}"#)) as fn() -> Act,
        || json(200, r#"{"token_type":"Bearer","access_token":"a\r\nX-Injected: 1"}"#),
        || json(200, r#"{"access_token":"a.b.c","token_type":7}"#),
        || json(200, r#"{"access_token":"a.b"#),
        || json(200, r#"["a.b.c"]"#),
        || with(200, &["Content-Type: text/html"], "<html>Welcome to the Wi-Fi</html>"),
        || with(404, &["Content-Type: text/html"], "<html>Not found</html>"),
    ] {
        let fault = token_from(act).await.unwrap_err();
        assert_eq!((fault.kind, fault.operation), (FaultKind::AnswerUnreadable, Operation::Token));
        assert!(!fault.detail.contains('<') && !fault.detail.contains("a.b"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_numbers() {
    let fault = token_from(|| {
        with(
            401,
            &["x-ms-request-id: header-id"],
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 0a\r\nCorrelation ID: 0b\r\nTimestamp: 2026-01-02 03:04:05Z","error_codes":["7000215"],"timestamp":"2026-01-02 03:04:05Z","trace_id":"0a","correlation_id":"0b"}"#,
        )
    })
    .await
    .unwrap_err();
    assert_eq!((fault.kind, fault.aadsts), (FaultKind::Refused, Some(7_000_215)));
    assert_eq!(fault.oauth_error.as_deref(), Some("invalid_client"));
    assert_eq!(fault.detail, "AADSTS7000215: Invalid client secret provided.");
    assert_eq!(fault.correlation_id.as_deref(), Some("0b"));
    assert_eq!(fault.request_id.as_deref(), Some("header-id"));
}

#[tokio::test]
async fn the_number_is_found_in_the_description_too() {
    let fault = token_from(|| {
        json(
            400,
            r#"{"error":"unauthorized_client","error_description":"AADSTS700016: Application not found."}"#,
        )
    })
    .await
    .unwrap_err();
    assert_eq!(fault.aadsts, Some(700_016));
    let unnumbered = token_from(|| json(400, r#"{"error":"invalid_client"}"#)).await.unwrap_err();
    assert_eq!((unnumbered.kind, unnumbered.aadsts), (FaultKind::Refused, None));
}

#[tokio::test]
async fn an_echo_of_the_secret_reaches_nobody() {
    let fault = token_from(|| {
        with(
            400,
            &["x-ms-request-id: aB8Q~x+y/z&= %canary"],
            r#"{"error":"aB8Q~x+y/z&= %canary","trace_id":"aB8Q%7Ex%2By%2Fz%26%3D+%25canary",
                "correlation_id":"aB8Q~x%2By%2Fz%26%3D%20%25canary","timestamp":"aB8Q~x+y/z&= %canary",
                "error_description":"value 'aB8Q~x+y/z&=\u0007 %can\u200bary' \u202eis wrong\u001b[31m <script>x</script>"}"#,
        )
    })
    .await
    .unwrap_err();
    let everything = format!("{fault:?} {fault} {}", serde_json::to_string(&fault).unwrap());
    assert!(!everything.contains("canary"), "{everything}");
    assert!(!everything.contains("script"), "{everything}");
    assert!(!everything.contains(['\u{202e}', '\u{1b}', '\u{7}', '\u{200b}']), "{everything}");
    assert_eq!(fault.detail, "value '[secret]' is wrong [31m");
    assert_eq!(fault.oauth_error.as_deref(), Some("[secret]"));
}

#[tokio::test]
async fn the_plain_text_429_is_throttling_and_is_not_retried() {
    let server = TestServer::start(|_, _| with(429, &["Retry-After: 60"], "Too Many Requests")).await;
    let secret = SecretString::from(SECRET);
    let fault = entra(&server).token_by_secret(&tenant(), CLIENT, &secret).await.unwrap_err();
    assert_eq!((fault.kind, fault.retry_after), (FaultKind::Throttled, Some(Duration::from_secs(60))));
    assert_eq!(fault.detail, "Too Many Requests");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_broken_connection_is_not_retried_with_a_secret() {
    let server = TestServer::start(|_, _| Act::Close).await;
    let secret = SecretString::from(SECRET);
    let fault = entra(&server).token_by_secret(&tenant(), CLIENT, &secret).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::ConnectionBroken);
    assert_eq!(server.seen().len(), 1);
}

async fn probe(act: fn() -> Act) -> Result<PublicClientProbe, Fault> {
    let server = TestServer::start(move |_, _| act()).await;
    let probed = entra(&server).public_client_probe(&tenant(), CLIENT).await.map(|answered| answered.value);
    let seen = &server.seen()[0];
    assert!(seen.body.contains("device_code=") && !seen.body.contains("client_secret"), "{}", seen.body);
    probed
}

#[tokio::test]
async fn the_probe_reads_the_flag_from_the_refusal() {
    let off = probe(|| json(401, r#"{"error":"invalid_client","error_codes":[7000218]}"#)).await;
    assert_eq!(off, Ok(PublicClientProbe::Off));
    let on = probe(|| json(400, r#"{"error":"bad_verification_code","error_codes":[70018]}"#)).await;
    assert_eq!(on, Ok(PublicClientProbe::On));
    let unclear = probe(|| json(400, r#"{"error":"unauthorized_client","error_codes":[700016]}"#)).await;
    assert!(matches!(unclear, Ok(PublicClientProbe::Unclear(fault)) if fault.aadsts == Some(700_016)));
    let busy = probe(|| with(429, &["Retry-After: 5"], "Too Many Requests")).await;
    assert_eq!(busy.unwrap_err().kind, FaultKind::Throttled);
}
