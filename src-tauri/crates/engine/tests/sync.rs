//! The test sync against the practice tenant, and, in `scripted`, against a Graph whose every answer a test writes.
//! `sync/` has the faults that a sync survives.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

mod scripted;
#[path = "sync/mod.rs"]
mod survives;

use std::{
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use engine::{
    access::Directory,
    clock::{Clock, SystemClock},
    evidence::{SyncRecord, Tally},
    sync::{SyncControl, SyncOptions, SyncPhase, SyncProgress, SyncWatcher, run},
};
use entra::{AccessToken, Endpoints, Entra, HttpOptions, TenantRef, TokenSource};
use jiff::Timestamp;
use practice::{Options, Population, Practice};
use rusqlite::Connection;
use scripted::Scripted;

type Steer = dyn Fn(&SyncProgress) + Send + Sync;

/// Keeps what it was shown, and may steer the sync by it.
#[derive(Default)]
struct Watching {
    shown: Mutex<Vec<SyncProgress>>,
    steer: Option<Box<Steer>>,
}

impl SyncWatcher for Watching {
    fn progress(&self, progress: &SyncProgress) {
        if let Some(steer) = &self.steer {
            steer(progress);
        }
        self.shown.lock().unwrap().push(progress.clone());
    }
}

impl Watching {
    fn steering(steer: impl Fn(&SyncProgress) + Send + Sync + 'static) -> Self {
        Self { steer: Some(Box::new(steer)), ..Self::default() }
    }

    fn last(&self) -> SyncProgress {
        self.shown.lock().unwrap().last().unwrap().clone()
    }
}

/// The same token again.
struct NoOther(AccessToken);

impl TokenSource for NoOther {
    fn fresh(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, entra::Fault>> + Send + '_>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A folder for the file, and what a run needs besides its Graph.
struct Room {
    folder: tempfile::TempDir,
    control: SyncControl,
    watching: Watching,
}

impl Room {
    fn new() -> Self {
        Self::watched(Watching::default(), SyncControl::default())
    }

    fn watched(watching: Watching, control: SyncControl) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), control, watching }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("directory.sqlite")
    }

    async fn run(&self, entra: &Entra, token: &AccessToken) -> SyncRecord {
        self.run_with(entra, token, SyncOptions::default()).await
    }

    async fn run_with(&self, entra: &Entra, token: &AccessToken, options: SyncOptions) -> SyncRecord {
        self.run_renewing(entra, token, Arc::new(NoOther(token.clone())), options).await
    }

    async fn run_renewing(
        &self,
        entra: &Entra,
        token: &AccessToken,
        tokens: Arc<dyn TokenSource>,
        options: SyncOptions,
    ) -> SyncRecord {
        let identity = if options.identity.is_empty() { "tenant app".to_owned() } else { options.identity };
        let options = SyncOptions { store: self.path(), identity, ..options };
        run(entra, token, tokens, &options, &self.control, &self.watching, &SystemClock).await
    }

    async fn run_scripted(&self, scripted: &Scripted) -> SyncRecord {
        self.run_scripted_with(scripted, SyncOptions::default()).await
    }

    async fn run_scripted_with(&self, scripted: &Scripted, options: SyncOptions) -> SyncRecord {
        self.run_with(&scripted.entra, &scripted.token(), options).await
    }

    /// Where the last run stands: beside the ledger when it did not become what is known.
    fn read(&self) -> PathBuf {
        let beside = self.path().with_extension("unapplied.sqlite");
        if beside.exists() { beside } else { self.path() }
    }

    fn number(&self, query: &str) -> u64 {
        let connection = Connection::open(self.read()).unwrap();
        let number: i64 = connection.query_row(query, [], |row| row.get(0)).unwrap();
        number.try_into().unwrap()
    }
}

/// Trusts this, and waits for every answer however slow the machine is.
fn patient(ca_pem: &str) -> HttpOptions {
    let long = Duration::from_secs(600);
    HttpOptions {
        ca_pem: Some(ca_pem.as_bytes().to_vec()),
        connect_deadline: long,
        answer_deadline: long,
        ..HttpOptions::default()
    }
}

async fn connected(practice: &Practice) -> (Entra, AccessToken) {
    let facts = practice.facts();
    let endpoints = Endpoints::custom(&facts.authority, &facts.graph).unwrap();
    let options = patient(practice.ca_pem());
    let entra = Entra::new(endpoints, &options).unwrap();
    let tenant: TenantRef = facts.tenant_id.parse().unwrap();
    let secret = facts.client_secret.clone().into();
    let token = entra.token_by_secret(&tenant, &facts.client_id, &secret).await.unwrap().value;
    (entra, token)
}

