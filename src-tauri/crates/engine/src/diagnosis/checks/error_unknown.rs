//! Entra ID refused, and its number is none of those that other checks explain. Everything it said is passed
//! on.

use entra::{Fault, FaultKind};

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words, aadsts},
    evidence::{Fact, Source},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "error-unknown",
    link: Link::Token,
    words: Words {
        title: "Entra ID refused for a reason that Gatehouse does not know",
        meaning: "The gateways get no token in this state. The two likeliest causes are a setting of this \
                  app and a policy of the tenant; only a refusal during an outage at Microsoft goes away by \
                  waiting.",
        fix: &[
            "Open **Sign-in logs**, then **Service principal sign-ins**, and find the entry with the \
             correlation ID of this finding.",
            "Read its **Failure reason** and **Additional details**.",
            "If they do not help, give Microsoft support the trace ID, the correlation ID and the time.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::SignInLogs),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if let Some(fault) = refused_without_explanation(case) {
        return Problem::broken(refusal(fault)).and_saw(own_words(fault)).because_of(fault).found();
    }
    if let Some(fault) = account_refusal::unspoken_of(case) {
        let problem = account_refusal::problem(fault, "Account refused");
        return match fault.kind {
            FaultKind::Refused => problem.and_saw(own_words(fault)).found(),
            _ => problem.found(),
        };
    }
    if case.evidence.token.is_untried() && case.evidence.tenant.is_untried() {
        Outcome::Skipped
    } else {
        Outcome::Pass
    }
}

fn refused_without_explanation<'a>(case: &Case<'a>) -> Option<&'a Fault> {
    let tenant = match &case.evidence.tenant {
        Fact::Refused(refused) => Some(&refused.fault),
        _ => None,
    };
    let unexplained = |fault: &&Fault| {
        matches!(aadsts::finding(fault), Some("error-unknown")) || explained_for_the_token_only(fault)
    };
    case.refusal_leading_to(CHECK.id).or_else(|| tenant.filter(unexplained))
}

/// Discovery sends no credential, so a refusal that would speak of one explains nothing there.
fn explained_for_the_token_only(fault: &Fault) -> bool {
    matches!(aadsts::finding(fault), Some("credential-refused"))
}

/// Status, `error` and number of a refusal by the token endpoint.
pub(super) fn refusal(fault: &Fault) -> Saw {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(fault.http_status.map(|status| format!("HTTP {status}")));
    facts.extend(fault.oauth_error.as_ref().map(|error| format!("`{error}`")));
    facts.extend(fault.aadsts.map(|number| format!("AADSTS{number}")));
    let text = if facts.is_empty() { fault.to_string() } else { format!("Refused: {}.", facts.join(", ")) };
    Saw::new(Source::TokenEndpoint, text)
}

/// The service's own text, as a quotation.
pub(super) fn own_words(fault: &Fault) -> Saw {
    let said = fault.detail.trim();
    let text =
        if said.is_empty() { "It gave no reason.".to_owned() } else { format!("It says: “{said}”") };
    Saw::new(Source::TokenEndpoint, text)
}

/// A healthy connection whose token endpoint refused with this number.
#[cfg(test)]
pub(super) fn refused_with(aadsts: u32, oauth_error: &str) -> crate::connection::Connection {
    use entra::{FaultKind, Operation};

    let mut fault = super::fixture::refusal(FaultKind::Refused, Operation::Token);
    (fault.aadsts, fault.oauth_error) = (Some(aadsts), Some(oauth_error.to_owned()));
    fault.http_status = Some(400);
    fault.detail = "The service’s own text.".to_owned();
    token_refused_by(fault)
}

/// A healthy connection whose token request ended in this fault.
#[cfg(test)]
pub(super) fn token_refused_by(fault: Fault) -> crate::connection::Connection {
    use crate::evidence::Refused;

    let mut connection = super::fixture::healthy();
    let at = super::fixture::now();
    connection.evidence.token = Fact::Refused(Refused { fault, source: Source::TokenEndpoint, at });
    connection
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Refused,
    };
    use entra::{FaultKind, Operation};

    #[test]
    fn a_number_without_an_explanation_is_passed_on_with_everything_the_service_said() {
        let Outcome::Problem(found) = fixture::judge(&refused_with(4_242, "invalid_request"), &CHECK) else {
            panic!("an unknown number is a finding")
        };
        assert_eq!(found.severity, Severity::Broken);
        assert_eq!(found.saw[0].text, "Refused: HTTP 400, `invalid_request`, AADSTS4242.");
        assert_eq!(found.saw[1].text, "It says: “The service’s own text.”");
        assert_eq!(found.fault.and_then(|fault| fault.aadsts), Some(4_242));
    }

    #[test]
    fn a_known_number_and_a_token_are_left_to_the_other_checks() {
        let known = refused_with(7_000_222, "invalid_client");
        assert!(matches!(fixture::judge(&known, &CHECK), Outcome::Pass));
        assert!(matches!(fixture::judge(&fixture::healthy(), &CHECK), Outcome::Pass));
    }

    #[test]
    fn a_refusal_of_discovery_without_an_explanation_is_not_lost() {
        let mut connection = fixture::healthy();
        let mut fault = fixture::refusal(FaultKind::Refused, Operation::Discovery);
        (fault.aadsts, fault.oauth_error) = (Some(4_242), Some("invalid_request".to_owned()));
        connection.evidence.tenant =
            Fact::Refused(Refused { fault, source: Source::TokenEndpoint, at: fixture::now() });
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Problem(_)));
    }

    #[test]
    fn nothing_asked_nothing_judged() {
        let mut connection = fixture::healthy();
        connection.evidence.forget_from_network();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
