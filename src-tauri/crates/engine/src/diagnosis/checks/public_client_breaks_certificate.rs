//! Entra ID takes the app for a public client and refuses its credential.

use super::refused_request;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "public-client-breaks-certificate",
    link: Link::Credential,
    words: Words {
        title: "Public client flows are on, and the app’s credential is refused because of it",
        meaning: "Entra ID takes the app for one that can keep no secret, so neither secret nor certificate counts, and no gateway gets a token. Waiting does not help.",
        fix: &[
            "Open the registration’s **Authentication**.",
            "Under **Advanced settings**, set **Allow public client flows** to **No**, and choose **Save**.",
            "If a sign-in needs public client flows, make a second registration for it.",
            "Check again after some minutes.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::Authentication),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    match case.refusal_leading_to(CHECK.id) {
        Some(fault) => {
            Problem::broken(refused_request::saw(fault)).because_of(fault).word("Public client").found()
        }
        None if case.evidence.token.is_untried() => Outcome::Skipped,
        None => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Link, LinkState, Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_number_and_breaks_the_credential() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 700_025, "invalid_client");
        assert!(fixture::finding(&connection, &CHECK).unwrap().saw[0].text.contains("AADSTS700025"));
        assert_eq!(fixture::chain(&connection).link(Link::Credential).state, LinkState::Broken);
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
