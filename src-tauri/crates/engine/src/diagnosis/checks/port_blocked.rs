//! No connection to a host comes about, or none lasts until the answer is complete.

use super::{network_fault, way};
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "port-blocked",
    link: Link::Network,
    words: Words {
        title: "{host} does not answer",
        meaning: "A gateway on this network cannot sign in or read the directory either. Waiting does not open a firewall.",
        fix: &[
            "Allow outgoing TCP connections to `{host}`, port 443 where none is named.",
            "If outside hosts are reached through a proxy, give its address in `HTTPS_PROXY`.",
            "Ask for the same for the gateways.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged_with(case, CHECK.id, "No answer", &[way::stages, way::proxy])
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, Operation, Stage};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_own_fault_at_either_host() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.graph = fixture::refused(FaultKind::PortBlocked, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "graph.microsoft.com does not answer");
        assert_eq!(finding.word.as_deref(), Some("No answer"));
        connection.evidence.authority = fixture::refused(FaultKind::PortBlocked, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn an_answer_that_never_ends_and_a_broken_connection_belong_here_too() {
        for kind in [FaultKind::DeadlineExceeded, FaultKind::ConnectionBroken] {
            let mut connection = fixture::healthy();
            connection.evidence.token = fixture::refused(kind, Operation::Token);
            let finding = fixture::finding(&connection, &CHECK).unwrap();
            assert_eq!(finding.title, "login.microsoftonline.com does not answer");
        }
    }

    #[test]
    fn both_silent_hosts_are_named() {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::refused(FaultKind::PortBlocked, Operation::Discovery);
        connection.evidence.graph = fixture::refused(FaultKind::PortBlocked, Operation::Graph);
        connection.evidence.token = fixture::refused(FaultKind::PortBlocked, Operation::Token);
        let saw = fixture::finding(&connection, &CHECK).unwrap().saw;
        assert_eq!(saw.len(), 2);
        assert!(saw[1].text.contains("`graph.microsoft.com`"));
    }

    #[test]
    fn addresses_and_times_are_told() {
        let mut connection = fixture::healthy();
        connection.evidence.graph = fixture::refused(FaultKind::PortBlocked, Operation::Graph);
        let path = fixture::way("graph.microsoft.com");
        let silent = "Nothing answered within the connect deadline.";
        connection.evidence.network.graph =
            Some(fixture::stopped(path.clone(), Stage::Connect, FaultKind::PortBlocked, silent));
        let saw = fixture::finding(&connection, &CHECK).unwrap().saw;
        assert_eq!(
            saw[1].text,
            "`graph.microsoft.com` was tried at its addresses `192.0.2.10`, `192.0.2.11`, port 443. Name: 12 ms. Connection: failed after 20 ms (Nothing answered within the connect deadline)."
        );
        connection.evidence.network.graph = Some(path);
        let saw = fixture::finding(&connection, &CHECK).unwrap().saw;
        assert_eq!(
            saw[1].text,
            "`graph.microsoft.com` was tried at its address `192.0.2.10`, port 443. Name: 12 ms. Connection: 20 ms. TLS: 41 ms. The way was open then, and no answer came over it."
        );
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
