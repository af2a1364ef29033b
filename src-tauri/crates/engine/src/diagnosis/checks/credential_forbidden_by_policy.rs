//! A policy of the tenant forbids this kind of credential.

use entra::Fault;

use super::refused_request;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "credential-forbidden-by-policy",
    link: Link::Credential,
    words: Words {
        title: "A policy of the tenant forbids this credential",
        meaning: "The tenant allows no client secret for this app, or none that lives so long. Waiting does not help.",
        fix: &[
            "Use a certificate, which such policies usually allow.",
            "Or make the new secret with a shorter life.",
            "Otherwise ask for an exception of this app in the tenant’s app management policy.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

/// What Graph answers when a credential is added against the policy.
/// Source: <https://learn.microsoft.com/graph/api/resources/applicationauthenticationmethodpolicy>.
const GRAPH_CODES: [&str; 2] =
    ["CredentialTypeNotAllowedAsPerAppPolicy", "CredentialInvalidLifetimeAsPerAppPolicy"];

fn run(case: &Case<'_>) -> Outcome {
    let by_number = case.refusal_leading_to(CHECK.id);
    let by_code =
        case.evidence.token.refusal().map(|refused| &refused.fault).filter(|fault| names_policy(fault));
    match by_number.or(by_code) {
        Some(fault) => Problem::broken(refused_request::saw(fault))
            .and_saw(refused_request::own_words(fault))
            .because_of(fault)
            .word("Forbidden")
            .found(),
        None if case.evidence.token.is_untried() => Outcome::Skipped,
        None => Outcome::Pass,
    }
}

/// The code comes as Graph's own, or as OAuth's `error` when the token endpoint hands it on.
pub(super) fn names_policy(fault: &Fault) -> bool {
    [&fault.graph_code, &fault.oauth_error]
        .into_iter()
        .flatten()
        .any(|code| GRAPH_CODES.iter().any(|known| known.eq_ignore_ascii_case(code)))
}

#[cfg(test)]
mod tests {
    use super::{CHECK, GRAPH_CODES};
    use crate::diagnosis::{Link, Outcome, checks::fixture};

    #[test]
    fn it_fires_on_graphs_codes() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        for code in GRAPH_CODES {
            fixture::token_refused(&mut connection, 0, code);
            assert!(fixture::finding(&connection, &CHECK).unwrap().saw[0].text.contains(code));
            let chain = fixture::chain(&connection);
            assert_eq!((chain.findings.len(), chain.findings[0].link), (1, Link::Credential));
            assert_eq!(chain.findings[0].id, CHECK.id);
        }
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
