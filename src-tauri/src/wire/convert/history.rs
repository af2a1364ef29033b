use engine::{
    Gatehouse,
    diagnosis::{Severity, Verdict},
    history::{Comparison, Run},
};

use crate::wire::{ChangedView, HistoryView, LinkState, Problem, RunView};

/// Runs that fit beside the findings.
const RUNS_SHOWN: usize = 24;

impl HistoryView {
    pub(crate) fn of(engine: &Gatehouse, connection: &str) -> Result<Self, Problem> {
        let runs = engine.runs(connection, RUNS_SHOWN)?;
        let changed = engine.changed_since_last_good(connection)?;
        Ok(Self {
            runs: runs.iter().map(RunView::from).collect(),
            changed: changed.as_ref().map(ChangedView::from),
        })
    }
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        let record = &run.record;
        Self {
            id: run.id.to_string(),
            at: record.started_at.to_string(),
            took_ms: milliseconds(record.seconds),
            verdict: record.verdict.into(),
            states: record.links.iter().map(|link| LinkState::from(link.state)).collect(),
            says: says(run),
            findings: record.findings.iter().map(|finding| finding.title.clone()).collect(),
        }
    }
}

/// Where the verdict comes from, in one or two words.
fn says(run: &Run) -> String {
    let record = &run.record;
    let attention = record.findings.iter().find(|finding| finding.severity == Severity::Attention);
    match (record.verdict, record.stopped_at(), attention) {
        (Verdict::Proven, ..) => "Proven".to_owned(),
        (Verdict::Attention, _, Some(finding)) => finding.link.name().to_owned(),
        (Verdict::Broken | Verdict::Incomplete, Some(link), _) => link.link.name().to_owned(),
        (Verdict::Attention, _, None) => "Works, but…".to_owned(),
        (Verdict::Broken | Verdict::Incomplete, None, _) => "Not fully checked".to_owned(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float that is clamped to what fits"
)]
fn milliseconds(seconds: f64) -> u32 {
    (seconds * 1000.0).clamp(0.0, f64::from(u32::MAX)) as u32
}

impl From<&Comparison> for ChangedView {
    fn from(comparison: &Comparison) -> Self {
        Self {
            since: comparison.since.to_string(),
            changes: comparison.changes.iter().map(|change| change.words()).collect(),
        }
    }
}
