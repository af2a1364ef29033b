//! Every scenario of the practice tenant against the finding that `gatehouse check` must begin with.
//!
//! `cargo nextest run -p cli matrix --no-capture` prints it as a table.

use std::{fmt::Write as _, io::Write as _, sync::Arc, time::Duration};

use practice::{Options, Scenario};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::support::{Bench, GESPAGE, json, run};

/// Processes at once.
const AT_ONCE: usize = 4;

/// What a check of a scenario has to come to. Where nothing is said, the first finding has the scenario's own id.
struct Expected {
    scenario: &'static str,
    /// The first finding; none when there must not be any.
    finding: Option<&'static str>,
}

const DIFFERENT: &[Expected] = &[
    Expected { scenario: "healthy", finding: None },
    // The roles arrive while they are waited for.
    Expected { scenario: "consent-slow", finding: None },
    // Without the right to read its own registration, the app cannot tell the mix-up from a missing consent.
    Expected { scenario: "delegated-only", finding: Some("consent-missing") },
    // Entra ID does not know the Object ID as a client ID, and without a token nobody can ask whose it is.
    Expected { scenario: "object-id-pasted", finding: Some("app-unknown") },
    // A secret from a variable was entered at no time that is known; one that was pasted a moment ago is `secret-not-yet`.
    Expected { scenario: "secret-not-yet", finding: Some("secret-wrong") },
    // The policy speaks when a secret is added, which a check never does; the app of this scenario may do so.
    Expected { scenario: "credential-forbidden-by-policy", finding: Some("permission-excessive") },
    // A check signs the account in anew and keeps no session that could be revoked.
    Expected { scenario: "session-revoked", finding: None },
    // These two show in the admin's browser; for the app, consent is missing.
    Expected { scenario: "consent-callback-refused", finding: Some("consent-missing") },
    Expected { scenario: "user-consent-disabled", finding: Some("consent-missing") },
];

/// What only a whole read of the directory meets.
const WHOLE_READ: &[&str] = &["hidden-membership", "partial-read", "page-expired", "delta-expired"];

struct Row {
    scenario: String,
    link: &'static str,
    expected: Option<String>,
    found: Vec<String>,
    broken: Vec<String>,
    verdict: String,
}

