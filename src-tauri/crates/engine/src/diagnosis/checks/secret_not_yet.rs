//! The secret was refused right after it was entered; one made a moment ago needs some seconds.

use std::ops::Range;

use entra::Fault;

use super::refused_request;
use crate::{
    connection::Kept,
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "secret-not-yet",
    link: Link::Credential,
    words: Words {
        title: "Entra ID does not know this secret yet",
        meaning: "A fresh secret is refused for some seconds until every sign-in server knows it. Waiting helps; if it is refused after a minute, it is not the right one.",
        fix: &["Wait a minute, then check again."],
        who: Who::You,
        page: None,
    },
    run,
};

/// Fresh secrets were seen refused for up to 18 seconds.
const FRESH: Range<i64> = 0..60;

/// The practice tenant may be told to be late with the secrets that it makes, by a few seconds.
const FRESH_IN_PRACTICE: Range<i64> = 0..10;

fn run(case: &Case<'_>) -> Outcome {
    match refusal_while_fresh(case) {
        Some((fault, age)) => Problem::unknown(refused_request::saw(fault))
            .and_saw(Saw::new(
                Source::Pasted,
                format!("Entered {} before.", words::count(age, "second", "seconds")),
            ))
            .because_of(fault)
            .word("Not yet")
            .found(),
        None if case.evidence.token.is_untried() => Outcome::Skipped,
        None => Outcome::Pass,
    }
}

/// The refusal of a secret that may be too fresh to be known, and the secret’s age in seconds at that time. A secret
/// that came by environment or file was entered by nobody. The practice tenant knows its first secret at once.
pub(super) fn refusal_while_fresh<'a>(case: &Case<'a>) -> Option<(&'a Fault, usize)> {
    let credential = case.connection.credential.as_ref()?;
    let made_beside = || case.connection.rotation.as_ref().is_some_and(|rotation| rotation.tries(credential));
    let fresh = match case.connection.practice {
        _ if credential.kept == Kept::Caller => return None,
        false => FRESH,
        true if made_beside() => FRESH_IN_PRACTICE,
        true => return None,
    };
    let fault = case.refusal_leading_to("secret-wrong")?;
    let age = case.evidence.token.at()?.as_second() - credential.entered_at.as_second();
    fresh.contains(&age).then(|| (fault, usize::try_from(age).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::connection::{Connection, Kept};
    use crate::{
        diagnosis::{Outcome, Severity, checks::fixture},
        rotation::Rotation,
    };

    fn refused_after(seconds: i64) -> Connection {
        let mut connection = fixture::healthy();
        fixture::token_refused(&mut connection, 7_000_215, "invalid_client");
        let entered = fixture::now() - jiff::SignedDuration::from_secs(seconds);
        connection.credential.as_mut().unwrap().entered_at = entered;
        connection
    }

    #[test]
    fn a_refusal_within_a_minute_is_not_held_against_the_secret() {
        assert!(matches!(fixture::judge(&fixture::healthy(), &CHECK), Outcome::Pass));
        let finding = fixture::finding(&refused_after(59), &CHECK).unwrap();
        assert_eq!(finding.severity, Severity::Unknown);
        assert_eq!(finding.saw[1].text, "Entered 59 seconds before.");
        assert!(matches!(fixture::judge(&refused_after(60), &CHECK), Outcome::Pass));
        assert!(matches!(fixture::judge(&refused_after(-1), &CHECK), Outcome::Pass));
    }

    #[test]
    fn a_second_practice_secret_may_be_late_by_some_seconds() {
        let mut connection = refused_after(9);
        connection.practice = true;
        let new = connection.credential.clone().unwrap();
        connection.rotation = Some(Rotation::entered(new));
        assert!(fixture::finding(&connection, &CHECK).is_some());
        connection.credential.as_mut().unwrap().entered_at -= jiff::SignedDuration::from_secs(1);
        assert!(fixture::finding(&connection, &CHECK).is_none(), "it is not the new one that was refused");
        connection.rotation = Some(Rotation::entered(connection.credential.clone().unwrap()));
        assert!(fixture::finding(&connection, &CHECK).is_none(), "ten seconds are enough");
    }

    #[test]
    fn secrets_from_the_environment_and_practice_secrets_are_never_fresh() {
        let mut connection = refused_after(5);
        connection.practice = true;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.practice = false;
        connection.credential.as_mut().unwrap().kept = Kept::Caller;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
