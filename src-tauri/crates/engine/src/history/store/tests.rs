//! Kept, trimmed, removed; a newer file is refused, a damaged one set aside.

use tempfile::TempDir;

use super::*;
use crate::{
    diagnosis::{Link, LinkState, Severity, Verdict},
    history::{Facts, RunFinding, RunLink, facts::DirectoryFact},
};

fn now() -> Timestamp {
    "2026-11-20T14:27:00Z".parse().unwrap()
}

fn history() -> (TempDir, History) {
    let folder = tempfile::tempdir().unwrap();
    let history = History::in_folder(folder.path().join("data"));
    (folder, history)
}

fn record(connection_id: &str, verdict: Verdict, minute: i64) -> RunRecord {
    RunRecord {
        connection_id: connection_id.to_owned(),
        started_at: Timestamp::from_second(now().as_second() + 60 * minute).unwrap(),
        seconds: 0.4,
        verdict,
        profile: "least-privilege".to_owned(),
        links: vec![RunLink {
            link: Link::Network,
            state: LinkState::Attention,
            word: "Works, but…".to_owned(),
            evidence: vec!["2 of 2 hosts".to_owned()],
        }],
        findings: vec![RunFinding {
            id: "clock-skewed".to_owned(),
            link: Link::Network,
            severity: Severity::Attention,
            title: "This computer’s clock is 3 minutes ahead".to_owned(),
        }],
        facts: Facts {
            directory: Some(DirectoryFact { complete: true, users: 240, groups: 12, memberships: 700 }),
            ..Facts::default()
        },
    }
}

fn files(history: &History) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(&history.folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_run_is_read_as_it_was_kept_the_newest_first() {
    let (_folder, history) = history();
    let [first, second] = [Verdict::Proven, Verdict::Broken].map(|verdict| record("a", verdict, 0));
    history.record(&first, now()).unwrap();
    history.record(&second, now()).unwrap();
    history.record(&record("b", Verdict::Proven, 0), now()).unwrap();
    let runs = history.runs("a", 10, now()).unwrap();
    assert_eq!(runs.iter().map(|run| &run.record).collect::<Vec<_>>(), [&second, &first]);
    assert_eq!(history.runs("a", 1, now()).unwrap().len(), 1);
    assert_eq!(history.last_good("a", now()).unwrap().unwrap().record, first);
    assert!(history.last_good_before("a", runs[1].id, now()).unwrap().is_none());
}

#[test]
fn looking_at_a_history_makes_none() {
    let (_folder, history) = history();
    assert!(history.runs("a", 10, now()).unwrap().is_empty());
    assert!(history.last_good("a", now()).unwrap().is_none());
    history.remove("a", now()).unwrap();
    assert!(!history.folder.exists());
}

#[test]
fn the_newest_two_hundred_are_kept_and_the_last_good_one_besides() {
    let (_folder, history) = history();
    history.record(&record("b", Verdict::Proven, 0), now()).unwrap();
    history.record(&record("a", Verdict::Proven, 0), now()).unwrap();
    let mut stored = schema::open(&history.path()).unwrap();
    for minute in 1..=210 {
        insert(&mut stored, &record("a", Verdict::Broken, minute)).unwrap();
    }
    let runs = history.runs("a", usize::MAX, now()).unwrap();
    assert_eq!(runs.len(), KEPT_FOR_EACH);
    assert_eq!(runs.last().unwrap().record, record("a", Verdict::Broken, 11));
    assert_eq!(history.last_good("a", now()).unwrap().unwrap().record, record("a", Verdict::Proven, 0));
    assert_eq!(history.runs("b", 10, now()).unwrap().len(), 1, "the other connection keeps its own");
    let rows: i64 = stored.query_row("SELECT count(*) FROM runs", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 202);
}

#[test]
fn a_connections_runs_go_with_it_and_others_stay() {
    let (_folder, history) = history();
    history.record(&record("a", Verdict::Proven, 0), now()).unwrap();
    history.record(&record("b", Verdict::Proven, 0), now()).unwrap();
    history.remove("a", now()).unwrap();
    assert!(history.runs("a", 10, now()).unwrap().is_empty());
    assert_eq!(history.runs("b", 10, now()).unwrap().len(), 1);
}

#[test]
fn a_file_of_a_newer_gatehouse_is_refused_and_untouched() {
    let (_folder, history) = history();
    history.record(&record("a", Verdict::Proven, 0), now()).unwrap();
    Connection::open(history.path()).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let before = fs::read(history.path()).unwrap();
    let refused = history.record(&record("a", Verdict::Proven, 1), now()).unwrap_err();
    assert!(matches!(refused, HistoryProblem::Newer { version: 7, .. }));
    assert!(refused.to_string().ends_with("was written by a newer Gatehouse (version 7)"), "{refused}");
    assert!(history.runs("a", 10, now()).is_err());
    assert_eq!(fs::read(history.path()).unwrap(), before);
}

#[test]
fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
    let (_folder, history) = history();
    fs::create_dir_all(&history.folder).unwrap();
    for damage in [
        &b"this is no database, and it is longer than a page header would be............."[..],
        &[0xff; 5000],
    ] {
        std::io::Write::write_all(&mut File::create(history.path()).unwrap(), damage).unwrap();
        history.record(&record("a", Verdict::Proven, 0), now()).unwrap();
        assert_eq!(history.runs("a", 10, now()).unwrap().len(), 1);
        let aside = history.set_aside(now()).unwrap();
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert_eq!(fs::read(&aside[0].path).unwrap(), damage);
        assert!(!aside[0].because.is_empty());
    }
    let names = files(&history);
    assert!(names.contains(&"history.damaged-20261120T142700Z.sqlite".to_owned()), "{names:?}");
    assert!(names.contains(&"history.damaged-20261120T142700Z-2.sqlite".to_owned()), "{names:?}");
}

