//! The file against rows made by hand.

use super::*;

fn user(id: &str) -> User {
    User {
        id: id.into(),
        user_principal_name: Some(format!("{id}@contoso.example")),
        display_name: None,
        mail: None,
        account_enabled: Some(true),
        user_type: None,
    }
}

fn member(id: &str, kind: MemberKind) -> Member {
    Member { id: id.into(), kind }
}

/// Sends the rows, then lets go of the sender.
fn written(path: &Path, batches: Vec<Rows>) -> Stored {
    written_over(path, Earlier::Replace, batches)
}

fn written_over(path: &Path, earlier: Earlier, batches: Vec<Rows>) -> Stored {
    let stored = Stored::default();
    let (sender, receiver) = mpsc::channel(batches.len().max(1));
    for batch in batches {
        sender.try_send(batch).ok().unwrap();
    }
    drop(sender);
    write(path, earlier, receiver, &stored).unwrap();
    stored
}

fn finish() -> Rows {
    finish_of(true)
}

fn finish_of(complete: bool) -> Rows {
    let record = SyncRecord {
        complete,
        cancelled: false,
        started_at: jiff::Timestamp::UNIX_EPOCH,
        finished_at: jiff::Timestamp::UNIX_EPOCH,
        users: crate::evidence::Tally { read: 1, counted: Some(1) },
        groups: crate::evidence::Tally::default(),
        memberships: crate::evidence::Tally::default(),
        groups_unread: 0,
        hidden_groups: 0,
        requests: 1,
        throttled: 0,
        resource_units: 1.0,
        seconds: 0.5,
        fault: None,
    };
    Rows::Finish(Box::new(Finish { record, groups_listed: true }))
}

fn close() -> Rows {
    Rows::Close(oneshot::channel().0)
}

#[test]
fn rows_are_stored_once_and_untyped_members_find_their_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep").join("snapshot.sqlite");
    let members = vec![
        member("u1", MemberKind::Other(String::new())),
        member("u1", MemberKind::User),
        member("x", MemberKind::Other(String::new())),
        member("d", MemberKind::Device),
        member("n", MemberKind::Other("microsoft.graph.newThing".into())),
    ];
    let stored = written(
        &path,
        vec![
            Rows::Users(vec![user("u1"), user("u1"), user("u2")]),
            Rows::Members { group_id: "g".into(), members },
            close(),
            Rows::Users(vec![user("late")]),
            finish(),
        ],
    );
    assert_eq!(stored.users.load(Ordering::Relaxed), 2);
    assert_eq!(stored.memberships.load(Ordering::Relaxed), 4);
    let connection = Connection::open(&path).unwrap();
    let mut select =
        connection.prepare("SELECT member_id || ':' || member_type FROM memberships ORDER BY 1").unwrap();
    let pairs: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(pairs, ["d:device", "n:newThing", "u1:user", "x:"]);
    let complete: bool = connection.query_row("SELECT complete FROM run", [], |row| row.get(0)).unwrap();
    assert!(complete);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
}

#[test]
fn an_unfinished_draft_leaves_the_old_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.sqlite");
    written(&path, vec![Rows::Users(vec![user("old")]), close(), finish()]);
    let before = fs::read(&path).unwrap();
    written(&path, vec![Rows::Users(vec![user("new")]), close()]);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.sqlite");
    written(&path, vec![close(), finish()]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

fn users_in(path: &Path) -> u64 {
    let file = Connection::open(path).unwrap();
    let number: i64 = file.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
    number.try_into().unwrap()
}

#[test]
fn a_partial_run_leaves_the_complete_directory_before_it_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.sqlite");
    let partial = partial_beside(&path);
    let run = |users: &[&str], complete: bool, earlier: Earlier| {
        let rows = Rows::Users(users.iter().map(|id| user(id)).collect());
        written_over(&path, earlier, vec![rows, close(), finish_of(complete)]);
    };
    run(&["a"], false, Earlier::KeepComplete);
    assert_eq!((users_in(&path), partial.exists()), (1, false), "there was nothing to keep");
    run(&["a", "b", "c"], true, Earlier::KeepComplete);
    run(&["a", "b"], false, Earlier::KeepComplete);
    assert_eq!((users_in(&path), users_in(&partial)), (3, 2));
    run(&["a", "b", "c", "d"], true, Earlier::KeepComplete);
    assert_eq!((users_in(&path), partial.exists()), (4, false));
    run(&["a"], false, Earlier::KeepComplete);
    run(&["a", "b"], false, Earlier::Replace);
    assert_eq!((users_in(&path), partial.exists()), (2, false), "the old directory was another tenant's");
}
