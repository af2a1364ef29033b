//! A connection whose syncs keep failing, seen from the façade.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use engine::{
    Endpoints, Fault, FaultCode, Gatehouse, Keep, NewConnection, Registration, SecretEntry, Setup,
    SyncRequest,
    clock::{Clock, SystemClock},
    connection::Connection,
    evidence::SyncMode,
    sync::{Forget, Quarantine, SyncProgress, SyncWatcher},
    vault::MemoryVault,
    words,
};
use jiff::{SignedDuration, Timestamp};
use practice::{Changes, Knobs, Options, Practice};

struct Quiet;

impl SyncWatcher for Quiet {
    fn progress(&self, _: &SyncProgress) {}
}

/// Stands still until a test moves it.
struct Moved {
    start: Timestamp,
    minutes: AtomicI64,
}

impl Moved {
    fn on(&self, minutes: i64) {
        self.minutes.fetch_add(minutes, Ordering::Relaxed);
    }
}

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        self.start + SignedDuration::from_mins(self.minutes.load(Ordering::Relaxed))
    }
}

struct Bench {
    practice: Practice,
    engine: Gatehouse,
    id: String,
    clock: Arc<Moved>,
    _home: tempfile::TempDir,
}

impl Bench {
    async fn start() -> Self {
        let practice = practice::start(Options::default()).await.unwrap();
        let home = tempfile::tempdir().unwrap();
        let ca = home.path().join("ca.pem");
        std::fs::File::create(&ca).unwrap().write_all(practice.ca_pem().as_bytes()).unwrap();
        let clock = Arc::new(Moved { start: SystemClock.now(), minutes: AtomicI64::new(0) });
        let engine = Gatehouse::new(Setup {
            home: home.path().join("data"),
            keychain: Arc::new(MemoryVault::default()),
            clock: clock.clone(),
            user_agent: "test".to_owned(),
        });
        let facts = practice.facts();
        let id = engine
            .create(NewConnection {
                name: "Print servers".to_owned(),
                endpoints: Endpoints::custom(&facts.authority, &facts.graph).unwrap(),
                practice: true,
                ca_file: Some(ca.to_string_lossy().into_owned()),
            })
            .unwrap()
            .id;
        let registration = Registration {
            tenant: facts.tenant_id.clone(),
            client_id: facts.client_id.clone(),
            name: "Print servers".to_owned(),
        };
        engine.save_registration(&id, &registration).unwrap();
        let secret = facts.client_secret.clone().into();
        engine.save_secret(&id, &SecretEntry { secret, ends_on: None, keep: Keep::Keychain }).unwrap();
        Self { practice, engine, id, clock, _home: home }
    }

    fn play(&self, scenario: &str) {
        self.practice.set(&Knobs { scenario: Some(scenario.parse().unwrap()), ..Knobs::default() }).unwrap();
    }

    async fn sync(&self, mode: SyncMode) -> Result<Connection, Fault> {
        let request = SyncRequest { mode, patience: Duration::from_secs(1), ..SyncRequest::default() };
        self.engine.test_sync(&self.id, request, &Quiet).await
    }

    async fn fail(&self, mode: SyncMode) {
        let record = self.sync(mode).await.unwrap().evidence.sync.unwrap();
        assert!(!record.complete, "{record:?}");
    }

    fn quarantine(&self) -> Option<Quarantine> {
        self.engine.connection(&self.id).unwrap().sync_standing.quarantine
    }

    async fn refused(&self) -> Fault {
        let before = self.practice.requests();
        let fault = self.sync(SyncMode::Full).await.unwrap_err();
        assert_eq!(fault.code, FaultCode::Quarantined, "{fault:?}");
        assert_eq!(self.practice.requests(), before, "nothing is asked meanwhile");
        fault
    }
}

#[tokio::test]
async fn after_three_failures_nothing_is_asked_until_the_next_try_is_due() {
    let bench = Bench::start().await;
    bench.play("throttled");
    for _ in 0..3 {
        assert_eq!(bench.quarantine(), None);
        bench.fail(SyncMode::Full).await;
        bench.clock.on(10);
    }
    let pause = bench.quarantine().unwrap();
    assert_eq!(pause.since, bench.clock.start + SignedDuration::from_mins(20));
    assert_eq!(pause.next_try, pause.since + SignedDuration::from_hours(1));
    assert!(!pause.reason.is_empty());
    let fault = bench.refused().await;
    assert!(fault.what.contains(&words::moment(pause.since)), "{}", fault.what);
    assert!(fault.what.contains(&pause.reason), "{}", fault.what);
    assert!(fault.fix.contains(&words::moment(pause.next_try)), "{}", fault.fix);
    // One minute before it is due, and when it is.
    bench.clock.on(49);
    bench.refused().await;
    bench.clock.on(1);
    bench.fail(SyncMode::Full).await;
    let longer = bench.quarantine().unwrap();
    assert_eq!(
        (longer.since, longer.next_try),
        (pause.since, pause.next_try + SignedDuration::from_hours(2))
    );
    // A success ends it all.
    bench.play("healthy");
    bench.clock.on(120);
    let connection = bench.sync(SyncMode::Full).await.unwrap();
    assert!(connection.evidence.sync.unwrap().complete);
    assert_eq!((connection.sync_standing.quarantine, connection.sync_standing.failures), (None, 0));
}

