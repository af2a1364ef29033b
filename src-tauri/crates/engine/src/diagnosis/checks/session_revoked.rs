//! The sign-in that was kept for the account is no longer valid.

use super::account_refusal;
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "session-revoked",
    link: Link::Credential,
    words: Words {
        title: "The sign-in account’s saved sign-in is no longer valid",
        meaning: "What the gateway does with this account does not work; its own sign-in as an app goes without it. It ends when the password changes, when an administrator revokes sessions, or when it is not used for 90 days. Waiting does not help.",
        fix: &[
            "Sign the account in at the gateway again, with a device code if it offers one.",
            "Check again.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    account_refusal::outcome(case, CHECK.id, "Sign in again")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::account_refusal::assert_fires_on;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[50_173, 70_008, 700_082], "invalid_grant");
    }
}
