//! Entra ID refuses the credential for a reason that is not listed.

use super::refused_request;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "credential-refused",
    link: Link::Credential,
    words: Words {
        title: "Entra ID does not accept this credential, and the reason is not a known one",
        meaning: "No gateway gets a token with it. The two likeliest reasons are a secret that was replaced and a policy of the tenant; neither passes by waiting.",
        fix: &[
            "Read what Entra ID says, under what we saw.",
            "Open **Certificates & secrets**, choose **New client secret** and paste its **Value** here.",
            "If it is refused again, look in **Sign-in logs** under **Service principal sign-ins** for the request.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    match case.refusal_leading_to(CHECK.id) {
        Some(fault) => Problem::broken(refused_request::saw(fault))
            .and_saw(refused_request::own_words(fault))
            .because_of(fault)
            .word("Refused")
            .found(),
        None if case.evidence.token.is_untried() => Outcome::Skipped,
        None => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_an_unknown_number_and_quotes_what_was_said() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 7_999_999, "invalid_client");
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[0].text.contains("`AADSTS7999999`"));
        assert!(finding.saw[1].text.contains('“'));
    }

    #[test]
    fn a_known_number_has_its_own_finding() {
        let mut connection = fixture::healthy();
        fixture::token_refused(&mut connection, 7_000_222, "invalid_client");
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
