//! People of this tenant may not consent for themselves.

use super::{account_refusal, consent_callback_refused::refusal_after_which_roles_lack};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "user-consent-disabled",
    link: Link::Consent,
    words: Words {
        title: "The tenant does not let people consent for themselves",
        meaning: "Whoever is no administrator sees a page that asks for an administrator’s approval, and nothing is granted: neither roles of the app nor what a sign-in account needs. Waiting does not help.",
        fix: &[
            "Send the admin consent link to an administrator.",
            "Or let the administrator choose **Grant admin consent** under **API permissions**; it covers the delegated permissions too.",
            "Check again.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::AdminConsent),
    },
    run,
};

const WORD: &str = "Approval needed";

fn run(case: &Case<'_>) -> Outcome {
    match refusal_after_which_roles_lack(case) {
        Some(refusal) if refusal.finding() == Some(CHECK.id) => refusal.problem().word(WORD).found(),
        _ => account_refusal::outcome(case, CHECK.id, WORD),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::consent_callback_refused, CHECK};
    use crate::{
        diagnosis::{
            Outcome, Severity,
            checks::{account_refusal::assert_fires_on, fixture},
        },
        evidence::ConsentAnswer,
    };

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[90_094, 90_095], "consent_required");
    }

    #[test]
    fn the_consent_page_s_own_number_names_it_and_no_other_finding_does() {
        for number in [90_093, 90_094, 90_095] {
            let mut connection = fixture::healthy();
            fixture::claims(&mut connection).roles.clear();
            connection.evidence.consent_answer = Some(ConsentAnswer {
                at: fixture::now(),
                error: Some("access_denied".to_owned()),
                aadsts: Some(number),
            });
            let finding = fixture::finding(&connection, &CHECK).unwrap_or_else(|| panic!("AADSTS{number}"));
            assert_eq!(finding.severity, Severity::Broken);
            assert!(finding.saw[0].text.contains(&format!("AADSTS{number}")), "{}", finding.saw[0].text);
            let other = fixture::judge(&connection, &consent_callback_refused::CHECK);
            assert!(matches!(other, Outcome::Pass), "AADSTS{number}");
            let first = fixture::chain(&connection).findings[0].id;
            assert_eq!(first, CHECK.id, "AADSTS{number}");
        }
    }
}
