//! Syncs failed so often, one after the other, that no sync is started for a while.

use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    words,
};

pub(super) static CHECK: Check = Check {
    id: "sync-quarantined",
    link: Link::Directory,
    words: Words {
        title: "Syncs of this connection pause because they kept failing",
        meaning: "A connection that fails again and again is left alone for a while, longer each time, so that it costs \
                  neither quota nor a lock-out. What is known of the directory stays as it was.",
        fix: &[
            "Mend what the reason names; the other findings may name it too.",
            "Clear the quarantine and try now, or wait for the next try.",
        ],
        who: Who::You,
        page: None,
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    let standing = &case.connection.sync_standing;
    let Some(quarantine) = &standing.quarantine else {
        return if case.evidence.sync.is_some() { Outcome::Pass } else { Outcome::Skipped };
    };
    let times = words::count(usize::try_from(standing.failures).unwrap_or(usize::MAX), "sync", "syncs");
    let (since, next) = (words::moment(quarantine.since), words::moment(quarantine.next_try));
    let code = quarantine.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    Problem::attention(Saw::new(
        Source::Computer,
        format!("{times} failed one after the other. In quarantine since {since}; next try {next}."),
    ))
    .and_saw(Saw::new(Source::Computer, format!("The last one{code}: {}", quarantine.reason)))
    .word("Paused")
    .found()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::CHECK;
    use crate::diagnosis::{Outcome, checks::fixture};

    #[test]
    fn a_quarantine_says_why_since_when_and_when_next() {
        let mut connection = fixture::healthy();
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        for hour in 0..3 {
            let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
            connection.sync_standing.failed(at, "Graph refused.".into(), Some("AADSTS7000215".into()));
        }
        let found = fixture::finding(&connection, &CHECK).unwrap();
        assert_eq!(
            found.saw[0].text,
            "3 syncs failed one after the other. In quarantine since 1 Jan 1970 02:00 UTC; next try 1 Jan 1970 03:00 UTC."
        );
        assert_eq!(found.saw[1].text, "The last one (AADSTS7000215): Graph refused.");
    }

    #[test]
    fn nothing_tried_is_nothing_found() {
        assert!(matches!(fixture::judge(&fixture::untried(), &CHECK), Outcome::Skipped));
    }
}
