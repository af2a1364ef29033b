//! The sign-in account’s password has expired.

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "password-expired",
    link: Link::Credential,
    words: Words {
        title: "The sign-in account’s password has expired",
        meaning: "What the gateway does with this account does not work; its own sign-in as an app goes without it. Waiting does not help.",
        fix: &[
            "Sign in once with this account in a browser and set a new password.",
            "Enter the new password at the gateway.",
            "For an account that only a gateway uses, ask whether its password may be exempt from expiry.",
        ],
        who: Who::UserAdministrator,
        page: Some(PortalPage::Users),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    account_refusal::outcome(case, CHECK.id, "Password expired")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::account_refusal::assert_fires_on;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[50_055, 50_144], "invalid_grant");
    }
}
