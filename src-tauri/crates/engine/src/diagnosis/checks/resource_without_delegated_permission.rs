//! A person’s sign-in asks for an API that the registration lists no delegated permission of.

use entra::Fault;

use super::account_refusal;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "resource-without-delegated-permission",
    link: Link::Token,
    words: Words {
        title: "The registration lists no delegated permission for what the sign-in asks",
        meaning: "Signing a person in needs at least one delegated permission of the API on the registration, such as `User.Read`. The app’s own token does not. Waiting does not help.",
        fix: &[
            "Open **API permissions** and choose **Add a permission**, **Microsoft Graph**, **Delegated permissions**.",
            "Choose **User.Read** and **Add permissions**.",
            "Choose **Grant admin consent**, then check again.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::ApiPermissions),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    const WORD: &str = "No delegated permission";
    match not_issued(case) {
        Some((fault, true)) => account_refusal::problem(fault, WORD)
            .and_saw(Saw::new(
                Source::Graph,
                "The registration lists no delegated permission of Microsoft Graph.",
            ))
            .found(),
        _ => account_refusal::outcome(case, CHECK.id, WORD),
    }
}

/// A person's token that could not be issued, AADSTS50000, and whether the lack of a delegated permission explains it.
pub(super) fn not_issued<'a>(case: &Case<'a>) -> Option<(&'a Fault, bool)> {
    let fault = case.account_refusal_leading_to("symmetric-signing-key")?;
    let lists_none = case
        .evidence
        .registration
        .value()
        .is_some_and(|known| known.delegated.is_empty() && known.symmetric_signing_keys == 0);
    let key = case.evidence.principal.value().is_some_and(|known| known.symmetric_signing_keys > 0);
    Some((fault, lists_none && !key))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::checks::{account_refusal::assert_fires_on, fixture};
    use crate::evidence::Fact;

    #[test]
    fn it_fires_on_its_numbers() {
        assert_fires_on(&CHECK, &[65_005, 650_056, 650_057], "invalid_resource");
    }

    #[test]
    fn a_token_that_could_not_be_issued_has_two_causes_and_the_registration_tells_them_apart() {
        let mut connection = fixture::healthy();
        fixture::account_refused(&mut connection, 50_000);
        assert!(fixture::finding(&connection, &CHECK).unwrap().saw[1].text.contains("no delegated"));
        if let Fact::Seen(seen) = &mut connection.evidence.principal {
            seen.value.symmetric_signing_keys = 1;
        }
        assert!(fixture::passes(&connection, &CHECK), "the key explains it");
        assert!(fixture::finding(&connection, &super::super::symmetric_signing_key::CHECK).is_some());
    }
}
