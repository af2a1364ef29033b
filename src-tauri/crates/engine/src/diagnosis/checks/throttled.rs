//! Graph asked to slow down for longer than anybody was willing to wait.
//! Source: <https://learn.microsoft.com/graph/throttling>.

use entra::{Fault, FaultKind};

use super::directory_forbidden::{answer, newest_fault, nothing_was_read};
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "throttled",
    link: Link::Directory,
    words: Words {
        title: "Microsoft Graph asks to slow down",
        meaning: "The directory could not be read to its end, so nothing is proven about it. The limit \
                  counts every request of this app in this tenant, those of the gateways too. Waiting \
                  helps.",
        fix: &[
            "Wait {wait}, then check again.",
            "Check whether another program uses the same app, and give each kind of gateway its own.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if nothing_was_read(case) {
        return Outcome::Skipped;
    }
    let Some(fault) = newest_fault(case).filter(|fault| slowed_down(fault)) else { return Outcome::Pass };
    let asked = fault.retry_after.map(|wait| format!("{} s", words::number(wait.as_secs().max(1))));
    let mut problem = Problem::unknown(answer(fault));
    if let Some(wait) = &asked {
        problem = problem.and_saw(Saw::new(Source::Graph, format!("`Retry-After` is {wait}.")));
    }
    problem
        .with("wait", asked.unwrap_or_else(|| "a minute".to_owned()))
        .because_of(fault)
        .word("Slowed down")
        .found()
}

/// Asked to wait, and for longer than anybody was willing to.
pub(super) fn slowed_down(fault: &Fault) -> bool {
    fault.kind == FaultKind::Throttled
        || fault.kind == FaultKind::PatienceExhausted && fault.http_status == Some(429)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{super::directory_forbidden::refused_by_graph, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn a_429_tells_nothing_and_names_the_wait() {
        let mut connection = refused_by_graph(FaultKind::Throttled, Some(429));
        let Fact::Refused(refused) = &mut connection.evidence.directory else { panic!("it was refused") };
        refused.fault.retry_after = Some(Duration::from_secs(1_200));
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Unknown);
        assert_eq!(found.values, [("wait", "1,200 s".to_owned())]);
    }

    #[test]
    fn a_directory_that_was_read_passes_and_nothing_read_is_skipped() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.directory = Fact::NotTried;
        connection.evidence.sync = None;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
