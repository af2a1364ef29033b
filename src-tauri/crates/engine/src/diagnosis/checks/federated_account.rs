//! The sign-in account’s passwords are not Entra ID’s to check.

use entra::UserRealm;

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "federated-account",
    link: Link::Credential,
    words: Words {
        title: "The sign-in account’s password is checked by another identity provider",
        meaning: "What the gateway does with this account does not work; its own sign-in as an app goes without it. Entra ID does not check the password of a federated account itself, so user name and password cannot be sent to it.",
        fix: &[
            "Use a device code, which leads the person to the other identity provider’s own page.",
            "Or make a cloud-only account for the gateway, with a name that ends in `.onmicrosoft.com`.",
        ],
        who: Who::UserAdministrator,
        page: Some(PortalPage::Users),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let federated = case.evidence.account_realm == Some(UserRealm::Federated);
    match case.account_refusal_leading_to("password-wrong").filter(|_| federated) {
        Some(fault) => account_refusal::problem(fault, "Federated")
            .and_saw(Saw::new(Source::TokenEndpoint, "Entra ID calls the account’s domain federated."))
            .found(),
        None => account_refusal::outcome(case, CHECK.id, "Federated"),
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use entra::UserRealm;

    use crate::diagnosis::checks::{account_refusal::assert_fires_on, fixture};

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[50_056, 50_107], "invalid_grant");
    }

    #[test]
    fn a_refused_password_of_a_federated_domain_is_not_held_against_the_password() {
        let mut connection = fixture::healthy();
        fixture::account_refused(&mut connection, 50_126);
        assert!(fixture::passes(&connection, &CHECK));
        connection.evidence.account_realm = Some(UserRealm::Federated);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[1].text.contains("federated"));
        assert!(fixture::passes(&connection, &super::super::password_wrong::CHECK));
    }
}
