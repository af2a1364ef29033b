//! The certificate is outside its validity: its own dates say so, or Entra ID does.

use super::certificate_refusal::{self, Reason, certificate};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "certificate-expired",
    link: Link::Credential,
    words: Words {
        title: "The certificate is not valid now",
        meaning: "Entra ID refuses what it signs. Gateways keep working until their current token ends, at most about an hour. Waiting helps only when its validity is still to begin.",
        fix: &[
            "Make a new key and certificate.",
            "Open **Certificates & secrets**, then **Certificates**, choose **Upload certificate** and take its public half.",
            "Give the new one here and bring it to every gateway.",
            "Then delete the old certificate.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let outcome = certificate_refusal::outcome(case, Reason::Expired, "Certificate ended");
    let (Outcome::Skipped | Outcome::Pass, Some(held)) = (&outcome, certificate(case)) else {
        return outcome;
    };
    if held.starts <= case.now && case.now < held.ends || case.token().is_some() {
        return outcome;
    }
    Problem::broken(certificate_refusal::saw(held)).word("Certificate ended").found()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};
    use crate::evidence::Fact;

    #[test]
    fn its_own_dates_say_it_before_anything_is_sent() {
        let mut connection = fixture::healthy();
        fixture::with_certificate(&mut connection).ends = fixture::now();
        connection.evidence.token = Fact::NotTried;
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[0].text.contains("valid from"), "{}", finding.saw[0].text);
        fixture::with_certificate(&mut connection);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }

    #[test]
    fn it_fires_when_entra_id_says_so() {
        let mut connection = fixture::healthy();
        fixture::with_certificate(&mut connection);
        fixture::token_refused(&mut connection, 700_027, "invalid_client");
        assert!(fixture::passes(&connection, &CHECK));
        fixture::service_says(&mut connection, "[Reason - The key used is expired., Found key 'Start=…'");
        assert!(fixture::finding(&connection, &CHECK).is_some());
        fixture::token_refused(&mut connection, 1_000_502, "invalid_client");
        assert!(fixture::finding(&connection, &CHECK).is_some(), "the number alone says it");
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
