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
            "Begin a rotation: **Rotate it**, or `gatehouse rotate`. The old one stays in use meanwhile.",
            "Add the new one under **Certificates & secrets** as the rotation says, and have it proven.",
            "{hand_out}",
            "Look whether the old one may go in the rotation, and only then delete it under **Certificates & secrets**.",
        ],
        who: Who::ApplicationAdministrator,
        page: Some(PortalPage::CertificatesAndSecrets),
    },
    run,
};

const SOON_DAYS: i32 = 30;

/// The third step, as the gateways get their credential.
const SEAL: &str = "Seal new bundles for all gateways, open them there, and bring the receipts back.";
const WRITE: &str = "Write the config again and bring it to every gateway.";

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
        .with("hand_out", if case.gateways.is_empty() { WRITE } else { SEAL })
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
    use crate::{
        diagnosis::{Case, Finding, Outcome, checks::fixture},
        gateways::{Gateway, sample},
        profile::shipped_profile,
    };

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
    fn the_way_to_the_gateways_is_the_one_that_they_have() {
        let mut connection = fixture::healthy();
        connection.credential.as_mut().unwrap().ends_on = Some(date(2026, 11, 21));
        let profile = shipped_profile(&connection.profile).unwrap();
        let third = |gateways: &[Gateway]| {
            let case = Case::of(&connection, &profile, fixture::now()).with_gateways(gateways);
            let Outcome::Problem(problem) = (CHECK.run)(&case) else { panic!("it is a finding") };
            Finding::of(&CHECK, *problem, &case).fix[2].clone()
        };
        assert_eq!(third(&[]), "Write the config again and bring it to every gateway.");
        assert_eq!(
            third(&[sample::gateway("plant-1", 1, &[])]),
            "Seal new bundles for all gateways, open them there, and bring the receipts back."
        );
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
