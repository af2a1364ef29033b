//! The client secret has ended: Entra ID says so, or its end date is over and nothing has been accepted since.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::refused_request;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::{Fact, Source},
    portal::PortalPage,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "secret-expired",
    link: Link::Credential,
    words: Words {
        title: "The client secret has ended",
        meaning: "Gateways keep working until their current token ends, at most about an hour. After that, no sign-in. Waiting does not help.",
        fix: &[
            "Open **Certificates & secrets** and choose **New client secret**.",
            "Copy its **Value** and paste it here.",
            "When it is proven, write the config again and bring it to every gateway.",
            "Then delete the old secret.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let secret = case.connection.credential.as_ref().filter(|credential| credential.secret().is_some());
    let ends_on = secret.and_then(|credential| credential.ends_on);
    if let Some(fault) = case.refusal_leading_to(CHECK.id) {
        let problem = Problem::broken(refused_request::saw(fault)).because_of(fault).word("Secret ended");
        return match ends_on.filter(|day| *day <= day_of(case.now)) {
            Some(day) => problem.and_saw(ended(day)).found(),
            None => problem.found(),
        };
    }
    let Some(day) = ends_on else {
        return if case.evidence.token.is_untried() { Outcome::Skipped } else { Outcome::Pass };
    };
    let tells_nothing_of_it = match &case.evidence.token {
        Fact::Seen(seen) => day_of(seen.at) <= day,
        // A refusal for another reason came after the secret was accepted, or before it was looked at.
        Fact::Refused(_) => case.refusal_leading_to("secret-wrong").is_some(),
        Fact::NotTried | Fact::CouldNotTell(_) => true,
    };
    if day < day_of(case.now) && tells_nothing_of_it {
        Problem::broken(ended(day)).word("Secret ended").found()
    } else {
        Outcome::Pass
    }
}

fn ended(day: Date) -> Saw {
    Saw::new(Source::Pasted, format!("The end date kept with the secret is {}.", words::day(day)))
}

/// The day in UTC.
pub(super) fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};
    use crate::evidence::Fact;

    #[test]
    fn it_fires_on_its_refusal() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        fixture::token_refused(&mut connection, 7_000_222, "invalid_client");
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.word.as_deref(), Some("Secret ended"));
        assert_eq!(finding.saw.len(), 1, "an end date in the future is no evidence");
    }

    #[test]
    fn a_passed_end_date_counts_unless_the_secret_was_accepted_since() {
        let mut connection = fixture::healthy();
        connection.credential.as_mut().unwrap().ends_on = Some(date(2026, 11, 19));
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass), "accepted on 20 November");
        connection.evidence.token = Fact::NotTried;
        let finding = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(finding.saw[0].text, "The end date kept with the secret is 19 Nov 2026.");
        connection.credential.as_mut().unwrap().ends_on = Some(date(2026, 11, 20));
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass), "its last day");
    }

    #[test]
    fn a_token_from_before_the_end_date_proves_nothing_after_it() {
        let mut connection = fixture::healthy();
        connection.credential.as_mut().unwrap().ends_on = Some(date(2026, 11, 19));
        if let Fact::Seen(seen) = &mut connection.evidence.token {
            seen.at = "2026-11-18T09:00:00Z".parse().unwrap();
        }
        assert!(fixture::finding(&connection, &CHECK).is_some());
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
