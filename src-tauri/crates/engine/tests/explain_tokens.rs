//! Access tokens: read, judged by the checks' own ids, and never shown.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use engine::explain::{Explanation, ReadAs, explain};
use serde_json::{Value, json};

const TENANT: &str = "11111111-1111-4111-8111-111111111111";
const APP: &str = "22222222-2222-4222-8222-222222222222";

/// 20 Nov 2026 14:27 UTC.
const NOW: i64 = 1_795_184_820;

fn explained(text: &str) -> Explanation {
    explain(text, jiff::Timestamp::from_second(NOW).unwrap())
}

fn claims() -> Value {
    json!({
        "aud": "https://graph.microsoft.com", "iss": format!("https://sts.windows.net/{TENANT}/"), "tid": TENANT,
        "appid": APP, "idtyp": "app", "oid": "principal", "sub": "principal", "roles": ["User.Read.All"],
        "iat": NOW - 300, "nbf": NOW - 300, "exp": NOW + 3_600, "ver": "1.0", "upn": "canary@contoso.com",
    })
}

fn changed(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Value {
    let mut claims = claims();
    change(claims.as_object_mut().unwrap());
    claims
}

fn token(claims: &Value) -> String {
    let part = |text: &str| base64_url(text.as_bytes());
    format!(
        "{}.{}.c2lnbmF0dXJlY2FuYXJ5",
        part("{\"typ\":\"JWT\",\"alg\":\"RS256\"}"),
        part(&claims.to_string())
    )
}

fn base64_url(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let sign = |three: &[u8], index: usize| {
        let bits =
            three.iter().enumerate().fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        char::from(SIGNS[(bits >> (18 - 6 * index)) as usize & 63])
    };
    bytes.chunks(3).flat_map(|three| (0..=three.len()).map(move |index| sign(three, index))).collect()
}

fn first_finding(explanation: &Explanation) -> Option<&'static str> {
    explanation.advice[0].finding.map(|finding| finding.id)
}

#[test]
fn a_token_in_order_is_told_with_its_roles() {
    let explanation = explained(&token(&claims()));
    assert_eq!(explanation.read_as, ReadAs::AccessToken);
    assert_eq!(explanation.advice.len(), 1);
    assert_eq!(explanation.advice[0].title, "This is an app’s own token for Microsoft Graph, with 1 role");
    assert_eq!(
        explanation.advice[0].saw,
        [
            "`aud` is `https://graph.microsoft.com`.",
            "`iss` is `https://sts.windows.net/11111111-1111-4111-8111-111111111111/`.",
            "`tid` is `11111111-1111-4111-8111-111111111111`.",
            "`appid` is `22222222-2222-4222-8222-222222222222`.",
            "`idtyp` is `app`.",
            "`roles`: `User.Read.All`.",
            "`iat` is 20 Nov 2026 14:22 UTC.",
            "`exp` is 20 Nov 2026 15:27 UTC.",
        ]
    );
    assert_eq!(explanation.token.unwrap().roles, ["User.Read.All"]);
}

