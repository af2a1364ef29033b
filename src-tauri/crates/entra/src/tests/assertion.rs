//! Tokens by certificate.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;
use x509_parser::prelude::FromDer;

use super::certificate::certificate;
use super::server::{Act, Seen, TestServer, json as answer, with};
use super::{CLIENT, TENANT, entra, field, tenant};
use crate::{AccessToken, Answered, Fault, FaultKind};

const GRANTED: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"canary.b.c"}"#;
const JTI: Uuid = Uuid::from_u128(0x3333_3333_3333_4333_8333_3333_3333_3333);

fn now() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

async fn token_from(server: &TestServer) -> Result<Answered<AccessToken>, Fault> {
    entra(server).token_by_certificate(&tenant(), CLIENT, &certificate(), now(), JTI).await
}

fn refused(number: u32) -> Act {
    answer(
        401,
        &format!(
            r#"{{"error":"invalid_client","error_description":"AADSTS{number}: Refused. Trace ID: 0a","error_codes":[{number}]}}"#
        ),
    )
}

/// The header, the claims, and whether the signature is right under the algorithm that the header names.
fn opened(seen: &Seen) -> (Value, Value, bool) {
    let assertion = field(seen, "client_assertion").unwrap();
    let (message, signature) = assertion.rsplit_once('.').unwrap();
    let part = |text: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let (header, claims) = (part(header), part(claims));
    let certificate = certificate();
    let (_, parsed) =
        x509_parser::certificate::X509Certificate::from_der(certificate.certificate_der()).unwrap();
    let algorithm = match header["alg"].as_str().unwrap() {
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        _ => &RSA_PKCS1_2048_8192_SHA256,
    };
    let key = UnparsedPublicKey::new(algorithm, &parsed.public_key().subject_public_key.data);
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let is_right = key.verify(message.as_bytes(), &signature).is_ok();
    (header, claims, is_right)
}

fn base64_of_hexadecimal(thumbprint: &str) -> String {
    let bytes = (0..thumbprint.len()).step_by(2).map(|at| u8::from_str_radix(&thumbprint[at..at + 2], 16));
    URL_SAFE_NO_PAD.encode(bytes.collect::<Result<Vec<u8>, _>>().unwrap())
}

