//! Addresses that a consent page or a sign-in came back to, and what is shown of a paste.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use engine::explain::{Explanation, ReadAs, explain};

fn explained(text: &str) -> Explanation {
    explain(text, "2026-11-20T14:27:00Z".parse().unwrap())
}

#[test]
fn a_refusal_is_one_although_the_address_says_admin_consent_true() {
    let trace = "0a0a0a0a-0000-4000-8000-000000000001";
    let refused = explained(&format!(
        "http://localhost:8400/consent?admin_consent=True&error=consent_required&error_description=AADSTS65004%3a+The+\
         resource+owner+denied+the+request.%0d%0aTrace+ID%3a+{trace}%0d%0aTimestamp%3a+2026-01-02+03%3a04%3a05Z&state=12345"
    ));
    assert_eq!(refused.read_as, ReadAs::ConsentCallback);
    let first = &refused.advice[0];
    assert!(first.saw[0].contains("`error=consent_required`"));
    assert!(first.saw.iter().any(|saw| saw == "It names AADSTS65004."), "{:?}", first.saw);
    assert!(first.title.to_lowercase().contains("consent"), "{}", first.title);
    assert_eq!(refused.ids.trace.as_deref(), Some(trace));
    assert_eq!(refused.ids.timestamp.as_deref(), Some("2026-01-02 03:04:05Z"));
}

#[test]
fn the_older_page_s_refusal_is_read_too() {
    let refused = explained(
        "http://localhost:8400/consent?error=permission_denied&error_description=The+admin+canceled+the+request",
    );
    assert_eq!(refused.read_as, ReadAs::ConsentCallback);
    assert!(refused.advice[0].saw.contains(&"It says: “The admin canceled the request”".to_owned()));
}

#[test]
fn success_proves_nothing() {
    for address in [
        "http://localhost:8400/consent?admin_consent=True&tenant=11111111-1111-4111-8111-111111111111&state=1",
        "The browser shows <http://localhost:8400/consent?tenant=x&state=12345&admin_consent=True> now",
    ] {
        let accepted = explained(address);
        assert_eq!(accepted.read_as, ReadAs::ConsentCallback);
        assert_eq!(accepted.advice[0].title, "The consent page reports success, which proves nothing yet");
    }
}

#[test]
fn a_sign_in_s_refusal_is_explained_by_its_number() {
    let refused = explained(
        "https://app.example/cb#error=interaction_required&error_description=AADSTS53003%3A+Access+has+been+blocked",
    );
    assert_eq!(refused.read_as, ReadAs::SignInCallback);
    assert_eq!(refused.advice[0].finding.unwrap().id, "conditional-access-blocked");
    let unknown = explained("https://app.example/cb?error=brand_new&state=1");
    assert_eq!(unknown.advice[0].title, "The sign-in came back with a refusal");
}

#[test]
fn other_addresses_are_none_of_ours() {
    for address in
        ["https://example.com/", "https://example.com/?tenant=x", "ftp://example.com/?error=access_denied"]
    {
        assert_ne!(explained(address).read_as, ReadAs::ConsentCallback, "{address}");
    }
    assert!(!explained("https://example.com/?q=1").is_explained());
}

#[test]
fn what_is_shown_holds_nothing_confidential() {
    let log = "POST /token client_id=2222&client_secret=canary-1&username=canary%40contoso.com&password=canary-2\n\
               Authorization: Bearer canary-3\n{\"refresh_token\":\"canary-4\",\"client_assertion\":\"canary-5\"}\n\
               https://app.example/cb?code=canary-6-0123456789012345&state=1\n\
               User canary@contoso.com got AADSTS50126: wrong";
    let explanation = explained(log);
    assert!(!format!("{explanation:?}").contains("canary"), "{explanation:?}");
    assert!(explanation.shown.contains("AADSTS50126") && explanation.shown.contains("[account]"));
    let description = "{\"error\":\"invalid_grant\",\"error_codes\":[50020],\"error_description\":\"User account \
                       'canary@contoso.com' from identity provider 'live.com' does not exist in tenant 'Contoso'.\"}";
    assert!(!format!("{:?}", explained(description)).contains("canary"));
    let bare = explained("canary8Q~canary-canary-canary-canary-canary1");
    assert!(!bare.is_explained());
    assert_eq!(bare.shown, "[secret]");
}
