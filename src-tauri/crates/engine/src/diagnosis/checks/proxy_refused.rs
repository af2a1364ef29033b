//! The proxy cannot be reached, or does not open the way.

use super::{network_fault, way};
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "proxy-refused",
    link: Link::Network,
    words: Words {
        title: "The proxy does not open the way to {host}",
        meaning: "Nothing reaches Microsoft from here, and gateways behind the same proxy are stopped as well. Waiting does not help.",
        fix: &[
            "Check the proxy’s address in `HTTPS_PROXY` or in the system’s settings.",
            "Ask for `{host}` on port 443 to be allowed on the proxy.",
            "If the host is reached directly, add it to `NO_PROXY`.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged_with(case, CHECK.id, "Proxy refuses", &[way::proxy, way::stages])
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, Operation, ProxyInForce, ProxySource, Stage};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_own_fault_at_either_host() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.graph = fixture::refused(FaultKind::ProxyRefused, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "The proxy does not open the way to graph.microsoft.com");
        assert_eq!(finding.word.as_deref(), Some("Proxy refuses"));
        connection.evidence.authority = fixture::refused(FaultKind::ProxyRefused, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn a_proxy_of_the_system_that_is_not_there_is_told_with_its_port() {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::refused(FaultKind::ProxyRefused, Operation::Discovery);
        let mut path = fixture::stopped(
            fixture::way("login.microsoftonline.com"),
            Stage::Connect,
            FaultKind::ProxyRefused,
            "The proxy itself cannot be reached.",
        );
        path.proxy = Some(ProxyInForce {
            address: "http://proxy.contoso.example".to_owned(),
            source: ProxySource::System,
            holds_sign_in: false,
            status: None,
            asks_for: Vec::new(),
        });
        connection.evidence.network.authority = Some(path);
        let saw = fixture::finding(&connection, &CHECK).unwrap().saw;
        assert_eq!(
            saw[1].text,
            "Requests go through the proxy `http://proxy.contoso.example`, which the system’s settings name."
        );
        assert_eq!(
            saw[2].text,
            "`login.microsoftonline.com` was tried at the proxy’s addresses `192.0.2.10`, `192.0.2.11`, port 80. Name: 12 ms. Connection: failed after 20 ms (The proxy itself cannot be reached)."
        );
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
