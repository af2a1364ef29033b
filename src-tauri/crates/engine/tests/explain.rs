//! What a pasted text is explained as: ids, numbers, answers, logs of the usual libraries, addresses.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use engine::{
    diagnosis::{Link, checks},
    explain::{About, Explanation, INPUT_AT_MOST, ReadAs, explain},
};

const TRACE: &str = "0a0a0a0a-0000-4000-8000-000000000001";
const CORRELATION: &str = "0b0b0b0b-0000-4000-8000-000000000002";

fn explained(text: &str) -> Explanation {
    explain(text, "2026-11-20T14:27:00Z".parse().unwrap())
}

/// Ids of the findings, the most telling first.
fn findings(explanation: &Explanation) -> Vec<&'static str> {
    explanation.advice.iter().filter_map(|advice| advice.finding).map(|finding| finding.id).collect()
}

#[test]
fn every_check_is_explained_by_its_id_in_words_without_an_open_placeholder() {
    for check in checks::TABLE {
        let explanation = explained(check.id);
        assert_eq!(explanation.read_as, ReadAs::FindingId, "{}", check.id);
        let own = explanation
            .advice
            .iter()
            .find(|advice| advice.finding.is_some_and(|found| found.link == check.link));
        let own = own.unwrap_or_else(|| panic!("{} of {} is not explained", check.id, check.link.id()));
        assert_eq!(own.finding.unwrap().id, check.id);
        assert_eq!(own.who, Some(check.words.who));
        for text in [&own.title, &own.meaning].into_iter().chain(&own.fix) {
            assert!(!text.contains(['{', '}']) && !text.is_empty(), "{}: {text}", check.id);
            assert!(!text.to_lowercase().contains("the the "), "{}: {text}", check.id);
        }
    }
    assert_eq!(findings(&explained(" Secret_Expired\n")), ["secret-expired"]);
}

#[test]
fn two_checks_with_one_id_are_both_explained() {
    let links: Vec<Link> = explained("service-unavailable")
        .advice
        .iter()
        .filter_map(|one| one.finding)
        .map(|one| one.link)
        .collect();
    assert_eq!(links, [Link::Network, Link::Directory]);
}

#[test]
fn a_number_is_explained_with_and_without_its_prefix() {
    for text in ["AADSTS7000215", "7000215", "aadsts7000215", " 'AADSTS7000215:' "] {
        let explanation = explained(text);
        assert_eq!(explanation.read_as, ReadAs::EntraNumber, "{text}");
        assert_eq!(findings(&explanation), ["secret-wrong"], "{text}");
        assert_eq!(explanation.advice[0].saw, ["AADSTS7000215."]);
    }
    assert_eq!(
        findings(&explained("https://login.microsoftonline.com/error?code=7000222")),
        ["secret-expired"]
    );
}

#[test]
fn a_number_without_a_finding_has_the_catalogue_s_words() {
    let explanation = explained("AADSTS50011");
    assert_eq!(explanation.advice[0].title, "The redirect address is not one of the app’s own");
    assert!(explanation.advice[0].finding.is_none());
    let generic = explained("AADSTS80012");
    assert_eq!(generic.advice[0].title, "The account may not sign in at this hour");
}

#[test]
fn an_unknown_number_still_gives_its_family_and_what_to_try() {
    let explanation = explained("AADSTS53099");
    let advice = &explanation.advice[0];
    assert!(matches!(advice.about, About::Entra { number: 53_099, known: false, .. }));
    assert_eq!(
        advice.meaning,
        "Most numbers of its family concern a policy of the tenant; this one may be an exception."
    );
    assert_eq!(advice.finding.unwrap().id, "error-unknown");
    assert_eq!(advice.fix.len(), 3);
    let json = format!("{{\"error\":\"invalid_client\",\"error_codes\":[7000999],\"trace_id\":\"{TRACE}\"}}");
    let explanation = explained(&json);
    assert_eq!(findings(&explanation), ["credential-refused"]);
    assert_eq!(explanation.ids.trace.as_deref(), Some(TRACE));
}

#[test]
fn an_answer_of_entra_id_is_read() {
    let answer = format!(
        "{{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: The provided client secret keys for app \
         '2222' are expired.\\r\\nTrace ID: {TRACE}\\r\\nCorrelation ID: {CORRELATION}\",\"error_codes\":[7000222],\
         \"timestamp\":\"2026-01-02 03:04:05Z\",\"trace_id\":\"{TRACE}\",\"correlation_id\":\"{CORRELATION}\"}}"
    );
    let explanation = explained(&answer);
    assert_eq!(explanation.read_as, ReadAs::EntraAnswer);
    assert_eq!(findings(&explanation), ["secret-expired"]);
    assert!(explanation.advice[0].saw[1].starts_with("It says: “AADSTS7000222: The provided"));
    assert_eq!(explanation.ids.trace.as_deref(), Some(TRACE));
    assert_eq!(explanation.ids.correlation.as_deref(), Some(CORRELATION));
    assert_eq!(explanation.ids.timestamp.as_deref(), Some("2026-01-02 03:04:05Z"));
}

