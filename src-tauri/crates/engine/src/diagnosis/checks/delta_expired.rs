//! The mark that a gateway’s next read begins from is no longer known to Graph.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
};

pub(super) static CHECK: Check = Check {
    id: "delta-expired",
    link: Link::Directory,
    words: Words {
        title: "The mark of the last read has expired, so only a full read helps",
        meaning: "Microsoft Graph keeps what changed for about seven days. Nothing is lost: the directory was read from its start instead, and until such a read is complete nobody is removed.",
        fix: &["Run a full sync.", "Let the gateway sync at least once in seven days."],
        who: Who::You,
        page: None,
    },
    run,
};

/// Graph's codes for a delta link or token that it does not know any more.
/// Source: <https://learn.microsoft.com/graph/delta-query-overview#synchronization-reset>.
const CODES: [&str; 3] = ["syncStateNotFound", "resyncRequired", "syncStateInvalid"];

fn run(case: &Case<'_>) -> Outcome {
    let Some(sync) = &case.evidence.sync else { return Outcome::Skipped };
    // The sync has read everything instead, by itself.
    let Some(fault) = sync.full_because.as_ref().or(sync.fault.as_ref()) else { return Outcome::Pass };
    let named =
        fault.graph_code.as_deref().filter(|code| CODES.iter().any(|known| known.eq_ignore_ascii_case(code)));
    let Some(code) = named else { return Outcome::Pass };
    let status = fault.http_status.map(|status| format!("HTTP {status}, ")).unwrap_or_default();
    Problem::attention(Saw::new(Source::Graph, format!("The read of changes was refused: {status}`{code}`.")))
        .because_of(fault)
        .word("Full read needed")
        .found()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};
    use entra::{FaultKind, Operation};

    #[test]
    fn it_fires_on_graphs_codes_and_on_no_other() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        for (code, fires) in [("syncStateNotFound", true), ("resyncRequired", true), ("UnknownError", false)]
        {
            let mut fault = fixture::refusal(FaultKind::GraphRefused, Operation::Graph);
            (fault.http_status, fault.graph_code) = (Some(410), Some(code.to_owned()));
            let sync = connection.evidence.sync.as_mut().unwrap();
            (sync.complete, sync.fault, sync.full_because) = (false, Some(fault), None);
            assert_eq!(fixture::finding(&connection, &CHECK).is_some(), fires, "{code}");
            let sync = connection.evidence.sync.as_mut().unwrap();
            (sync.complete, sync.full_because) = (true, sync.fault.take());
            assert_eq!(fixture::finding(&connection, &CHECK).is_some(), fires, "{code}, then read whole");
        }
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
