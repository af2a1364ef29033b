//! Graph does not let the app read, although the token carries its roles: 403, or 401 for the token itself.
//! Source: <https://learn.microsoft.com/graph/errors>.
//!
//! Here is also the one place that tells which fault of the directory is the newest.

use entra::{Fault, FaultKind};

use super::identity_not_found::IDENTITY_NOT_FOUND;
use crate::{
    diagnosis::{Case, Check, Link, Outcome, Problem, Saw, Who, Words},
    evidence::Source,
    portal::PortalPage,
};

pub(super) static CHECK: Check = Check {
    id: "directory-forbidden",
    link: Link::Directory,
    words: Words {
        title: "Microsoft Graph does not let the app read the directory",
        meaning: "The gateways get the same answer and know nobody. The two likeliest causes: the \
                  permissions of the profile do not cover this call, or they were granted so recently that \
                  Graph does not know it yet.",
        fix: &[
            "Wait a minute and check again, if consent was granted just now.",
            "Compare the call that was refused with the permissions of the gateway profile.",
            "Open **API permissions**, add what is missing under **Application permissions** and click \
             **Grant admin consent for …**.",
        ],
        who: Who::PrivilegedRoleAdministrator,
        page: Some(PortalPage::ApiPermissions),
    },
    run,
};

fn run(case: &Case<'_>) -> Outcome {
    if nothing_was_read(case) {
        return Outcome::Skipped;
    }
    let Some(fault) = newest_fault(case) else { return Outcome::Pass };
    match fault.kind {
        FaultKind::Forbidden | FaultKind::Unauthorized if !is_identity_not_found(fault) => {
            Problem::broken(answer(fault)).and_saw(own_words(fault)).because_of(fault).word("Refused").found()
        }
        FaultKind::NotFound
        | FaultKind::GraphRefused
        | FaultKind::Refused
        | FaultKind::ForeignEndpoint
        | FaultKind::Setup => Outcome::CouldNotTell(format!("{fault} {}", answer(fault).text)),
        FaultKind::StorageFailed => Outcome::CouldNotTell(fault.to_string()),
        _ => Outcome::Pass,
    }
}

pub(super) fn is_identity_not_found(fault: &Fault) -> bool {
    fault.graph_code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(IDENTITY_NOT_FOUND))
}

/// Nobody has asked the directory anything yet.
pub(super) fn nothing_was_read(case: &Case<'_>) -> bool {
    case.evidence.directory.is_untried() && case.evidence.sync.is_none()
}

/// The fault that keeps the directory from being read, as seen last: by the first reads, or by a test sync
/// after them. What concerns single groups only makes a sync partial, and does not count here.
pub(super) fn newest_fault<'a>(case: &Case<'a>) -> Option<&'a Fault> {
    let looked = case.evidence.directory.at();
    let newer_sync = case
        .evidence
        .sync
        .as_ref()
        .filter(|sync| !sync.cancelled && looked.is_none_or(|looked| sync.finished_at >= looked));
    match newer_sync {
        Some(sync) => {
            sync.fault.as_ref().filter(|fault| !sync.complete && !sync.concerns_single_groups(fault))
        }
        None => case.evidence.directory.refusal().map(|refused| &refused.fault),
    }
}

/// Status, code and path of Graph's answer.
pub(super) fn answer(fault: &Fault) -> Saw {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(fault.http_status.map(|status| format!("HTTP {status}")));
    facts.extend(fault.graph_code.as_ref().map(|code| format!("`{code}`")));
    facts.extend(fault.path.as_ref().map(|path| format!("for `{path}`")));
    let source = if fault.http_status.is_some() { Source::Graph } else { Source::Network };
    let text =
        if facts.is_empty() { fault.to_string() } else { format!("Graph’s answer: {}.", facts.join(", ")) };
    Saw::new(source, text)
}

/// Graph's own text, as a quotation.
pub(super) fn own_words(fault: &Fault) -> Saw {
    let said = fault.detail.trim();
    let text = if said.is_empty() { fault.to_string() } else { format!("It says: “{said}”") };
    Saw::new(Source::Graph, text)
}

/// A healthy connection, never synced, whose first reads ended in this fault.
#[cfg(test)]
pub(super) fn refused_by_graph(kind: FaultKind, status: Option<u16>) -> crate::connection::Connection {
    use crate::evidence::{Fact, Refused};

    let mut connection = super::fixture::healthy();
    let mut fault = super::fixture::refusal(kind, entra::Operation::Graph);
    (fault.http_status, fault.path) = (status, Some("/users".to_owned()));
    connection.evidence.sync = None;
    connection.evidence.directory =
        Fact::Refused(Refused { fault, source: Source::Graph, at: super::fixture::now() });
    connection
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{super::partial_read::partial_sync, *};
    use crate::{
        diagnosis::{Severity, checks::fixture},
        evidence::{Fact, SyncRecord},
    };

    #[test]
    fn a_403_and_a_401_are_broken() {
        for (kind, status) in [(FaultKind::Forbidden, 403), (FaultKind::Unauthorized, 401)] {
            let connection = refused_by_graph(kind, Some(status));
            let Outcome::Problem(found) = fixture::judge(&connection, &CHECK) else {
                panic!("{status} is a finding")
            };
            assert_eq!(found.severity, Severity::Broken);
            assert!(found.saw[0].text.starts_with(&format!("Graph’s answer: HTTP {status}")));
        }
    }

    #[test]
    fn an_answer_that_nobody_explains_is_never_green() {
        for kind in [FaultKind::GraphRefused, FaultKind::NotFound] {
            let connection = refused_by_graph(kind, Some(400));
            assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::CouldNotTell(_)));
        }
    }

    #[test]
    fn a_sync_after_the_first_reads_counts_and_one_before_them_does_not() {
        let mut connection = fixture::healthy();
        let looked = connection.evidence.directory.at().expect("a healthy connection was read");
        let mut sync = partial_sync();
        sync.fault = Some(fixture::refusal(FaultKind::Forbidden, entra::Operation::Graph));
        sync.finished_at = looked + SignedDuration::from_secs(60);
        connection.evidence.sync = Some(sync.clone());
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Problem(_)));
        sync.finished_at = looked - SignedDuration::from_secs(60);
        connection.evidence.sync = Some(sync);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
    }

    #[test]
    fn one_group_s_refusal_leaves_the_directory_readable() {
        let mut connection = fixture::healthy();
        connection.evidence.directory = Fact::NotTried;
        let mut sync = partial_sync();
        let mut fault = fixture::refusal(FaultKind::Forbidden, entra::Operation::Graph);
        fault.path = Some("/groups/{id}/members".to_owned());
        sync.fault = Some(fault);
        connection.evidence.sync = Some(sync.clone());
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Pass));
        let stopped = SyncRecord { stopped: true, ..sync.clone() };
        connection.evidence.sync = Some(stopped);
        assert!(
            matches!(fixture::judge(&connection, &CHECK), Outcome::Problem(_)),
            "it ended the whole sync"
        );
        sync.groups_unread = sync.groups.read;
        connection.evidence.sync = Some(sync);
        assert!(matches!(fixture::judge(&connection, &CHECK), Outcome::Problem(_)), "no group could be read");
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
