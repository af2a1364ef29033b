//! `gatehouse schedule`: calendars, and the files of the system's own scheduler.

use std::{fs, process::Output, sync::Arc};

use engine::{
    CertificateOrder, Cloud, Endpoints, Gatehouse, KeepKey, KeySize, NewConnection, Setup,
    clock::SystemClock, vault::MemoryVault,
};
use tempfile::TempDir;

use crate::support::{code, errors, program, run};

async fn schedule(home: &TempDir, arguments: &[&str]) -> Output {
    let mut program = program(home.path());
    program.arg("schedule").args(arguments).current_dir(home.path());
    run(program).await
}

fn saved(home: &TempDir) -> String {
    let engine = Gatehouse::new(Setup {
        home: home.path().to_owned(),
        keychain: Arc::new(MemoryVault::default()),
        clock: Arc::new(SystemClock),
        user_agent: "test".to_owned(),
    });
    let endpoints = Endpoints::of(Cloud::Global);
    let new = NewConnection { name: "Contoso print".to_owned(), endpoints, practice: false, ca_file: None };
    let id = engine.create(new).unwrap().id;
    let keep = KeepKey::File(home.path().join("key.pem"));
    engine.make_certificate(&id, &CertificateOrder { days: 90, key_size: KeySize::Rsa2048, keep }).unwrap();
    id
}

#[tokio::test]
async fn an_end_is_written_for_calendars() {
    let home = tempfile::tempdir().unwrap();
    let id = saved(&home);
    let output = schedule(&home, &[&id, "--ics", "end.ics"]).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    let text = fs::read_to_string(home.path().join("end.ics")).unwrap();
    assert!(
        text.starts_with("BEGIN:VCALENDAR\r\n")
            && text.contains("SUMMARY:Contoso print: the certificate ends")
    );
    assert_eq!(text.matches("BEGIN:VALARM").count(), 5);
    assert_eq!(code(&schedule(&home, &[&id, "--ics", "end.ics"]).await), 2, "it is there already");
    assert_eq!(code(&schedule(&home, &[&id, "--ics", "end.ics", "--force"]).await), 0);
    for wrong in [
        &["--ics", "x.ics"][..],
        &["nobody", "--ics", "x.ics"],
        &[],
        &[&id, "--cron"],
        &["--cron", "--systemd", "."],
    ] {
        assert_eq!(code(&schedule(&home, wrong).await), 2, "{wrong:?}");
    }
}

#[tokio::test]
async fn the_systems_scheduler_gets_its_files() {
    let home = tempfile::tempdir().unwrap();
    let output = schedule(&home, &["--systemd", "units"]).await;
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert!(errors(&output).contains("enable --now gatehouse-check.timer"));
    let service = fs::read_to_string(home.path().join("units/gatehouse-check.service")).unwrap();
    let own = env!("CARGO_BIN_EXE_gatehouse");
    assert!(service.contains(own) && service.contains(" check --all --strict"), "{service}");
    assert!(service.contains(&format!("GATEHOUSE_HOME={}", home.path().display())), "{service}");
    assert!(home.path().join("units/gatehouse-check.timer").exists());
    let again = schedule(&home, &["--systemd", "units"]).await;
    assert_eq!(code(&again), 2, "they are there already");
    assert!(errors(&again).contains("replace it with --force"), "{}", errors(&again));
    assert_eq!(code(&schedule(&home, &["--systemd", "units", "--force"]).await), 0);

    assert_eq!(code(&schedule(&home, &["--task-scheduler", "task.xml"]).await), 0);
    let task = fs::read(home.path().join("task.xml")).unwrap();
    assert_eq!(task[..4], [0xFF, 0xFE, b'<', 0]);
    let cron = schedule(&home, &["--cron"]).await;
    assert!(String::from_utf8_lossy(&cron.stdout).starts_with("17 8 * * * GATEHOUSE_HOME='"));
}
