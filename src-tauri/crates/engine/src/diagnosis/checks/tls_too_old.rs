//! The other side offers no TLS version that is still safe.

use super::{network_fault, way};
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "tls-too-old",
    link: Link::Network,
    words: Words {
        title: "No safe version of TLS is offered for {host}",
        meaning: "Microsoft’s own hosts take TLS 1.2 and later, so something older answers in between. Gateways behind it are stopped as well. Waiting does not help.",
        fix: &[
            "Ask which proxy or firewall ends TLS on the way to `{host}`.",
            "Allow TLS 1.2 and TLS 1.3 there, or exempt `{host}`.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged_with(case, CHECK.id, "TLS too old", &[way::stages, way::proxy])
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
        connection.evidence.graph = fixture::refused(FaultKind::TlsTooOld, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "No safe version of TLS is offered for graph.microsoft.com");
        assert_eq!(finding.word.as_deref(), Some("TLS too old"));
        connection.evidence.authority = fixture::refused(FaultKind::TlsTooOld, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
