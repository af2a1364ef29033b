//! The Secret ID stands where the secret’s value belongs. Told before anything is sent.

use super::refused_request;
use crate::{
    connection::SecretShape,
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "secret-id-pasted",
    link: Link::Credential,
    words: Words {
        title: "You pasted the secret’s ID, not its value",
        meaning: "Entra ID accepts the value only, so no gateway would get a token. Waiting does not help.",
        fix: &[
            "Open **Certificates & secrets**, then **Client secrets**.",
            "If the column **Value** still shows the whole value, copy it and paste it here.",
            "Otherwise choose **New client secret** and copy its **Value** before you leave the page.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(credential) = &case.connection.credential else { return Outcome::Skipped };
    if credential.secret().is_none_or(|secret| secret.shape != SecretShape::Guid) {
        return Outcome::Pass;
    }
    let problem = |text| Problem::broken(Saw::new(Source::Pasted, text)).word("Secret ID");
    match case.refusal_leading_to("secret-wrong") {
        Some(fault) => problem("A GUID, as every **Secret ID** is and no current secret value.")
            .and_saw(refused_request::saw(fault))
            .because_of(fault)
            .found(),
        None => {
            problem("A GUID, as every **Secret ID** is and no current secret value. It was not sent.").found()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, Severity, checks::fixture};
    use crate::{connection::SecretShape, evidence::Evidence};

    #[test]
    fn a_guid_is_found_before_anything_is_sent() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence = Evidence::default();
        fixture::secret(&mut connection).shape = SecretShape::Guid;
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.severity, Severity::Broken);
        assert!(finding.saw[0].text.ends_with("It was not sent."));
        assert!(finding.fault.is_none());
    }

    #[test]
    fn a_refusal_of_it_is_shown_beside_it() {
        let mut connection = fixture::healthy();
        fixture::secret(&mut connection).shape = SecretShape::Guid;
        fixture::token_refused(&mut connection, 7_000_215, "invalid_client");
        assert_eq!(fixture::finding(&connection, &CHECK).unwrap().saw.len(), 2);
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
