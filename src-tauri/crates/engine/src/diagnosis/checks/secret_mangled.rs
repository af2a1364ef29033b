//! The secret was spoiled on its way here, or lost on its way to Entra ID.

use super::refused_request;
use crate::{
    connection::SecretShape,
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "secret-mangled",
    link: Link::Credential,
    words: Words {
        title: "The secret was spoiled on its way here",
        meaning: "A secret has to be right to the last character, so no gateway gets a token with this one. Waiting does not help.",
        fix: &[
            "Copy the secret’s **Value** from where it was kept, not from a mail, a chat or a shortened display.",
            "Paste it here again.",
            "If it is nowhere whole, open **Certificates & secrets**, choose **New client secret** and copy its **Value**.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(credential) = &case.connection.credential else { return Outcome::Skipped };
    if let Some(fault) = case.refusal_leading_to(CHECK.id) {
        return Problem::broken(refused_request::saw(fault)).because_of(fault).word("Secret spoiled").found();
    }
    let mangled = credential.secret().is_some_and(|secret| secret.shape == SecretShape::Mangled);
    if !mangled || case.token().is_some() {
        return Outcome::Pass;
    }
    let text = "White space inside, a shortened display, or a character in its HTML or URL form.";
    let looks = Saw::new(Source::Pasted, text);
    match case.refusal_leading_to("secret-wrong") {
        Some(fault) => Problem::broken(looks)
            .and_saw(refused_request::saw(fault))
            .because_of(fault)
            .word("Secret spoiled")
            .found(),
        None => Problem::attention(looks).found(),
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, Severity, checks::fixture};
    use crate::{connection::SecretShape, evidence::Fact};

    #[test]
    fn a_spoiled_look_is_attention_until_it_is_refused() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::secret(&mut connection).shape = SecretShape::Mangled;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass), "it was accepted all the same");
        connection.evidence.token = Fact::NotTried;
        assert_eq!(fixture::finding(&connection, &CHECK).unwrap().severity, Severity::Attention);
        fixture::token_refused(&mut connection, 7_000_215, "invalid_client");
        assert_eq!(fixture::finding(&connection, &CHECK).unwrap().severity, Severity::Broken);
    }

    #[test]
    fn a_secret_that_was_lost_on_the_way_counts() {
        for number in [7_000_216, 7_000_218] {
            let mut connection = fixture::healthy();
            fixture::token_refused(&mut connection, number, "invalid_client");
            assert_eq!(fixture::finding(&connection, &CHECK).unwrap().severity, Severity::Broken);
        }
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
