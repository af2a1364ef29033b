//! Microsoft’s consent page sent the admin back with an error.

use std::ops::Range;

use super::consent_missing::in_code;
use crate::{
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
    let Some(answer) = &case.evidence.consent_answer else { return Outcome::Skipped };
    let (Some(error), Some(missing)) = (&answer.error, case.missing_roles()) else { return Outcome::Pass };
    let after = case.evidence.token.at().map(|fetched| fetched.as_second() - answer.at.as_second());
    if missing.is_empty() || after.is_none_or(|after| !RECENT.contains(&after)) {
        return Outcome::Pass;
    }
    let number = answer.aadsts.map(|number| format!(", `AADSTS{number}`")).unwrap_or_default();
    Problem::broken(Saw::new(Source::Pasted, format!("The redirect said `error={error}`{number}.")))
        .and_saw(Saw::new(Source::Token, format!("A token fetched after it lacks {}.", in_code(&missing))))
        .word("Refused")
        .found()
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
