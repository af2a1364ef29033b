//! The sign-in account is switched off.

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "account-disabled",
    link: Link::Credential,
    words: Words {
        title: "The sign-in account is switched off",
        meaning: "What the gateway does with this account does not work; its own sign-in as an app goes without it. Waiting does not help.",
        fix: &[
            "Open the account in **Users**.",
            "Under **Account status**, choose **Edit** and set **Account enabled**.",
            "Choose **Save**, then check again.",
        ],
        who: Who::UserAdministrator,
        page: Some(PortalPage::Users),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    account_refusal::outcome(case, CHECK.id, "Account off")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::account_refusal::assert_fires_on;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[50_057], "invalid_grant");
    }
}
