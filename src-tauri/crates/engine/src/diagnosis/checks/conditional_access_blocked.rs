//! AADSTS53003: a Conditional Access policy does not let this app have a token.
//! Source: <https://learn.microsoft.com/entra/identity/conditional-access/workload-identity>.

use super::{
    account_refusal,
    error_unknown::{own_words, refusal},
};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "conditional-access-blocked",
    link: Link::Token,
    words: Words {
        title: "A Conditional Access policy blocks the app",
        meaning: "App and credential are right, and still no token is issued. Policies for workload \
                  identities go by the address a request comes from, so a gateway elsewhere may be let \
                  through or blocked. Waiting does not help.",
        fix: &[
            "Open **Sign-in logs**, then **Service principal sign-ins**, and find the entry with the \
             correlation ID of this finding.",
            "Its **Conditional Access** tab names the policy.",
            "Have a Conditional Access Administrator allow the gateways’ addresses in that policy, or \
             exclude the app from it.",
        ],
        who: Who::ConditionalAccessAdministrator,
        page: Some(PortalPage::SignInLogs),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if case.evidence.token.is_untried() {
        return Outcome::Skipped;
    }
    if let Some(fault) = case.refusal_leading_to(CHECK.id) {
        let problem = Problem::broken(refusal(fault)).and_saw(own_words(fault));
        return problem.because_of(fault).word("Blocked").found();
    }
    match case.account_refusal_leading_to(CHECK.id) {
        Some(fault) => account_refusal::problem(fault, "Account blocked").and_saw(own_words(fault)).found(),
        None => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::error_unknown::refused_with, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn the_policy_s_number_is_the_policy_s_finding() {
        let Outcome::Problem(found) = fixture::judge(&refused_with(53_003, "invalid_grant"), &CHECK) else {
            panic!("53003 is a finding")
        };
        assert_eq!(found.severity, Severity::Broken);
        assert!(found.saw[0].text.contains("AADSTS53003"));
    }

    #[test]
    fn another_refusal_and_a_token_pass_and_no_request_is_skipped() {
        let other = refused_with(7_000_215, "invalid_client");
        assert!(matches!(fixture::judge(&other, &CHECK), Outcome::Pass));
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
