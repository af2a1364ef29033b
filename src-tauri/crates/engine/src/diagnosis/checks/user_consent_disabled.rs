//! People of this tenant may not consent for themselves.

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "user-consent-disabled",
    link: Link::Consent,
    words: Words {
        title: "The tenant does not let people consent for themselves",
        meaning: "The sign-in account sees a page that asks for an administrator’s approval. Roles of the app itself do not depend on it. Waiting does not help.",
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

fn run(case: &Case<'_>) -> Outcome {
    account_refusal::outcome(case, CHECK.id, "Approval needed")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::account_refusal::assert_fires_on;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[90_094, 90_095], "consent_required");
    }
}
