//! Too many wrong passwords locked the sign-in account, or the address they came from.

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "account-locked",
    link: Link::Credential,
    words: Words {
        title: "The sign-in account is locked after too many wrong passwords",
        meaning: "What the gateway does with this account does not work; its own sign-in as an app goes without it. The lock ends by itself, at first after about a minute; each further wrong password makes it longer.",
        fix: &[
            "Stop the gateway’s own attempts, so that the lock can end.",
            "Wait some minutes, then try once with the right password.",
            "If it comes back at once, look in **Sign-in logs** for who else tries.",
        ],
        who: Who::You,
        page: Some(PortalPage::SignInLogs),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    account_refusal::outcome(case, CHECK.id, "Account locked")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::account_refusal::assert_fires_on;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[50_053], "invalid_grant");
    }
}
