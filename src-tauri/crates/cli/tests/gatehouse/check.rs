//! `gatehouse check` as a process, on every scenario.

use crate::support::{Bench, GESPAGE, code, errors, files_with, findings, json, program, run};
use practice::{Options, Scenario};

#[tokio::test(flavor = "multi_thread")]
async fn each_scenario_has_its_finding_its_link_and_its_exit_code() {
    let expected: [(Scenario, &str, Option<&str>, i32); 7] = [
        (Scenario::Healthy, "proven", None, 0),
        (Scenario::ConsentMissing, "broken", Some("consent-missing"), 1),
        (Scenario::SecretWrong, "broken", Some("secret-wrong"), 1),
        (Scenario::SecretExpired, "broken", Some("secret-expired"), 1),
        (Scenario::DelegatedOnly, "broken", Some("consent-missing"), 1),
        (Scenario::AppUnknown, "broken", Some("app-unknown"), 1),
        (Scenario::PublicClientOff, "attention", Some("permission-excessive"), 0),
    ];
    for (scenario, verdict, finding, exit) in expected {
        let bench = Bench::start(scenario).await;
        let mut check = bench.command("check");
        check.args(["--json", "--consent-wait", "0"]);
        let output = run(check).await;
        let answer = json(&output);
        assert_eq!(answer["schema"], "gatehouse.check/1");
        assert_eq!(answer["verdict"], verdict, "{scenario}: {answer}");
        assert_eq!(findings(&answer).first().copied(), finding, "{scenario}");
        assert_eq!(code(&output), exit, "{scenario}");
        let broken =
            answer["links"].as_array().unwrap().iter().filter(|link| link["state"] == "broken").count();
        assert_eq!(broken, usize::from(verdict == "broken"), "{scenario}: one root cause, one broken link");
        assert_eq!(answer["links"].as_array().unwrap().len(), 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_needs_public_client_flows_says_when_they_are_off() {
    let requested = GESPAGE.map(str::to_owned).to_vec();
    let bench =
        Bench::with(Options { scenario: Scenario::PublicClientOff, requested, ..Options::default() }).await;
    let mut check = bench.command("check");
    check.args(["--json", "--profile", "gespage-print", "--strict"]);
    let output = run(check).await;
    assert_eq!(findings(&json(&output)), ["public-client-off"]);
    assert_eq!(code(&output), 4, "attention, with --strict");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_that_arrive_late_are_waited_for() {
    let consent_delay = std::time::Duration::from_secs(1);
    let bench =
        Bench::with(Options { scenario: Scenario::ConsentSlow, consent_delay, ..Options::default() }).await;
    let mut check = bench.command("check");
    check.args(["--json", "--consent-wait", "10"]);
    let output = run(check).await;
    assert_eq!(json(&output)["verdict"], "proven");
    assert_eq!(code(&output), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_nowhere_but_where_it_came_from() {
    let canary = "AbC8Q~canary-canary-canary-canary-canary";
    for flags in [&["--json"][..], &[]] {
        let bench = Bench::start(Scenario::Healthy).await;
        let mut check = bench.command("check");
        check.args(flags).env("AZURE_CLIENT_SECRET", format!(" \"{canary}\" "));
        let output = run(check).await;
        assert_eq!(code(&output), 1);
        assert!(!String::from_utf8_lossy(&output.stdout).contains("canary"));
        assert!(!errors(&output).contains("canary"));
        assert!(errors(&output).contains("the client secret were taken away"), "{}", errors(&output));
        assert_eq!(files_with(bench.home.path(), "canary"), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_id_is_noticed_before_anything_is_sent() {
    let bench = Bench::start(Scenario::Healthy).await;
    let mut check = bench.command("check");
    check.arg("--json").env("AZURE_CLIENT_SECRET", &bench.practice.facts().secret_id);
    let output = run(check).await;
    assert_eq!(findings(&json(&output)), ["secret-id-pasted"]);
    assert_eq!(code(&output), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_ends_with_2_and_sends_nothing() {
    let bench = Bench::start(Scenario::Healthy).await;
    let facts = bench.practice.facts().clone();
    let before = bench.practice.requests();
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);
    let cases: [Case<'_>; 7] = [
        (&["--authority", "http://localhost:1", "--graph", "https://localhost:2"], &[], "--authority"),
        (&["--authority", "https://login.example.com", "--graph", "https://localhost:2"], &[], "--authority"),
        (&["--ca-file", "/nowhere.pem"], &[], "--ca-file"),
        (&[], &[("AZURE_TENANT_ID", "")], "AZURE_TENANT_ID"),
        (&[], &[("AZURE_CLIENT_ID", "not-an-id")], "AZURE_CLIENT_ID"),
        (&[], &[("AZURE_CLIENT_ID", &facts.tenant_id)], "AZURE_"),
        (&["--profile", "unheard-of"], &[], "profile"),
    ];
    for (flags, variables, named) in cases {
        let mut check = bench.program();
        check.arg("check").args(flags).envs(variables.iter().copied());
        let output = run(check).await;
        assert_eq!(code(&output), 2, "{flags:?} {variables:?}: {}", errors(&output));
        assert!(errors(&output).contains(named), "{flags:?} {variables:?}: {}", errors(&output));
        assert!(output.stdout.is_empty());
    }
    assert_eq!(bench.practice.requests(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_breaks_the_network_link_alone() {
    let bench = Bench::start(Scenario::Healthy).await;
    let mut check = bench.program();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("https://{}", listener.local_addr().unwrap());
    drop(listener);
    check.args(["check", "--json", "--authority", &closed, "--graph", &closed]);
    let output = run(check).await;
    let answer = json(&output);
    assert_eq!(findings(&answer), ["port-blocked"]);
    assert_eq!(answer["links"][0]["state"], "broken");
    assert_eq!(code(&output), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_connection_is_a_usage_fault_that_names_the_saved_ones() {
    let home = tempfile::tempdir().unwrap();
    let mut check = program(home.path());
    check.args(["check", "nobody"]);
    let output = run(check).await;
    assert_eq!(code(&output), 2);
    assert!(errors(&output).contains("nobody") && errors(&output).contains("gatehouse onboard"));
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_the_same_chain() {
    let bench = Bench::start(Scenario::SecretExpired).await;
    let output = run(bench.command("check")).await;
    let text = String::from_utf8(output.stdout).unwrap();
    for part in
        ["✓ Network", "× Credential", "What we saw", "AADSTS7000222", "How to fix it", "waits for Credential"]
    {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no colours in a pipe");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_that_never_answers_holds_up_nothing_before_it() {
    let bench = Bench::start(Scenario::Healthy).await;
    // The system takes the connection, and nobody ever speaks on it.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let graph = format!("https://localhost:{}", silent.local_addr().unwrap().port());
    let facts = bench.practice.facts();
    let mut check = bench.program();
    check.args(["check", "--json", "--deadline", "3", "--authority", &facts.authority, "--graph", &graph]);
    check.arg("--ca-file").arg(bench.home.path().join("ca.pem"));
    let output = run(check).await;
    let answer = json(&output);
    let states: Vec<&str> =
        answer["links"].as_array().unwrap().iter().map(|link| link["state"].as_str().unwrap()).collect();
    assert_eq!(states[..5], ["proven"; 5], "{answer}");
    assert_eq!(states[6], "broken", "{answer}");
    assert_eq!(findings(&answer), ["service-unavailable"]);
    assert_eq!(code(&output), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_account_is_tried_with_a_device_code() {
    let requested = GESPAGE.map(str::to_owned).to_vec();
    // The scenario turns public client flows on, and its refusal is for passwords only.
    let scenario = "password-wrong".parse().unwrap();
    let bench = Bench::with(Options { scenario, requested, ..Options::default() }).await;
    let mut check = bench.command("check");
    check.args(["--json", "--profile", "gespage-print", "--device-code"]);
    check.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let output = tokio::task::spawn_blocking(move || {
        let mut running = check.spawn().unwrap();
        let mut told = String::new();
        let mut said = std::io::BufReader::new(running.stderr.take().unwrap());
        while !told.starts_with("Open ") {
            told.clear();
            assert!(std::io::BufRead::read_line(&mut said, &mut told).unwrap() > 0, "no code was shown");
        }
        approve(&told);
        running.wait_with_output().unwrap()
    });
    let answer = json(&output.await.unwrap());
    assert_eq!(findings(&answer), Vec::<&str>::new(), "{answer}");
    let credential = answer["links"][3]["evidence"].as_str().unwrap();
    assert!(credential.contains("sign-in account accepted"), "{credential}");
}

/// Enters the code on the practice tenant's page: `Open http://localhost:PORT/device and enter CODE.`
fn approve(told: &str) {
    use std::io::{Read, Write};
    let words: Vec<&str> = told.trim_end_matches(['.', '\n']).split(' ').collect();
    let (address, code) = (words[1].trim_start_matches("http://"), words[4]);
    let host = address.trim_end_matches("/device");
    let body = format!("user_code={code}&decision=accept");
    let mut page = std::net::TcpStream::connect(host.replace("localhost", "127.0.0.1")).unwrap();
    write!(
        page,
        "POST /device HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    page.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
