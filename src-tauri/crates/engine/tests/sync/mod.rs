//! The faults that a sync survives, each a test.

mod broken;
mod deltas;
mod elsewhere;
mod moving;
mod quarantine;
mod renewing;
mod resuming;
mod shapes;
mod throttling;

use std::{path::Path, sync::mpsc, time::Duration};

use engine::clock::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tokio::time::Instant;

/// What passes at once.
const STEP: Duration = Duration::from_millis(50);
/// What is left to loopback between two steps, for answers that are on their way.
const MOMENT: Duration = Duration::from_millis(1);

/// Time that passes only as [`Standing::passes`] lets it, and then fifty times as fast: a minute takes a second. For
/// the runtime with one thread.
pub(crate) struct Standing {
    began: Instant,
    /// tokio moves its clock by itself, unless something blocks.
    _blocking: mpsc::Sender<()>,
}

impl Standing {
    pub(crate) fn still() -> Self {
        let (_blocking, ended) = mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || ended.recv().ok());
        tokio::time::pause();
        Self { began: Instant::now(), _blocking }
    }

    /// Runs this while time passes; `meanwhile` has its turn before every step.
    pub(crate) async fn passes<T>(&self, work: impl Future<Output = T>, mut meanwhile: impl FnMut()) -> T {
        tokio::pin!(work);
        loop {
            #[expect(clippy::disallowed_methods, reason = "tokio's own clock stands still meanwhile")]
            let moment = tokio::task::spawn_blocking(|| std::thread::sleep(MOMENT));
            tokio::select! {
                biased;
                done = &mut work => return done,
                slept = moment => slept.unwrap(),
            }
            meanwhile();
            tokio::time::advance(STEP).await;
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        tokio::time::resume();
    }
}

/// A clock for the practice tenant that goes with tokio's.
pub(crate) struct TokioClock {
    start: Timestamp,
    began: Instant,
}

impl TokioClock {
    pub(crate) fn new() -> Self {
        Self { start: SystemClock.now(), began: Instant::now() }
    }
}

impl practice::Clock for TokioClock {
    fn now(&self) -> Timestamp {
        self.start + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }
}

/// Everything that a file holds of a directory, line by line.
pub(crate) fn known(file: &Path) -> Vec<String> {
    let ledger = Connection::open(file).unwrap();
    let mut lines = Vec::new();
    for select in [
        "SELECT concat_ws('|', id, user_principal_name, display_name, mail, account_enabled, user_type) FROM users ORDER BY id",
        "SELECT concat_ws('|', id, display_name, mail, security_enabled, visibility, group_types) FROM groups ORDER BY id",
        "SELECT concat_ws('|', group_id, member_id, member_type) FROM memberships ORDER BY group_id, member_id",
    ] {
        let mut select = ledger.prepare(select).unwrap();
        let rows = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
        lines.extend(rows.map(Result::unwrap));
    }
    lines
}
