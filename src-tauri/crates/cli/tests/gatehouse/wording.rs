//! What an admin in a hurry reads when something is missing, in the way or left out.

use std::{fs, io::Write, path::Path, process::Output};

use practice::Scenario;

use crate::support::{Bench, code, errors, json, program, run};

fn gatehouse(home: &Path, arguments: &[&str]) -> Output {
    program(home).args(arguments).current_dir(home).output().unwrap()
}

/// A connection to a practice tenant that has ended; its secret was kept for as long.
fn ended(home: &Path) {
    let made = gatehouse(home, &["onboard", "plant", "--practice", "--yes", "--to", "config"]);
    assert_eq!(code(&made), 0, "{}", errors(&made));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_gateways_needs_no_credential() {
    let bench = Bench::start(Scenario::Healthy).await;
    let mut added = bench.command("gateways");
    added.args(["add", "plant-1"]).env_remove("AZURE_CLIENT_SECRET");
    let added = run(added).await;
    assert_eq!(code(&added), 0, "{}", errors(&added));
    let mut listed = bench.command("gateways");
    listed.env_remove("AZURE_CLIENT_SECRET");
    let listed = run(listed).await;
    assert_eq!(code(&listed), 0, "{}", errors(&listed));
    let said = String::from_utf8(listed.stdout.clone()).unwrap();
    assert!(said.contains("0 of 1 gateway confirmed the current credential."), "{said}");
    assert!(errors(&listed).contains("No credential is given"), "{}", errors(&listed));
    // It is the same list as with the secret.
    let mut with_secret = bench.command("gateways");
    with_secret.arg("--json");
    assert_eq!(json(&run(with_secret).await)["gateways"][0]["name"], "plant-1");
    let mut check = bench.command("check");
    check.env_remove("AZURE_CLIENT_SECRET");
    let refused = run(check).await;
    assert_eq!(code(&refused), 2, "what signs in does need one");
    assert!(errors(&refused).contains("AZURE_CLIENT_SECRET"), "{}", errors(&refused));
}

#[test]
fn without_a_name_the_saved_ones_are_named() {
    let home = tempfile::tempdir().unwrap();
    let nothing = gatehouse(home.path(), &["check"]);
    assert_eq!(code(&nothing), 2);
    assert!(errors(&nothing).contains("AZURE_TENANT_ID"), "{}", errors(&nothing));
    assert!(errors(&nothing).contains("gatehouse onboard"), "{}", errors(&nothing));
    ended(home.path());
    let nothing = gatehouse(home.path(), &["gateways"]);
    assert!(errors(&nothing).contains("Name one of: plant."), "{}", errors(&nothing));
}

#[test]
fn a_check_of_nothing_is_not_taken_for_health() {
    let home = tempfile::tempdir().unwrap();
    let all = gatehouse(home.path(), &["check", "--all"]);
    assert_eq!(code(&all), 3);
    assert_eq!(String::from_utf8_lossy(&all.stdout), "Nothing was checked, of 0 saved connections.\n");
    ended(home.path());
    let all = gatehouse(home.path(), &["check", "--all", "--strict"]);
    assert_eq!(code(&all), 3);
    assert!(errors(&all).contains("plant was left out"), "{}", errors(&all));
}

#[test]
fn a_secret_that_is_gone_is_given_again_with_a_flag() {
    let home = tempfile::tempdir().unwrap();
    ended(home.path());
    let exported = gatehouse(home.path(), &["export", "plant", "--to", "other", "--with-secret"]);
    assert_eq!(code(&exported), 2);
    let said = errors(&exported);
    assert!(said.contains("--secret-file FILE or --secret-stdin") && !said.contains("step 3"), "{said}");
}

#[test]
fn a_rotation_that_is_not_under_way_says_how_one_begins() {
    let home = tempfile::tempdir().unwrap();
    ended(home.path());
    for action in ["prove", "look", "finish"] {
        let output = gatehouse(home.path(), &["rotate", "plant", action]);
        assert_eq!(code(&output), 3, "{action}");
        assert!(errors(&output).contains("gatehouse rotate plant begin"), "{action}: {}", errors(&output));
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secrets_file_that_others_may_read_is_used_with_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::start(Scenario::Healthy).await;
    let file = bench.home.path().join("secret");
    let secret = bench.practice.facts().client_secret.clone();
    fs::File::create(&file).unwrap().write_all(secret.as_bytes()).unwrap();
    for (mode, warned) in [(0o644, true), (0o640, true), (0o600, false), (0o400, false)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let mut check = bench.command("check");
        check.env_remove("AZURE_CLIENT_SECRET").arg("--secret-file").arg(&file);
        let output = run(check).await;
        let said = errors(&output);
        assert_eq!(code(&output), 0, "{said}");
        assert_eq!(said.contains("others on this computer may read"), warned, "{mode:o}: {said}");
        assert!(!said.contains(&secret));
    }
}

#[test]
fn a_place_that_cannot_be_used_is_named_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    fs::File::create(home.path().join("file")).unwrap();
    ended(home.path());
    for (arguments, says) in [
        (&["schedule", "--systemd", "file"][..], "Choose another place"),
        (&["schedule", "--systemd", "file/units"], "a part of this path is a file"),
        (&["schedule", "--task-scheduler", "config"], "config is a folder. Name a file in it."),
        (&["report", "plant", "--out", "config", "--force"], "config is a folder. Name a file in it."),
        (&["report", "plant", "--out", "none/report.html"], "Check that the folder exists."),
        (&["bundle", "verify", "file", "--signers", "none"], "--signers: none cannot be read"),
        (&["practice", "--listen", "0.0.0.0:0"], "is another address. Choose"),
    ] {
        let output = gatehouse(home.path(), arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", errors(&output));
        let said = errors(&output);
        assert!(said.contains(says) && !said.contains(".gatehouse-"), "{arguments:?}: {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_does_not_arrive_is_not_done_unless_nobody_waits_for_it() {
    let home = tempfile::tempdir().unwrap();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let lost = program(home.path()).args(["profiles", "--json"]).stdout(full).output().unwrap();
    assert_eq!(code(&lost), 3, "{}", errors(&lost));
    assert!(errors(&lost).contains("could not be written to standard output: "), "{}", errors(&lost));

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let unread = program(home.path()).arg("profiles").stdout(writer).output().unwrap();
    assert_eq!(code(&unread), 0, "{}", errors(&unread));
}
