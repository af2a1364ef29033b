//! The Object ID stands where the client ID belongs.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "object-id-pasted",
    link: Link::App,
    words: Words {
        title: "You pasted the Object ID, not the client ID",
        meaning: "Entra ID signs apps in by their client ID only, so no gateway gets a token. Waiting does not help.",
        fix: &[
            "Open the app’s **Overview** in **App registrations**.",
            "Copy **Application (client) ID** and paste it as the client ID.",
        ],
        who: Who::You,
        page: Some(PortalPage::AppRegistrations),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if case.connection.client_id.is_none()
        || (case.evidence.registration.value().is_none() && case.evidence.principal.value().is_none())
    {
        return Outcome::Skipped;
    }
    let Some(owner) = owner_of_the_pasted_id(case) else { return Outcome::Pass };
    let text = format!("{} is the **Object ID** of the {owner}.", case.client_words());
    Problem::broken(Saw::new(Source::Graph, text)).word("Object ID").found()
}

/// What the entered client ID is the Object ID of; none when it is not known to be one.
pub(super) fn owner_of_the_pasted_id(case: &Case<'_>) -> Option<&'static str> {
    let client = case.connection.client_id.as_deref()?;
    let registration = case.evidence.registration.value().map(|registration| &registration.object_id);
    let principal = case.evidence.principal.value().map(|principal| &principal.object_id);
    [(registration, "app registration"), (principal, "enterprise application")]
        .into_iter()
        .find_map(|(id, owner)| id?.eq_ignore_ascii_case(client).then_some(owner))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_when_the_client_id_is_an_object_id() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        for (id, owner) in [
            (fixture::APPLICATION_OBJECT_ID, "app registration"),
            (fixture::PRINCIPAL_OBJECT_ID, "enterprise application"),
        ] {
            connection.client_id = Some(id.to_owned());
            let finding = fixture::finding(&connection, &CHECK).unwrap();
            assert!(finding.saw[0].text.ends_with(&format!("of the {owner}.")));
        }
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
