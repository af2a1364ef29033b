//! Whatever number the token endpoint refuses with: the chain of proof speaks of it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use engine::{
    catalogue,
    connection::Connection,
    diagnosis::{Case, Severity, judge},
    profile,
};
use serde_json::json;

/// A connection whose token was refused with this number, and of which nothing else is known.
fn refused(aadsts: u32, oauth_error: &str) -> Connection {
    let at = "2026-11-20T14:27:00Z";
    let seen = |value: serde_json::Value| json!({ "seen": { "value": value, "source": "network", "at": at, "took_ms": 1 } });
    let fault = json!({
        "kind": "refused", "host": "login.microsoftonline.com", "operation": "token", "path": null, "http_status": 400,
        "oauth_error": oauth_error, "aadsts": aadsts, "graph_code": null, "trace_id": null, "correlation_id": null,
        "request_id": null, "timestamp": null, "retry_after": null, "detail": "The service’s own words.",
    });
    serde_json::from_value(json!({
        "id": "contoso", "name": "Contoso",
        "endpoints": serde_json::to_value(engine::Endpoints::of(engine::Cloud::Global)).unwrap(),
        "tenant": { "text": "contoso.com" }, "client_id": "22222222-2222-4222-8222-222222222222",
        "credential": { "kept": "caller", "entered_at": at, "shape": "usual" },
        "profile": "least-privilege", "current_step": "token", "saved_at": at, "checked_at": at,
        "evidence": {
            "authority": seen(json!({ "host": "login.microsoftonline.com", "clock_ahead_seconds": 0 })),
            "graph": seen(json!({ "host": "graph.microsoft.com", "clock_ahead_seconds": 0 })),
            "token": { "refused": { "fault": fault, "source": "token-endpoint", "at": at } },
        },
    }))
    .unwrap()
}

#[test]
fn no_refusal_is_lost() {
    let now = "2026-11-20T14:27:00Z".parse().unwrap();
    let profile = profile::shipped_profile("least-privilege").unwrap();
    let unknown = [4_242, 53_099];
    for number in catalogue::entra_codes().iter().map(|code| code.number).chain(unknown) {
        for oauth_error in ["invalid_client", "invalid_grant", "invalid_request"] {
            let connection = refused(number, oauth_error);
            let chain = judge(&Case::of(&connection, &profile, now));
            let broken = chain.findings.iter().filter(|finding| finding.severity == Severity::Broken).count();
            assert_eq!(broken, 1, "AADSTS{number}, {oauth_error}: {:?}", chain.findings);
        }
    }
}
