//! The program is killed in the middle of syncs, again and again, and gone on with. What it knows in the end is what an
//! undisturbed run knows.

use std::{path::PathBuf, process::Stdio, time::Duration};

use practice::{Changes, Knobs, Options, Population};
use rusqlite::{Connection, OpenFlags};

use super::support::{Bench, code, errors, json, run};

/// Kills of each kind of sync.
const KILLS: u32 = 100;

/// A directory of about a hundred requests.
pub(crate) fn options() -> Options {
    Options {
        population: Population { users: 700, groups: 240, memberships: Some(3_000), seed: 11 },
        page_size: Some(20),
        latency: Duration::from_millis(1),
        ..Options::default()
    }
}

/// Moments that repeat from run to run.
struct Dice(u64);

impl Dice {
    /// A number below `bound`.
    fn roll(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

pub(crate) fn ledger(bench: &Bench) -> PathBuf {
    let folder = bench.home.path().join("directories");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let ledgers: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|extension| extension == "sqlite"))
        .filter(|file| {
            !file.to_string_lossy().contains(".reading.") && !file.to_string_lossy().contains(".unapplied.")
        })
        .collect();
    assert_eq!(ledgers.len(), 1, "{ledgers:?}");
    ledgers[0].clone()
}

/// Everything that is known, line by line; empty before anything is.
pub(crate) fn known(bench: &Bench) -> Vec<String> {
    let ledger = Connection::open_with_flags(ledger(bench), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let mut lines = Vec::new();
    for select in [
        "SELECT concat_ws('|', id, user_principal_name, display_name, mail, account_enabled, user_type) FROM users ORDER BY id",
        "SELECT concat_ws('|', id, display_name, mail, security_enabled, visibility, group_types, folded_name) FROM groups ORDER BY id",
        "SELECT concat_ws('|', group_id, member_id, member_type) FROM memberships ORDER BY group_id, member_id",
        "SELECT concat_ws('|', 'complete', complete) FROM run",
        "SELECT concat_ws('|', 'link', list) FROM watermarks ORDER BY list",
    ] {
        let mut select = ledger.prepare(select).unwrap();
        let rows = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
        lines.extend(rows.map(Result::unwrap));
    }
    lines
}

/// What a run that nobody disturbs knows, in a home of its own.
pub(crate) async fn undisturbed(bench: &Bench) -> Vec<String> {
    let other = tempfile::tempdir().unwrap();
    let mut sync = bench.command("sync");
    sync.env("GATEHOUSE_HOME", other.path()).arg("--json");
    let output = run(sync).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    let folder = std::fs::read_dir(other.path().join("directories")).unwrap();
    let kept = bench.home.path().join("directories");
    let aside = bench.home.path().join("aside");
    let had_some = kept.exists();
    if had_some {
        std::fs::rename(&kept, &aside).unwrap();
    }
    std::fs::create_dir_all(&kept).unwrap();
    for file in folder.map(Result::unwrap) {
        std::fs::rename(file.path(), kept.join(file.file_name())).unwrap();
    }
    let known = known(bench);
    std::fs::remove_dir_all(&kept).unwrap();
    if had_some {
        std::fs::rename(&aside, &kept).unwrap();
    }
    known
}

/// Starts the sync and kills it after so many requests; true when it came to its end before.
async fn killed_after(bench: &Bench, arguments: &[&str], requests: u64) -> bool {
    let until = bench.practice.requests() + requests;
    let mut sync = bench.command("sync");
    sync.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = sync.spawn().unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return true;
        }
        if bench.practice.requests() >= until {
            child.kill().unwrap();
            child.wait().unwrap();
            return false;
        }
        tokio::task::yield_now().await;
    }
}

/// Kills one sync after the other until it is through; the number of kills.
async fn through_with_kills(bench: &Bench, arguments: &[&str], dice: &mut Dice, most: u64) -> u32 {
    let mut kills = 0;
    let resumed: Vec<&str> = arguments.iter().copied().chain(["--resume"]).collect();
    loop {
        let arguments = if kills == 0 { arguments } else { &resumed };
        if killed_after(bench, arguments, 2 + dice.roll(most)).await {
            return kills;
        }
        kills += 1;
        assert!(kills < 400, "it never comes to its end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn full_syncs_that_are_killed_know_in_the_end_what_an_undisturbed_one_knows() {
    let bench = Bench::with(options()).await;
    let wanted = undisturbed(&bench).await;
    assert!(wanted.len() > 3_900, "{}", wanted.len());
    let (mut dice, mut kills, mut runs) = (Dice(7), 0, 0);
    while kills < KILLS {
        kills += through_with_kills(&bench, &["--full"], &mut dice, 24).await;
        runs += 1;
        assert_eq!(known(&bench), wanted, "after {kills} kills in {runs} runs");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn syncs_of_changes_that_are_killed_know_in_the_end_what_an_undisturbed_one_knows() {
    let bench = Bench::with(options()).await;
    let mut first = bench.command("sync");
    first.arg("--json");
    assert_eq!(code(&run(first).await), 0);
    bench.practice.set(&Knobs { page_size: Some(3), ..Knobs::default() }).unwrap();
    let (mut dice, mut kills, mut runs) = (Dice(8), 0, 0);
    while kills < KILLS {
        let changes = Changes {
            users_added: 9,
            users_updated: 12,
            users_removed: 8,
            groups_added: 3,
            groups_renamed: 4,
            groups_removed: 3,
            members_added: 30,
            members_removed: 20,
            ..Changes::default()
        };
        bench.practice.change(&changes).unwrap();
        kills += through_with_kills(&bench, &["--delta"], &mut dice, 12).await;
        runs += 1;
        assert_eq!(known(&bench), undisturbed(&bench).await, "after {kills} kills in {runs} runs");
    }
    let mut last = bench.command("sync");
    last.args(["--delta", "--json"]);
    let answer = json(&run(last).await);
    assert_eq!((answer["mode"].as_str(), answer["complete"].as_bool()), (Some("delta"), Some(true)));
}
