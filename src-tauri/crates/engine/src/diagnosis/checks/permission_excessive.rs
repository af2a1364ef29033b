//! The token carries roles that the profile does not ask for. What the profile asks for is never too much
//! here.

use super::consent_missing::in_code;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "permission-excessive",
    link: Link::Consent,
    words: Words {
        title: "The app may do more than the gateways need",
        meaning: "The gateways work. Whoever gets hold of the app’s credential on one of them can do all of \
                  this as well. Waiting changes nothing.",
        fix: &[
            "Make sure that nothing else uses {roles} of this app.",
            "Open **API permissions** and choose **Remove permission** from the menu beside each of them.",
            "Open the enterprise application’s **Permissions** and choose **Revoke permission** there as \
             well.",
            "Check again.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::EnterprisePermissions),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(held) = case.roles() else { return Outcome::Skipped };
    let wanted = case.required();
    let excess: Vec<&str> = held.iter().map(String::as_str).filter(|role| !wanted.contains(role)).collect();
    if excess.is_empty() {
        return Outcome::Pass;
    }
    let names = in_code(&excess);
    let mut problem = Problem::attention(Saw::new(
        Source::Token,
        format!("In `roles` and not asked for by the profile {}: {names}.", case.profile.name),
    ));
    let replaced: Vec<&str> =
        wanted.into_iter().filter(|name| !held.iter().any(|role| role == name)).collect();
    if !replaced.is_empty() && case.missing_roles().is_some_and(|missing| missing.is_empty()) {
        let text = format!("A narrower grant is enough in its place: {}.", in_code(&replaced));
        problem = problem.and_saw(Saw::new(Source::Token, text));
    }
    problem.with("roles", names).word(words::count(excess.len(), "extra role", "extra roles")).found()
}

#[cfg(test)]
mod tests {
    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        connection::Connection,
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    fn holding(roles: &[&str]) -> Connection {
        let mut connection = fixture::healthy();
        claims_of(&mut connection).roles = roles.iter().map(|role| (*role).to_owned()).collect();
        connection
    }

    #[test]
    fn what_the_profile_does_not_ask_for_is_too_much() {
        let connection = holding(&["User.Read.All", "GroupMember.Read.All", "Mail.Send"]);
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Attention);
        assert_eq!(found.values, [("roles", "`Mail.Send`".to_owned())]);
        assert_eq!(found.saw.len(), 1);
    }

    #[test]
    fn a_wider_role_in_place_of_the_required_ones_is_too_much_and_says_what_is_enough() {
        let connection = holding(&["Directory.Read.All"]);
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.values, [("roles", "`Directory.Read.All`".to_owned())]);
        assert!(found.saw[1].text.contains("`GroupMember.Read.All`"));
    }

    #[test]
    fn what_the_profile_asks_for_passes_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