#[test]
fn a_database_without_the_tables_is_set_aside_too() {
    let (_folder, history) = history();
    fs::create_dir_all(&history.folder).unwrap();
    let other = Connection::open(history.path()).unwrap();
    other.execute_batch("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1;").unwrap();
    drop(other);
    assert!(history.runs("a", 10, now()).unwrap().is_empty());
    assert_eq!(history.set_aside(now()).unwrap().len(), 1);
}

#[test]
fn a_run_that_is_not_understood_is_left_out() {
    let (_folder, history) = history();
    history.record(&record("a", Verdict::Proven, 0), now()).unwrap();
    history.record(&record("a", Verdict::Proven, 1), now()).unwrap();
    let stored = Connection::open(history.path()).unwrap();
    stored.execute("UPDATE runs SET facts = 'nonsense' WHERE id = 2", []).unwrap();
    assert_eq!(history.runs("a", 10, now()).unwrap().len(), 1);
}

#[test]
fn two_programs_can_keep_runs_at_once() {
    let (_folder, history) = history();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for minute in 0..10 {
                    history.record(&record("a", Verdict::Proven, minute), now()).unwrap();
                }
            });
        }
    });
    assert_eq!(history.runs("a", 100, now()).unwrap().len(), 40);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it_and_what_lies_beside_it() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, history) = history();
    history.record(&record("a", Verdict::Proven, 0), now()).unwrap();
    // An open reader keeps the files beside it in place.
    let reader = Connection::open(history.path()).unwrap();
    let rows: i64 = reader.query_row("SELECT count(*) FROM runs", [], |row| row.get(0)).unwrap();
    history.record(&record("a", Verdict::Proven, 1), now()).unwrap();
    assert_eq!(rows, 1);
    let names = files(&history);
    assert!(names.contains(&"history.sqlite-wal".to_owned()), "{names:?}");
    for name in names {
        let mode = fs::metadata(history.folder.join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let mode: String = reader.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}
