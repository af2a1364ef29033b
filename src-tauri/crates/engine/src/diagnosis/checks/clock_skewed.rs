//! This computer’s clock differs from Microsoft’s. Tokens are told by the clock, so this goes before an ended token.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::{Fact, Source},
    words,
};

pub(super) static CHECK: Check = Check {
    id: "clock-skewed",
    link: Link::Network,
    words: Words {
        title: "This computer’s clock is {difference}",
        meaning: "Entra ID dates tokens by its own clock. From five minutes on they look ended or not yet valid here. Gateways keep their own clocks; check theirs too. Waiting does not help.",
        fix: &[
            "Set this computer’s date and time to be kept by the network.",
            "Check that its time zone is right.",
            "Do the same on the gateways.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

/// Seconds that are fine.
const FINE: u64 = 120;
/// Seconds that still work.
const WORKS: u64 = 300;

fn run(case: &Case<'_>) -> Outcome {
    let Some(difference) = difference(case) else { return Outcome::Skipped };
    if !difference.matters() {
        return Outcome::Pass;
    }
    let problem = if difference.seconds.unsigned_abs() > WORKS {
        Problem::broken(difference.saw()).word("Wrong clock")
    } else {
        Problem::attention(difference.saw())
    };
    problem.with("difference", difference.words()).found()
}

/// This computer’s clock beside that of the host that differs most.
pub(super) struct Difference<'a> {
    seconds: i64,
    host: &'a str,
}

/// The larger of the differences to the two hosts; none when neither dated its answer.
pub(super) fn difference<'a>(case: &Case<'a>) -> Option<Difference<'a>> {
    [&case.evidence.authority, &case.evidence.graph]
        .into_iter()
        .filter_map(Fact::value)
        .filter_map(|answer| Some(Difference { seconds: answer.clock_ahead_seconds?, host: &answer.host }))
        .max_by_key(|difference| difference.seconds.unsigned_abs())
}

impl Difference<'_> {
    /// More than two minutes.
    pub(super) fn matters(&self) -> bool {
        self.seconds.unsigned_abs() > FINE
    }

    /// The bare fact.
    pub(super) fn saw(&self) -> Saw {
        let text = format!(
            "By the date of the answer from `{}`, this computer’s clock is {} ({} s).",
            self.host,
            self.words(),
            words::number(self.seconds.unsigned_abs())
        );
        Saw::new(Source::Network, text)
    }

    fn words(&self) -> String {
        let seconds = self.seconds.unsigned_abs();
        let (size, one, many) = match seconds {
            0..7_200 => (seconds / 60, "minute", "minutes"),
            7_200..172_800 => (seconds / 3_600, "hour", "hours"),
            _ => (seconds / 86_400, "day", "days"),
        };
        let amount = words::count(usize::try_from(size).unwrap_or(usize::MAX), one, many);
        let side = if self.seconds > 0 { "ahead" } else { "behind" };
        format!("{amount} {side}")
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, Severity, checks::fixture};

    fn judged(authority: Option<i64>, graph: Option<i64>) -> Option<(Severity, String)> {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::host_answer("login.microsoftonline.com", authority);
        connection.evidence.graph = fixture::host_answer("graph.microsoft.com", graph);
        fixture::finding(&connection, &CHECK).map(|finding| (finding.severity, finding.title))
    }

    #[test]
    fn two_minutes_are_fine_and_five_still_work() {
        assert!(matches!(fixture::judge(&fixture::healthy(), &CHECK), Outcome::Pass));
        assert_eq!(judged(Some(120), Some(-120)), None);
        let title = "This computer’s clock is 2 minutes behind".to_owned();
        assert_eq!(judged(Some(3), Some(-121)), Some((Severity::Attention, title)));
        let title = "This computer’s clock is 5 minutes ahead".to_owned();
        assert_eq!(judged(Some(300), None), Some((Severity::Attention, title.clone())));
        assert_eq!(judged(Some(301), Some(121)), Some((Severity::Broken, title)));
    }

    #[test]
    fn hosts_that_send_no_date_tell_nothing() {
        let mut connection = fixture::healthy();
        connection.evidence.authority = fixture::host_answer("login.microsoftonline.com", None);
        connection.evidence.graph = fixture::host_answer("graph.microsoft.com", None);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
