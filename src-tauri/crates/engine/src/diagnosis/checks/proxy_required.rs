//! A proxy wants a sign-in (407).

use super::network_fault;
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "proxy-required",
    link: Link::Network,
    words: Words {
        title: "The proxy on the way to {host} asks for a sign-in",
        meaning: "Nothing gets past the proxy without one, and gateways behind it are stopped as well. Waiting does not help.",
        fix: &[
            "Ask for `{host}` to be let through without a sign-in, for this computer and for the gateways.",
            "Otherwise give the proxy’s address with its sign-in in `HTTPS_PROXY`.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged(case, CHECK.id, "Proxy sign-in")
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, Operation, ProxyInForce, ProxySource, Stage};

    use super::CHECK;
    use crate::{
        diagnosis::{Outcome, checks::fixture},
        evidence::Source,
    };

    #[test]
    fn it_fires_on_its_own_fault_at_either_host() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.graph = fixture::refused(FaultKind::ProxyRequired, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "The proxy on the way to graph.microsoft.com asks for a sign-in");
        assert_eq!(finding.word.as_deref(), Some("Proxy sign-in"));
        connection.evidence.authority = fixture::refused(FaultKind::ProxyRequired, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn the_proxy_its_variable_and_what_it_asks_for_are_told_once() {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::refused(FaultKind::ProxyRequired, Operation::Discovery);
        connection.evidence.graph = fixture::refused(FaultKind::ProxyRequired, Operation::Graph);
        let asking = |host: &str| {
            let mut path = fixture::stopped(
                fixture::way(host),
                Stage::Tunnel,
                FaultKind::ProxyRequired,
                "The proxy asks for a sign-in.",
            );
            path.proxy = Some(ProxyInForce {
                address: "http://proxy.contoso.example:3128".to_owned(),
                source: ProxySource::Variable("HTTPS_PROXY".to_owned()),
                holds_sign_in: false,
                status: Some(407),
                asks_for: vec!["Negotiate".to_owned(), "NTLM".to_owned()],
            });
            Some(path)
        };
        connection.evidence.network.authority = asking("login.microsoftonline.com");
        connection.evidence.network.graph = asking("graph.microsoft.com");
        let saw = fixture::finding(&connection, &CHECK).unwrap().saw;
        assert_eq!((saw.len(), saw[2].source), (3, Source::Computer));
        assert_eq!(
            saw[2].text,
            "Requests go through the proxy `http://proxy.contoso.example:3128`, which the variable `HTTPS_PROXY` names. It answered HTTP 407. Its address holds no sign-in. It asks for Negotiate, NTLM; an address can only answer Basic."
        );
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
