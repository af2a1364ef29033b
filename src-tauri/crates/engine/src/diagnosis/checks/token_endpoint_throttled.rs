//! The token endpoint answered 429: it was asked too often.
//! Source: <https://learn.microsoft.com/entra/msal/dotnet/advanced/client-and-server-throttling>.

use super::error_unknown::own_words;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
};

pub(super) static CHECK: Check = Check {
    id: "token-endpoint-throttled",
    link: Link::Token,
    words: Words {
        title: "The token endpoint asks to slow down",
        meaning: "Nothing was learned about the app: its requests were too many, here or from a gateway that \
                  asks again and again. Waiting helps.",
        fix: &[
            "Wait {wait}, then check again.",
            "If it comes back, look for a gateway that asks for a new token with every request. A token can \
             be used until it ends.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if case.evidence.token.is_untried() {
        return Outcome::Skipped;
    }
    let Some(fault) = case.refusal_leading_to(CHECK.id) else { return Outcome::Pass };
    let status = fault.http_status.unwrap_or(429);
    let asked = fault.retry_after.map(|wait| wait.as_secs().max(1));
    let text = asked.map_or_else(
        || format!("Refused: HTTP {status}, without a waiting time."),
        |seconds| format!("Refused: HTTP {status}, `Retry-After` {seconds} s."),
    );
    Problem::unknown(Saw::new(Source::TokenEndpoint, text))
        .and_saw(own_words(fault))
        .with("wait", asked.map_or_else(|| "a minute".to_owned(), |seconds| format!("{seconds} s")))
        .because_of(fault)
        .word("Slowed down")
        .found()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use entra::{FaultKind, Operation};

    use super::{super::error_unknown::token_refused_by, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn a_429_tells_nothing_and_names_the_wait() {
        let mut fault = fixture::refusal(FaultKind::Throttled, Operation::Token);
        (fault.http_status, fault.retry_after) = (Some(429), Some(Duration::from_secs(60)));
        let Outcome::Problem(found) = fixture::judge(&token_refused_by(fault), &CHECK) else {
            panic!("throttling is a finding")
        };
        assert_eq!(found.severity, Severity::Unknown);
        assert_eq!(found.saw[0].text, "Refused: HTTP 429, `Retry-After` 60 s.");
        assert_eq!(found.values, [("wait", "60 s".to_owned())]);
    }

    #[test]
    fn a_token_passes_and_no_request_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.token = Fact::NotTried;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
