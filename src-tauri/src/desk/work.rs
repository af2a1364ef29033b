//! Checks and test syncs, with their progress sent to the page.

use std::time::Duration;

use engine::{
    CheckRequest, Gatehouse, SyncRequest,
    connection::Connection,
    diagnosis::{ConsentTry, Link, ProbeWatcher},
    sync::{Resume, SyncProgress, SyncWatcher},
};

use jiff::Timestamp;

use super::Desk;
use crate::wire::{
    self, ForecastView, JourneyView, LinkId, LinkState, Problem, Progress, ProgressEvent, SyncForget,
    SyncForm,
};

/// How long the window waits for roles to arrive before it says that they did not.
const CONSENT_WAIT: Duration = Duration::from_secs(120);
/// How long a test sync waits out throttling.
const SYNC_PATIENCE: Duration = Duration::from_secs(120);
/// How long a forecast waits out throttling.
const FORECAST_PATIENCE: Duration = Duration::from_secs(10);

impl Desk {
    pub(crate) async fn check(&self, connection: String, through: LinkId) -> Result<JourneyView, Problem> {
        self.look(&connection, CheckRequest { through: through.into(), ..CheckRequest::default() }).await
    }

    pub(crate) async fn wait_for_consent(&self, connection: String) -> Result<JourneyView, Problem> {
        let request = CheckRequest { consent_wait: CONSENT_WAIT, ..CheckRequest::default() };
        self.look(&connection, request).await
    }

    pub(crate) async fn test_sync(&self, connection: String, form: SyncForm) -> Result<JourneyView, Problem> {
        self.journey(connection.clone()).await?;
        let reporter = Reporter { desk: self, connection: &connection };
        reporter.looking_at(Link::Directory);
        let began = self.engine.now();
        self.engine.test_sync(&connection, request_of(form), &reporter).await?;
        self.keep_run(&connection, began)?;
        JourneyView::of(&self.engine, &connection)
    }

    pub(crate) async fn forecast_sync(&self, connection: String) -> Result<ForecastView, Problem> {
        self.journey(connection.clone()).await?;
        Ok(self.engine.forecast(&connection, FORECAST_PATIENCE).await?.into())
    }

    pub(crate) async fn restart_sync(
        &self,
        connection: String,
        forget: SyncForget,
    ) -> Result<JourneyView, Problem> {
        self.engine.restart_sync(&connection, forget.into())?;
        JourneyView::of(&self.engine, &connection)
    }

    pub(crate) async fn pause_sync(&self, connection: String) -> Result<(), Problem> {
        self.engine.pause_sync(&connection);
        Ok(())
    }

    pub(crate) async fn resume_sync(&self, connection: String) -> Result<(), Problem> {
        self.engine.resume_sync(&connection);
        Ok(())
    }

    pub(crate) async fn cancel(&self, connection: String) -> Result<(), Problem> {
        self.engine.cancel(&connection);
        Ok(())
    }

    async fn look(&self, connection: &str, request: CheckRequest) -> Result<JourneyView, Problem> {
        self.journey(connection.to_owned()).await?;
        let request = CheckRequest { account: self.practice_account(connection).await?, ..request };
        let reporter = Reporter { desk: self, connection };
        reporter.nothing_tried(request.through);
        let (whole, began) = (request.through == Link::Gateway, self.engine.now());
        self.engine.check(connection, request, &reporter).await?;
        if whole {
            self.keep_run(connection, began)?;
        }
        JourneyView::of(&self.engine, connection)
    }

    /// Keeps a run for comparison. A history that cannot be written says so where it is shown, and takes nothing away
    /// from what was just proven.
    pub(super) fn keep_run(&self, connection: &str, began: Timestamp) -> Result<(), Problem> {
        let report = self.engine.report(connection)?;
        // What was stopped in the middle is no run.
        let finished = [
            report.connection.checked_at,
            report.connection.evidence.sync.as_ref().map(|sync| sync.finished_at),
        ];
        if !finished.into_iter().flatten().any(|at| at >= began) {
            return Ok(());
        }
        let seconds = self.engine.now().duration_since(began).as_secs_f64();
        self.engine.record_run(&report, seconds).ok();
        Ok(())
    }
}

fn request_of(form: SyncForm) -> SyncRequest {
    SyncRequest {
        mode: form.mode.into(),
        resume: if form.resume { Resume::GoOn } else { Resume::Afresh },
        accepted: form.accepted_removals.map(u64::from),
        patience: SYNC_PATIENCE,
    }
}

/// Sends what it hears to the page.
pub(super) struct Reporter<'a> {
    pub(super) desk: &'a Desk,
    pub(super) connection: &'a str,
}

impl Reporter<'_> {
    fn send(&self, progress: Progress) {
        (self.desk.progress)(ProgressEvent { connection: self.connection.to_owned(), progress });
    }
}

impl Reporter<'_> {
    /// Every link up to this one is about to be tried.
    pub(super) fn nothing_tried(&self, through: Link) {
        for link in Link::ALL.into_iter().filter(|link| *link <= through) {
            let word = "Not tried".to_owned();
            self.send(Progress::Link { link: link.into(), state: LinkState::NotTried, word });
        }
    }
}

impl ProbeWatcher for Reporter<'_> {
    fn looking_at(&self, link: Link) {
        self.send(Progress::Link {
            link: link.into(),
            state: LinkState::Checking,
            word: "Checking".to_owned(),
        });
    }

    fn seen(&self, connection: &Connection) {
        let engine: &Gatehouse = &self.desk.engine;
        let Ok(report) = engine.judge(connection.clone()) else { return };
        for link in &report.chain.links {
            let view = wire::LinkView::from(link);
            self.send(Progress::Link { link: view.link, state: view.state, word: view.word });
        }
    }

    fn not_yet(&self, next_in: Duration) {
        let next_in_ms = u32::try_from(next_in.as_millis()).unwrap_or(u32::MAX);
        self.send(Progress::NotYet { next_in_ms });
    }

    fn consent_try(&self, attempt: &ConsentTry) {
        self.send(attempt.into());
    }
}

impl SyncWatcher for Reporter<'_> {
    fn progress(&self, progress: &SyncProgress) {
        self.send(Progress::Sync(progress.into()));
    }
}
