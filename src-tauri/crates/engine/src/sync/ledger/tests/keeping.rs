//! What is known stays, whatever becomes of the run after it.

use super::*;
use crate::sync::ledger::copies::copy_whole;

const ADA_AND_BEN: &str = "SELECT group_concat(id) FROM users";

fn another_app(room: &Room) -> Ledger {
    Ledger::open(&room.path(), "tenant other").unwrap()
}

#[test]
fn what_is_known_of_another_app_waits_until_this_one_s_is_committed() {
    let room = Room::new();
    room.bring(vec![users(&[("a", "Ada"), ("b", "Ben")])], true);
    for _ in 0..2 {
        let mut other = another_app(&room);
        assert_eq!(other.held().unwrap().users, 0, "it is not shown as this app's");
        other.apply(&mut room.staging(vec![users(&[("x", "Xenia")])]), true).unwrap();
        // The program ends here.
        drop(other);
    }
    drop(Ledger::open(&room.path(), "tenant third").unwrap());
    drop(room.ledger());
    assert_eq!(room.rows(ADA_AND_BEN), ["a,b"], "its own app found it again");
    let applied = room.bring(vec![users(&[("a", "Ada")])], true);
    assert_eq!(applied.changes.unwrap().users.removed, 1, "and it is what changes are counted against");
}

#[test]
fn once_another_app_s_directory_is_known_the_earlier_one_goes() {
    let room = Room::new();
    room.bring(vec![users(&[("a", "Ada")])], true);
    let (mut other, mut staging) = (another_app(&room), room.staging(vec![users(&[("x", "Xenia")])]));
    assert!(earlier_beside(&room.path()).exists());
    other.apply(&mut staging, true).unwrap();
    let (record, links) = (super::complete(), staging.links().unwrap());
    other.commit(&Finish { record: &record, groups_listed: true, links: &links }).unwrap();
    drop(other);
    assert!(!earlier_beside(&room.path()).exists());
    assert_eq!(room.rows(ADA_AND_BEN), ["x"]);
    assert_eq!(room.ledger().held().unwrap().users, 0);
    assert!(earlier_beside(&room.path()).exists(), "the other way round it is the same");
}

#[test]
fn changes_are_counted_since_the_end_of_the_run_that_they_are_compared_with() {
    let room = Room::new();
    let ended: Timestamp = "2026-11-20T14:30:00Z".parse().unwrap();
    let (mut ledger, mut staging) = (room.ledger(), room.staging(vec![users(&[("a", "Ada")])]));
    assert!(ledger.apply(&mut staging, true).unwrap().changes.is_none());
    let record = SyncRecord { finished_at: ended, ..super::complete() };
    let links = staging.links().unwrap();
    ledger.commit(&Finish { record: &record, groups_listed: true, links: &links }).unwrap();
    let changes =
        ledger.apply(&mut room.staging(vec![users(&[("a", "Ada")])]), true).unwrap().changes.unwrap();
    assert_eq!(changes.since, Some(ended));
    assert!(changes.is_none(), "a time alone is no change");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_whose_name_is_no_text_is_refused_and_nothing_is_written_elsewhere() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let room = Room::new();
    room.bring(vec![users(&[("a", "Ada")])], true);
    let folder = room.folder.path().join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&folder).unwrap();
    let problem = copy_whole(&room.path(), &folder.join("copy.sqlite")).unwrap_err().to_string();
    assert!(problem.contains("not Unicode text") && problem.contains("GATEHOUSE_HOME"), "{problem}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    let ledger = folder.join("ledger.sqlite");
    std::fs::copy(room.path(), &ledger).unwrap();
    let problem = copy_for_others(&ledger, &room.folder.path().join("out.sqlite")).unwrap_err().to_string();
    assert!(problem.contains("not Unicode text"), "{problem}");
    let left = std::fs::read_dir(room.folder.path()).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    let known = ["deep", "reading.sqlite"].map(OsStr::new);
    assert!(
        names.iter().all(|name| known.contains(&name.as_os_str()) || *name == *folder.file_name().unwrap()),
        "{names:?}"
    );
}
