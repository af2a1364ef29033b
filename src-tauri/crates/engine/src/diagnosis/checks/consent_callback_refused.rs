//! Microsoft’s consent page sent the admin back with an error.

use std::ops::Range;

use super::consent_missing::in_code;
use crate::{
    catalogue,
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "consent-callback-refused",
    link: Link::Consent,
    words: Words {
        title: "The consent page ended with a refusal",
        meaning: "Nothing was granted: the person cancelled, or may not consent for the tenant. The address may say `admin_consent=True` all the same, which means nothing beside an error.",
        fix: &[
            "Send the consent link to a Privileged Role Administrator or Global Administrator.",
            "That person signs in and chooses **Accept**.",
            "Check again.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::AdminConsent),
    },
    run,
};

/// An older refusal says nothing about what is missing now, in seconds.
const RECENT: Range<i64> = 0..3_600;

fn run(case: &Case<'_>) -> Outcome {
    if case.evidence.consent_answer.is_none() {
        return Outcome::Skipped;
    }
    match refusal_after_which_roles_lack(case) {
        Some(refusal) if refusal.finding() != Some("user-consent-disabled") => {
            refusal.problem().word("Refused").found()
        }
        _ => Outcome::Pass,
    }
}

/// A refusal of the consent page that still tells something: a token that was fetched soon after it lacks roles.
pub(super) struct ConsentRefusal<'a> {
    error: &'a str,
    aadsts: Option<u32>,
    missing: Vec<&'a str>,
}

pub(super) fn refusal_after_which_roles_lack<'a>(case: &Case<'a>) -> Option<ConsentRefusal<'a>> {
    let answer = case.evidence.consent_answer.as_ref()?;
    let (error, missing) = (answer.error.as_deref()?, case.missing_roles()?);
    let after = case.evidence.token.at()?.as_second() - answer.at.as_second();
    let tells = !missing.is_empty() && RECENT.contains(&after);
    tells.then_some(ConsentRefusal { error, aadsts: answer.aadsts, missing })
}

impl ConsentRefusal<'_> {
    /// The finding that its number leads to.
    pub(super) fn finding(&self) -> Option<&'static str> {
        self.aadsts.and_then(catalogue::entra)?.leads_to.map(|leads| leads.finding)
    }

    pub(super) fn problem(&self) -> Problem {
        let number = self.aadsts.map(|number| format!(", `AADSTS{number}`")).unwrap_or_default();
        Problem::broken(Saw::new(
            Source::Pasted,
            format!("The redirect said `error={}`{number}.", self.error),
        ))
        .and_saw(Saw::new(
            Source::Token,
            format!("A token fetched after it lacks {}.", in_code(&self.missing)),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};
    use crate::evidence::ConsentAnswer;

    fn refusal() -> ConsentAnswer {
        ConsentAnswer { at: fixture::now(), error: Some("access_denied".to_owned()), aadsts: Some(65_004) }
    }

    #[test]
    fn a_refusal_counts_while_roles_are_missing() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
        connection.evidence.consent_answer = Some(refusal());
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass), "every role is there");
        fixture::claims(&mut connection).roles.clear();
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.saw[0].text, "The redirect said `error=access_denied`, `AADSTS65004`.");
    }

    #[test]
    fn an_old_refusal_says_nothing_about_now() {
        let mut connection = fixture::healthy();
        fixture::claims(&mut connection).roles.clear();
        let at = fixture::now() - jiff::SignedDuration::from_hours(1);
        connection.evidence.consent_answer = Some(ConsentAnswer { at, ..refusal() });
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn an_answer_without_an_error_proves_nothing() {
        let mut connection = fixture::healthy();
        fixture::claims(&mut connection).roles.clear();
        connection.evidence.consent_answer = Some(ConsentAnswer { error: None, ..refusal() });
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }
}
