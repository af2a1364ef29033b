//! A bundle is tried against a practice tenant before the gateway gets it.

use std::{fs, process::Output};

use bundle::{
    AccessRules, BundleContent, CredentialReference, FileMode, GatewayConfig, GatewayFormat, Otherwise,
    Permission, PublicClientSetting, SelfTest, SeveralRoles, SyncSettings, verify_receipt,
};
use engine::outputs::{self, InstallFolder, OutputCredential, OutputSource};
use practice::{Options, Practice, Scenario};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    gateway::{Gateway, code, errors, json, text},
    given::{ED25519, file, numbered, seal},
    receipts::ssh_keygen_believes,
};

async fn tenant(scenario: Scenario) -> Practice {
    practice::start(Options { scenario, ..Options::default() }).await.unwrap()
}

/// A bundle as Gatehouse makes it for this tenant.
fn bundle_of(tenant: &Practice, sequence: u64, secret: &str) -> BundleContent {
    let facts = tenant.facts();
    let id = |text: &str| Uuid::try_parse(text).unwrap();
    let config = GatewayConfig {
        format: GatewayFormat,
        practice: true,
        name: "Contoso print".to_owned(),
        written_at: "2026-11-20T14:34:00Z".parse().unwrap(),
        sequence,
        authority: facts.authority.parse().unwrap(),
        graph: facts.graph.parse().unwrap(),
        cloud: None,
        tenant_id: id(&facts.tenant_id),
        tenant_domain: None,
        client_id: id(&facts.client_id),
        credential: CredentialReference::ClientSecret {
            reference: "file:client-secret".to_owned(),
            ends_on: None,
        },
        profile: "least-privilege".to_owned(),
        permissions: ["User.Read.All", "GroupMember.Read.All"]
            .map(|name| Permission {
                name: name.to_owned(),
                id: entra::app_role(name).unwrap(),
                reason: "reads".to_owned(),
            })
            .into(),
        public_client: PublicClientSetting::Off,
        sync: SyncSettings {
            interval_minutes: 60,
            user_fields: vec!["displayName".to_owned()],
            deletion_fuse_percent: 10,
            deletion_fuse_minimum: 10,
        },
        access: AccessRules {
            rules: Vec::new(),
            several: SeveralRoles::MostPermissive,
            roles: Vec::new(),
            otherwise: Otherwise::NoAccess,
        },
        notes: Vec::new(),
    };
    let environment = "SSL_CERT_FILE=/etc/gatehouse/current/gateway-ca.pem\n";
    BundleContent {
        practice: true,
        files: vec![
            file("gateway.json", FileMode::Group, &config.to_json()),
            file("gateway.env", FileMode::Private, environment.as_bytes()),
            file("gateway-ca.pem", FileMode::Public, tenant.ca_pem().as_bytes()),
            file("client-secret", FileMode::Private, secret.as_bytes()),
        ],
        ..numbered(sequence)
    }
}

