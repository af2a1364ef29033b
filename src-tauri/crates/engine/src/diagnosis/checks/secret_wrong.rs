//! Entra ID knows the app and refuses the secret.

use super::{refused_request, secret_not_yet};
use crate::{
    connection::{Credential, SecretLook, SecretShape},
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "secret-wrong",
    link: Link::Credential,
    words: Words {
        title: "This is not a secret of this app",
        meaning: "No gateway gets a token with it. A secret made less than a minute ago may not be known everywhere yet; with any other, waiting does not help.",
        fix: &[
            "Open **Certificates & secrets**, then **Client secrets**, and compare the first three characters with the secret here.",
            "Copy the secret’s **Value**, not its **Secret ID**, and paste it here.",
            "If the value is nowhere whole, choose **New client secret** and copy its **Value**.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let refusal = case.refusal_leading_to(CHECK.id);
    let Some(fault) = refusal.filter(|_| secret_not_yet::refusal_while_fresh(case).is_none()) else {
        return if case.evidence.token.is_untried() { Outcome::Skipped } else { Outcome::Pass };
    };
    let problem = Problem::broken(refused_request::saw(fault)).because_of(fault).word("Secret refused");
    match case.connection.credential.as_ref().and_then(Credential::secret) {
        Some(SecretLook { hint: Some(hint), .. }) => {
            problem.and_saw(Saw::new(Source::Pasted, format!("It begins with `{hint}`."))).found()
        }
        Some(SecretLook { shape: SecretShape::Unusual, .. }) => problem
            .and_saw(Saw::new(Source::Pasted, "It does not look like the secrets that Entra ID makes now."))
            .found(),
        _ => problem.found(),
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::connection::SecretShape;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn it_fires_on_its_refusal() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 7_000_215, "invalid_client");
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert!(finding.saw[0].text.contains("HTTP 401, `invalid_client`, `AADSTS7000215`"));
        assert_eq!(finding.saw[1].text, "It begins with `AbC`.");
        let secret = fixture::secret(&mut connection);
        (secret.hint, secret.shape) = (None, SecretShape::Unusual);
        assert!(fixture::finding(&connection, &CHECK).unwrap().saw[1].text.contains("does not look like"));
    }

    #[test]
    fn a_fresh_secret_is_given_its_minute() {
        let mut connection = fixture::healthy();
        fixture::token_refused(&mut connection, 7_000_215, "invalid_client");
        connection.credential.as_mut().unwrap().entered_at = fixture::now();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
