//! AADSTS500011 and 500014: the tenant has no Microsoft Graph to give a token for, or it is disabled there.
//! Source: <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.

use super::error_unknown::{own_words, refusal};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "resource-unknown",
    link: Link::Token,
    words: Words {
        title: "The tenant does not know the Microsoft Graph that a token was asked for",
        meaning: "No token is issued, so the gateways read nothing. Either the cloud chosen here is not the \
                  tenant’s, or Microsoft Graph is disabled in the tenant. Waiting does not help.",
        fix: &[
            "Check on the step **Prepare** that the cloud is the tenant’s own.",
            "Open **Enterprise applications**, set **Application type** to **Microsoft Applications** and \
             look for **Microsoft Graph**.",
            "In its **Properties**, set **Enabled for users to sign-in?** to **Yes**.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::EnterpriseApplication),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if case.evidence.token.is_untried() {
        return Outcome::Skipped;
    }
    let Some(fault) = case.refusal_leading_to(CHECK.id) else { return Outcome::Pass };
    let scope = case.connection.endpoints.scope();
    Problem::broken(refusal(fault))
        .and_saw(Saw::new(Source::TokenEndpoint, format!("Asked for `{scope}`.")))
        .and_saw(own_words(fault))
        .because_of(fault)
        .found()
}

#[cfg(test)]
mod tests {
    use super::{super::error_unknown::refused_with, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn both_numbers_lead_here_and_the_scope_is_shown() {
        for number in [500_011, 500_014] {
            let refused = refused_with(number, "invalid_resource");
            let Outcome::Problem(found) = fixture::judge(&refused, &CHECK) else {
                panic!("{number} is a finding")
            };
            assert_eq!(found.severity, Severity::Broken);
            assert!(found.saw[1].text.contains("/.default"), "{}", found.saw[1].text);
        }
    }

    #[test]
    fn another_refusal_and_a_token_pass_and_no_request_is_skipped() {
        let other = refused_with(700_016, "unauthorized_client");
        assert!(matches!(fixture::judge(&other, &CHECK), Outcome::Pass));
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
