//! The mark that a gateway’s next read begins from is no longer known to Graph.

use entra::FaultKind;

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

fn run(case: &Case<'_>) -> Outcome {
    let Some(sync) = &case.evidence.sync else { return Outcome::Skipped };
    // The sync has read everything instead, by itself.
    let Some(fault) = sync.full_because.as_ref().or(sync.fault.as_ref()) else { return Outcome::Pass };
    if fault.kind != FaultKind::DeltaExpired {
        return Outcome::Pass;
    }
    let status = fault.http_status.map(|status| format!(": HTTP {status}")).unwrap_or_default();
    let code = fault.graph_code.as_deref().map(|code| format!(", `{code}`")).unwrap_or_default();
    Problem::attention(Saw::new(Source::Graph, format!("The read of changes was refused{status}{code}.")))
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
    fn it_fires_on_an_expired_link_whatever_the_code_and_on_nothing_else() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        for (kind, code, fires) in [
            (FaultKind::DeltaExpired, Some("syncStateNotFound"), true),
            (FaultKind::DeltaExpired, None, true),
            (FaultKind::GraphRefused, Some("UnknownError"), false),
        ] {
            let mut fault = fixture::refusal(kind, Operation::Graph);
            (fault.http_status, fault.graph_code) = (Some(410), code.map(str::to_owned));
            let sync = connection.evidence.sync.as_mut().unwrap();
            (sync.complete, sync.fault, sync.full_because) = (false, Some(fault), None);
            assert_eq!(fixture::finding(&connection, &CHECK).is_some(), fires, "{code:?}");
            let sync = connection.evidence.sync.as_mut().unwrap();
            (sync.complete, sync.full_because) = (true, sync.fault.take());
            assert_eq!(fixture::finding(&connection, &CHECK).is_some(), fires, "{code:?}, then read whole");
        }
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