#[tokio::test]
async fn a_refused_credential_is_a_failure_too_and_its_number_is_kept() {
    let bench = Bench::start().await;
    bench.play("secret-expired");
    for _ in 0..3 {
        bench.sync(SyncMode::Full).await.unwrap_err();
    }
    assert_eq!(bench.quarantine().unwrap().code.as_deref(), Some("AADSTS7000222"));
    bench.refused().await;
}

#[tokio::test]
async fn a_cleared_quarantine_is_tried_at_once_and_what_is_not_forgotten_stays() {
    let bench = Bench::start().await;
    bench.play("throttled");
    for _ in 0..3 {
        bench.fail(SyncMode::Full).await;
    }
    bench.engine.restart_sync(&bench.id, Forget::Escalations).unwrap();
    bench.refused().await;
    bench.fail_after_clearing(Forget::Quarantine, 1).await;
    assert_eq!(bench.quarantine(), None, "the failures are counted from one");
    for _ in 0..2 {
        bench.fail(SyncMode::Full).await;
    }
    bench.refused().await;
    // The failures are not forgotten now: the next one pauses again.
    bench.fail_after_clearing(Forget::Quarantine, 4).await;
    bench.refused().await;
    bench.engine.restart_sync(&bench.id, Forget::All).unwrap();
    bench.play("healthy");
    assert!(bench.sync(SyncMode::Full).await.unwrap().evidence.sync.unwrap().complete);
}

impl Bench {
    async fn fail_after_clearing(&self, forget: Forget, failures: u32) {
        self.engine.restart_sync(&self.id, forget).unwrap();
        self.fail(SyncMode::Full).await;
        assert_eq!(self.engine.connection(&self.id).unwrap().sync_standing.failures, failures);
    }
}

#[tokio::test]
async fn without_watermarks_the_next_sync_reads_everything_and_keeps_what_is_known() {
    let bench = Bench::start().await;
    for (forget, mode) in [
        (Forget::Escalations, SyncMode::Delta),
        (Forget::Quarantine, SyncMode::Delta),
        (Forget::Watermarks, SyncMode::Full),
        (Forget::All, SyncMode::Full),
    ] {
        let record = bench.sync(SyncMode::Full).await.unwrap().evidence.sync.unwrap();
        assert!(record.complete, "{record:?}");
        assert!(bench.engine.can_ask_for_changes(&bench.id));
        bench.engine.restart_sync(&bench.id, forget).unwrap();
        assert_eq!(bench.engine.can_ask_for_changes(&bench.id), mode == SyncMode::Delta, "{forget:?}");
        bench.practice.change(&Changes { users_added: 2, ..Changes::default() }).unwrap();
        let record = bench.sync(SyncMode::Delta).await.unwrap().evidence.sync.unwrap();
        assert!(record.complete && record.mode == mode, "{forget:?} {record:?}");
        assert_eq!(record.had_nothing_to_begin_at(), mode == SyncMode::Full, "{forget:?}: it is told");
        assert_eq!(record.changes.unwrap().users.added, 2, "{forget:?}: it was compared with what was known");
    }
}

#[tokio::test]
async fn syncs_of_changes_that_keep_failing_are_paused_too() {
    let bench = Bench::start().await;
    assert!(bench.sync(SyncMode::Full).await.unwrap().evidence.sync.unwrap().complete);
    bench.play("throttled");
    for _ in 0..3 {
        bench.fail(SyncMode::Delta).await;
    }
    assert!(bench.quarantine().is_some());
    bench.refused().await;
}

#[tokio::test]
async fn a_sync_that_is_cancelled_or_partial_is_no_failure() {
    let bench = Bench::start().await;
    bench.play("directory-forbidden");
    for _ in 0..4 {
        bench.fail(SyncMode::Full).await;
    }
    assert_eq!(bench.quarantine(), None);
}
