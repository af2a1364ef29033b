//! `gatehouse profiles`: the shipped ones, and a vendor's own.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

use practice::Scenario;
use serde_json::Value;

use crate::support::{Bench, code, errors, json, program, run};

const DOOR: &str = r#"id = "contoso-door"
name = "Contoso door controller"
summary = "Who may open which door."
user-fields = ["id", "userPrincipalName", "employeeId"]
outputs = ["systemd", "kubernetes"]

[public-client]
needed = false
reason = "It signs in with its own certificate."

[[permission]]
name = "GroupMember.Read.All"
reason = "Who is in which group"
calls = ["GET /groups/{id}/members"]

[[role]]
id = "keeper"
name = "Keeper"
rank = 9
administers = true
"#;

fn put(file: &Path, text: &str) {
    File::create(file).unwrap().write_all(text.as_bytes()).unwrap();
}

fn profiles(home: &Path, arguments: &[&str]) -> std::process::Output {
    program(home).arg("profiles").args(arguments).output().unwrap()
}

fn ids(listing: &Value) -> Vec<&str> {
    let listed = listing["profiles"].as_array().unwrap();
    listed.iter().map(|profile| profile["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendors_profile_is_checked_taken_over_and_used() {
    let bench = Bench::start(Scenario::Healthy).await;
    let home = bench.home.path();
    let file = home.join("door.toml");
    put(&file, DOOR);
    let path = file.to_str().unwrap();

    let checked = profiles(home, &["check", path]);
    assert_eq!(code(&checked), 0, "{}", errors(&checked));
    assert_eq!(ids(&json(&profiles(home, &["--json"]))).len(), 4, "checking takes nothing over");
    assert_eq!(code(&profiles(home, &["add", path])), 0);
    let again = profiles(home, &["add", path]);
    assert_eq!(code(&again), 2);
    assert!(errors(&again).contains("--force"), "{}", errors(&again));
    assert_eq!(code(&profiles(home, &["add", path, "--force"])), 0);
    let listing = json(&profiles(home, &["--json"]));
    assert_eq!(listing["schema"], "gatehouse.profiles/1");
    assert_eq!(
        ids(&listing),
        ["least-privilege", "gateway-identity-sync", "gespage-print", "custom", "contoso-door"]
    );
    assert_eq!(listing["profiles"][4]["outputs"], serde_json::json!(["systemd", "kubernetes"]));

    let mut check = bench.command("check");
    check.args(["--json", "--profile", "contoso-door"]);
    let answer = json(&run(check).await);
    assert_eq!(answer["profile"], "contoso-door");
    assert!(answer["links"][5]["evidence"].as_str().unwrap().starts_with("1 of 1 roles"), "{answer}");
}

#[test]
fn what_is_wrong_is_named_by_line_and_field() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("profiles");
    fs::create_dir(&folder).unwrap();
    put(&folder.join("door.toml"), &DOOR.replace("rank = 9", "rank = 90000"));
    let listed = profiles(home.path(), &["--json"]);
    assert_eq!(code(&listed), 2);
    assert_eq!(ids(&json(&listed)).len(), 4, "the others are there");
    assert!(errors(&listed).contains("door.toml: line 19: role[0].rank: "), "{}", errors(&listed));

    let file = home.path().join("other.toml");
    put(&file, &DOOR.replace("GroupMember.Read.All", "GroupMembers.Read.All"));
    let checked = profiles(home.path(), &["check", file.to_str().unwrap()]);
    assert_eq!(code(&checked), 2);
    assert!(errors(&checked).contains("line 12: permission[0].name: "), "{}", errors(&checked));
    let mut used = program(home.path());
    used.args(["check", "--profile", "contoso-door"]);
    used.env("AZURE_TENANT_ID", "5e0b6f3a-0000-4000-8000-000000000001");
    used.env("AZURE_CLIENT_ID", "5e0b6f3a-0000-4000-8000-000000000002").env("AZURE_CLIENT_SECRET", "x");
    let used = used.output().unwrap();
    assert_eq!(code(&used), 2);
    assert!(errors(&used).contains("door.toml"), "{}", errors(&used));
}

#[test]
fn a_folder_or_a_file_that_cannot_be_read_is_named_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    put(&home.path().join("profiles"), "no folder");
    let listed = profiles(home.path(), &["--json"]);
    assert_eq!(code(&listed), 2, "the vendor's profiles are not silently left out");
    let folder = home.path().join("profiles").display().to_string();
    assert!(errors(&listed).contains(&folder), "{}", errors(&listed));
    let listing = json(&listed);
    assert_eq!((ids(&listing).len(), listing["unusable"][0]["file"].as_str()), (4, Some(&*folder)));

    for action in ["check", "add"] {
        let gone = profiles(home.path(), &[action, "none.toml"]);
        assert_eq!(code(&gone), 2);
        let said = errors(&gone);
        assert!(
            said.contains("none.toml: It cannot be read: ") && said.contains("Check the path."),
            "{said}"
        );
        assert!(!said.contains("Mend the file") && !said.contains("  "), "{said}");
    }
}

#[test]
fn a_shipped_profile_is_a_start_for_ones_own() {
    let home = tempfile::tempdir().unwrap();
    let shown = profiles(home.path(), &["show", "gespage-print"]);
    let text = String::from_utf8(shown.stdout).unwrap();
    let file = home.path().join("own.toml");
    put(&file, &text.replace("id = \"gespage-print\"", "id = \"own-print\""));
    assert_eq!(code(&profiles(home.path(), &["add", file.to_str().unwrap()])), 0);
    let schema: Value = serde_json::from_slice(&profiles(home.path(), &["schema"]).stdout).unwrap();
    assert_eq!(schema["properties"]["role"]["type"], "array");
    assert_eq!(schema["additionalProperties"], false);
}
