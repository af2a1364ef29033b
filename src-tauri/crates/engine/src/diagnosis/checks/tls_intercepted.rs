//! A certificate comes from an issuer that is not trusted here.

use super::{network_fault, way};
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "tls-intercepted",
    link: Link::Network,
    words: Words {
        title: "{host} shows a certificate that this computer does not trust",
        meaning: "Usually a proxy opens TLS traffic on the way. No secret is sent over such a connection, and a gateway that knows only public issuers fails alike. Waiting does not help.",
        fix: &[
            "Ask for {hosts} to be exempt from TLS inspection.",
            "If inspection has to stay, add its root certificate to this computer’s trust store, or name the file in `SSL_CERT_FILE`.",
            "Give the gateways the same root certificate.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let facts = [way::certificate, way::proxy];
    match network_fault::judged_with(case, CHECK.id, "TLS rewritten", &facts) {
        Outcome::Problem(problem) => problem.with("hosts", hosts(case)).found(),
        outcome => outcome,
    }
}

/// Both hosts of the connection: what inspects one of them seldom spares the other.
fn hosts(case: &Case<'_>) -> String {
    let endpoints = &case.connection.endpoints;
    let name = |origin: &url::Url| {
        let host = origin.host_str().unwrap_or_default();
        origin.port().map_or_else(|| format!("`{host}`"), |port| format!("`{host}:{port}`"))
    };
    let (authority, graph) = (name(endpoints.authority()), name(endpoints.graph()));
    if authority == graph { authority } else { format!("{authority} and {graph}") }
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
    fn the_issuing_authority_and_the_hosts_to_exempt_are_named() {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::refused(FaultKind::TlsIntercepted, Operation::Discovery);
        let bare = fixture::finding(&connection, &CHECK).unwrap();
        let told = "The certificate’s issuer is not trusted on this machine.";
        let mut path = fixture::stopped(
            fixture::way("login.microsoftonline.com"),
            Stage::Tls,
            FaultKind::TlsIntercepted,
            told,
        );
        let tls = path.tls.as_mut().unwrap();
        (tls.issuer, tls.trusted) = ("Contoso Inspection CA, Contoso Ltd".to_owned(), false);
        tls.issuers_above = vec!["Contoso Root".to_owned()];
        connection.evidence.network.authority = Some(path);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!((bare.saw.len(), finding.saw.len()), (1, 2));
        assert_eq!(
            finding.saw[1].text,
            "The certificate for `login.microsoftonline.com` was issued by `Contoso Inspection CA, Contoso Ltd` (below `Contoso Root`), valid from 1 Aug 2026 until 1 Feb 2027. It was shown at the address `192.0.2.10`."
        );
        assert_eq!(
            finding.fix[0],
            "Ask for `login.microsoftonline.com` and `graph.microsoft.com` to be exempt from TLS inspection."
        );
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
