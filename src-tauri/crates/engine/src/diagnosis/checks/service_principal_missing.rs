//! The registration exists, and the tenant has no enterprise application (service principal) for it.

use super::refused_request;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "service-principal-missing",
    link: Link::App,
    words: Words {
        title: "The app is registered, but has no enterprise application in this tenant",
        meaning: "Roles are assigned to the enterprise application, so without one a gateway can read nothing. Waiting does not make one.",
        fix: &[
            "Open the registration’s **API permissions**.",
            "Choose **Grant admin consent for …**, which makes the enterprise application.",
            "Where Microsoft Graph is used instead, `POST /servicePrincipals` with the app’s `appId` makes it; consent is still needed after that.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::ApiPermissions),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if let Some(fault) = case.refusal_leading_to(CHECK.id) {
        return Problem::broken(refused_request::saw(fault)).because_of(fault).word("Half set up").found();
    }
    if let Some(claims) = case.token().and_then(|token| token.claims.as_ref())
        && claims.oid.is_none()
        && claims.sub.is_none()
        && claims.roles.is_empty()
        && case.evidence.principal.value().is_none()
    {
        let text =
            "The token has no `oid`, no `sub` and no `roles`, as tokens without a service principal do.";
        return Problem::attention(Saw::new(Source::Token, text)).found();
    }
    if case.evidence.token.is_untried() { Outcome::Skipped } else { Outcome::Pass }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, Severity, checks::fixture};
    use crate::evidence::Fact;

    #[test]
    fn it_fires_on_its_refusal() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 7_000_229, "invalid_client");
        assert_eq!(fixture::finding(&connection, &CHECK).unwrap().severity, Severity::Broken);
    }

    #[test]
    fn a_token_of_nobody_needs_attention() {
        let mut connection = fixture::healthy();
        connection.evidence.principal = Fact::NotTried;
        let claims = fixture::claims(&mut connection);
        (claims.oid, claims.sub) = (None, None);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::claims(&mut connection).roles.clear();
        assert_eq!(fixture::finding(&connection, &CHECK).unwrap().severity, Severity::Attention);
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