#[test]
fn numbers_of_the_older_endpoint_and_a_bare_error_are_read() {
    let older = "{\"error\":\"invalid_client\",\"error_codes\":[\"70002\",\"7000215\"]}";
    assert_eq!(findings(&explained(older)), ["secret-wrong", "credential-refused"], "the special one first");
    let bare = explained("{\"error\":\"invalid_client\"}");
    assert_eq!((bare.read_as, findings(&bare)), (ReadAs::EntraAnswer, vec!["credential-refused"]));
}

#[test]
fn the_text_of_a_description_decides_nothing() {
    let misleading = "{\"error\":\"invalid_grant\",\"error_codes\":[50126],\"error_description\":\"The provided client \
                      secret keys are expired. Insufficient privileges.\"}";
    let explanation = explained(misleading);
    assert!(!findings(&explanation).contains(&"secret-expired"));
    assert!(matches!(explanation.advice[0].about, About::Entra { number: 50_126, .. }));
}

#[test]
fn an_answer_of_graph_is_read() {
    let answer = |code: &str| {
        format!(
            "{{\"error\":{{\"code\":\"{code}\",\"message\":\"Insufficient privileges to complete the operation.\",\
             \"innerError\":{{\"date\":\"2026-01-02T03:04:05\",\"request-id\":\"{TRACE}\",\
             \"client-request-id\":\"{CORRELATION}\"}}}}}}"
        )
    };
    let denied = explained(&answer("Authorization_RequestDenied"));
    assert_eq!((denied.read_as, findings(&denied)), (ReadAs::GraphAnswer, vec!["directory-forbidden"]));
    assert_eq!(denied.ids.request.as_deref(), Some(TRACE));
    assert_eq!(denied.ids.client_request.as_deref(), Some(CORRELATION));
    assert_eq!(denied.ids.timestamp.as_deref(), Some("2026-01-02T03:04:05"));
    let away = explained(&answer("ServiceUnavailable"));
    assert_eq!(away.advice[0].finding.unwrap().link, Link::Directory, "Graph’s answer is the directory’s");
    let unknown = explained(&answer("Brand_NewCode"));
    assert_eq!(unknown.advice[0].about, About::Graph("Brand_NewCode".to_owned()));
    assert_eq!(findings(&explained("Directory_ExpiredPageToken")), ["page-expired"]);
}

#[test]
fn logs_of_the_usual_libraries_are_read() {
    let ids = format!("Trace ID: {TRACE} Correlation ID: {CORRELATION} Timestamp: 2026-01-02 03:04:05Z");
    for (log, finding) in [
        (
            format!(
                "Microsoft.Identity.Client.MsalServiceException: A configuration issue is preventing authentication - \
            AADSTS7000215: Invalid client secret provided. {ids}\n   at Microsoft.Identity.Client.OAuth2.OAuth2Client.\
            ThrowServerException(HttpResponse response)\n\tStatusCode: 401 \n\tResponseBody: {{\"error\":\"invalid_client\"}}"
            ),
            "secret-wrong",
        ),
        (
            format!(
                "com.microsoft.aad.msal4j.MsalServiceException: AADSTS700016: Application with identifier 'x' was not \
            found in the directory 'y'. {ids}"
            ),
            "app-unknown",
        ),
        (
            format!(
                "{{'error': 'invalid_client', 'error_description': \"AADSTS7000222: The provided client secret keys are \
            expired. {ids}\", 'error_codes': [7000222], 'timestamp': '2026-01-02 03:04:05Z', 'trace_id': '{TRACE}', \
            'correlation_id': '{CORRELATION}'}}"
            ),
            "secret-expired",
        ),
        (
            format!(
                "ServerError: invalid_client: 7000229 - [2026-01-02 03:04:05Z]: AADSTS7000229: The client application is \
            missing service principal in the tenant. - Correlation ID: {CORRELATION} - Trace ID: {TRACE} \
            Timestamp: 2026-01-02 03:04:05Z"
            ),
            "service-principal-missing",
        ),
        (
            format!(
                "azure.core.exceptions.ClientAuthenticationError: Authentication failed: AADSTS53003: Access has been \
            blocked by Conditional Access policies. {ids}"
            ),
            "conditional-access-blocked",
        ),
        (
            format!("Connect-MgGraph : AADSTS90002: Tenant 'x' not found. {ids}\nAt line:1 char:1"),
            "tenant-unknown",
        ),
    ] {
        let explanation = explained(&log);
        assert_eq!(explanation.read_as, ReadAs::Log, "{log}");
        assert_eq!(findings(&explanation)[0], finding, "{log}");
        assert_eq!(explanation.ids.trace.as_deref(), Some(TRACE), "{log}");
        assert_eq!(explanation.ids.correlation.as_deref(), Some(CORRELATION), "{log}");
        assert_eq!(explanation.ids.timestamp.as_deref(), Some("2026-01-02 03:04:05Z"), "{log}");
    }
}

