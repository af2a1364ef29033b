//! The sign-in account’s user name or password is not accepted.

use entra::UserRealm;

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "password-wrong",
    link: Link::Credential,
    words: Words {
        title: "The sign-in account’s user name or password is not accepted",
        meaning: "What the gateway does with this account does not work; its own sign-in as an app goes without it. Trying again and again locks the account.",
        fix: &[
            "Check the user name, which looks like an address, and type the password again.",
            "If the password is lost, open the account in **Users** and choose **Reset password**.",
            "After a reset, sign in once in a browser to replace the temporary password. Then check again.",
        ],
        who: Who::UserAdministrator,
        page: Some(PortalPage::Users),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if case.evidence.account_realm == Some(UserRealm::Federated) {
        return Outcome::Pass;
    }
    account_refusal::outcome(case, CHECK.id, "Password refused")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::account_refusal::assert_fires_on;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[50_126], "invalid_grant");
    }
}
