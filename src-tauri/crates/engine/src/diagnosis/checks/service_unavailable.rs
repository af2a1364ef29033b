//! The service answers that it cannot, or gives no successful answer for too long.

use super::network_fault;
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "service-unavailable",
    link: Link::Network,
    words: Words {
        title: "{host} is not available at the moment",
        meaning: "Gateways cannot get new tokens or read the directory while this lasts. Waiting helps; nothing has to be changed here.",
        fix: &[
            "Check again in a few minutes.",
            "If it lasts, look at the status page of Microsoft 365 or of Azure.",
        ],
        who: Who::Microsoft,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged(case, CHECK.id, "Unavailable")
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, Operation};

    use super::CHECK;
    use crate::diagnosis::{Outcome, Severity, checks::fixture};

    #[test]
    fn it_fires_on_its_own_fault_at_either_host() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.graph = fixture::refused(FaultKind::ServiceUnavailable, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "graph.microsoft.com is not available at the moment");
        assert_eq!(finding.word.as_deref(), Some("Unavailable"));
        connection.evidence.authority = fixture::refused(FaultKind::ServiceUnavailable, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn throttling_before_any_token_leaves_the_network_untold() {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::refused(FaultKind::Throttled, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.severity, Severity::Unknown);
        connection.evidence.authority = fixture::refused(FaultKind::PatienceExhausted, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.severity, Severity::Broken);
    }

    #[test]
    fn what_graph_refuses_with_a_token_is_the_directorys() {
        let mut connection = fixture::healthy();
        connection.evidence.graph = fixture::refused(FaultKind::ServiceUnavailable, Operation::Graph);
        connection.evidence.directory = fixture::refused(FaultKind::ServiceUnavailable, Operation::Graph);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
