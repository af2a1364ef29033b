//! Signing in with a device code.

use std::time::Duration;

use super::server::{Act, Seen, TestServer, json, with};
use super::{CLIENT, TENANT, entra, field, tenant};
use crate::{Answered, DeviceCode, DeviceCodeAnswer, Fault, FaultKind};

const CODE: &str = r#"{"user_code":"ABCDEFGHJ","device_code":"secret-device-code-canary",
    "verification_uri":"https://login.microsoft.com/device","expires_in":900,"interval":5,
    "message":"To sign in, open https://login.microsoft.com/device and enter the code ABCDEFGHJ."}"#;
const GRANTED: &str =
    r#"{"token_type":"Bearer","scope":"User.Read","expires_in":3599,"access_token":"token-canary.b.c"}"#;

async fn begin(
    act: impl Fn() -> Act + Send + Sync + 'static,
) -> (Result<Answered<DeviceCode>, Fault>, Vec<Seen>) {
    let server = TestServer::start(move |_, _| act()).await;
    let begun = entra(&server).device_code(&tenant(), CLIENT, &["User.Read", "offline_access"]).await;
    (begun, server.seen())
}

/// Begins a sign-in and asks once.
async fn redeem(
    act: impl Fn() -> Act + Send + Sync + 'static,
) -> (Result<Answered<DeviceCodeAnswer>, Fault>, Vec<Seen>) {
    let server =
        TestServer::start(move |_, request| if request == 0 { json(200, CODE) } else { act() }).await;
    let entra = entra(&server);
    let code = entra.device_code(&tenant(), CLIENT, &[]).await.unwrap().value;
    let answered = entra.redeem_device_code(&tenant(), CLIENT, &code).await;
    (answered, server.seen())
}

fn refused(error: &str, number: u32) -> Act {
    json(
        400,
        &format!(
            r#"{{"error":"{error}","error_description":"AADSTS{number}: No. Trace ID: 0a","error_codes":[{number}],"trace_id":"0a"}}"#
        ),
    )
}

#[tokio::test]
async fn a_sign_in_begins_with_a_code() {
    let (begun, seen) = begin(|| json(200, CODE)).await;
    let code = begun.unwrap().value;
    assert_eq!(code.user_code, "ABCDEFGHJ");
    assert_eq!(code.verification_uri.as_str(), "https://login.microsoft.com/device");
    assert!(code.message.starts_with("To sign in, open https://"), "{}", code.message);
    assert_eq!((code.expires_in, code.interval), (Duration::from_secs(900), Duration::from_secs(5)));
    assert!(!format!("{code:?}").contains("canary"));

    assert_eq!(seen[0].line, format!("POST /{TENANT}/oauth2/v2.0/devicecode"));
    assert_eq!(field(&seen[0], "client_id").as_deref(), Some(CLIENT));
    let scope = "https://graph.microsoft.com/User.Read offline_access";
    assert_eq!(field(&seen[0], "scope").as_deref(), Some(scope));
}

#[tokio::test]
async fn each_redemption_is_one_request() {
    let (answered, seen) = redeem(|| json(200, GRANTED)).await;
    let answered = answered.unwrap();
    assert!(!format!("{answered:?}").contains("canary"));
    let DeviceCodeAnswer::Token(token) = answered.value else { panic!("{answered:?}") };
    assert_eq!(token.expires_in(), Duration::from_secs(3599));

    assert_eq!(seen.len(), 2);
    assert_eq!(field(&seen[0], "scope").as_deref(), Some("https://graph.microsoft.com/.default"));
    assert_eq!(seen[1].line, format!("POST /{TENANT}/oauth2/v2.0/token"));
    let grant = "urn:ietf:params:oauth:grant-type:device_code";
    assert_eq!(field(&seen[1], "grant_type").as_deref(), Some(grant));
    assert_eq!(field(&seen[1], "client_id").as_deref(), Some(CLIENT));
    assert_eq!(field(&seen[1], "device_code").as_deref(), Some("secret-device-code-canary"));
    assert_eq!(field(&seen[1], "client_secret"), None);
}

#[tokio::test]
async fn answers_that_are_not_yet_a_token_are_told_apart() {
    let (pending, _) = redeem(|| refused("authorization_pending", 70_016)).await;
    assert!(matches!(pending.unwrap().value, DeviceCodeAnswer::Pending));
    let (slower, _) = redeem(|| refused("slow_down", 70_016)).await;
    assert!(matches!(slower.unwrap().value, DeviceCodeAnswer::SlowDown));
    for error in ["authorization_declined", "access_denied"] {
        let (declined, _) = redeem(move || refused(error, 70_017)).await;
        let DeviceCodeAnswer::Declined(fault) = declined.unwrap().value else { panic!("{error}") };
        assert_eq!((fault.aadsts, fault.trace_id.as_deref()), (Some(70_017), Some("0a")));
    }
    for error in ["expired_token", "code_expired"] {
        let (expired, _) = redeem(move || refused(error, 70_019)).await;
        let DeviceCodeAnswer::Expired(fault) = expired.unwrap().value else { panic!("{error}") };
        assert_eq!(fault.aadsts, Some(70_019));
    }
}