fn assert_read_to_the_end(record: &SyncRecord, practice: &Practice) {
    let facts = practice.facts();
    assert!(record.complete, "{record:?}");
    assert!(!record.cancelled && record.fault.is_none());
    assert_eq!(record.users, Tally { read: facts.users, counted: Some(facts.users) });
    assert_eq!(record.groups, Tally { read: facts.groups, counted: Some(facts.groups) });
    assert_eq!(record.memberships, Tally { read: facts.memberships, counted: None });
    assert_eq!((record.groups_unread, record.hidden_groups), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_read_counted_and_stored() {
    let practice = practice::start(Options::default()).await.unwrap();
    let (entra, token) = connected(&practice).await;
    let room = Room::new();
    let record = room.run(&entra, &token).await;
    assert_read_to_the_end(&record, &practice);
    assert!(record.resource_units > 0.0 && record.requests >= 6, "{record:?}");
    assert!(record.started_at <= record.finished_at);

    let facts = practice.facts();
    assert_eq!(room.number("SELECT count(*) FROM users"), facts.users);
    assert_eq!(room.number("SELECT count(*) FROM groups"), facts.groups);
    assert_eq!(room.number("SELECT count(*) FROM memberships"), facts.memberships);
    assert_eq!(room.number("SELECT complete FROM run"), 1);
    assert_eq!(room.number("SELECT requests FROM run"), record.requests);
    assert!(room.number("SELECT count(*) FROM users WHERE account_enabled = 0") > 0);
    assert!(room.number("SELECT count(DISTINCT member_type) FROM memberships") >= 4);
    assert_eq!(std::fs::read_dir(room.folder.path()).unwrap().count(), 1, "no draft is left");

    let last = room.watching.last();
    assert_eq!(last.phase, SyncPhase::Done);
    assert_eq!(
        (last.users, last.groups, last.memberships),
        (record.users, record.groups, record.memberships)
    );
    assert_eq!(last.groups_done, facts.groups);
    assert!(last.latest.len() == 8 && last.latest.iter().any(|line| line.request == "POST /$batch"));

    let directory = Directory::open(&room.path()).unwrap().unwrap();
    assert!(directory.complete());
    let people = directory.people().unwrap();
    let enabled = people.members_enabled + people.guests_enabled;
    assert_eq!(enabled + people.members_disabled + people.guests_disabled, facts.users);
    assert_eq!(directory.group_sizes().unwrap().buckets.iter().sum::<u64>(), facts.groups);
    let hits = directory.search_groups("print colour", 5).unwrap();
    assert!(hits.iter().any(|hit| hit.name == "Print – Colour"), "{hits:?}");
    let effect = directory.effect(&[], &[]).unwrap();
    assert_eq!(effect.unnamed, enabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn small_pages_are_followed_to_the_end() {
    let practice = practice::start(Options { page_size: Some(7), ..Options::default() }).await.unwrap();
    let (entra, token) = connected(&practice).await;
    let record = Room::new().run(&entra, &token).await;
    assert_read_to_the_end(&record, &practice);
    assert!(record.requests > 240 / 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_requests_are_asked_again() {
    let practice = practice::start(Options { fail_every: 6, ..Options::default() }).await.unwrap();
    let (entra, token) = connected(&practice).await;
    let record = Room::new().run(&entra, &token).await;
    assert_read_to_the_end(&record, &practice);
    assert!(record.throttled > 0, "{record:?}");
}

/// Every look at it is a tenth of a second later.
struct Hurrying {
    start: Timestamp,
    looks: AtomicI64,
}

impl practice::Clock for Hurrying {
    fn now(&self) -> Timestamp {
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        self.start + jiff::SignedDuration::from_millis(looks * 100)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_slows_the_sync_and_loses_nothing() {
    let clock = Arc::new(Hurrying { start: SystemClock.now(), looks: AtomicI64::new(0) });
    let options = Options { quota: Some(45), clock, ..Options::default() };
    let practice = practice::start(options).await.unwrap();
    let (entra, token) = connected(&practice).await;
    let record = Room::new().run(&entra, &token).await;
    assert_read_to_the_end(&record, &practice);
    assert!(record.throttled > 0, "{record:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_sync_starts_no_request_until_it_is_resumed() {
    let practice = practice::start(Options::default()).await.unwrap();
    let (entra, token) = connected(&practice).await;
    let control = SyncControl::default();
    control.pause();
    let (steered, before) = (control.clone(), practice.requests());
    let paused = AtomicU64::new(0);
    let watching = Watching::steering(move |progress| {
        if progress.phase == SyncPhase::Paused && paused.fetch_add(1, Ordering::Relaxed) == 3 {
            assert_eq!(progress.requests, 0);
            steered.resume();
        }
    });
    let room = Room::watched(watching, control);
    let record = room.run(&entra, &token).await;
    assert_read_to_the_end(&record, &practice);
    assert!(practice.requests() > before);
    assert_eq!(room.watching.shown.lock().unwrap()[0].phase, SyncPhase::Paused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_sync_keeps_what_it_has_as_partial() {
    let options = Options {
        page_size: Some(1),
        latency: Duration::from_millis(20),
        population: Population { users: 2_000, ..Population::default() },
        ..Options::default()
    };
    let practice = practice::start(options).await.unwrap();
    let (entra, token) = connected(&practice).await;
    let control = SyncControl::default();
    let steered = control.clone();
    let watching = Watching::steering(move |progress| {
        if progress.users.read > 0 {
            steered.cancel();
        }
    });
    let room = Room::watched(watching, control);
    let record = room.run(&entra, &token).await;
    assert!(record.cancelled && !record.complete, "{record:?}");
    assert!(record.fault.is_none());
    assert!((1..2_000).contains(&record.users.read), "{record:?}");
    assert_eq!(room.number("SELECT count(*) FROM users"), record.users.read);
    assert_eq!(room.number("SELECT cancelled AND NOT complete FROM run"), 1);
    assert!(!Directory::open(&room.read()).unwrap().unwrap().complete());
}
