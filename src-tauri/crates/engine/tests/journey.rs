//! The façade against the practice tenant: evidence decides, and turns back when its input changes.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod bench;

use std::{io::Write, sync::Arc};

use bench::{Bench, NoKeychain, engine_in};
use engine::{
    CheckRequest, Endpoints, FaultCode, Keep, NewConnection, SecretEntry, SyncRequest,
    connection::{AccessRule, Kept},
    diagnosis::{Link, LinkState, Unwatched, Verdict},
    evidence::SyncMode,
    export::{Existing, SecretInEnv, WriteRequest},
    journey::StepState,
    sync::{SyncProgress, SyncWatcher},
    vault::MemoryVault,
};
use practice::{Knobs, Scenario};
use secrecy::SecretString;

struct Quiet;

impl SyncWatcher for Quiet {
    fn progress(&self, _: &SyncProgress) {}
}

/// What the journey shows.
trait Shown {
    fn states(&self) -> Vec<StepState>;
    fn link(&self, link: Link) -> LinkState;
}

impl Shown for Bench {
    fn states(&self) -> Vec<StepState> {
        self.engine.report(&self.id).unwrap().steps.iter().map(|step| step.state).collect()
    }

    fn link(&self, link: Link) -> LinkState {
        self.engine.report(&self.id).unwrap().chain.link(link).state
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_steps_turn_green_by_evidence_alone() {
    let bench = Bench::start().await;
    assert!(bench.states().iter().all(|state| *state == StepState::NotStarted));
    let facts = bench.practice.facts();
    bench.register(&facts.domain, &facts.client_id).unwrap();
    bench.enter_secret(Keep::Keychain);
    bench.check().await;
    bench.engine.test_sync(&bench.id, SyncRequest::default(), &Quiet).await.unwrap();
    let groups = bench.engine.search_groups(&bench.id, "print – adm").unwrap();
    let rule = AccessRule {
        group_id: groups[0].id.clone(),
        group_name: groups[0].name.clone(),
        role: "administrator".to_owned(),
    };
    bench.engine.save_access(&bench.id, vec![rule]).unwrap();
    let request = WriteRequest {
        folder: bench.home.path().join("gateway"),
        secret: SecretInEnv::LeaveOut,
        existing: Existing::Keep,
    };
    bench.engine.write_config(&bench.id, &request).unwrap();
    assert_eq!(bench.states(), [StepState::Done; 10]);
    assert_eq!(bench.engine.report(&bench.id).unwrap().chain.verdict, Verdict::Proven);
    let config = std::fs::read(bench.home.path().join("gateway").join("gateway.json")).unwrap();
    assert_eq!(
        bundle::GatewayConfig::from_json(&config).unwrap().client_id.to_string(),
        bench.practice.facts().client_id
    );

    let again = bench.engine.write_config(&bench.id, &request).unwrap_err();
    assert_eq!(again.code, FaultCode::AlreadyThere);

    // A second program finds everything as it was left.
    let other = engine_in(bench.home.path(), Arc::new(MemoryVault::default()));
    let resumed = other.report(&bench.id).unwrap();
    assert!(resumed.steps.iter().all(|step| step.state == StepState::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_goes_when_its_input_changes() {
    let bench = Bench::proven().await;
    assert_eq!(bench.link(Link::Directory), LinkState::Proven);
    bench.enter_secret(Keep::Session);
    assert_eq!(bench.link(Link::Tenant), LinkState::Proven);
    assert_eq!(bench.link(Link::Credential), LinkState::NotTried);
    bench.check().await;
    let facts = bench.practice.facts().clone();
    bench.register(&facts.tenant_id, &facts.client_id).unwrap();
    assert_eq!(bench.link(Link::Network), LinkState::NotTried);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_proven_breaks_when_the_tenant_changes() {
    let bench = Bench::proven().await;
    bench.practice.set(&Knobs { scenario: Some(Scenario::SecretExpired), ..Knobs::default() }).unwrap();
    bench.check().await;
    assert_eq!(bench.link(Link::Credential), LinkState::Broken);
    assert_eq!(bench.link(Link::Directory), LinkState::Skipped);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_cannot_be_right_are_refused_with_their_field() {
    let bench = Bench::start().await;
    let facts = bench.practice.facts().clone();
    for (tenant, client_id, field) in [
        (facts.client_id.as_str(), facts.client_id.as_str(), "tenant"),
        (&facts.domain, "1234", "clientId"),
        ("http://contoso.com", &facts.client_id, "tenant"),
    ] {
        let fault = bench.register(tenant, client_id).unwrap_err();
        assert_eq!((fault.code, fault.field), (FaultCode::InvalidInput, Some(field)));
    }
    assert!(bench.engine.connection(&bench.id).unwrap().tenant.is_none(), "nothing half-entered is saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_a_secret_is_kept_for_the_session_or_not_at_all() {
    let bench = Bench::start().await;
    let engine = engine_in(bench.home.path(), Arc::new(NoKeychain));
    let secret = || SecretString::from("AbC8Q~canary-canary-canary-canary-canary");
    let keep = |keep| engine.save_secret(&bench.id, &SecretEntry { secret: secret(), ends_on: None, keep });
    assert_eq!(keep(Keep::Keychain).unwrap_err().code, FaultCode::KeychainMissing);
    assert!(engine.connection(&bench.id).unwrap().credential.is_none());
    keep(Keep::Session).unwrap();
    let saved = std::fs::read_to_string(bench.home.path().join("data").join("connections.json")).unwrap();
    assert!(saved.contains("session") && !saved.contains("canary"));
    let later = engine_in(bench.home.path(), Arc::new(NoKeychain));
    let facts = bench.practice.facts();
    bench.register(&facts.domain, &facts.client_id).unwrap();
    let fault = later.check(&bench.id, CheckRequest::default(), &Unwatched).await.unwrap_err();
    assert_eq!(fault.code, FaultCode::SecretGone);
    assert!(fault.what.contains("earlier session"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_with_other_settings_reads_apart_and_what_it_writes_is_known() {
    let bench = Bench::proven().await;
    bench.engine.test_sync(&bench.id, SyncRequest::default(), &Quiet).await.unwrap();
    let stored = bench.engine.snapshot(&bench.id);
    let before = std::fs::read(&stored).unwrap();

    let other = engine_in(bench.home.path(), Arc::new(MemoryVault::default()));
    other.detach(&bench.id).unwrap();
    let secret = SecretString::from(bench.practice.facts().client_secret.clone());
    let entry = SecretEntry { secret, ends_on: None, keep: Keep::Caller };
    other.save_secret(&bench.id, &entry).unwrap();
    other.check(&bench.id, CheckRequest::default(), &Unwatched).await.unwrap();
    other.test_sync(&bench.id, SyncRequest::default(), &Quiet).await.unwrap();
    assert_ne!(other.snapshot(&bench.id), stored);
    bench.practice.change(&practice::Changes { users_added: 3, ..practice::Changes::default() }).unwrap();
    other.detach(&bench.id).unwrap();
    let secret = SecretString::from(bench.practice.facts().client_secret.clone());
    other.save_secret(&bench.id, &SecretEntry { secret, ends_on: None, keep: Keep::Caller }).unwrap();
    let changed = SyncRequest { mode: SyncMode::Delta, ..SyncRequest::default() };
    let record = other.test_sync(&bench.id, changed, &Quiet).await.unwrap().evidence.sync.unwrap();
    assert_eq!(record.mode, SyncMode::Delta, "it goes on from what is known");
    assert_eq!(record.changes.unwrap().users.added, 3);
    assert!(other.directory(&bench.id).unwrap().is_some());
    assert_eq!(std::fs::read(&stored).unwrap(), before);

    let folder = bench.home.path().join("gateway");
    let request = |existing| WriteRequest { folder: folder.clone(), secret: SecretInEnv::LeaveOut, existing };
    other.write_config(&bench.id, &request(Existing::Keep)).unwrap();
    let saved = bench.engine.connection(&bench.id).unwrap();
    assert_eq!(saved.sequence, 1);
    assert!(saved.evidence.written.value().is_some());
    assert_eq!(saved.credential.unwrap().kept, Kept::Keychain, "nothing else of the copy is saved");
    let again = bench.engine.write_config(&bench.id, &request(Existing::Replace)).unwrap();
    assert_eq!(again.sequence, 2, "no two configs have the same number");
}

#[test]
fn a_file_from_a_newer_gatehouse_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let engine = engine_in(home.path(), Arc::new(MemoryVault::default()));
    let file = home.path().join("data").join("connections.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let newer = br#"{"format":"gatehouse.connections/2","connections":[]}"#;
    std::fs::File::create(&file).unwrap().write_all(newer).unwrap();
    assert_eq!(engine.connections().unwrap_err().code, FaultCode::StoreDamaged);
    assert_eq!(std::fs::read(&file).unwrap(), newer);
}

#[test]
fn two_programs_at_once_lose_no_connection() {
    let home = tempfile::tempdir().unwrap();
    let write = || {
        let name = "Print servers".to_owned();
        let endpoints = Endpoints::of(engine::Cloud::Global);
        let engine = engine_in(home.path(), Arc::new(MemoryVault::default()));
        engine.create(NewConnection { name, endpoints, practice: false, ca_file: None }).unwrap();
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(write);
        }
    });
    let (saved, aside) = engine_in(home.path(), Arc::new(MemoryVault::default())).connections().unwrap();
    let ids: std::collections::BTreeSet<&str> = saved.iter().map(|known| known.id.as_str()).collect();
    assert_eq!((saved.len(), ids.len(), aside.len()), (8, 8, 0));
}
