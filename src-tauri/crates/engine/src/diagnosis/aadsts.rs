//! From the token endpoint's refusals to findings. Microsoft says that texts and numbers may change, so this is
//! advice with a fallback: a refusal whose number is not listed is still a finding, with everything the service said.
//!
//! The numbers are those of the [`catalogue`].

use entra::{Fault, FaultKind, Operation};

use super::checks;
use crate::catalogue;

/// The finding that explains a fault of the token endpoint or of discovery; none when the fault is the network's.
pub(crate) fn finding(fault: &Fault) -> Option<&'static str> {
    if fault.kind == FaultKind::Throttled && fault.operation == Operation::Token {
        return Some("token-endpoint-throttled");
    }
    if fault.kind != FaultKind::Refused {
        return None;
    }
    let listed = fault.aadsts.and_then(catalogue::entra).and_then(|code| {
        let elsewhere = code.leads_to.map(|leads| leads.finding);
        code.own_request.or(elsewhere).filter(|finding| is_a_check(finding))
    });
    Some(match (listed, fault.oauth_error.as_deref()) {
        (Some(finding), _) => finding,
        (None, Some("invalid_client")) => "credential-refused",
        (None, _) => "error-unknown",
    })
}

/// The finding that explains the refusal of a sign-in account; as [`finding`], where a number means another thing for
/// an account than for an app.
pub(crate) fn finding_of_account(fault: &Fault) -> Option<&'static str> {
    let listed = fault.aadsts.and_then(catalogue::entra).and_then(|code| code.leads_to);
    match listed.map(|leads| leads.finding).filter(|finding| is_a_check(finding)) {
        Some(listed) if fault.kind == FaultKind::Refused => Some(listed),
        _ => finding(fault),
    }
}

/// A finding that no check speaks of would be lost, so a number that leads to one falls back.
fn is_a_check(finding: &str) -> bool {
    checks::TABLE.iter().any(|check| check.id == finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(aadsts: Option<u32>, oauth_error: Option<&str>) -> Fault {
        serde_json::from_value(serde_json::json!({
            "kind": FaultKind::Refused,
            "host": "login.microsoftonline.com",
            "operation": Operation::Token,
            "path": null,
            "http_status": 400,
            "oauth_error": oauth_error,
            "aadsts": aadsts,
            "graph_code": null,
            "trace_id": null,
            "correlation_id": null,
            "request_id": null,
            "timestamp": null,
            "retry_after": null,
            "detail": "AADSTS7000222 stands in the text, and the text decides nothing.",
        }))
        .unwrap()
    }

    #[test]
    fn every_finding_that_the_catalogue_names_has_a_check() {
        let numbers = catalogue::entra_codes().iter();
        let named = numbers
            .flat_map(|code| [code.leads_to.map(|leads| leads.finding), code.own_request])
            .chain(catalogue::graph_codes().iter().map(|code| code.leads_to.map(|leads| leads.finding)))
            .chain(catalogue::oauth_errors().iter().map(|code| code.leads_to.map(|leads| leads.finding)))
            .chain(catalogue::symptoms().iter().map(|symptom| Some(symptom.finding)));
        for finding in named.flatten() {
            assert!(is_a_check(finding), "{finding}");
        }
    }

    #[test]
    fn known_numbers_lead_to_their_finding_and_others_fall_back() {
        for (number, oauth_error, finding) in [
            (7_000_215, "invalid_client", "secret-wrong"),
            (7_000_216, "invalid_client", "secret-mangled"),
            (7_000_218, "invalid_client", "secret-mangled"),
            (7_000_222, "invalid_client", "secret-expired"),
            (7_000_229, "invalid_client", "service-principal-missing"),
            (700_016, "unauthorized_client", "app-unknown"),
            (7_000_112, "unauthorized_client", "app-disabled"),
            (90_002, "invalid_request", "tenant-unknown"),
            (900_382, "invalid_request", "wrong-cloud"),
            (53_003, "invalid_grant", "conditional-access-blocked"),
            (500_011, "invalid_resource", "resource-unknown"),
            (50_034, "invalid_grant", "error-unknown"),
            (650_051, "invalid_client", "error-unknown"),
            (65_001, "invalid_grant", "error-unknown"),
            (4_242, "invalid_client", "credential-refused"),
            (4_242, "invalid_request", "error-unknown"),
        ] {
            assert_eq!(finding_of(number, oauth_error), Some(finding), "{number}");
        }
        assert_eq!(finding(&refused(None, Some("invalid_client"))), Some("credential-refused"));
        assert_eq!(finding(&refused(None, None)), Some("error-unknown"), "the text decides nothing");
    }

    fn finding_of(number: u32, oauth_error: &str) -> Option<&'static str> {
        finding(&refused(Some(number), Some(oauth_error)))
    }

    #[test]
    fn only_refusals_and_a_throttled_token_endpoint_are_explained() {
        let mut fault = refused(None, None);
        fault.kind = FaultKind::Throttled;
        assert_eq!(finding(&fault), Some("token-endpoint-throttled"));
        fault.operation = Operation::Discovery;
        assert_eq!(finding(&fault), None);
        fault.kind = FaultKind::PortBlocked;
        assert_eq!(finding(&fault), None);
    }
}