#[test]
fn what_is_wrong_with_a_token_has_the_check_s_id() {
    let wrong = [
        (
            changed(|claims| {
                claims.insert("scp".into(), json!("User.Read"));
            }),
            "token-delegated",
        ),
        (
            changed(|claims| {
                claims.insert("idtyp".into(), json!("user"));
            }),
            "token-delegated",
        ),
        (
            changed(|claims| {
                claims.insert("aud".into(), json!("https://graph.windows.net"));
            }),
            "wrong-audience",
        ),
        (
            changed(|claims| {
                claims.insert("iss".into(), json!("https://sts.example/x/"));
            }),
            "wrong-issuer",
        ),
        (
            changed(|claims| {
                claims.insert("aud".into(), json!("https://graph.microsoft.us"));
                claims
                    .insert("iss".into(), json!(format!("https://login.microsoftonline.com/{TENANT}/v2.0")));
            }),
            "wrong-issuer",
        ),
        (
            changed(|claims| {
                claims.insert("tid".into(), json!(APP));
            }),
            "wrong-issuer",
        ),
        (
            changed(|claims| {
                claims.insert("exp".into(), json!(NOW));
            }),
            "token-expired",
        ),
        (
            changed(|claims| {
                claims.insert("nbf".into(), json!(NOW + 301));
            }),
            "clock-skewed",
        ),
        (
            changed(|claims| {
                claims.remove("roles");
            }),
            "consent-missing",
        ),
        (
            changed(|claims| {
                for gone in ["roles", "oid", "sub"] {
                    claims.remove(gone);
                }
            }),
            "service-principal-missing",
        ),
    ];
    for (claims, finding) in wrong {
        let explanation = explained(&token(&claims));
        assert_eq!(first_finding(&explanation), Some(finding), "{claims}");
        assert_eq!(explanation.advice.len(), 1, "one cause: {claims}");
    }
    let both = explained(&token(&changed(|claims| {
        claims.remove("roles");
        claims.insert("exp".into(), json!(NOW - 60));
    })));
    let ids: Vec<_> =
        both.advice.iter().filter_map(|advice| advice.finding).map(|finding| finding.id).collect();
    assert_eq!(ids, ["consent-missing", "token-expired"], "an old token’s end is told last");
}

#[test]
fn a_token_that_cannot_be_read_is_said_to_be_so() {
    for unreadable in [
        "eyJhbGciOiJSU0EifQ.a.b.c.d",
        "eyJhbGciOiJSUzI1NiJ9.bm8gY2xhaW1z.c2ln",
        "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
    ] {
        assert_eq!(first_finding(&explained(unreadable)), Some("token-unreadable"), "{unreadable}");
    }
}

#[test]
fn a_token_is_found_in_an_answer_a_header_and_a_log() {
    let token = token(&changed(|claims| {
        claims.remove("roles");
    }));
    for text in [
        format!("{{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"{token}\"}}"),
        format!("Authorization: Bearer {token}"),
        format!("GET https://graph.microsoft.com/v1.0/users\nauthorization=Bearer {token}\nHTTP/1.1 403"),
        format!("  \"{token}\"\n"),
    ] {
        let explanation = explained(&text);
        assert_eq!(explanation.read_as, ReadAs::AccessToken, "{text}");
        assert_eq!(first_finding(&explanation), Some("consent-missing"));
    }
    let log = explained(&format!("Authorization_RequestDenied for Bearer {token}"));
    assert_eq!(first_finding(&log), Some("directory-forbidden"));
    assert_eq!(log.advice[1].finding.unwrap().id, "consent-missing");
}

#[test]
fn neither_the_token_nor_its_person_is_ever_shown() {
    let token = token(&changed(|claims| {
        claims.insert("scp".into(), json!("User.Read"));
    }));
    for text in [
        token.clone(),
        format!("Bearer {token}"),
        format!("{{\"access_token\":\"{token}\"}}"),
        format!("id_token: {token}"),
    ] {
        let explanation = explained(&text);
        let all = format!("{explanation:?}");
        for part in token.split('.') {
            assert!(!all.contains(part), "{all}");
        }
        assert!(!all.contains("canary"), "{all}");
    }
}

#[test]
fn the_portal_s_address_is_that_of_the_token_s_own_app() {
    let explanation = explained(&token(&changed(|claims| {
        claims.remove("roles");
    })));
    let address = explanation.advice[0].place.clone().unwrap().address.unwrap();
    assert_eq!(
        address.query(),
        Some(
            "client_id=22222222-2222-4222-8222-222222222222&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
        )
    );
    let hostile = explained(&token(&changed(|claims| {
        claims.remove("roles");
        claims.insert("tid".into(), json!("../.."));
        claims.insert("iss".into(), json!("https://sts.windows.net/../../"));
    })));
    for place in hostile.advice.into_iter().filter_map(|advice| advice.place) {
        assert!(
            !place.address.is_some_and(|address| address.as_str().contains("..")),
            "no claim gets into an address"
        );
    }
}
