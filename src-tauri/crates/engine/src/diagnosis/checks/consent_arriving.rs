//! Roles are missing, and new tokens are still being asked for: not yet, rather than no.

use super::consent_missing::{Standing, in_code, standing};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "consent-arriving",
    link: Link::Consent,
    words: Words {
        title: "The roles are not in the token yet",
        meaning: "A token keeps the roles it was issued with. After admin consent, Entra ID mostly puts them \
                  into the next one and sometimes needs a few minutes. Waiting helps.",
        fix: &[
            "Grant admin consent, if nobody has yet.",
            "Wait. New tokens are being asked for, at growing intervals.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    match standing(case) {
        Standing::Untold => Outcome::Skipped,
        Standing::Arriving(watch, missing) => {
            let tokens = words::count(watch.tries as usize, "token", "tokens");
            let text =
                format!("{tokens} read in {} s. Missing: {}.", watch.waited_seconds, in_code(&missing));
            Problem::unknown(Saw::new(Source::Token, text)).word("Arriving").found()
        }
        _ => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::{ConsentWatch, Fact},
    };

    #[test]
    fn waiting_is_unknown_until_it_is_given_up() {
        let mut connection = fixture::healthy();
        claims_of(&mut connection).roles.clear();
        let watch = ConsentWatch { since: fixture::now(), tries: 2, given_up: false, waited_seconds: 2 };
        connection.evidence.consent_watch = Some(watch.clone());
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Unknown);
        assert!(found.saw[0].text.starts_with("2 tokens read in 2 s. Missing: `"));
        connection.evidence.consent_watch = Some(ConsentWatch { given_up: true, ..watch });
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn every_role_passes_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
