//! The sign-in account belongs to another tenant.

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "guest-account",
    link: Link::Credential,
    words: Words {
        title: "The sign-in account belongs to another tenant",
        meaning: "What the gateway does with this account does not work; its own sign-in as an app goes without it. Guests cannot sign in with user name and password.",
        fix: &[
            "Use an account of this tenant itself.",
            "Or invite this one under **Users** as a guest, and sign it in with a device code.",
        ],
        who: Who::UserAdministrator,
        page: Some(PortalPage::Users),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    account_refusal::outcome(case, CHECK.id, "Guest")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::account_refusal::assert_fires_on;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[50_020, 90_072], "invalid_grant");
    }
}