#[tokio::test]
async fn the_assertion_is_the_one_that_microsoft_describes() {
    let server = TestServer::start(|_, _| answer(200, GRANTED)).await;
    let answered = token_from(&server).await.unwrap();
    assert_eq!(answered.value.expires_in().as_secs(), 3599);
    assert!(!format!("{answered:?}").contains("canary"));

    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].line, format!("POST /{TENANT}/oauth2/v2.0/token"));
    assert_eq!(field(&seen[0], "grant_type").as_deref(), Some("client_credentials"));
    assert_eq!(field(&seen[0], "client_id").as_deref(), Some(CLIENT));
    assert_eq!(field(&seen[0], "scope").as_deref(), Some("https://graph.microsoft.com/.default"));
    assert_eq!(
        field(&seen[0], "client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    let (header, claims, is_right) = opened(&seen[0]);
    assert!(is_right);
    let sha256 = base64_of_hexadecimal(&certificate().sha256_thumbprint());
    assert_eq!(header, json!({"alg": "PS256", "typ": "JWT", "x5t#S256": sha256}));
    let seconds = now().as_second();
    let expected = json!({
        "aud": format!("{}/{TENANT}/oauth2/v2.0/token", server.origin),
        "iss": CLIENT,
        "sub": CLIENT,
        "jti": JTI,
        "nbf": seconds - 120,
        "iat": seconds - 120,
        "exp": seconds + 480,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn a_service_that_does_not_know_the_form_is_asked_once_in_the_older_one() {
    for number in [50_012, 50_027, 700_027, 5_002_730, 7_000_274] {
        let server = TestServer::start(move |_, request| match request {
            0 => refused(number),
            _ => answer(200, GRANTED),
        })
        .await;
        token_from(&server).await.unwrap();
        let seen = server.seen();
        assert_eq!(seen.len(), 2);
        let (header, claims, is_right) = opened(&seen[1]);
        assert!(is_right);
        let sha1 = base64_of_hexadecimal(&certificate().sha1_thumbprint());
        assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "x5t": sha1}));
        let first_claims = opened(&seen[0]).1;
        assert_ne!(claims["jti"], first_claims["jti"]);
        assert_eq!((&claims["aud"], &claims["exp"]), (&first_claims["aud"], &first_claims["exp"]));
    }
}

#[tokio::test]
async fn when_both_forms_are_refused_the_first_refusal_is_told() {
    let server = TestServer::start(|_, request| match request {
        0 => refused(700_027),
        1 => refused(5_002_730),
        _ => answer(200, GRANTED),
    })
    .await;
    let fault = token_from(&server).await.unwrap_err();
    assert_eq!((fault.kind, fault.aadsts), (FaultKind::Refused, Some(700_027)));
    assert_eq!(fault.detail, "AADSTS700027: Refused.");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn other_refusals_are_told_at_once() {
    for number in [700_016, 700_024, 700_025, 700_030, 1_000_502, 7_000_214, 7_000_222, 90_002] {
        let server = TestServer::start(move |_, _| refused(number)).await;
        let fault = token_from(&server).await.unwrap_err();
        assert_eq!((fault.kind, fault.aadsts), (FaultKind::Refused, Some(number)));
        assert_eq!(fault.oauth_error.as_deref(), Some("invalid_client"));
        assert_eq!(server.seen().len(), 1);
    }
    let server = TestServer::start(|_, _| with(429, &["Retry-After: 7"], "Too Many Requests")).await;
    let fault = token_from(&server).await.unwrap_err();
    assert_eq!((fault.kind, fault.retry_after.unwrap().as_secs()), (FaultKind::Throttled, 7));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn dates_that_are_refused_follow_the_services_clock_once() {
    const AN_HOUR_LATER: &str = "Fri, 02 Jan 2026 04:04:05 GMT";
    let out_of_time = |date: &'static str| {
        let body =
            r#"{"error":"invalid_client","error_description":"AADSTS700024: x","error_codes":[700024]}"#;
        with(401, &["Content-Type: application/json", &format!("Date: {date}")], body)
    };
    let server = TestServer::start(move |_, request| match request {
        0 => out_of_time(AN_HOUR_LATER),
        _ => answer(200, GRANTED),
    })
    .await;
    token_from(&server).await.unwrap();
    let seen = server.seen();
    let (header, claims, is_right) = opened(&seen[1]);
    assert!(is_right && header["alg"] == "PS256");
    let there = now().as_second() + 3600;
    assert_eq!((&claims["nbf"], &claims["exp"]), (&json!(there - 120), &json!(there + 480)));
    assert_ne!(claims["jti"], opened(&seen[0]).1["jti"]);

    // A clock that is right, or is refused again, is not asked a third time.
    for (date, tries) in [(AN_HOUR_LATER, 2), ("Fri, 02 Jan 2026 03:04:35 GMT", 1), ("yesterday", 1)] {
        let server = TestServer::start(move |_, _| out_of_time(date)).await;
        assert_eq!(token_from(&server).await.unwrap_err().aadsts, Some(700_024));
        assert_eq!(server.seen().len(), tries, "{date}");
    }
}

#[tokio::test]
async fn an_echo_of_the_assertion_reaches_nobody() {
    type Echo = fn(&str, &str) -> String;
    let echoes: [Echo; 4] = [
        |whole, _| {
            format!(
                r#"{{"error":"invalid_client","error_description":"AADSTS700024: in {whole} here","error_codes":[700024]}}"#
            )
        },
        |_, signature| {
            format!(
                r#"{{"error":"invalid_client","error_description":"AADSTS700024: {signature}","error_codes":[700024],"trace_id":"{signature}"}}"#
            )
        },
        |whole, _| {
            format!(
                r#"{{"error":"{whole}","correlation_id":"{whole}","timestamp":"{whole}","error_codes":[700024]}}"#
            )
        },
        |whole, _| whole.to_owned(),
    ];
    for (at, echo) in echoes.into_iter().enumerate() {
        for status in [400, 200] {
            let server = TestServer::start(move |seen, _| {
                let whole = field(seen, "client_assertion").unwrap();
                let signature = whole.rsplit('.').next().unwrap();
                let id = format!("x-ms-request-id: {whole}");
                with(status, &["Content-Type: text/plain", &id], &echo(&whole, signature))
            })
            .await;
            let fault = token_from(&server).await.unwrap_err();
            let everything = format!("{fault:?} {fault} {}", serde_json::to_string(&fault).unwrap());
            let sent = field(&server.seen()[0], "client_assertion").unwrap();
            for part in sent.split('.') {
                assert!(!everything.contains(&part[..20]), "{at} {status}: {everything}");
            }
            if status == 400 && at < 3 {
                assert_eq!((fault.kind, fault.aadsts), (FaultKind::Refused, Some(700_024)));
            }
        }
    }
}

#[tokio::test]
async fn an_answer_without_a_usable_token_is_unreadable() {
    let huge = "x".repeat(40 << 20);
    for act in [
        (|_| answer(200, r#"{"token_type":"Bearer","expires_in":3599}"#)) as fn(&str) -> Act,
        |_| answer(200, r#"{"token_type":"Bearer","access_token":"a\r\nX-Injected: 1"}"#),
        |_| answer(200, r#"{"access_token":"a.b.c","token_type":7}"#),
        |_| answer(200, r#"{"access_token":"a.b"#),
        |_| with(200, &["Content-Type: text/html"], "<html>Welcome to the Wi-Fi</html>"),
        |huge| answer(200, huge),
    ] {
        let huge = huge.clone();
        let server = TestServer::start(move |_, _| act(&huge)).await;
        let fault = token_from(&server).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::AnswerUnreadable);
        assert!(!fault.detail.contains('<') && !fault.detail.contains("a.b"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_broken_connection_is_not_retried() {
    let server = TestServer::start(|_, _| Act::Close).await;
    assert_eq!(token_from(&server).await.unwrap_err().kind, FaultKind::ConnectionBroken);
    assert_eq!(server.seen().len(), 1);
}
