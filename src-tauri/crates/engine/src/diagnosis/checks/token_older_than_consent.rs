//! The newest grant was made after the token was issued, so the token cannot carry it.
//! Source of the five minutes: recorded app-only tokens, whose `iat` lies 300 s before their real time of
//! issue.

use super::consent_missing::{Standing, in_code, standing};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "token-older-than-consent",
    link: Link::Consent,
    words: Words {
        title: "The token was issued before consent was granted",
        meaning: "A token keeps the roles it was issued with. Nothing is wrong with the consent; a new token \
                  has to be read. Gateways need one too, and get it within about an hour. Waiting helps.",
        fix: &["Wait a minute, then check again. Every check asks for a new token."],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    match standing(case) {
        Standing::Untold => Outcome::Skipped,
        Standing::OlderToken(older) => {
            let token = format!("Issued {}, without {}.", words::moment(older.issued), in_code(&older.roles));
            let grant = format!("The newest grant was made {}.", words::moment(older.granted));
            Problem::unknown(Saw::new(Source::Token, token))
                .and_saw(Saw::new(Source::Graph, grant))
                .word("Older token")
                .found()
        }
        _ => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        connection::Connection,
        diagnosis::{
            Severity,
            checks::{consent_missing, fixture},
        },
        evidence::{Fact, Principal, Seen},
    };

    /// `iat` is a claim, so a grant counts as newer only when it is more than five minutes after it.
    fn granted_after_iat(seconds: i64) -> Connection {
        let mut connection = fixture::healthy();
        let now = fixture::now();
        let claims = claims_of(&mut connection);
        let roles = std::mem::take(&mut claims.roles);
        claims.iat = Some(now.as_second() - 1_000);
        connection.evidence.registration = Fact::NotTried;
        let value = Principal {
            symmetric_signing_keys: 0,
            object_id: "9d0e4b1a-0000-4000-8000-000000000001".to_owned(),
            account_enabled: Some(true),
            granted: roles,
            newest_grant: Some(now - SignedDuration::from_secs(1_000 - seconds)),
        };
        connection.evidence.principal =
            Fact::Seen(Seen { value, source: Source::Graph, at: now, took_ms: 9 });
        connection
    }

    #[test]
    fn a_later_grant_asks_for_another_token_and_is_not_called_missing() {
        let connection = granted_after_iat(301);
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Unknown);
        assert!(matches!(fixture::judge(&connection, &consent_missing::CHECK), Outcome::Pass));
    }

    #[test]
    fn an_earlier_grant_is_no_excuse() {
        let connection = granted_after_iat(299);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        let Outcome::Problem(found) = fixture::judge(&connection, &consent_missing::CHECK) else {
            panic!("the roles are missing")
        };
        assert!(found.saw[1].text.starts_with("Assigned to the service principal, and still not"));
    }

    #[test]
    fn every_role_passes_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
