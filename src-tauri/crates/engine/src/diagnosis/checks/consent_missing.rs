//! No required role is in the token, and nothing that could be read says why.
//!
//! Here is also the one place where the state of consent is told: the checks of this link each report one of
//! its cases, so that exactly one of them speaks.

use entra::Claims;
use jiff::Timestamp;

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::{ConsentWatch, Source},
    portal::PortalPage,
    profile::covered,
};

pub(super) static CHECK: Check = Check {
    id: "consent-missing",
    link: Link::Consent,
    words: Words {
        title: "The token carries none of the required roles",
        meaning: "Graph answers the gateways with 403 until the roles are in their tokens. The two likeliest \
                  causes: nobody has granted admin consent yet, or the permissions were added as delegated \
                  ones.",
        fix: &[
            "Open **API permissions** and check that each permission stands there with type **Application**.",
            "Click **Grant admin consent for …**, or open the consent link.",
            "Check again. A new token is asked for each time.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::AdminConsent),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    match standing(case) {
        Standing::Untold => Outcome::Skipped,
        Standing::Missing(missing) => {
            let seen = if case.roles().is_some_and(<[String]>::is_empty) {
                "`roles` is not in the token.".to_owned()
            } else {
                format!("Not in `roles`: {}.", in_code(&missing))
            };
            with_grants(case, Problem::broken(Saw::new(Source::Token, seen)), &missing)
                .word("No consent")
                .found()
        }
        _ => Outcome::Pass,
    }
}

/// Adds what the service principal shows, and how long roles were waited for.
pub(super) fn with_grants(case: &Case<'_>, mut problem: Problem, missing: &[&str]) -> Problem {
    if let Some(principal) = case.evidence.principal.value() {
        let granted: Vec<&str> =
            missing.iter().copied().filter(|wanted| covered(&principal.granted, wanted)).collect();
        let text = if granted.is_empty() {
            "The service principal has none of them assigned.".to_owned()
        } else {
            format!("Assigned to the service principal, and still not in the token: {}.", in_code(&granted))
        };
        problem = problem.and_saw(Saw::new(Source::Graph, text));
    }
    match &case.evidence.consent_watch {
        Some(watch) if watch.tries > 1 => problem.and_saw(Saw::new(
            Source::TokenEndpoint,
            format!("{} new tokens were read in {} s.", watch.tries, watch.waited_seconds),
        )),
        _ => problem,
    }
}

/// How far consent has come, as one case.
pub(super) enum Standing<'a> {
    /// There is no token whose roles could be read.
    Untold,
    /// Every required role is there.
    Complete,
    /// New tokens are being asked for.
    Arriving(&'a ConsentWatch, Vec<&'a str>),
    /// These stand on the registration as delegated permissions only.
    DelegatedType(Vec<&'a str>),
    /// The registration asks for these, and the service principal has not got them.
    RegistrationOnly(Vec<&'a str>),
    /// These were granted after the token was issued.
    OlderToken(OlderToken<'a>),
    /// None of the required roles is there.
    Missing(Vec<&'a str>),
    /// These are missing, and others are there.
    Partial(Vec<&'a str>),
}

/// A token that is older than the grant.
pub(super) struct OlderToken<'a> {
    /// Roles that are granted and not in it.
    pub(super) roles: Vec<&'a str>,
    /// When it was issued.
    pub(super) issued: Timestamp,
    /// When the newest grant was made.
    pub(super) granted: Timestamp,
}

/// Tells the state of consent. While new tokens are being asked for, registration and service principal are
/// those of an earlier look, so they do not count.
pub(super) fn standing<'a>(case: &Case<'a>) -> Standing<'a> {
    let Some(missing) = case.missing_roles() else { return Standing::Untold };
    if missing.is_empty() {
        return Standing::Complete;
    }
    let evidence = case.evidence;
    if let Some(watch) = evidence.consent_watch.as_ref().filter(|watch| !watch.given_up) {
        return Standing::Arriving(watch, missing);
    }
    let of_missing = |wanted: &dyn Fn(&str) -> bool| -> Vec<&'a str> {
        missing.iter().copied().filter(|name| wanted(name)).collect()
    };
    if let Some(registration) = evidence.registration.value() {
        let delegated = of_missing(&|name| {
            !covered(&registration.application, name)
                && registration.delegated.iter().any(|known| known == name)
        });
        if !delegated.is_empty() {
            return Standing::DelegatedType(delegated);
        }
        if let Some(principal) = evidence.principal.value() {
            let listed = of_missing(&|name| {
                covered(&registration.application, name) && !covered(&principal.granted, name)
            });
            if !listed.is_empty() {
                return Standing::RegistrationOnly(listed);
            }
        }
    }
    if let Some(principal) = evidence.principal.value() {
        let issued = case.token().and_then(|token| issued(token.claims.as_ref()?));
        let roles = of_missing(&|name| covered(&principal.granted, name));
        if let (Some(issued), Some(granted), false) = (issued, principal.newest_grant, roles.is_empty())
            && granted > issued
        {
            return Standing::OlderToken(OlderToken { roles, issued, granted });
        }
    }
    if missing.len() == case.required().len() {
        Standing::Missing(missing)
    } else {
        Standing::Partial(missing)
    }
}

/// When a token was really issued: Microsoft dates `iat` five minutes back.
fn issued(claims: &Claims) -> Option<Timestamp> {
    Timestamp::from_second(claims.iat?.checked_add(300)?).ok()
}

/// Names as code, at most twelve of them.
pub(super) fn in_code<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 12;
    let mut text: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{}`", name.as_ref())).collect();
    if names.len() > SHOWN {
        text.push(format!("and {} more", names.len() - SHOWN));
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn a_token_without_roles_is_broken_once_nobody_waits_any_more() {
        let mut connection = fixture::healthy();
        claims_of(&mut connection).roles.clear();
        connection.evidence.registration = Fact::NotTried;
        connection.evidence.principal = Fact::NotTried;
        let mut watch = ConsentWatch { since: fixture::now(), tries: 4, given_up: true, waited_seconds: 18 };
        connection.evidence.consent_watch = Some(watch.clone());
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Broken);
        assert_eq!(found.saw[0].text, "`roles` is not in the token.");
        assert_eq!(found.saw[1].text, "4 new tokens were read in 18 s.");
        watch.given_up = false;
        connection.evidence.consent_watch = Some(watch);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn every_role_passes_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }

    #[test]
    fn long_lists_are_cut_with_a_count() {
        assert_eq!(in_code(&["A", "B"]), "`A`, `B`");
        assert!(in_code(&["A"; 14]).ends_with("`A`, and 2 more"));
    }
}
