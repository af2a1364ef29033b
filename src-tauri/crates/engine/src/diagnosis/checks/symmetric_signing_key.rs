//! A symmetric signing key on the app makes Entra ID fail when it issues a token.

use super::{account_refusal, refused_request, resource_without_delegated_permission::not_issued};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "symmetric-signing-key",
    link: Link::Token,
    words: Words {
        title: "A symmetric signing key on the app keeps Entra ID from issuing tokens",
        meaning: "A key of type Symmetric and usage Sign, left by an old script or a SAML setup, ends token requests with AADSTS50000, those of people first. Waiting does not help.",
        fix: &[
            "Open the registration’s **Manifest** and look in `keyCredentials` for an entry with `type` Symmetric and `usage` Sign.",
            "Remove that entry and choose **Save**. On the enterprise application, Microsoft Graph removes it: `PATCH /servicePrincipals(appId='…')` with the other `keyCredentials`.",
            "If there is none, open a support request with the trace ID.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::Manifest),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let places = [
        (case.evidence.registration.value().map(|known| known.symmetric_signing_keys), "the registration"),
        (case.evidence.principal.value().map(|known| known.symmetric_signing_keys), "the service principal"),
    ];
    let looked = places.iter().any(|(keys, _)| keys.is_some());
    let found = places.into_iter().filter_map(|(keys, place)| Some((keys.filter(|keys| *keys > 0)?, place)));
    let mut saw: Vec<Saw> = found
        .map(|(keys, place)| {
            let text = format!("`keyCredentials` of {place}: {keys} with type `Symmetric` and usage `Sign`.");
            Saw::new(Source::Graph, text)
        })
        .collect();
    if let Some(fault) = case.refusal_leading_to(CHECK.id) {
        let problem = Problem::broken(refused_request::saw(fault)).because_of(fault).word("Not issued");
        return saw.into_iter().fold(problem, Problem::and_saw).found();
    }
    if let Some((fault, false)) = not_issued(case) {
        let problem = account_refusal::problem(fault, "Not issued");
        return saw.into_iter().fold(problem, Problem::and_saw).found();
    }
    match saw.pop() {
        Some(last) => saw.into_iter().fold(Problem::attention(last), Problem::and_saw).found(),
        None if looked => Outcome::Pass,
        None => Outcome::Skipped,
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Link, LinkState, Outcome, Severity, checks::fixture};
    use crate::evidence::Fact;

    #[test]
    fn the_number_breaks_the_token() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 50_000, "server_error");
        assert_eq!(fixture::finding(&connection, &CHECK).unwrap().severity, Severity::Broken);
        assert_eq!(fixture::chain(&connection).link(Link::Token).state, LinkState::Broken);
    }

    #[test]
    fn a_key_that_was_seen_is_attention_while_tokens_are_issued() {
        let mut connection = fixture::healthy();
        if let Fact::Seen(seen) = &mut connection.evidence.principal {
            seen.value.symmetric_signing_keys = 1;
        }
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.severity, Severity::Attention);
        assert!(finding.saw[0].text.contains("the service principal: 1"));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
