//! `onboard`, `sync`, `export`, `connections` and `practice` as processes.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use crate::support::{Bench, code, errors, files_with, json, program, run};
use practice::{Options, Scenario};

#[tokio::test(flavor = "multi_thread")]
async fn onboarding_on_the_practice_tenant_needs_no_keyboard_and_ends_with_a_config() {
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("out");
    let mut onboard = program(home.path());
    onboard.args(["onboard", "--practice", "--yes", "--to"]).arg(&to);
    let output = run(onboard).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert!(errors(&output).contains("for this session only"), "there is no keychain here, and it says so");
    let config: serde_json::Value =
        serde_json::from_slice(&std::fs::read(to.join("gateway.json")).unwrap()).unwrap();
    assert_eq!(config["practice"], true);
    assert_eq!(config["access"]["rules"].as_array().unwrap().len(), 2);

    let mut list = program(home.path());
    list.args(["connections", "--json"]);
    let listed = json(&run(list).await);
    assert_eq!(listed["connections"][0]["id"], "practice");
    let mut remove = program(home.path());
    remove.args(["connections", "remove", "practice"]);
    assert_eq!(code(&run(remove).await), 0);
    let mut list = program(home.path());
    list.args(["connections", "--json"]);
    assert_eq!(json(&run(list).await)["connections"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn onboarding_without_a_terminal_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [&["onboard"][..], &["onboard", "--yes"]] {
        let mut onboard = program(home.path());
        onboard.args(arguments);
        let output = run(onboard).await;
        assert_eq!(code(&output), 2);
        assert!(errors(&output).contains("--practice"), "{}", errors(&output));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_reads_everything_and_writes_it_down() {
    let bench = Bench::with(Options { fail_every: 25, ..Options::default() }).await;
    let out = bench.home.path().join("directory.sqlite");
    let mut sync = bench.command("sync");
    sync.arg("--json").arg("--out").arg(&out);
    let output = run(sync).await;
    let answer = json(&output);
    let facts = bench.practice.facts();
    assert_eq!(code(&output), 0, "{answer}");
    assert_eq!(answer["schema"], "gatehouse.sync/1");
    assert_eq!(answer["complete"], true);
    assert_eq!(answer["users"]["read"], facts.users);
    assert_eq!(answer["users"]["counted"], facts.users);
    assert_eq!(answer["groups"]["read"], facts.groups);
    assert_eq!(answer["memberships"]["read"], facts.memberships);
    assert!(answer["throttled"].as_u64().unwrap() > 0);
    let stored = rusqlite::Connection::open(&out).unwrap();
    let rows = |table: &str| -> u64 {
        stored.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!(
        (rows("users"), rows("groups"), rows("memberships")),
        (facts.users, facts.groups, facts.memberships)
    );
    let complete: bool = stored.query_row("select complete from run", [], |row| row.get(0)).unwrap();
    assert!(complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_without_consent_is_denied_and_never_complete() {
    let bench = Bench::start(Scenario::ConsentMissing).await;
    let mut sync = bench.command("sync");
    sync.arg("--json");
    let output = run(sync).await;
    assert_eq!(json(&output)["complete"], false);
    assert!(matches!(code(&output), 1 | 3), "{}", code(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_whose_token_is_refused_says_why() {
    let bench = Bench::start(Scenario::SecretExpired).await;
    let mut sync = bench.command("sync");
    sync.arg("--json");
    let output = run(sync).await;
    assert_eq!(crate::support::findings(&json(&output)), ["secret-expired"]);
    assert_eq!(code(&output), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_exported_only_when_it_is_asked_for() {
    let bench = Bench::start(Scenario::Healthy).await;
    let secret = bench.practice.facts().client_secret.clone();
    let to = bench.home.path().join("out");
    let export = |flags: &[&str]| {
        let mut export = bench.command("export");
        export.arg("--to").arg(&to).args(flags);
        export
    };
    let output = run(export(&[])).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert_eq!(files_with(&to, &secret), Vec::<String>::new());
    let output = run(export(&["--with-secret"])).await;
    assert_eq!(code(&output), 2, "files are there already");
    assert!(errors(&output).contains("--force"));
    let output = run(export(&["--with-secret", "--force", "--json"])).await;
    assert_eq!(code(&output), 0);
    assert_eq!(json(&output)["reads_back"], true);
    assert_eq!(files_with(&to, &secret), [to.join("gateway.env").to_string_lossy().into_owned()]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(to.join("gateway.env")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_comes_by_standard_input_or_by_file() {
    let bench = Bench::start(Scenario::Healthy).await;
    let secret = bench.practice.facts().client_secret.clone();
    let mut check = bench.command("check");
    check.env_remove("AZURE_CLIENT_SECRET").args(["--json", "--secret-stdin"]).stdin(Stdio::piped());
    check.stdout(Stdio::piped()).stderr(Stdio::piped());
    let piped = secret.clone();
    let output = tokio::task::spawn_blocking(move || {
        let mut running = check.spawn().unwrap();
        running.stdin.take().unwrap().write_all(format!("{piped}\n").as_bytes()).unwrap();
        running.wait_with_output().unwrap()
    });
    assert_eq!(json(&output.await.unwrap())["verdict"], "proven");

    let file = bench.home.path().join("secret.txt");
    std::fs::File::create(&file).unwrap().write_all(secret.as_bytes()).unwrap();
    let mut check = bench.command("check");
    check.env_remove("AZURE_CLIENT_SECRET").arg("--json").arg("--secret-file").arg(&file);
    assert_eq!(json(&run(check).await)["verdict"], "proven");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn practice_prints_its_facts_and_takes_its_ca_away_when_it_stops() {
    let home = tempfile::tempdir().unwrap();
    let mut practice = program(home.path());
    practice.args(["practice", "--json", "--users", "12", "--groups", "3", "--scenario", "app-unknown"]);
    practice.stdout(Stdio::piped());
    tokio::task::spawn_blocking(move || {
        let mut running = practice.spawn().unwrap();
        let mut first = String::new();
        BufReader::new(running.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let facts: serde_json::Value = serde_json::from_str(&first).unwrap();
        assert_eq!((&facts["users"], &facts["groups"]), (&12.into(), &3.into()));
        assert_eq!(facts["scenario"], "app-unknown");
        for field in ["authority", "graph", "tenant_id", "domain", "client_id", "client_secret"] {
            assert!(facts[field].is_string(), "{field}");
        }
        assert!(facts["admin"]["username"].is_string() && facts["account"]["password"].is_string());
        let ca = std::path::PathBuf::from(facts["ca_file"].as_str().unwrap());
        assert!(ca.exists());
        let told =
            std::process::Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap();
        assert!(told.success());
        assert!(running.wait().unwrap().success());
        assert!(!ca.exists());
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_connections_file_is_kept_aside() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("connections.json");
    std::fs::File::create(&file).unwrap().write_all(b"{ half a").unwrap();
    let mut list = program(home.path());
    list.arg("connections");
    let output = run(list).await;
    assert_eq!(code(&output), 0);
    assert!(errors(&output).contains("kept as"), "{}", errors(&output));
    assert_eq!(files_with(home.path(), "{ half a").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_a_damaged_file_is_missed_until_the_file_is_gone() {
    let bench = Bench::with(Options::default()).await;
    let file = bench.home.path().join("connections.json");
    std::fs::File::create(&file).unwrap().write_all(b"{ half a").unwrap();
    let all = |more: &'static [&str]| {
        let mut check = program(bench.home.path());
        check.args(["check", "--all", "--strict"]).args(more);
        run(check)
    };
    all(&[]).await;
    let kept = files_with(bench.home.path(), "{ half a");
    let [kept] = kept.as_slice() else { unreachable!("it is kept once: {kept:?}") };

    // Another connection, which works, does not make up for it.
    let facts = bench.practice.facts();
    let engine = engine::Gatehouse::new(engine::Setup {
        home: bench.home.path().to_owned(),
        keychain: std::sync::Arc::new(engine::vault::MemoryVault::default()),
        clock: std::sync::Arc::new(engine::clock::SystemClock),
        user_agent: "test".to_owned(),
    });
    let id = engine.create(engine::NewConnection {
        name: "Other".to_owned(),
        endpoints: engine::Endpoints::custom(&facts.authority, &facts.graph).unwrap(),
        practice: false,
        ca_file: Some(bench.home.path().join("ca.pem").to_string_lossy().into_owned()),
    });
    let id = id.unwrap().id;
    let (tenant, client_id) = (facts.domain.clone(), facts.client_id.clone());
    engine.save_registration(&id, &engine::Registration { tenant, client_id, name: String::new() }).unwrap();
    let mut made = program(bench.home.path());
    made.args(["certificate", &id, "new", "--bits", "2048", "--key-file", "key.pem", "--cer", "key.cer"]);
    made.current_dir(bench.home.path());
    assert_eq!(code(&run(made).await), 0);
    bench.practice.upload_certificate(&std::fs::read(bench.home.path().join("key.cer")).unwrap()).unwrap();

    for more in [&[][..], &["--json"]] {
        let output = all(more).await;
        assert_eq!(code(&output), 3, "{}", errors(&output));
        assert!(errors(&output).contains(kept.as_str()), "{}", errors(&output));
        if !more.is_empty() {
            assert_eq!(json(&output)["connections"].as_array().unwrap().len(), 1);
        }
    }
    let mut named = program(bench.home.path());
    named.args(["check", "contoso-print"]);
    let named = run(named).await;
    assert_eq!(code(&named), 2);
    assert!(errors(&named).contains(kept.as_str()), "{}", errors(&named));

    std::fs::remove_file(kept).unwrap();
    let dismissed = all(&[]).await;
    assert!(!errors(&dismissed).contains("damaged"), "{}", errors(&dismissed));
    assert_ne!(code(&dismissed), 3, "{}", errors(&dismissed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_cannot_be_shown_hides_no_other() {
    let home = tempfile::tempdir().unwrap();
    for folder in ["one", "two"] {
        let mut onboard = program(home.path());
        onboard.args(["onboard", folder, "--practice", "--yes", "--to"]).arg(home.path().join(folder));
        assert_eq!(code(&run(onboard).await), 0);
    }
    let file = home.path().join("connections.json");
    let mut saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    saved["connections"][0]["profile"] = "from-a-colleague".into();
    std::fs::File::create(&file).unwrap().write_all(saved.to_string().as_bytes()).unwrap();
    let mut list = program(home.path());
    list.args(["connections", "--json"]);
    let output = run(list).await;
    assert_eq!(code(&output), 0);
    assert_eq!(json(&output)["connections"].as_array().unwrap().len(), 1);
    assert!(errors(&output).contains("from-a-colleague"), "{}", errors(&output));
    assert!(std::fs::read_to_string(&file).unwrap().contains("from-a-colleague"));
}

/// A limit on the size of files stands in for a disk without space: the write fails in the middle all the same.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_in_the_middle_leaves_no_half_file() {
    let bench = Bench::start(Scenario::Healthy).await;
    let to = bench.home.path().join("out");
    let export = bench.command("export");
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"]).arg(export.get_program());
    limited.args(export.get_args()).arg("--to").arg(&to).env_clear().stdin(Stdio::null());
    limited
        .envs(export.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", "/usr/bin:/bin");
    let output = run(limited).await;
    assert_eq!(code(&output), 2, "{}", errors(&output));
    assert!(errors(&output).contains("gateway.schema.json"), "{}", errors(&output));
    let mut names: Vec<String> = std::fs::read_dir(&to)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["gateway.env", "gateway.json"], "no draft and no half file");
}