#[test]
fn graph_s_code_is_found_in_the_notation_of_each_sdk() {
    for log in [
        "Get-MgUser : [Authorization_RequestDenied] : Insufficient privileges\nStatus: 403 (Forbidden)\nErrorCode: Authorization_RequestDenied",
        "APIError Code: 403 error: MainError(additional_data={}, code='Authorization_RequestDenied', details=None)",
        "Microsoft.Graph.Models.ODataErrors.ODataError: Insufficient privileges. Code: Authorization_RequestDenied",
        "ServiceException: Code: Forbidden\nMessage: no",
        "{\"level\":\"error\",\"body\":\"{\\\"error\\\":{\\\"code\\\":\\\"Authorization_RequestDenied\\\"}}\"}",
    ] {
        assert_eq!(findings(&explained(log)), ["directory-forbidden"], "{log}");
    }
    let words_of_http = "HttpStatusCode.Forbidden StatusCode: BadRequest UnknownError in BadRequest handler";
    assert_eq!(explained(words_of_http).read_as, ReadAs::Unrecognised, "a status is no code of Graph");
}

#[test]
fn of_several_codes_the_most_telling_comes_first_and_the_others_follow() {
    let log = "AADSTS70002: Error validating credentials. AADSTS4242: new. AADSTS7000222: ended. Authorization_RequestDenied";
    assert_eq!(
        findings(&explained(log)),
        ["secret-expired", "directory-forbidden", "credential-refused", "error-unknown"]
    );
}

#[test]
fn a_request_that_did_not_get_through_is_the_network_s() {
    for (log, finding) in [
        ("Error: getaddrinfo ENOTFOUND login.microsoftonline.com", "host-unresolved"),
        (
            "System.Net.Http.HttpRequestException: No such host is known. (login.microsoftonline.com:443)",
            "host-unresolved",
        ),
        ("connect ECONNREFUSED 20.190.160.1:443", "port-blocked"),
        ("Response: 407 Proxy Authentication Required", "proxy-required"),
        ("sun.security.validator.ValidatorException: PKIX path building failed", "tls-intercepted"),
        (
            "ssl.SSLCertVerificationError: unable to get local issuer certificate (_ssl.c:1006)",
            "tls-intercepted",
        ),
        ("code: 'CERT_HAS_EXPIRED'", "tls-certificate-expired"),
    ] {
        assert_eq!(findings(&explained(log)), [finding], "{log}");
    }
}

#[test]
fn nothing_known_is_nothing_explained() {
    let long = format!("{}AADSTS7000215", " ".repeat(INPUT_AT_MOST));
    for text in [
        "",
        "   ",
        "hello",
        "It does not work.",
        "12",
        "5e0b6f3a-71c9-4a8e-b2d4-09f7c3e18a62",
        &long,
        "{}",
        "[1]",
    ] {
        let explanation = explained(text);
        assert_eq!(explanation.read_as, ReadAs::Unrecognised, "{text}");
        assert!(!explanation.is_explained());
    }
    assert!(explained(&long).shortened);
}

#[test]
fn control_characters_neither_hide_a_number_nor_come_back() {
    let explanation = explained("\u{1b}[31mAAD\u{200b}STS7000\u{202e}222\u{1b}[0m\u{0}: ended\u{7}");
    assert_eq!(findings(&explanation), ["secret-expired"]);
    assert_eq!(explanation.shown, "AADSTS7000222: ended");
}

#[test]
fn a_hostile_text_ends_in_an_explanation_too() {
    let nested = format!("{}1{}", "{\"error\":".repeat(5_000), "}".repeat(5_000));
    let many: String = (10_000..40_000).map(|number| format!("AADSTS{number} ")).collect();
    for unit in [
        "a:",
        "code:",
        "pwd:{",
        "error_codes[1,",
        "<pwd ",
        "eyJ.",
        "http://",
        "Bearer x",
        "\"pwd\":",
        "pwd\\\"",
        "é",
        "[",
        "\\",
        " ",
        "Forbidden ",
        "trace id ",
        "-----BEGIN ",
        "Q~",
        "@",
    ] {
        let explanation = explained(&unit.repeat(INPUT_AT_MOST / unit.len()));
        assert!(explanation.advice.len() <= 30, "{unit}");
    }
    for text in
        [&nested, &many, "AADSTS99999999999999999999", "error_codes[", "error_codes:[é,", "http://[", "eyJ.."]
    {
        let explanation = explained(text);
        assert!(explanation.advice.len() <= 30);
    }
}
