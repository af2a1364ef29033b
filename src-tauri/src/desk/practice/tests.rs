use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use engine::{
    Gatehouse, Keep, Registration, SecretEntry, Setup,
    clock::{Clock, SystemClock},
    vault::MemoryVault,
};
use jiff::Timestamp;
use practice::Scenario;
use secrecy::SecretString;
use tempfile::TempDir;

use crate::{
    Desk, rehearsal,
    wire::{JourneyView, LinkId, LinkState, PrepareForm, Severity, SyncForm},
};

/// It stands still, so that nothing arrives or ends in the middle of a test.
struct Standing(Timestamp);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// What a rehearsal has to come to, where that is not the finding of the scenario's own name.
const DIFFERENT: &[(&str, Option<&str>)] = &[
    ("healthy", None),
    // Its roles arrive after some seconds, and here no second passes.
    ("consent-slow", Some("consent-missing")),
    // Without the right to read its own registration, the app cannot tell the mix-up from a missing consent.
    ("delegated-only", Some("consent-missing")),
    // Entra ID does not know the Object ID as a client ID, and without a token nobody can ask whose it is.
    ("object-id-pasted", Some("app-unknown")),
    // The practice tenant's secrets are not spared for being new.
    ("secret-not-yet", Some("secret-wrong")),
];

fn expected(scenario: Scenario) -> Option<String> {
    let id = scenario.id();
    if let Some((_, finding)) = DIFFERENT.iter().find(|(known, _)| *known == id) {
        return finding.map(str::to_owned);
    }
    // The directory's twins of network findings have the same ids.
    let twin = id.strip_prefix("directory-").filter(|rest| *rest != "forbidden");
    Some(twin.filter(|_| scenario.link() == "directory").unwrap_or(id).to_owned())
}

fn desk_in(home: &TempDir) -> Desk {
    let engine = Gatehouse::new(Setup {
        home: home.path().to_owned(),
        keychain: Arc::new(MemoryVault::default()),
        clock: Arc::new(Standing(SystemClock.now())),
        user_agent: "test".to_owned(),
    });
    Desk::new(engine, |_| {})
}

/// Rehearses as the page does: a check, and a test sync where the check did not meet what breaks in the directory.
async fn rehearsed(desk: &Desk, scenario: Scenario) -> JourneyView {
    let ready = desk.rehearse(scenario.id().to_owned()).await.unwrap();
    let checked = desk.check(ready.id.clone(), LinkId::Gateway).await.unwrap();
    let met = checked.findings.iter().any(|finding| finding.severity == Severity::Broken);
    if scenario.link() == "directory" && !met {
        return desk.test_sync(ready.id, SyncForm::default()).await.unwrap();
    }
    checked
}

fn first(journey: &JourneyView) -> Option<String> {
    journey.findings.first().map(|finding| finding.id.clone())
}

fn broken(journey: &JourneyView) -> usize {
    journey.links.iter().filter(|link| link.state == LinkState::Broken).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rehearsal_that_is_offered_meets_its_state() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk_in(&home);
    let mut wrong = Vec::new();
    for scenario in Scenario::ALL.iter().filter(|scenario| rehearsal::is_rehearsable(scenario.id())) {
        let journey = rehearsed(&desk, *scenario).await;
        let (expected, found) = (expected(*scenario), first(&journey));
        if expected != found || broken(&journey) > 1 {
            let all: Vec<&str> = journey.findings.iter().map(|finding| finding.id.as_str()).collect();
            wrong.push(format!("{scenario}: expected {expected:?}, found {all:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What mending leaves: a gateway with or without a sign-in account, a certificate or a proxy is healthy again.
#[tokio::test(flavor = "multi_thread")]
async fn mending_heals_every_kind_of_rehearsal() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk_in(&home);
    for scenario in ["proxy-refused", "certificate-unknown", "password-wrong", "user-consent-disabled"] {
        let broken = rehearsed(&desk, scenario.parse().unwrap()).await;
        assert!(!broken.findings.is_empty(), "{scenario}");
        desk.set_practice_scenario("healthy".to_owned()).await.unwrap();
        let mended = desk.check(broken.id, LinkId::Gateway).await.unwrap();
        assert_eq!(first(&mended), None, "{scenario}");
        assert!(proven(&mended, LinkId::Consent), "{scenario}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_goes_on_in_the_next_run_of_the_program() {
    let home = tempfile::tempdir().unwrap();
    for scenario in ["certificate-signature", "account-locked", "secret-expired"] {
        let earlier = rehearsed(&desk_in(&home), scenario.parse().unwrap()).await;
        let checked = desk_in(&home).check(earlier.id, LinkId::Gateway).await.unwrap();
        assert!(proven(&checked, LinkId::Consent), "the new practice tenant is healthy, after {scenario}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_profile_has_a_practice_app_that_asks_for_what_it_needs() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk_in(&home);
    let id = desk.create_connection(true).await.unwrap().id;
    let facts = desk.place("custom").await.unwrap().facts;
    let secret = SecretString::from(facts.client_secret.clone());
    let registration = Registration {
        tenant: facts.domain.clone(),
        client_id: facts.client_id.clone(),
        name: String::new(),
    };
    for profile in ["least-privilege", "gateway-identity-sync", "gespage-print"] {
        let form = PrepareForm { cloud: String::new(), profile: profile.to_owned() };
        desk.save_prepare(id.clone(), form).await.unwrap();
        desk.engine.save_registration(&id, &registration).unwrap();
        let entry = SecretEntry { secret: secret.clone(), ends_on: None, keep: Keep::Session };
        desk.engine.save_secret(&id, &entry).unwrap();
        let checked = desk.check(id.clone(), LinkId::Gateway).await.unwrap();
        assert_eq!(first(&checked), None, "{profile}");
        let seen = desk.engine.connection(&id).unwrap().evidence;
        assert!(seen.account.is_untried(), "only a rehearsal was given the account");
        let other = desk.place(profile).await.unwrap().facts;
        assert_eq!(
            (other.client_id, other.client_secret),
            (facts.client_id.clone(), facts.client_secret.clone())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_private_key_of_a_rehearsal_is_in_no_file() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk_in(&home);
    rehearsed(&desk, "certificate-expired".parse().unwrap()).await;
    for entry in walk(home.path()) {
        let content = std::fs::read(&entry).unwrap();
        let holds = content.windows(11).any(|part| part == b"PRIVATE KEY");
        assert!(!holds, "{}", entry.display());
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

fn proven(journey: &JourneyView, link: LinkId) -> bool {
    journey.links.iter().any(|each| each.link == link && each.state == LinkState::Proven)
}

#[tokio::test]
async fn no_real_connection_is_led_through_the_practice_proxy() {
    let home = tempfile::tempdir().unwrap();
    let desk = desk_in(&home);
    let real = desk.create_connection(false).await.unwrap().id;
    let refused = desk.engine.use_practice_proxy(&real, Some("http://localhost:1".to_owned())).unwrap_err();
    assert!(refused.to_string().contains("belongs to a real tenant"), "{refused}");
    assert!(desk.practice_account(&real).await.unwrap().is_none());
}
