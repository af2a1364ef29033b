//! Tokens by user name and password.

use secrecy::SecretString;

use super::server::{Act, Seen, TestServer, json, with};
use super::{CLIENT, TENANT, entra, field, tenant};
use crate::{AccessToken, Answered, Fault, FaultKind};

const GRANTED: &str = r#"{"token_type":"Bearer","scope":"User.Read","expires_in":"3599","access_token":"a.b.c","id_token":"x.y.z"}"#;
const USER: &str = "sync@contoso.example";
const PASSWORD: &str = "pass+word &canary%";
const SECRET: &str = "aB8Q~secret-canary";

async fn sign_in(
    secret: Option<&str>,
    script: impl Fn(&Seen, usize) -> Act + Send + Sync + 'static,
) -> (Result<Answered<AccessToken>, Fault>, Vec<Seen>) {
    let server = TestServer::start(script).await;
    let secret = secret.map(SecretString::from);
    let password = SecretString::from(PASSWORD);
    let scopes = ["User.Read", "openid"];
    let answered =
        entra(&server).token_by_password(&tenant(), CLIENT, secret.as_ref(), USER, &password, &scopes).await;
    (answered, server.seen())
}

#[tokio::test]
async fn the_request_carries_the_secret_only_where_there_is_one() {
    for secret in [None, Some(SECRET)] {
        let (answered, seen) = sign_in(secret, |_, _| json(200, GRANTED)).await;
        assert_eq!(answered.unwrap().value.expires_in().as_secs(), 3599);
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].line, format!("POST /{TENANT}/oauth2/v2.0/token"));
        assert_eq!(field(&seen[0], "grant_type").as_deref(), Some("password"));
        assert_eq!(field(&seen[0], "client_id").as_deref(), Some(CLIENT));
        assert_eq!(field(&seen[0], "username").as_deref(), Some(USER));
        assert_eq!(field(&seen[0], "password").as_deref(), Some(PASSWORD));
        assert_eq!(field(&seen[0], "scope").as_deref(), Some("https://graph.microsoft.com/User.Read openid"));
        assert_eq!(field(&seen[0], "client_secret").as_deref(), secret);
    }
}

#[tokio::test]
async fn refusals_keep_their_numbers() {
    for (number, error) in [
        (50_034, "invalid_grant"),
        (50_053, "invalid_grant"),
        (50_055, "invalid_grant"),
        (50_057, "invalid_grant"),
        (50_076, "invalid_grant"),
        (50_126, "invalid_grant"),
        (53_003, "invalid_grant"),
        (65_001, "invalid_grant"),
        (700_016, "unauthorized_client"),
        (7_000_215, "invalid_client"),
        (7_000_218, "invalid_client"),
    ] {
        let body = format!(
            r#"{{"error":"{error}","error_description":"AADSTS{number}: No. Trace ID: 0a","error_codes":[{number}],"trace_id":"0a","correlation_id":"0b","timestamp":"2026-01-02 03:04:05Z"}}"#
        );
        let (answered, seen) = sign_in(Some(SECRET), move |_, _| json(400, &body)).await;
        let fault = answered.unwrap_err();
        assert_eq!((fault.kind, fault.aadsts), (FaultKind::Refused, Some(number)));
        assert_eq!(fault.oauth_error.as_deref(), Some(error));
        assert_eq!(fault.detail, format!("AADSTS{number}: No."));
        assert_eq!((fault.trace_id.as_deref(), fault.correlation_id.as_deref()), (Some("0a"), Some("0b")));
        assert_eq!(seen.len(), 1);
    }
}

#[tokio::test]
async fn an_echo_of_password_or_secret_reaches_nobody() {
    let long = "x".repeat(390);
    for echo in [
        PASSWORD.to_owned(),
        SECRET.to_owned(),
        "pass%2Bword+%26canary%25".to_owned(),
        format!("{PASSWORD} {SECRET}"),
        format!("{SECRET}{PASSWORD}"),
        format!("{long}{SECRET}"),
        format!("{PASSWORD}{}{SECRET}", "x".repeat(388)),
    ] {
        for secret in [None, Some(SECRET)] {
            if secret.is_none() && echo.contains(SECRET) {
                continue;
            }
            let told = echo.clone();
            let (answered, _) = sign_in(secret, move |_, _| {
                let body = serde_json::json!({
                    "error": told, "error_description": told, "error_codes": [50126],
                    "trace_id": told, "correlation_id": told, "timestamp": told,
                });
                with(400, &[&format!("x-ms-request-id: {told}")], &body.to_string())
            })
            .await;
            let fault = answered.unwrap_err();
            let everything = format!("{fault:?} {fault} {}", serde_json::to_string(&fault).unwrap());
            for part in ["canary", "pass+", "pass%", "aB8Q"] {
                assert!(!everything.contains(part), "{everything}");
            }
            assert_eq!((fault.kind, fault.aadsts), (FaultKind::Refused, Some(50_126)));
        }
    }
}

#[tokio::test]
async fn an_echo_of_the_password_alone_leaves_the_rest_readable() {
    let (answered, _) = sign_in(None, |_, _| {
        json(
            400,
            r#"{"error":"invalid_grant","error_description":"AADSTS50126: 'pass+word &canary%' is wrong."}"#,
        )
    })
    .await;
    assert_eq!(answered.unwrap_err().detail, "AADSTS50126: '[secret]' is wrong.");
}

#[tokio::test]
async fn strange_answers_are_no_tokens() {
    for act in [
        (|| json(200, r#"{"token_type":"Bearer","id_token":"x.y.z"}"#)) as fn() -> Act,
        || with(200, &["Content-Type: text/html"], "<html>Sign in</html>"),
        || with(200, &[&format!("x-ms-request-id: {PASSWORD}")], "[]"),
        || json(200, &" ".repeat(40 << 20)),
    ] {
        let (answered, _) = sign_in(Some(SECRET), move |_, _| act()).await;
        let fault = answered.unwrap_err();
        assert_eq!(fault.kind, FaultKind::AnswerUnreadable);
        assert!(!format!("{fault:?}").contains("canary"));
    }
}
