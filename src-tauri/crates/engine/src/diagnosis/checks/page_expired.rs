//! A list's page was forgotten by Graph before the next one was asked for, again and again.
//! Source: the code `Directory_ExpiredPageToken` of <https://learn.microsoft.com/graph/paging>.

use entra::{Fault, FaultKind};

use super::directory_forbidden::{answer, nothing_was_read};
use crate::diagnosis::{Case, Check, Link, Outcome, Problem, Who, Words};

pub(super) static CHECK: Check = Check {
    id: "page-expired",
    link: Link::Directory,
    words: Words {
        title: "Microsoft Graph forgot the place in a list before it was read to its end",
        meaning: "The directory answers, but the list was started again several times and never came to its \
                  end. A gateway that reads as slowly meets the same. Waiting alone does not help.",
        fix: &[
            "Run the test sync again without pausing it.",
            "Have the connection to Microsoft Graph checked, if requests take seconds each.",
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
    let expired = |fault: &&Fault| fault.kind == FaultKind::PageExpired;
    let first_reads = case.evidence.directory.refusal().map(|refused| &refused.fault).filter(expired);
    let last_sync = case.evidence.sync.as_ref().filter(|sync| !sync.complete && !sync.cancelled);
    let in_sync = last_sync.and_then(|sync| sync.fault.as_ref()).filter(expired);
    match in_sync.or(first_reads) {
        Some(fault) => Problem::attention(answer(fault)).because_of(fault).word("Cut short").found(),
        None => Outcome::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::partial_read::partial_sync, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::Fact,
    };

    #[test]
    fn a_sync_that_lost_its_place_is_told() {
        let mut connection = fixture::healthy();
        let mut sync = partial_sync();
        sync.fault = Some(fixture::refusal(FaultKind::PageExpired, entra::Operation::Graph));
        connection.evidence.sync = Some(sync.clone());
        let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else { panic!("it is a finding") };
        assert_eq!(found.severity, Severity::Attention);
        sync.cancelled = true;
        connection.evidence.sync = Some(sync);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
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
