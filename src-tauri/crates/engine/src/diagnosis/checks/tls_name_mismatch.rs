//! A certificate is for another name.

use super::{network_fault, way};
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "tls-name-mismatch",
    link: Link::Network,
    words: Words {
        title: "The certificate shown for {host} is for another name",
        meaning: "Something else answers in its place, often a sign-in page of the network or a wrong name server entry. No secret is sent to it. Waiting does not help.",
        fix: &[
            "If this network has a sign-in page, open a browser and sign in there.",
            "Check which address `{host}` resolves to, and the file `hosts` of this computer.",
            "Ask whether a proxy or a firewall answers for `{host}`.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    network_fault::judged_with(
        case,
        CHECK.id,
        "Wrong host",
        &[way::certified_names, way::certificate, way::proxy],
    )
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
        connection.evidence.graph = fixture::refused(FaultKind::TlsNameMismatch, Operation::Graph);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "The certificate shown for graph.microsoft.com is for another name");
        assert_eq!(finding.word.as_deref(), Some("Wrong host"));
        connection.evidence.authority = fixture::refused(FaultKind::TlsNameMismatch, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.title.contains("login.microsoftonline.com"));
        assert!(finding.fault.is_some());
    }

    #[test]
    fn the_name_in_the_certificate_is_told() {
        let mut connection = fixture::healthy();
        connection.evidence.graph = fixture::refused(FaultKind::TlsNameMismatch, Operation::Graph);
        let told = "The certificate is for another name.";
        let mut path = fixture::stopped(
            fixture::way("graph.microsoft.com"),
            Stage::Tls,
            FaultKind::TlsNameMismatch,
            told,
        );
        path.tls.as_mut().unwrap().names = vec!["portal.hotel.example".to_owned()];
        connection.evidence.network.graph = Some(path);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(
            finding.saw[1].text,
            "The certificate shown for `graph.microsoft.com` is for `portal.hotel.example`."
        );
        assert!(finding.saw[2].text.contains("at the address `192.0.2.10`"));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
