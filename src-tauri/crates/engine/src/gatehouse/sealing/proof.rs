//! Whether a connection is proven, and lately enough, to hand out bundles with its credential.

use jiff::{SignedDuration, Timestamp};

use super::Report;
use crate::{
    connection::Connection,
    diagnosis::{Link, LinkState, Severity},
    fault::{Fault, FaultCode},
    words,
};

/// How long a proof is believed when bundles are sealed: a credential can be removed from the app at any time.
pub(super) const BELIEVED: SignedDuration = SignedDuration::from_hours(24);

/// What keeps bundles from being sealed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotProven {
    /// Why, as a sentence.
    pub(super) because: String,
    /// Everything was proven, only too long ago.
    pub(super) too_old: bool,
}

/// What keeps bundles from being sealed: a link up to the directory that has not been seen for real, or not lately. A
/// broken one is named before those that could not be looked at.
pub(super) fn not_proven(report: &Report) -> Option<NotProven> {
    let good = |state: &LinkState| matches!(state, LinkState::Proven | LinkState::Attention);
    let mut links =
        report.chain.links.iter().filter(|known| known.link <= Link::Directory && !good(&known.state));
    let Some(first) = links.clone().next() else { return too_old(&report.connection, report.now) };
    let known = links.find(|known| known.state == LinkState::Broken).unwrap_or(first);
    let state = if known.state == LinkState::Broken { "is broken" } else { "has not been proven" };
    let mut findings = report.chain.findings.iter().filter(|finding| finding.link == known.link);
    let why = findings.find(|finding| finding.severity != Severity::Attention);
    let why = why.map(|finding| format!(": {}", finding.title)).unwrap_or_default();
    Some(NotProven { because: format!("The link {} {state}{why}.", known.link.name()), too_old: false })
}

/// # Errors
/// Something keeps bundles from being sealed.
pub(super) fn proven(report: &Report) -> Result<(), Fault> {
    let Some(NotProven { because, too_old }) = not_proven(report) else { return Ok(()) };
    let what = format!("{because} No bundle was sealed.");
    let fix = if too_old {
        "Check the connection again, then seal."
    } else {
        "Check the connection, mend what is found, then seal."
    };
    Err(Fault::new(FaultCode::NotReady, what, fix))
}

fn too_old(connection: &Connection, now: Timestamp) -> Option<NotProven> {
    let at = last_seen(connection)?;
    let age = now.duration_since(at);
    let because = if age > BELIEVED {
        format!("This was proven {} ago, on {}; check again.", long(age), words::moment(at))
    } else if -age > BELIEVED {
        format!(
            "The last proof is from {}, which is still to come by this computer’s clock; check again.",
            words::moment(at)
        )
    } else {
        return None;
    };
    Some(NotProven { because, too_old: true })
}

/// When both were last seen for real: a token by this credential, and the directory.
fn last_seen(connection: &Connection) -> Option<Timestamp> {
    let evidence = &connection.evidence;
    let read = evidence.sync.as_ref().filter(|sync| sync.complete).map(|sync| sync.finished_at);
    let directory = evidence.directory.at().max(read)?;
    Some(directory.min(evidence.token.at()?))
}

fn long(age: SignedDuration) -> String {
    let hours = usize::try_from(age.as_hours()).unwrap_or_default();
    if hours < 48 { words::count(hours, "hour", "hours") } else { words::count(hours / 24, "day", "days") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{diagnosis::checks::fixture, evidence::Fact};

    fn because(hours: i64) -> Option<String> {
        let connection = fixture::healthy();
        let at = last_seen(&connection).unwrap();
        too_old(&connection, at + SignedDuration::from_hours(hours)).map(|found| found.because)
    }

    #[test]
    fn a_proof_is_believed_for_a_day() {
        assert_eq!(because(0), None);
        assert_eq!(because(24), None);
        let told = because(25).unwrap();
        assert!(told.starts_with("This was proven 25 hours ago, on 20 Nov 2026"), "{told}");
        let told = because(400 * 24).unwrap();
        assert!(told.starts_with("This was proven 400 days ago, on "), "{told}");
        assert!(told.ends_with("; check again."), "{told}");
        assert!(because(-25).unwrap().contains("still to come"));
    }

    #[test]
    fn the_older_of_token_and_directory_counts() {
        let mut connection = fixture::healthy();
        let now = last_seen(&connection).unwrap();
        let old = now - SignedDuration::from_hours(30);
        if let Fact::Seen(token) = &mut connection.evidence.token {
            token.at = old;
        }
        assert_eq!(last_seen(&connection), Some(old), "a directory that was read since proves no credential");
        assert!(too_old(&connection, now).unwrap().too_old);
    }
}