impl Row {
    fn is_right(&self) -> bool {
        self.expected.as_ref() == self.found.first() && self.broken.len() <= 1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn matrix_of_scenarios_and_first_findings() {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let running: Vec<_> = Scenario::ALL
        .iter()
        .map(|scenario| {
            let turns = Arc::clone(&turns);
            tokio::spawn(async move {
                let _turn = turns.acquire_owned().await.unwrap();
                row(*scenario).await
            })
        })
        .collect();
    let mut rows = Vec::with_capacity(running.len());
    for row in running {
        rows.push(row.await.unwrap());
    }
    let mut table = String::from("| scenario | link | first finding | verdict | |\n|---|---|---|---|---|\n");
    for row in &rows {
        let found = row.found.first().map_or("none", String::as_str);
        let mark = if row.is_right() { "as expected" } else { "WRONG" };
        writeln!(table, "| {} | {} | {found} | {} | {mark} |", row.scenario, row.link, row.verdict).unwrap();
    }
    println!("{table}");
    let wrong: Vec<String> = rows
        .iter()
        .filter(|row| !row.is_right())
        .map(|row| {
            format!(
                "{}: expected {:?}, found {:?}, broken {:?}",
                row.scenario, row.expected, row.found, row.broken
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_faults_the_earlier_link_is_named() {
    for (pair, finding) in [
        ("tenant-unknown+secret-expired", "tenant-unknown"),
        ("secret-expired+consent-missing", "secret-expired"),
        ("app-disabled+directory-forbidden", "app-disabled"),
        ("consent-missing+throttled", "consent-missing"),
        ("tls-intercepted+secret-wrong", "tls-intercepted"),
        ("wrong-audience+consent-partial", "wrong-audience"),
    ] {
        let row = row(pair.parse().unwrap()).await;
        assert_eq!(row.found.first().map(String::as_str), Some(finding), "{pair}: {:?}", row.found);
        assert_eq!(row.broken.len(), 1, "{pair}: {:?}", row.broken);
    }
}

async fn row(scenario: Scenario) -> Row {
    let mut options = Options { consent_delay: Duration::from_secs(1), scenario, ..Options::default() };
    if scenario.id() == "secret-not-yet" {
        // Longer than any check takes.
        options.consent_delay = Duration::from_secs(600);
    }
    if profile(scenario) == "gespage-print" {
        options.requested = GESPAGE.map(str::to_owned).to_vec();
    }
    let certificate = certificate();
    options.certificate = Some(certificate.clone().into_bytes());
    let bench = Bench::with(options).await;
    let mut check = if WHOLE_READ.contains(&scenario.id()) {
        bench.command("sync")
    } else {
        let mut check = bench.command("check");
        check.args(["--deadline", "10", "--consent-wait", "3"]);
        check
    };
    check.args(["--json", "--profile", profile(scenario)]);
    if scenario.id() == "delta-expired" {
        // The link that has expired comes from an earlier sync.
        let mut earlier = bench.command("sync");
        earlier.args(["--json", "--profile", profile(scenario)]);
        assert!(run(earlier).await.status.success());
        check.arg("--delta");
    }
    if scenario.id().starts_with("certificate-") {
        let file = bench.home.path().join("client.pem");
        std::fs::File::create(&file).unwrap().write_all(certificate.as_bytes()).unwrap();
        check.env_remove("AZURE_CLIENT_SECRET").env("AZURE_CLIENT_CERTIFICATE_PATH", &file);
    }
    if scenario.id().starts_with("proxy-") {
        check.env("HTTPS_PROXY", &bench.practice.facts().proxy).env_remove("NO_PROXY");
    }
    if has_account(scenario) {
        let account = &bench.practice.facts().account;
        check.env("AZURE_USERNAME", &account.username).env("AZURE_PASSWORD", &account.password);
    }
    let answer = json(&run(check).await);
    let texts = |list: &Value, name: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|entry| entry[name].as_str().unwrap().to_owned()).collect()
    };
    let links = answer["links"].as_array().cloned().unwrap_or_default();
    let broken = links.iter().filter(|link| link["state"] == "broken");
    Row {
        scenario: scenario.to_string(),
        link: scenario.link(),
        expected: expected(scenario),
        found: texts(&answer["findings"], "id"),
        broken: broken.map(|link| link["link"].as_str().unwrap().to_owned()).collect(),
        verdict: match answer["verdict"].as_str() {
            Some(verdict) => verdict.to_owned(),
            None if answer["complete"] == true => "read whole".to_owned(),
            None => "read in part".to_owned(),
        },
    }
}

/// A key and its certificate, as the gateway would hold them.
fn certificate() -> String {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap();
    format!("{}{}", key.serialize_pem(), certificate.pem())
}

fn expected(scenario: Scenario) -> Option<String> {
    match DIFFERENT.iter().find(|row| row.scenario == scenario.id()) {
        Some(row) => row.finding.map(str::to_owned),
        // The directory's twins of network findings have the same ids.
        None if scenario.link() == "directory" => {
            let id = scenario.id();
            let twin = id.strip_prefix("directory-").filter(|rest| *rest != "forbidden");
            Some(twin.unwrap_or(id).to_owned())
        }
        None => Some(scenario.id().to_owned()),
    }
}

/// The default profile, but for what only a gateway with a sign-in account can meet.
fn profile(scenario: Scenario) -> &'static str {
    if has_account(scenario) || scenario.id() == "public-client-off" {
        "gespage-print"
    } else {
        "least-privilege"
    }
}

fn has_account(scenario: Scenario) -> bool {
    const ACCOUNTS: &[&str] = &[
        "password-wrong",
        "password-expired",
        "account-disabled",
        "account-locked",
        "mfa-required",
        "federated-account",
        "guest-account",
        "session-revoked",
        "resource-without-delegated-permission",
    ];
    ACCOUNTS.contains(&scenario.id())
}
