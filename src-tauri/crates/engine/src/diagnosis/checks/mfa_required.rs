//! The sign-in account has to pass multi-factor authentication.

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "mfa-required",
    link: Link::Credential,
    words: Words {
        title: "The sign-in account must pass multi-factor authentication",
        meaning: "What the gateway does with this account does not work; its own sign-in as an app goes without it. A program with user name and password cannot answer a second factor, so waiting does not help.",
        fix: &[
            "Use a device code where the gateway offers one: a person answers the second factor in a browser.",
            "Otherwise ask to exclude this one account from the policy for multi-factor authentication, and to block it everywhere but at the gateway with a second one. Security defaults know no exclusion.",
            "Check again.",
        ],
        who: Who::ConditionalAccessAdministrator,
        page: Some(PortalPage::SignInLogs),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    account_refusal::outcome(case, CHECK.id, "Second factor")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::account_refusal::assert_fires_on;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[50_076, 50_079, 50_072, 50_074, 50_158], "interaction_required");
    }
}