async fn open(gateway: &Gateway, content: &BundleContent, more: &[&str]) -> Output {
    gateway.receive(&seal(content, ED25519));
    let receipt = gateway.path("receipt");
    let mut command =
        gateway.open_command(&["--practice", "--self-test", "--receipt", &receipt.to_string_lossy()]);
    command.args(more);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn answered(gateway: &Gateway) -> (u64, SelfTest) {
    let receipt = verify_receipt(&fs::read(gateway.path("receipt")).unwrap(), &ED25519.recipient()).unwrap();
    (receipt.bundle_sequence, receipt.self_test)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_works_is_installed_and_answered_for() {
    let tenant = tenant(Scenario::Healthy).await;
    let gateway = Gateway::new();
    let content = bundle_of(&tenant, 7, &tenant.facts().client_secret);
    let output = open(&gateway, &content, &["--json"]).await;
    assert_eq!(code(&output), 0, "{}{}", text(&output), errors(&output));
    let told = json(&output);
    assert_eq!(
        (told["outcome"].as_str(), told["self_test"]["outcome"].as_str()),
        (Some("installed"), Some("ok"))
    );
    assert_eq!(answered(&gateway), (7, SelfTest::Ok));
    ssh_keygen_believes(&gateway.path(""), "receipt", ED25519);
    assert!(!text(&output).contains(&tenant.facts().client_secret));

    let again = open(&gateway, &content, &["--json"]).await;
    assert_eq!((code(&again), json(&again)["outcome"].as_str()), (0, Some("already-installed")));
    assert_eq!(answered(&gateway), (7, SelfTest::Ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_does_not_work_is_held_back_unless_it_is_forced() {
    let tenant = tenant(Scenario::Healthy).await;
    let gateway = Gateway::new();
    assert_eq!(code(&open(&gateway, &bundle_of(&tenant, 7, &tenant.facts().client_secret), &[]).await), 0);
    let wrong = bundle_of(&tenant, 8, "canary~this-is-not-the-secret-of-the-app");
    let output = open(&gateway, &wrong, &["--json"]).await;
    assert_eq!(code(&output), 1, "{}{}", text(&output), errors(&output));
    let told = json(&output);
    assert_eq!((told["outcome"].as_str(), told["replaced"].as_u64()), (Some("held-back"), Some(7)));
    assert_eq!(told["self_test"]["code"], "AADSTS7000215");
    assert_eq!(fs::read_link(gateway.root().join("current")).unwrap().to_str(), Some("releases/7"));
    assert_eq!(fs::read_dir(gateway.root().join("releases")).unwrap().count(), 1);
    assert_eq!(answered(&gateway), (8, SelfTest::Failed { code: "held-back.AADSTS7000215".to_owned() }));
    assert!(!text(&output).contains("canary") && !errors(&output).contains("canary"));

    let forced = open(&gateway, &wrong, &["--force"]).await;
    assert_eq!(code(&forced), 1);
    assert!(text(&forced).contains("Number 8 is installed in"), "{}", text(&forced));
    assert_eq!(fs::read_link(gateway.root().join("current")).unwrap().to_str(), Some("releases/8"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_denies_has_its_code() {
    for (scenario, wanted) in
        [(Scenario::SecretExpired, "AADSTS7000222"), (Scenario::ConsentMissing, "consent-missing")]
    {
        let tenant = tenant(scenario).await;
        let gateway = Gateway::new();
        let output = open(&gateway, &bundle_of(&tenant, 7, &tenant.facts().client_secret), &["--json"]).await;
        assert_eq!(code(&output), 1, "{}", text(&output));
        assert_eq!(json(&output)["self_test"]["code"], wanted);
        assert!(!gateway.root().join("current").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_not_there_leaves_it_open() {
    let tenant = tenant(Scenario::Healthy).await;
    let mut content = bundle_of(&tenant, 7, &tenant.facts().client_secret);
    let config =
        GatewayConfig::from_json(secrecy::ExposeSecret::expose_secret(&content.files[0].content)).unwrap();
    // A port that was free a moment ago, and that nobody listens at.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config =
        GatewayConfig { authority: format!("https://127.0.0.1:{closed}").parse().unwrap(), ..config };
    content.files[0] = file("gateway.json", FileMode::Group, &config.to_json());
    let gateway = Gateway::new();
    let output = open(&gateway, &content, &["--json"]).await;
    assert_eq!(code(&output), 3, "{}", text(&output));
    assert_eq!(json(&output)["self_test"]["code"], "port-blocked");
    assert!(!gateway.root().join("current").exists());
}

type Change = fn(&mut serde_json::Value);

/// The bundle with the `self-test.json` that Gatehouse makes for it, changed.
fn with_self_test(mut content: BundleContent, change: Change) -> BundleContent {
    let config = secrecy::ExposeSecret::expose_secret(&content.files[0].content);
    let config = GatewayConfig::from_json(config).unwrap();
    let secret = SecretString::from("any");
    let source = OutputSource {
        gateway: "plant-3",
        config: &config,
        credential: OutputCredential::Secret(&secret),
        ca_pem: Some(b"pem"),
        installed_in: &InstallFolder::default(),
    };
    let made = outputs::files(&source, &[]).unwrap();
    let made = made.iter().find(|file| file.name.as_str() == "self-test.json").unwrap();
    let mut told = serde_json::from_slice(secrecy::ExposeSecret::expose_secret(&made.content)).unwrap();
    change(&mut told);
    content.files.push(file("self-test.json", FileMode::Public, told.to_string().as_bytes()));
    content
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_goes_by_the_file_that_other_programs_go_by() {
    let tenant = tenant(Scenario::Healthy).await;
    let changes: [(&str, Change); 7] = [
        ("ok", |_| {}),
        ("ok", |told| told["expected_roles"] = serde_json::json!(["User.Read.All"])),
        ("consent-missing", |told| told["expected_roles"] = serde_json::json!(["Sites.FullControl.All"])),
        ("self-test-differs", |told| told["token"]["url"] = "https://127.0.0.1:1/token".into()),
        ("self-test-differs", |told| told["page"]["url"] = "https://127.0.0.1:1/v1.0/users".into()),
        ("self-test-differs", |told| told["token"]["credential"]["file"] = "another".into()),
        ("self-test-unreadable", |told| told["format"] = "gatehouse.self-test/2".into()),
    ];
    for (wanted, change) in changes {
        let gateway = Gateway::new();
        let content = with_self_test(bundle_of(&tenant, 7, &tenant.facts().client_secret), change);
        let output = open(&gateway, &content, &["--json"]).await;
        let told = &json(&output)["self_test"];
        let found = told["code"].as_str().or(told["outcome"].as_str());
        assert_eq!(found, Some(wanted), "{}{}", text(&output), errors(&output));
        assert_eq!(gateway.root().join("current").exists(), wanted == "ok");
    }
}
