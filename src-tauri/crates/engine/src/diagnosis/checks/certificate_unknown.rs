//! The registration does not have this certificate.

use super::certificate_refusal::{self, Reason};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "certificate-unknown",
    link: Link::Credential,
    words: Words {
        title: "The app registration does not have this certificate",
        meaning: "No gateway gets a token with it. A certificate that was uploaded a moment ago needs up to a minute; after that, waiting does not help.",
        fix: &[
            "Open **Certificates & secrets**, then **Certificates**, and compare **Thumbprint** with the one here.",
            "If it is not in the list, choose **Upload certificate** and take the public half, a `.cer` or `.pem` without the key.",
            "Check again.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    certificate_refusal::outcome(case, Reason::Unknown, "Certificate unknown")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_number_and_shows_the_thumbprint() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped), "it is a secret");
        fixture::with_certificate(&mut connection);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 700_027, "invalid_client");
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[0].text.contains("AADSTS700027"));
        assert!(finding.saw[1].text.contains("`6A0B7C7D0E1F2A3B4C5D6E7F8091A2B3C4D5E6F7`"));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
