//! The program is killed while a sync is brought into the ledger, and while that is committed. What it knows is always
//! what it knew before, or all of the new.

use std::{cell::Cell, fs, path::Path, time::Duration};

use practice::Changes;
use rusqlite::{Connection, ErrorCode};

use super::{
    kill::{known, ledger, options, undisturbed},
    support::{Bench, code, ended_before, run},
};

/// Another program that looks whether somebody is writing into the ledger.
struct Onlooker(Connection);

impl Onlooker {
    fn of(ledger: &Path) -> Self {
        let connection = Connection::open(ledger).unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        Self(connection)
    }

    /// A sync holds the ledger's one write lock from the first row that it brings in to the end of the commit.
    fn sees_a_writer(&self) -> bool {
        match self.0.execute_batch("BEGIN IMMEDIATE; ROLLBACK;") {
            Ok(()) => false,
            Err(error) => {
                assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy), "{error}");
                true
            }
        }
    }
}

/// Bytes in the ledger's write-ahead log; a commit is written there.
fn log_size(ledger: &Path) -> u64 {
    let mut log = ledger.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).map_or(0, |log| log.len())
}

fn some_changes() -> Changes {
    Changes {
        users_added: 120,
        users_updated: 150,
        users_removed: 60,
        groups_added: 6,
        groups_renamed: 12,
        members_added: 500,
        members_removed: 200,
        ..Changes::default()
    }
}

/// Runs a sync of changes, goes on with it where one was stopped, and kills it when the moment has come; true when it came
/// to its end before.
async fn synced(bench: &Bench, has_come: impl Fn() -> bool) -> bool {
    let mut sync = bench.command("sync");
    sync.args(["--delta", "--resume"]);
    ended_before(sync, has_come).await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_while_applying_or_committing_knows_the_old_or_the_new_and_nothing_between() {
    let bench = Bench::with(options()).await;
    let mut first = bench.command("sync");
    first.arg("--json");
    assert_eq!(code(&run(first).await), 0);
    let ledger = ledger(&bench);
    let (mut applying, mut committing, mut old) = (0, 0, 0);
    let mut round = 0;
    // A machine that has other things to do may let a moment pass unseen.
    while applying < 3 || committing < 6 || old < 3 {
        round += 1;
        assert!(
            round < 20,
            "killed {applying} times while applying, {committing} while committing, {old} early"
        );
        let before = known(&bench);
        bench.practice.change(&some_changes()).unwrap();
        let wanted = undisturbed(&bench).await;
        assert!(before != wanted, "nothing was changed");
        let onlooker = Onlooker::of(&ledger);
        let whole_or_untouched = |what: &str| {
            let found = known(&bench);
            assert!(found == before || found == wanted, "{what}, round {round}: something between");
            u32::from(found == before)
        };
        if !synced(&bench, || onlooker.sees_a_writer()).await {
            applying += 1;
            old += whole_or_untouched("killed while applying");
        }
        // Later in each round, until the whole commit has been written before the moment comes.
        for step in 0..40_u64 {
            let begun = Cell::new(None);
            let (least, onlooker) = (1 + step * (16 + 8 * (round % 4)) * 1_024, &onlooker);
            let has_come = || {
                if begun.get().is_none() && onlooker.sees_a_writer() {
                    begun.set(Some(log_size(&ledger)));
                }
                begun.get().is_some_and(|size| log_size(&ledger) >= size + least)
            };
            if synced(&bench, has_come).await {
                break;
            }
            committing += 1;
            old += whole_or_untouched("killed while committing");
        }
        assert!(synced(&bench, || false).await);
        assert_eq!(known(&bench), wanted, "round {round}");
    }
}
