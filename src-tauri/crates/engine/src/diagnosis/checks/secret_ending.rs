//! The client secret or certificate ends within thirty days.

use jiff::civil::Date;

use super::secret_expired::day_of;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "secret-ending",
    link: Link::Credential,
    words: Words {
        title: "The {credential} ends {when}",
        meaning: "Gateways work until then and stop within about an hour after it. Waiting makes it tighter.",
        fix: &[
            "Open **Certificates & secrets** and add a new one beside it: **New client secret**, or **Upload certificate**.",
            "Enter the new one here; of a secret, its **Value**.",
            "Write the config again and bring it to every gateway.",
            "Delete the old one once every gateway has the new one.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

const SOON_DAYS: i32 = 30;

fn run(case: &Case<'_>) -> Outcome {
    let Some(credential) = &case.connection.credential else { return Outcome::Skipped };
    let Some(day) = credential.ends_on else { return Outcome::Skipped };
    let Ok(left) = day_of(case.now).until(day).map(|span| span.get_days()) else { return Outcome::Pass };
    let when = match left {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=SOON_DAYS => format!("in {left} days"),
        _ => return Outcome::Pass,
    };
    let (noun, source, text) = match credential.certificate() {
        Some(_) => (
            "certificate",
            Source::Computer,
            format!("The certificate says that it ends on {}.", words::day(day)),
        ),
        None if registration_says(case, day) => (
            "client secret",
            Source::Graph,
            format!("The registration says that it ends on {}.", words::day(day)),
        ),
        None => (
            "client secret",
            Source::Pasted,
            format!("The end date kept with the secret is {}.", words::day(day)),
        ),
    };
    Problem::attention(Saw::new(source, text))
        .with("credential", noun)
        .with("when", when.clone())
        .word(format!("Ends {when}"))
        .found()
}

/// The registration lists a secret that ends on this day, so the day is more than what somebody typed.
fn registration_says(case: &Case<'_>, day: Date) -> bool {
    let registration = case.evidence.registration.value();
    registration.is_some_and(|known| known.secrets.iter().any(|secret| secret.ends.map(day_of) == Some(day)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    fn title(ends_on: Date) -> Option<String> {
        let mut connection = fixture::healthy();
        connection.credential.as_mut().unwrap().ends_on = Some(ends_on);
        fixture::finding(&connection, &CHECK).map(|finding| finding.title)
    }

    #[test]
    fn it_fires_within_thirty_days() {
        assert!(matches!(fixture::judge(&fixture::healthy(), &CHECK), Outcome::Pass));
        assert_eq!(title(date(2026, 11, 20)).unwrap(), "The client secret ends today");
        assert_eq!(title(date(2026, 11, 21)).unwrap(), "The client secret ends tomorrow");
        assert_eq!(title(date(2026, 12, 20)).unwrap(), "The client secret ends in 30 days");
        assert_eq!(title(date(2026, 12, 21)), None);
        assert_eq!(title(date(2026, 11, 19)), None, "that one has ended");
    }

    #[test]
    fn a_certificate_is_called_one() {
        let mut connection = fixture::healthy();
        fixture::with_certificate(&mut connection);
        connection.credential.as_mut().unwrap().ends_on = Some(date(2026, 11, 21));
        let title = fixture::finding(&connection, &CHECK).unwrap().title;
        assert_eq!(title, "The certificate ends tomorrow");
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
