//! Sign-in is switched off for the app.

use super::refused_request;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "app-disabled",
    link: Link::App,
    words: Words {
        title: "Sign-in is switched off for this app",
        meaning: "Gateways keep working until their current token ends, at most about an hour, and get no new one. Waiting does not help.",
        fix: &[
            "Open the app in **Enterprise applications**, then **Properties**.",
            "Set **Enabled for users to sign-in?** to **Yes** and choose **Save**.",
            "If it is on already, look in **App registrations** whether the registration was deactivated.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::EnterpriseApplication),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let evidence = case.evidence;
    if let Some(fault) = case.refusal_leading_to(CHECK.id) {
        return found(Problem::broken(refused_request::saw(fault)).because_of(fault));
    }
    let registration = evidence.registration.value();
    if registration.is_some_and(|registration| registration.is_disabled == Some(true)) {
        return found(Problem::broken(Saw::new(
            Source::Graph,
            "The registration says `isDisabled` is true.",
        )));
    }
    let principal = evidence.principal.value();
    if principal.is_some_and(|principal| principal.account_enabled == Some(false)) {
        let text = "The enterprise application says `accountEnabled` is false.";
        return found(Problem::broken(Saw::new(Source::Graph, text)));
    }
    let looked = !evidence.token.is_untried() || registration.is_some() || principal.is_some();
    if looked { Outcome::Pass } else { Outcome::Skipped }
}

fn found(problem: Problem) -> Outcome {
    problem.word("Switched off").found()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};
    use crate::evidence::Fact;

    #[test]
    fn it_fires_on_its_refusals() {
        for number in [7_000_112, 7_000_113] {
            let mut connection = fixture::healthy();
            assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
            fixture::token_refused(&mut connection, number, "unauthorized_client");
            let finding = fixture::finding(&connection, &CHECK).unwrap();
            assert_eq!(finding.fault.and_then(|fault| fault.aadsts), Some(number));
        }
    }

    #[test]
    fn it_fires_on_what_graph_says() {
        let mut connection = fixture::healthy();
        if let Fact::Seen(seen) = &mut connection.evidence.principal {
            seen.value.account_enabled = Some(false);
        }
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[0].text.contains("`accountEnabled`"));
        if let Fact::Seen(seen) = &mut connection.evidence.registration {
            seen.value.is_disabled = Some(true);
        }
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[0].text.contains("`isDisabled`"));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
