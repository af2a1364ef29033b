//! The last test sync did not read everything, or its counts do not agree.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::{Source, SyncRecord, Tally},
    words,
};

pub(super) static CHECK: Check = Check {
    id: "partial-read",
    link: Link::Directory,
    words: Words {
        title: "The last test sync did not read everything",
        meaning: "What was read is right, but it is not the whole directory. A gateway must never take a \
                  partial read as a reason to remove anybody. Waiting helps when the directory was changing \
                  or Graph was busy.",
        fix: &[
            "Mend what the other findings name first, if there are any.",
            "Run the test sync again.",
            "If the same groups stay unread, check who may see their members.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let Some(sync) = case.evidence.sync.as_ref().filter(|sync| !sync.cancelled) else {
        return Outcome::Skipped;
    };
    if sync.complete {
        return Outcome::Pass;
    }
    let mut problem = Problem::attention(Saw::new(Source::Graph, counts(sync))).word("Partial");
    if sync.groups_unread > 0 {
        let text =
            format!("Groups whose members were not read to the end: {}.", words::number(sync.groups_unread));
        problem = problem.and_saw(Saw::new(Source::Graph, text));
    }
    if let Some(fault) = &sync.fault {
        let source =
            if fault.operation == entra::Operation::Graph { Source::Graph } else { Source::Computer };
        let said = fault.detail.trim();
        let text = match (said, source) {
            ("", _) => fault.to_string(),
            (_, Source::Computer) => format!("{fault} {said}"),
            _ => format!("{fault} It says: “{said}”"),
        };
        problem = problem.and_saw(Saw::new(source, text)).because_of(fault);
    }
    problem.found()
}

fn counts(sync: &SyncRecord) -> String {
    let of = |name: &str, tally: Tally| {
        let read = words::number(tally.read);
        match tally.counted {
            Some(counted) => format!("{read} of {} {name} read", words::number(counted)),
            None => format!("{read} {name} read, not counted by Graph"),
        }
    };
    format!("{}; {}.", of("users", sync.users), of("groups", sync.groups))
}

/// A sync that is newer than anything healthy: 200 users, 12 groups, the members of one of them unread.
#[cfg(test)]
pub(super) fn partial_sync() -> SyncRecord {
    use jiff::SignedDuration;

    let now = super::fixture::now();
    SyncRecord {
        complete: false,
        cancelled: false,
        started_at: now - SignedDuration::from_secs(3),
        finished_at: now,
        users: Tally { read: 200, counted: Some(200) },
        groups: Tally { read: 12, counted: Some(12) },
        memberships: Tally { read: 900, counted: None },
        groups_unread: 1,
        hidden_groups: 0,
        requests: 16,
        answered: 16,
        throttled: 0,
        resource_units: 20.0,
        seconds: 3.0,
        fault: None,
        stopped: false,
        mode: crate::evidence::SyncMode::Full,
        asked: crate::evidence::SyncMode::Full,
        full_because: None,
        resumed: false,
        changes: None,
        held: None,
    }
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, Operation};

    use super::*;
    use crate::diagnosis::{Severity, checks::fixture};

    #[test]
    fn a_partial_sync_needs_attention_and_gives_its_counts_and_its_reason() {
        let mut connection = fixture::healthy();
        let mut sync = partial_sync();
        (sync.users.read, sync.groups.counted) = (1_200, None);
        sync.fault = Some(fixture::refusal(FaultKind::Forbidden, Operation::Graph));
        connection.evidence.sync = Some(sync);
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Attention);
        assert_eq!(found.saw[0].text, "1,200 of 200 users read; 12 groups read, not counted by Graph.");
        assert_eq!(found.saw[1].text, "Groups whose members were not read to the end: 1.");
        assert_eq!(found.saw.len(), 3);
        assert!(found.fault.is_some());
    }

    #[test]
    fn a_whole_sync_passes_and_none_or_a_cancelled_one_is_skipped() {
        let mut connection = fixture::healthy();
        connection.evidence.sync = Some(SyncRecord { complete: true, groups_unread: 0, ..partial_sync() });
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        connection.evidence.sync = Some(SyncRecord { cancelled: true, ..partial_sync() });
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
        connection.evidence.sync = None;
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Skipped));
    }
}
