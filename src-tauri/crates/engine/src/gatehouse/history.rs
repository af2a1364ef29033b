//! Earlier runs of a connection, and the report about it.

use super::{Gatehouse, Report};
use crate::{
    fault::{Fault, FaultCode},
    history::{Comparison, History, HistoryProblem, Run, RunRecord},
    report::{self, Paper, Past, ReportOptions},
    store::SetAside,
};

/// Earlier runs that a report lists.
const RUNS_IN_A_REPORT: usize = 10;

impl Gatehouse {
    /// Keeps a finished check or test sync, which took this many seconds, as a run. One of a connection that is not
    /// saved, or of a detached copy, is not kept.
    ///
    /// # Errors
    /// The connections or the history cannot be read, come from a newer Gatehouse, or cannot be written.
    pub fn record_run(&self, report: &Report, seconds: f64) -> Result<(), Fault> {
        let id = &report.connection.id;
        let saved = !self.inner.store.is_detached(id) && self.is_saved(id)?;
        if !saved {
            return Ok(());
        }
        self.history().record(&RunRecord::of(report, seconds), self.now()).map_err(fault)
    }

    /// The newest runs of a connection, the newest first; at most two hundred are kept.
    ///
    /// # Errors
    /// The history cannot be read, or comes from a newer Gatehouse.
    pub fn runs(&self, id: &str, limit: usize) -> Result<Vec<Run>, Fault> {
        self.history().runs(id, limit, self.now()).map_err(fault)
    }

    /// What the newest run shows that the last good run before it did not; none without both.
    ///
    /// # Errors
    /// As [`Gatehouse::runs`].
    pub fn changed_since_last_good(&self, id: &str) -> Result<Option<Comparison>, Fault> {
        let (history, now) = (self.history(), self.now());
        let Some(newest) = history.runs(id, 1, now).map_err(fault)?.pop() else { return Ok(None) };
        let last_good = history.last_good_before(id, newest.id, now).map_err(fault)?;
        Ok(last_good.map(|good| Comparison::of(&good, &newest)))
    }

    /// Damaged histories that were set aside.
    ///
    /// # Errors
    /// As [`Gatehouse::runs`].
    pub fn histories_set_aside(&self) -> Result<Vec<SetAside>, Fault> {
        self.history().set_aside(self.now()).map_err(fault)
    }

    /// The report about a judged connection, with its earlier runs.
    ///
    /// # Errors
    /// As [`Gatehouse::runs`].
    pub fn paper(&self, report: &Report, options: ReportOptions) -> Result<Paper, Fault> {
        let id = &report.connection.id;
        let past =
            Past { runs: self.runs(id, RUNS_IN_A_REPORT)?, changed: self.changed_since_last_good(id)? };
        Ok(report::of(report, &past, options))
    }

    /// Forgets the runs of a connection; a detached copy has none.
    pub(super) fn forget_runs(&self, id: &str) -> Result<(), Fault> {
        if self.inner.store.is_detached(id) {
            return Ok(());
        }
        self.history().remove(id, self.now()).map_err(fault)
    }

    fn is_saved(&self, id: &str) -> Result<bool, Fault> {
        Ok(self.connections()?.0.iter().any(|known| known.id == id))
    }

    fn history(&self) -> History {
        History::in_folder(self.home())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
fn fault(problem: HistoryProblem) -> Fault {
    match &problem {
        HistoryProblem::Newer { .. } => Fault::new(
            FaultCode::StoreDamaged,
            format!("{problem}."),
            "Update Gatehouse, or set GATEHOUSE_HOME to another folder.",
        ),
        HistoryProblem::File { path, error } => Fault::storage("Could not use the history", path, error),
    }
}
