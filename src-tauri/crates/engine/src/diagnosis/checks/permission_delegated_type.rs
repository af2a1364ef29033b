//! A required permission stands on the registration as a delegated one only: the same name, another
//! permission. Source: <https://learn.microsoft.com/entra/identity-platform/permissions-consent-overview>.

use super::consent_missing::{Standing, in_code, standing};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "permission-delegated-type",
    link: Link::Consent,
    words: Words {
        title: "Required permissions were added as delegated, not as application permissions",
        meaning: "Delegated permissions work only while a user is signed in. A gateway signs in as itself \
                  and gets nothing from them, consent or not. Waiting does not help.",
        fix: &[
            "Open **API permissions**, click **Add a permission**, then **Microsoft Graph** and \
             **Application permissions**.",
            "Tick {permissions} and click **Add permissions**.",
            "Have a Privileged Role Administrator click **Grant admin consent for …**.",
            "Remove the delegated ones of the same name, if no user signs in with this app.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::ApiPermissions),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if case.evidence.registration.value().is_none() {
        return Outcome::Skipped;
    }
    match standing(case) {
        Standing::Untold => Outcome::Skipped,
        Standing::DelegatedType(permissions) => {
            let names = in_code(&permissions);
            let text = format!("Type **Delegated** on the registration: {names}.");
            Problem::broken(Saw::new(Source::Graph, text))
                .and_saw(Saw::new(Source::Token, format!("Not in `roles`: {names}.")))
                .with("permissions", names)
                .word("Delegated")
                .found()
        }
        _ => Outcome::Pass,
    }
}

/// A registration that asks for these, to be put in the place of a healthy one.
#[cfg(test)]
pub(super) fn registered(
    application: &[&str],
    delegated: &[&str],
) -> crate::evidence::Fact<crate::evidence::Registration> {
    use crate::evidence::{Fact, Registration, Seen};

    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let value = Registration {
        certificates: Vec::new(),
        symmetric_signing_keys: 0,
        leads_back_to_localhost: false,
        object_id: "7c1f0a52-0000-4000-8000-000000000002".to_owned(),
        display_name: None,
        application: owned(application),
        delegated: owned(delegated),
        is_fallback_public_client: None,
        is_disabled: None,
        secrets: Vec::new(),
    };
    Fact::Seen(Seen { value, source: Source::Graph, at: super::fixture::now(), took_ms: 9 })
}

#[cfg(test)]
mod tests {
    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        diagnosis::{
            Severity,
            checks::{consent_missing, fixture},
        },
        evidence::Fact,
    };

    #[test]
    fn a_missing_role_that_is_only_delegated_is_the_cause() {
        let mut connection = fixture::healthy();
        claims_of(&mut connection).roles.clear();
        connection.evidence.registration = registered(&["User.Read.All"], &["GroupMember.Read.All"]);
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Broken);
        assert_eq!(found.values, [("permissions", "`GroupMember.Read.All`".to_owned())]);
        assert!(matches!(fixture::judge(&connection, &consent_missing::CHECK), Outcome::Pass));
    }

    #[test]
    fn a_delegated_one_beside_the_application_one_is_harmless() {
        let mut connection = fixture::healthy();
        let both = ["User.Read.All", "GroupMember.Read.All"];
        connection.evidence.registration = registered(&[], &both);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass), "the token has the roles");
        claims_of(&mut connection).roles.clear();
        connection.evidence.registration = registered(&both, &both);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass), "both types are there");
    }

    #[test]
    fn a_registration_that_may_not_be_read_is_skipped() {
        let mut connection = fixture::healthy();
        connection.evidence.registration = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
