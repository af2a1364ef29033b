//! The name of a host has no address here.

use super::{network_fault, way};
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "host-unresolved",
    link: Link::Network,
    words: Words {
        title: "The name {host} has no address here",
        meaning: "Nothing can be asked of Entra ID from this computer, and gateways on the same network fail alike. Waiting helps only if the name server is being mended.",
        fix: &[
            "Check that this computer is online.",
            "Ask for `{host}` to be resolved by the name server that this computer uses.",
            "If only a proxy may resolve outside names, give its address in `HTTPS_PROXY`.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged_with(case, CHECK.id, "No address", &[way::names, way::proxy])
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
        connection.evidence.graph = fixture::refused(FaultKind::HostUnresolved, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "The name graph.microsoft.com has no address here");
        assert_eq!(finding.word.as_deref(), Some("No address"));
        connection.evidence.authority = fixture::refused(FaultKind::HostUnresolved, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn the_name_at_which_the_lookup_ended_is_told() {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::refused(FaultKind::HostUnresolved, Operation::Discovery);
        let told = "The name server knows no name tm.example.";
        connection.evidence.network.authority = Some(fixture::stopped(
            fixture::way("login.microsoftonline.com"),
            Stage::Resolve,
            FaultKind::HostUnresolved,
            told,
        ));
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.saw.len(), 2);
        assert_eq!(
            finding.saw[1].text,
            "`login.microsoftonline.com` leads on to `tm.example` (by the name server `192.0.2.53`). The name server knows no name tm.example. The lookup ended after 12 ms."
        );
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
