//! A report as a file: whole, private, and never over another one by accident.

use engine::{FaultCode, export::Existing, report::save};

#[test]
fn a_file_that_is_there_stays_unless_it_is_to_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    save(&path, "one", Existing::Keep).unwrap();
    let refused = save(&path, "two", Existing::Keep).unwrap_err();
    assert_eq!(refused.code, FaultCode::AlreadyThere);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
    save(&path, "two", Existing::Replace).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "two");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left behind");
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let refused = save(&folder.path().join("no").join("report.md"), "x", Existing::Replace).unwrap_err();
    assert_eq!(refused.code, FaultCode::StorageFailed);
    assert_eq!(refused.fix, "Check that the folder exists.");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.md");
    save(&path, "x", Existing::Keep).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
