//! The tenant knows no app with this client ID.

use super::{object_id_pasted, refused_request};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "app-unknown",
    link: Link::App,
    words: Words {
        title: "This client ID is not in this tenant",
        meaning: "No gateway gets a token with it. Waiting helps only when the registration was made less than a minute ago.",
        fix: &[
            "Open **App registrations** and the app’s **Overview**.",
            "Copy **Application (client) ID**, not **Object ID**, and paste it as the client ID.",
            "Compare **Directory (tenant) ID** on the same page with the tenant here.",
        ],
        who: Who::You,
        page: Some(PortalPage::AppRegistrations),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if let Some(fault) = case.refusal_leading_to(CHECK.id) {
        if object_id_pasted::owner_of_the_pasted_id(case).is_some() {
            return Outcome::Pass;
        }
        let problem = Problem::broken(refused_request::saw(fault)).because_of(fault).word("Not found");
        return if is_the_tenants_id(case) {
            let text = "The client ID is the tenant’s own ID. Both stand on the same page.";
            problem.and_saw(Saw::new(Source::Pasted, text)).found()
        } else {
            problem.found()
        };
    }
    if case.evidence.token.is_untried() { Outcome::Skipped } else { Outcome::Pass }
}

fn is_the_tenants_id(case: &Case<'_>) -> bool {
    match (case.connection.client_id.as_deref(), case.connection.tenant_id()) {
        (Some(client), Some(tenant)) => client.eq_ignore_ascii_case(&tenant),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_when_the_tenant_does_not_know_the_client_id() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 700_016, "unauthorized_client");
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.saw.len(), 1);
        assert!(finding.saw[0].text.contains("`AADSTS700016`"));
        connection.client_id = Some(fixture::TENANT_ID.to_owned());
        assert_eq!(fixture::finding(&connection, &CHECK).unwrap().saw.len(), 2);
    }

    #[test]
    fn a_pasted_object_id_has_its_own_finding() {
        let mut connection = fixture::healthy();
        fixture::token_refused(&mut connection, 700_016, "unauthorized_client");
        connection.client_id = Some(fixture::APPLICATION_OBJECT_ID.to_owned());
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
