//! One run as it is kept.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Facts;
use crate::{
    diagnosis::{Link, LinkState, Severity, Verdict},
    gatehouse::Report,
    report::{Ids, Names, Redaction},
};

/// A run that was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Grows with every run, whatever the clock says.
    pub id: i64,
    /// What was found.
    pub record: RunRecord,
}

/// What one check or test sync came to.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// The connection.
    pub connection_id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What it came to.
    pub verdict: Verdict,
    /// Id of the gateway profile.
    pub profile: String,
    /// The eight links, in order.
    pub links: Vec<RunLink>,
    /// What was found, in chain order.
    pub findings: Vec<RunFinding>,
    /// What a later run can be compared with.
    pub facts: Facts,
}

/// One link of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunLink {
    /// Which one.
    pub link: Link,
    /// How far it was proven.
    #[serde(with = "LinkStateText")]
    pub state: LinkState,
    /// One or two words for the chain.
    pub word: String,
    /// At most two short lines.
    pub evidence: Vec<String>,
}

/// One finding of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFinding {
    /// The check's id.
    pub id: String,
    /// The link it belongs to.
    pub link: Link,
    /// How much it weighed.
    pub severity: Severity,
    /// What was true, as a sentence.
    pub title: String,
}

impl RunRecord {
    /// What a judged connection came to after a run of this many seconds.
    pub fn of(report: &Report, seconds: f64) -> Self {
        let redaction = Redaction::of(&report.connection, Names::Masked, Ids::Full);
        let took = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        let links = report.chain.links.iter().map(|link| RunLink {
            link: link.link,
            state: link.state,
            word: redaction.text(&link.word),
            evidence: link.evidence.iter().map(|line| redaction.text(line)).collect(),
        });
        let findings = report.chain.findings.iter().map(|finding| RunFinding {
            id: finding.id.to_owned(),
            link: finding.link,
            severity: finding.severity,
            title: redaction.text(&finding.title),
        });
        Self {
            connection_id: report.connection.id.clone(),
            started_at: report.now.checked_sub(took).unwrap_or(report.now),
            seconds: took.as_secs_f64(),
            verdict: report.chain.verdict,
            profile: report.profile.id.clone(),
            links: links.collect(),
            findings: findings.collect(),
            facts: Facts::of(report),
        }
    }

    /// Everything worked when it was run; something may have needed attention.
    pub fn is_good(&self) -> bool {
        matches!(self.verdict, Verdict::Proven | Verdict::Attention)
    }

    /// The first broken link, or else the first that could not be told.
    pub fn stopped_at(&self) -> Option<&RunLink> {
        self.first(LinkState::Broken).or_else(|| self.first(LinkState::Unknown))
    }

    /// The link that the verdict comes from: where it stopped, or else the first that needs attention.
    pub fn decided_by(&self) -> Option<&RunLink> {
        self.stopped_at().or_else(|| self.first(LinkState::Attention))
    }

    fn first(&self, state: LinkState) -> Option<&RunLink> {
        self.links.iter().find(|link| link.state == state)
    }
}

/// A state as it is written down.
#[derive(Serialize, Deserialize)]
#[serde(remote = "LinkState", rename_all = "kebab-case")]
enum LinkStateText {
    NotTried,
    Proven,
    Attention,
    Broken,
    Skipped,
    Unknown,
}

/// A verdict as it is written down.
pub(super) fn verdict_text(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proven => "proven",
        Verdict::Attention => "attention",
        Verdict::Incomplete => "incomplete",
        Verdict::Broken => "broken",
    }
}

/// The verdict that was written down.
pub(super) fn verdict_of(text: &str) -> Option<Verdict> {
    [Verdict::Proven, Verdict::Attention, Verdict::Incomplete, Verdict::Broken]
        .into_iter()
        .find(|verdict| verdict_text(*verdict) == text)
}
