//! The signature does not fit the certificate that the registration has.

use super::certificate_refusal::{self, Reason};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Who, Words},
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "certificate-signature",
    link: Link::Credential,
    words: Words {
        title: "The signature does not fit the certificate of this app",
        meaning: "What was signed and what the registration has belong to different keys, so no gateway gets a token. Waiting does not help.",
        fix: &[
            "Open **Certificates & secrets**, then **Certificates**, and compare **Thumbprint** with the one here.",
            "Upload the public half of exactly this key, or give the key that belongs to the uploaded certificate.",
            "If both fit, look whether something on the way changes requests, such as an inspecting proxy.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    certificate_refusal::outcome(case, Reason::Signature, "Signature refused")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_number_and_on_the_reason_beside_another() {
        let mut connection = fixture::healthy();
        fixture::with_certificate(&mut connection);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 7_000_274, "invalid_client");
        assert!(fixture::finding(&connection, &CHECK).is_some());
        fixture::token_refused(&mut connection, 700_027, "invalid_client");
        assert!(fixture::passes(&connection, &CHECK));
        fixture::service_says(
            &mut connection,
            "[Reason - The provided signature value did not match the expected signature value.",
        );
        assert!(fixture::finding(&connection, &CHECK).is_some());
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
