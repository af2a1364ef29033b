//! A certificate comes from an issuer that is not trusted here.

use super::network_fault;
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "tls-intercepted",
    link: Link::Network,
    words: Words {
        title: "{host} shows a certificate that this computer does not trust",
        meaning: "Usually a proxy opens TLS traffic on the way. No secret is sent over such a connection, and a gateway that knows only public issuers fails alike. Waiting does not help.",
        fix: &[
            "Ask for `{host}` to be exempt from TLS inspection.",
            "If inspection has to stay, add its root certificate to this computer’s trust store, or name the file in `SSL_CERT_FILE`.",
            "Give the gateways the same root certificate.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged(case, CHECK.id, "TLS rewritten")
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
        connection.evidence.graph = fixture::refused(FaultKind::TlsIntercepted, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(
            finding.title,
            "graph.microsoft.com shows a certificate that this computer does not trust"
        );
        assert_eq!(finding.word.as_deref(), Some("TLS rewritten"));
        connection.evidence.authority = fixture::refused(FaultKind::TlsIntercepted, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
