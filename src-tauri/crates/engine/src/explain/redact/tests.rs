//! What is hidden, and what stays.

use super::*;

const CANARY: &str = "xK9-canary.value";

#[test]
fn a_value_behind_a_confidential_name_is_hidden_in_every_notation() {
    for text in [
        format!("grant_type=client_credentials&client_secret={CANARY}&scope=x"),
        format!("{{\"client_secret\": \"{CANARY}\", \"scope\": \"x\"}}"),
        format!("{{'client_secret': '{CANARY}', 'scope': 'x'}}"),
        format!("{{\\\"client_secret\\\":\\\"{CANARY}\\\",\\\"scope\\\":\\\"x\\\"}}"),
        format!("AZURE_CLIENT_SECRET={CANARY}\nscope=x"),
        format!("ClientSecret : {CANARY}\nscope : x"),
        format!("az login --password {CANARY} --tenant x"),
        format!("<o:Password Type=\"x\">{CANARY}</o:Password>"),
        format!("Authorization: Bearer {CANARY}\r\nscope: x"),
        format!("Authorization: Basic {CANARY}\r\nscope: x"),
        format!("client_assertion={CANARY} scope=x"),
        format!("clientSecret => '{CANARY}', scope => x"),
        format!("refresh_token%3D{CANARY}&scope=x"),
        format!("{{'client_secret': ['{CANARY}'], 'scope': ['x']}}"),
        format!("New-Thing -ClientSecret {CANARY} -Scope x"),
        format!("password: one two {CANARY}\nscope: x"),
    ] {
        let shown = redacted(&text);
        assert!(!shown.contains("canary"), "{text} → {shown}");
        assert!(shown.contains("[hidden]"), "{text} → {shown}");
        assert!(shown.ends_with(|c: char| "x}:dPassword>\"'".contains(c)), "{text} → {shown}");
    }
}

#[test]
fn a_quotation_mark_in_the_secret_does_not_end_it() {
    let shown = redacted("{\"client_secret\":\"one\\\"canary\",\"error\":\"invalid_client\"}");
    assert_eq!(shown, "{\"client_secret\":\"[hidden]\",\"error\":\"invalid_client\"}");
}

#[test]
fn confidential_words_are_known_by_their_shape() {
    for (text, shown) in [
        ("sent eyJ0eXAiOiJKV1QifQ.eyJhdWQiOiJ4In0.c2ln here", "sent [token] here"),
        ("value 'AbC8Q~canary-canary-canary-canary-canary' given", "value '[secret]' given"),
        ("User account 'ada@contoso.com' from", "User account '[account]' from"),
        ("login_hint%3Dada%40contoso.com", "login_hint%3D[account]"),
        ("ada_fabrikam.com#EXT#@contoso.onmicrosoft.com.", "[account]."),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIcanary\n-----END PRIVATE KEY-----\nend",
            "[key or certificate]\nend",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIcanary", "[key or certificate]"),
    ] {
        assert_eq!(redacted(text), shown);
    }
    for (text, shown) in [
        ("proxy http://ada:canary@proxy:8080/ used", "proxy http://[hidden]@proxy:8080/ used"),
        ("sent Bearer 0123456789abcdefcanary.", "sent Bearer [token]"),
        ("WWW-Authenticate: Bearer realm=\"x\"", "WWW-Authenticate: Bearer realm=\"x\""),
    ] {
        assert_eq!(redacted(text), shown);
    }
    let saved = format!("1.AVYA{}xyz", "Qm9vTestABC0123".repeat(8));
    assert_eq!(redacted(&format!("cache {saved} end")), "cache [hidden] end");
}

#[test]
fn what_explains_the_error_stays() {
    for text in [
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the client secret value.",
        "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        "Trace ID: 0a0a0a0a-0000-4000-8000-000000000001 Timestamp: 2026-01-02 03:04:05Z",
        "{\"error\":{\"code\":\"Authorization_RequestDenied\",\"message\":\"Insufficient privileges\"}}",
        "token_type=Bearer, https://login.microsoftonline.com/error?code=7000215",
        "at Microsoft.Identity.Client.OAuth2.OAuth2Client.<ThrowServerException>d__12.MoveNext()",
        "thumbprint 3F9A0B1C2D3E4F5061728394A5B6C7D8E9F0A1B2",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn a_long_text_is_shortened() {
    assert_eq!(shown(&"é".repeat(SHOWN_AT_MOST + 1)).chars().count(), SHOWN_AT_MOST + 1);
    assert_eq!(shown(&"é".repeat(SHOWN_AT_MOST)), "é".repeat(SHOWN_AT_MOST));
}
