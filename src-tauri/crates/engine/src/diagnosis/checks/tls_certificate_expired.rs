//! A certificate is out of date, or not valid yet: at the host, or by this computer’s clock.

use super::{clock_skewed, network_fault, way};
use crate::diagnosis::{Case, Check, Link, Outcome, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "tls-certificate-expired",
    link: Link::Network,
    words: Words {
        title: "The certificate shown for {host} is not valid today",
        meaning: "Either this computer’s date is wrong, or something in between shows an old certificate; Microsoft renews its own in time. Gateways that see the same certificate cannot sign in.",
        fix: &[
            "Set this computer’s date and time to be kept by the network.",
            "If they are right, ask which proxy answers for `{host}`, and have its certificate renewed.",
        ],
        who: Who::NetworkAdministrator,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    match (
        network_fault::judged_with(case, CHECK.id, "Certificate ended", &[way::certificate, way::proxy]),
        clock_skewed::difference(case),
    ) {
        (Outcome::Problem(problem), Some(difference)) if difference.matters() => {
            problem.and_saw(difference.saw()).found()
        }
        (outcome, _) => outcome,
    }
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, Operation};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_fault_and_names_a_wrong_clock_beside_it() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.authority =
            fixture::refused(FaultKind::TlsCertificateExpired, Operation::Discovery);
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.title, "The certificate shown for login.microsoftonline.com is not valid today");
        assert_eq!(finding.saw.len(), 1);
        connection.evidence.graph = fixture::host_answer("graph.microsoft.com", Some(86_400));
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[1].text.contains("24 hours ahead"));
    }

    #[test]
    fn the_certificate_s_days_are_told_before_the_clock() {
        let mut connection = fixture::healthy();
        connection.evidence.authority =
            fixture::refused(FaultKind::TlsCertificateExpired, Operation::Discovery);
        connection.evidence.graph = fixture::host_answer("graph.microsoft.com", Some(86_400));
        connection.evidence.network.authority = Some(fixture::way("login.microsoftonline.com"));
        let saw = fixture::finding(&connection, &CHECK).unwrap().saw;
        assert!(saw[1].text.contains("valid from 1 Aug 2026 until 1 Feb 2027."), "{}", saw[1].text);
        assert!(saw[2].text.contains("24 hours ahead"));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