#[tokio::test]
async fn other_refusals_are_faults_with_their_numbers() {
    for (error, number) in [
        ("invalid_client", 7_000_218),
        ("bad_verification_code", 70_018),
        ("invalid_grant", 50_076),
        ("invalid_grant", 53_003),
        ("invalid_request", 50_059),
        ("unauthorized_client", 700_016),
    ] {
        let (redeemed, _) = redeem(move || refused(error, number)).await;
        let (begun, _) = begin(move || refused(error, number)).await;
        for fault in [redeemed.unwrap_err(), begun.unwrap_err()] {
            assert_eq!((fault.kind, fault.aadsts), (FaultKind::Refused, Some(number)));
            assert_eq!(fault.oauth_error.as_deref(), Some(error));
            assert_eq!(fault.detail, format!("AADSTS{number}: No."));
        }
    }
    let (busy, _) = redeem(|| with(429, &["Retry-After: 9"], "Too Many Requests")).await;
    let busy = busy.unwrap_err();
    assert_eq!((busy.kind, busy.retry_after), (FaultKind::Throttled, Some(Duration::from_secs(9))));
    let pending_on_a_broken_service = || json(503, r#"{"error":"authorization_pending"}"#);
    let (broken, _) = redeem(pending_on_a_broken_service).await;
    assert_eq!(broken.unwrap_err().kind, FaultKind::ServiceUnavailable);
}

#[tokio::test]
async fn an_echo_of_the_device_code_reaches_nobody() {
    let (begun, _) = begin(|| {
        json(
            200,
            r#"{"user_code":"A","device_code":"canary","verification_uri":"https://x.example/","expires_in":900,
                "message":"Enter canary.\u202e"}"#,
        )
    })
    .await;
    assert_eq!(begun.unwrap().value.message, "Enter [secret].");
    for status in [200, 400] {
        let (redeemed, _) = redeem(move || {
            let code = "secret-device-code-canary";
            let id = format!("x-ms-request-id: {code}");
            with(
                status,
                &[&id],
                &format!(r#"{{"error":"{code}","error_description":"bad {code}","trace_id":"{code}"}}"#),
            )
        })
        .await;
        let fault = redeemed.unwrap_err();
        let everything = format!("{fault:?} {fault} {}", serde_json::to_string(&fault).unwrap());
        assert!(!everything.contains("canary"), "{everything}");
    }
}

#[tokio::test]
async fn a_hostile_answer_is_no_device_code() {
    let hostile = [
        ("\"device_code\":\"secret-device-code-canary\"", "\"device_code\":\"\""),
        ("\"device_code\":\"secret-device-code-canary\"", "\"device_code\":\"a b\""),
        ("\"user_code\":\"ABCDEFGHJ\"", "\"user_code\":\"\\u202eABC\""),
        ("\"user_code\":\"ABCDEFGHJ\"", "\"user_code\":7"),
        ("https://login.microsoft.com/device\",", "http://login.microsoft.com/device\","),
        ("https://login.microsoft.com/device\",", "javascript:alert(1)\","),
        ("https://login.microsoft.com/device\",", "https://login.microsoft.com@evil.example/\","),
        ("\"expires_in\":900", "\"expires_in\":-1"),
        ("\"expires_in\":900,", ""),
        ("}", ""),
    ];
    for (part, replacement) in hostile {
        assert!(CODE.contains(part), "{part}");
        let body = CODE.replace(part, replacement);
        let (begun, _) = begin(move || json(200, &body)).await;
        let fault = begun.unwrap_err();
        assert_eq!(fault.kind, FaultKind::AnswerUnreadable, "{replacement}");
        assert!(!format!("{fault:?}").contains("canary"));
    }
    for act in [(|| with(200, &["Content-Type: text/html"], "<html>Sign in</html>")) as fn() -> Act, || {
        json(200, &" ".repeat(40 << 20))
    }] {
        assert_eq!(begin(act).await.0.unwrap_err().kind, FaultKind::AnswerUnreadable);
        assert_eq!(redeem(act).await.0.unwrap_err().kind, FaultKind::AnswerUnreadable);
    }
}

#[tokio::test]
async fn waits_are_within_reason() {
    for (interval, seconds) in
        [("", 5), (r#","interval":"7""#, 7), (r#","interval":0"#, 1), (r#","interval":1e300"#, 300)]
    {
        let body = format!(
            r#"{{"user_code":"A","device_code":"B","verification_uri":"https://x.example/","expires_in":1e300{interval}}}"#
        );
        let (begun, _) = begin(move || json(200, &body)).await;
        let code = begun.unwrap().value;
        assert_eq!(code.interval, Duration::from_secs(seconds));
        assert_eq!(code.expires_in, Duration::from_secs(86_400));
        assert_eq!(code.message, "");
    }
}
