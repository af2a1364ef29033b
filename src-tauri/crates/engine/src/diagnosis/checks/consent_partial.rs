//! Some of the required roles are in the token, and others are not.

use super::consent_missing::{Standing, in_code, standing, with_grants};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "consent-partial",
    link: Link::Consent,
    words: Words {
        title: "Only some of the required roles are in the token",
        meaning: "The gateways can read a part of the directory and get 403 for the rest. Waiting helps only \
                  when consent was granted in the last minutes.",
        fix: &[
            "Open **API permissions** and add what is missing under **Application permissions**: {missing}.",
            "Click **Grant admin consent for …**. Consent covers only what is listed at that moment.",
            "Check again. A new token is asked for each time.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::ApiPermissions),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    match standing(case) {
        Standing::Untold => Outcome::Skipped,
        Standing::Partial(missing) => {
            let wanted = case.required();
            let names = in_code(&missing);
            let held = wanted.len() - missing.len();
            let seen =
                format!("{held} of {} required roles are in the token. Missing: {names}.", wanted.len());
            with_grants(case, Problem::broken(Saw::new(Source::Token, seen)), &missing)
                .with("missing", names)
                .word(format!("{held} of {} roles", wanted.len()))
                .found()
        }
        _ => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn one_of_two_roles_is_partial_and_names_the_other() {
        let mut connection = fixture::healthy();
        claims_of(&mut connection).roles = vec!["User.Read.All".to_owned()];
        connection.evidence.registration = Fact::NotTried;
        connection.evidence.principal = Fact::NotTried;
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Broken);
        assert_eq!(found.values, [("missing", "`GroupMember.Read.All`".to_owned())]);
        assert_eq!(found.word.as_deref(), Some("1 of 2 roles"));
    }

    #[test]
    fn none_and_all_are_other_findings_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        claims_of(&mut connection).roles.clear();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
