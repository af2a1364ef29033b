//! `gatehouse report` as a process: on a practice connection that was onboarded, and on one that was never checked.

use std::path::Path;

use practice::{Options, Scenario};

use crate::support::{Bench, code, errors, json, program, run};

/// A home with one connection that was onboarded on a practice tenant.
async fn onboarded() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let mut onboard = program(home.path());
    onboard.args(["onboard", "--practice", "--yes", "--to"]).arg(home.path().join("out"));
    assert_eq!(code(&run(onboard).await), 0);
    home
}

async fn report(home: &Path, arguments: &[&str]) -> std::process::Output {
    let mut report = program(home);
    report.arg("report").args(arguments);
    run(report).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_format_reports_what_the_last_check_showed_and_sends_nothing() {
    let home = onboarded().await;
    let output = report(home.path(), &["practice", "--format", "json"]).await;
    let answer = json(&output);
    assert_eq!(answer["schema"], "gatehouse.report/1");
    assert_eq!(answer["connection"]["practice"], true);
    assert_eq!(answer["links"].as_array().unwrap().len(), 8);
    // The practice tenant of the onboarding is gone, and the report does not miss it.
    assert_eq!(answer["verdict"], "proven", "{answer}");
    assert_eq!(code(&output), 0, "{}", errors(&output));

    let page = String::from_utf8(report(home.path(), &[]).await.stdout).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("Practice tenant: nothing in this report is real"));
    let markdown = String::from_utf8(report(home.path(), &["--format", "markdown"]).await.stdout).unwrap();
    assert!(markdown.contains("## Chain of proof"), "{markdown}");

    let client_id = |whole: &serde_json::Value| whole["connection"]["client_id"].as_str().unwrap().to_owned();
    assert!(client_id(&answer).contains('…'));
    let whole = json(&report(home.path(), &["--format", "json", "--full-ids"]).await);
    assert_eq!(client_id(&whole).len(), 36);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_private_named_by_its_ending_and_not_replaced_by_accident() {
    let home = onboarded().await;
    let file = home.path().join("report.md");
    let path = file.to_str().unwrap();
    let output = report(home.path(), &["--out", path]).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert!(output.stdout.is_empty() && errors(&output).contains("report.md"));
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("# "));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let again = report(home.path(), &["--out", path, "--format", "json"]).await;
    assert_eq!(code(&again), 2);
    assert!(errors(&again).contains("--force"), "{}", errors(&again));
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("# "), "it is as it was");
    let forced = report(home.path(), &["--out", path, "--format", "json", "--force"]).await;
    assert_eq!(code(&forced), 0);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with('{'));
}

#[tokio::test(flavor = "multi_thread")]
async fn which_connection_has_to_be_clear() {
    let home = tempfile::tempdir().unwrap();
    let output = report(home.path(), &[]).await;
    assert_eq!(code(&output), 2);
    assert!(errors(&output).contains("gatehouse onboard"), "{}", errors(&output));
    let output = report(home.path(), &["nobody"]).await;
    assert_eq!(code(&output), 2);
    assert!(errors(&output).contains("nobody"), "{}", errors(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_never_checked_says_so() {
    let home = onboarded().await;
    let file = home.path().join("connections.json");
    let mut saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    saved["connections"][0]["checked_at"] = serde_json::Value::Null;
    saved["connections"][0]["evidence"] = serde_json::json!({});
    std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), saved.to_string().as_bytes())
        .unwrap();
    let output = report(home.path(), &["--format", "markdown"]).await;
    assert_eq!(code(&output), 3, "nothing was proven");
    assert!(String::from_utf8_lossy(&output.stdout).contains("**Never checked.**"));
    assert!(errors(&output).contains("gatehouse check practice"), "{}", errors(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_are_kept_and_compared_for_saved_connections_only() {
    let bench = Bench::with(Options { scenario: Scenario::Healthy, ..Options::default() }).await;
    let mut check = bench.command("check");
    check.arg("--json");
    assert_eq!(code(&run(check).await), 0);
    assert!(!bench.home.path().join("history.sqlite").exists(), "a connection from variables has no history");
}
