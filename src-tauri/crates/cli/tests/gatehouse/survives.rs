//! `sync`, when the disk is full, a program was killed, or the consent goes while it reads.

use std::{path::PathBuf, process::Stdio, time::Duration};

use practice::{Changes, Knobs, Options, Population, Scenario};
use rusqlite::Connection;
use serde_json::Value;

use super::support::{Bench, code, errors, findings, json, run};

async fn sync(bench: &Bench, arguments: &[&str]) -> (i32, Value) {
    let mut sync = bench.command("sync");
    sync.arg("--json").args(arguments);
    let output = run(sync).await;
    (code(&output), json(&output))
}

/// As [`sync`], where no file may grow beyond so many KiB: what a full disk is to the program.
#[cfg(unix)]
async fn sync_on_a_full_disk(bench: &Bench, arguments: &[&str], kib: u64) -> (i32, Value) {
    let sync = bench.command("sync");
    let mut limited = std::process::Command::new("sh");
    // A POSIX shell counts in blocks of 512 bytes.
    limited
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", kib * 2), "sh"])
        .arg(sync.get_program())
        .args(sync.get_args())
        .arg("--json")
        .args(arguments)
        .stdin(Stdio::null())
        .env_clear();
    for (name, value) in sync.get_envs() {
        limited.env(name, value.unwrap());
    }
    let output = run(limited).await;
    (code(&output), json(&output))
}

