//! Something answers, and not in the shape that Microsoft uses.

use super::network_fault;
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "answer-unreadable",
    link: Link::Network,
    words: Words {
        title: "What answers for {host} does not answer as Microsoft does",
        meaning: "A proxy’s or firewall’s own page is the likeliest reason, a fault at Microsoft the next. Only the second passes by waiting.",
        fix: &[
            "Open `https://{host}` in a browser on this computer and see who answers.",
            "If it is a page of your network, ask for `{host}` to be let through.",
            "If it is Microsoft, check again in a few minutes.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged(case, CHECK.id, "Not Microsoft")
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, Operation};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_own_fault_at_either_host() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.graph = fixture::refused(FaultKind::AnswerUnreadable, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "What answers for graph.microsoft.com does not answer as Microsoft does");
        assert_eq!(finding.word.as_deref(), Some("Not Microsoft"));
        connection.evidence.authority = fixture::refused(FaultKind::AnswerUnreadable, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn a_loopback_authority_that_names_a_foreign_token_endpoint_belongs_here_too() {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::refused(FaultKind::ForeignEndpoint, Operation::Discovery);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.endpoints =
            entra::Endpoints::custom("https://localhost:1", "https://localhost:2").unwrap();
        assert!(fixture::finding(&connection, &CHECK).is_some());
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
