//! The token had ended before it was read. It is judged at the time it was fetched: saved evidence does not
//! rot.

use jiff::Timestamp;

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "token-expired",
    link: Link::Token,
    words: Words {
        title: "The token had ended when it arrived",
        meaning: "Graph refuses an ended token, so the gateways read nothing. Either the clock of this \
                  computer is wrong, or something between keeps old answers. Waiting does not help.",
        fix: &[
            "Compare this computer’s clock, its date and its time zone with another one.",
            "Have the proxy checked: answers of the sign-in host must not be kept.",
            "Check again.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let (Some(token), Some(read_at)) = (case.token(), case.evidence.token.at()) else {
        return Outcome::Skipped;
    };
    let Some(claims) = &token.claims else { return Outcome::Skipped };
    let Some(ends) = claims.exp.and_then(|seconds| Timestamp::from_second(seconds).ok()) else {
        return Outcome::CouldNotTell("The token does not say when it ends.".to_owned());
    };
    if ends > read_at {
        return Outcome::Pass;
    }
    let text = format!("`exp` is {}, read {}.", words::moment(ends), words::moment(read_at));
    Problem::broken(Saw::new(Source::Token, text)).word("Token ended").found()
}

#[cfg(test)]
mod tests {
    use super::{super::token_unreadable::claims_of, *};
    use crate::{
        connection::Connection,
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    fn ending(seconds_after_reading: i64) -> Connection {
        let mut connection = fixture::healthy();
        let read_at = connection.evidence.token.at().expect("a healthy connection has a token");
        claims_of(&mut connection).exp = Some(read_at.as_second() + seconds_after_reading);
        connection
    }

    #[test]
    fn an_ended_token_is_broken() {
        let Outcome::Problem(found) = fixture::judge(&ending(-1), &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Broken);
        assert!(found.saw[0].text.contains("UTC, read"));
        assert!(matches!(fixture::judge(&ending(1), &CHECK), Outcome::Pass));
    }

    #[test]
    fn a_token_without_an_end_cannot_be_told() {
        let mut connection = fixture::healthy();
        claims_of(&mut connection).exp = None;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::CouldNotTell(_)));
    }

    #[test]
    fn a_healthy_token_passes_and_no_token_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
