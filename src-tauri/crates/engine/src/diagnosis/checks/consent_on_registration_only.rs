//! The registration asks for a permission, and the service principal, which is what counts, was never granted
//! it. Source: <https://learn.microsoft.com/entra/identity-platform/app-objects-and-service-principals>.

use super::consent_missing::{Standing, in_code, standing};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "consent-on-registration-only",
    link: Link::Consent,
    words: Words {
        title: "The registration asks for the permissions, but the service principal was not granted them",
        meaning: "What stands on the registration is a request. Tokens carry what the enterprise application \
                  was granted, so the gateways get 403. Waiting does not help.",
        fix: &[
            "Open **API permissions** in the tenant that the gateways use.",
            "Click **Grant admin consent for …** and confirm with **Yes**.",
            "Check that **Status** says **Granted for …** beside {permissions}.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::ApiPermissions),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if case.evidence.registration.value().is_none() || case.evidence.principal.value().is_none() {
        return Outcome::Skipped;
    }
    match standing(case) {
        Standing::Untold => Outcome::Skipped,
        Standing::RegistrationOnly(permissions) => {
            let names = in_code(&permissions);
            let listed = format!("Listed on the registration, type **Application**: {names}.");
            Problem::broken(Saw::new(Source::Graph, listed))
                .and_saw(Saw::new(Source::Graph, "Not assigned to the service principal."))
                .and_saw(Saw::new(Source::Token, format!("Not in `roles`: {names}.")))
                .with("permissions", names)
                .word("Not granted")
                .found()
        }
        _ => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{permission_delegated_type::registered, token_unreadable::claims_of},
        *,
    };
    use crate::{
        connection::Connection,
        diagnosis::{
            Severity,
            checks::{consent_partial, fixture},
        },
        evidence::{Fact, Principal, Seen},
    };

    fn with_granted(granted: &[&str]) -> Connection {
        let mut connection = fixture::healthy();
        claims_of(&mut connection).roles = vec!["User.Read.All".to_owned()];
        connection.evidence.registration = registered(&["User.Read.All", "GroupMember.Read.All"], &[]);
        let value = Principal {
            symmetric_signing_keys: 0,
            object_id: "9d0e4b1a-0000-4000-8000-000000000001".to_owned(),
            account_enabled: Some(true),
            granted: granted.iter().map(|name| (*name).to_owned()).collect(),
            newest_grant: None,
        };
        connection.evidence.principal =
            Fact::Seen(Seen { value, source: Source::Graph, at: fixture::now(), took_ms: 9 });
        connection
    }

    #[test]
    fn a_request_without_a_grant_is_the_cause() {
        let connection = with_granted(&["User.Read.All"]);
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Broken);
        assert_eq!(found.values, [("permissions", "`GroupMember.Read.All`".to_owned())]);
        assert!(matches!(fixture::judge(&connection, &consent_partial::CHECK), Outcome::Pass));
    }

    #[test]
    fn a_grant_passes() {
        let connection = with_granted(&["User.Read.All", "GroupMember.Read.All"]);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn healthy_evidence_finds_nothing_and_an_unread_principal_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(!matches!(fixture::judge(&connection, &CHECK), Outcome::Problem(_)));
        connection.evidence.principal = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