/// One of the files of the only connection, by what its name ends with.
fn file(bench: &Bench, ending: &str) -> PathBuf {
    let files = std::fs::read_dir(bench.home.path().join("directories")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let is_it = |file: &PathBuf| {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        name.split_once('.').is_some_and(|(_, rest)| rest == ending)
    };
    files.find(is_it).unwrap()
}

/// Everything that is known, line by line.
fn known(bench: &Bench) -> Vec<String> {
    let ledger = Connection::open(file(bench, "sqlite")).unwrap();
    let mut lines = Vec::new();
    for select in [
        "SELECT concat_ws('|', id, user_principal_name, display_name, mail, account_enabled, user_type) FROM users ORDER BY id",
        "SELECT concat_ws('|', id, display_name, mail, security_enabled, visibility, group_types) FROM groups ORDER BY id",
        "SELECT concat_ws('|', group_id, member_id, member_type) FROM memberships ORDER BY group_id, member_id",
        "SELECT concat_ws('|', list, link) FROM watermarks ORDER BY list",
        "SELECT concat_ws('|', complete, finished_at) FROM run",
    ] {
        let mut select = ledger.prepare(select).unwrap();
        let rows = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
        lines.extend(rows.map(Result::unwrap));
    }
    lines
}

/// The people, groups and memberships among it.
#[cfg(unix)]
fn directory(bench: &Bench) -> Vec<String> {
    let mut lines = known(bench);
    lines.truncate(lines.len() - 3);
    lines
}

#[cfg(unix)]
async fn large() -> Bench {
    let population = Population { users: 6_000, groups: 300, ..Population::default() };
    Bench::with(Options { population, page_size: Some(200), ..Options::default() }).await
}

#[cfg(unix)]
fn says_that_it_could_not_be_kept_and_where(bench: &Bench, answer: &Value) {
    assert_eq!(answer["complete"], false, "{answer}");
    assert_eq!(findings(answer), ["partial-read"], "{answer}");
    let said = answer["findings"][0]["evidence"].to_string();
    assert!(said.contains("What was read could not be kept on this computer"), "{said}");
    assert!(!said.contains("connection"), "it is none of the network's: {said}");
    let folder = bench.home.path().join("directories");
    assert!(said.contains(folder.to_str().unwrap()) && said.contains("space"), "{said}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_while_it_reads_costs_nothing_that_was_known() {
    let bench = large().await;
    assert_eq!(sync(&bench, &[]).await.0, 0);
    let before = known(&bench);
    let changes = Changes { users_updated: 500, users_added: 9, members_removed: 20, ..Changes::default() };
    bench.practice.change(&changes).unwrap();
    let (status, answer) = sync_on_a_full_disk(&bench, &["--full"], 1_024).await;
    assert_eq!(status, 3);
    says_that_it_could_not_be_kept_and_where(&bench, &answer);
    assert!(answer["users"]["read"].as_u64() < Some(6_009), "{answer}");
    assert_eq!(known(&bench), before);
    let (status, answer) = sync(&bench, &["--full", "--resume"]).await;
    assert_eq!((status, &answer["resumed"]), (0, &true.into()), "{answer}");
    assert_eq!(answer["changes"]["users"]["added"], 9, "{answer}");
    let resumed = directory(&bench);
    assert_eq!(sync(&bench, &["--full"]).await.0, 0);
    assert_eq!(directory(&bench), resumed);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_at_the_commit_costs_nothing_that_was_known() {
    let bench = large().await;
    assert_eq!(sync(&bench, &[]).await.0, 0);
    let before = known(&bench);
    bench.practice.change(&Changes { users_updated: 1_500, users_added: 9, ..Changes::default() }).unwrap();
    let (status, answer) = sync_on_a_full_disk(&bench, &["--delta"], 1_024).await;
    assert_eq!(status, 3);
    says_that_it_could_not_be_kept_and_where(&bench, &answer);
    assert_eq!(known(&bench), before);
    let staged = Connection::open(file(&bench, "reading.sqlite")).unwrap();
    let read: i64 = staged.query_row("SELECT sum(done) FROM places", [], |row| row.get(0)).unwrap();
    assert_eq!(read, 2, "both lists of changes were read to their ends");
    drop(staged);
    let (status, answer) = sync(&bench, &["--delta", "--resume"]).await;
    assert_eq!((status, &answer["resumed"], &answer["mode"]), (0, &true.into(), &"delta".into()), "{answer}");
    assert_eq!(answer["changes"]["users"]["added"], 9, "{answer}");
    let resumed = directory(&bench);
    assert_eq!(sync(&bench, &["--full"]).await.0, 0);
    assert_eq!(directory(&bench), resumed);
}

/// A directory that takes a few seconds to read.
fn slow() -> Options {
    Options {
        population: Population { users: 2_000, groups: 100, ..Population::default() },
        page_size: Some(20),
        latency: Duration::from_millis(20),
        ..Options::default()
    }
}

async fn until(bench: &Bench, requests: u64) {
    while bench.practice.requests() < requests {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_a_program_that_was_killed_holds_nobody_back() {
    let bench = Bench::with(slow()).await;
    let mut first = bench.command("sync");
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until(&bench, 20).await;
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(file(&bench, "lock").exists(), "nobody took it away");
    assert!(file(&bench, "reading.sqlite").exists());
    bench.practice.set(&Knobs { latency_ms: Some(0), ..Knobs::default() }).unwrap();
    let (status, answer) = sync(&bench, &["--resume"]).await;
    assert_eq!(
        (status, &answer["complete"], &answer["resumed"]),
        (0, &true.into(), &true.into()),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_that_is_revoked_while_it_reads_is_named() {
    let population = Population { users: 6_000, groups: 100, ..Population::default() };
    let bench = Bench::with(Options { population, latency: Duration::ZERO, ..slow() }).await;
    assert_eq!(sync(&bench, &[]).await.0, 0);
    let before = known(&bench);
    bench.practice.set(&Knobs { latency_ms: Some(20), ..Knobs::default() }).unwrap();
    let mut second = bench.command("sync");
    second.args(["--full", "--json"]);
    let began = bench.practice.requests();
    let (output, ()) = tokio::join!(run(second), async {
        // Most of its requests have succeeded by then, and access is denied all the same.
        until(&bench, began + 300).await;
        let scenario = Some(Scenario::ConsentMissing);
        let knobs = Knobs { scenario, forget_tokens: Some(true), latency_ms: Some(0), ..Knobs::default() };
        bench.practice.set(&knobs).unwrap();
    });
    let answer = json(&output);
    assert_eq!(code(&output), 1, "{} {answer}", errors(&output));
    assert_eq!(answer["complete"], false, "{answer}");
    let named = findings(&answer)[0];
    assert!(["directory-forbidden", "consent-missing"].contains(&named), "{answer}");
    assert_eq!(known(&bench), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_graph_has_forgotten_become_a_full_read_that_says_so() {
    let bench = Bench::start(Scenario::Healthy).await;
    assert_eq!(sync(&bench, &[]).await.0, 0);
    bench
        .practice
        .set(&Knobs { scenario: Some("delta-expired".parse().unwrap()), ..Knobs::default() })
        .unwrap();
    let (status, answer) = sync(&bench, &["--delta"]).await;
    assert_eq!((status, &answer["mode"], &answer["complete"]), (0, &"full".into(), &true.into()), "{answer}");
    assert_eq!(findings(&answer), ["delta-expired"], "{answer}");
}
