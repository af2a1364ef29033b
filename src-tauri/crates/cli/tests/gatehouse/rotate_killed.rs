//! `gatehouse rotate` that is killed at known moments: the old credential stays in use until the new one is proven, and
//! whoever begins again has lost nothing.

use std::process::Command;

use practice::Knobs;

use crate::{
    rotate::{NAME, begin, confirmed, gatehouse, rotate, status, upload},
    support::{Bench, code, ended_before, errors, program},
};

fn rotating(bench: &Bench, arguments: &[&str]) -> Command {
    let mut program = program(bench.home.path());
    program.current_dir(bench.home.path()).args(["rotate", NAME]).args(arguments);
    program
}

/// The credential in use is still one that the app takes.
async fn works(bench: &Bench) {
    let checked = gatehouse(bench, &["check", NAME, "--json"]).await;
    assert_eq!(code(&checked), 0, "{}", errors(&checked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beginning_that_is_killed_while_its_files_appear_changes_nothing_that_works() {
    let bench = confirmed(0).await;
    // From the first file to the record: the rotation is there or not.
    for file in ["killed.pem", "killed.cer"] {
        let path = bench.home.path().join(file);
        let flags =
            ["begin", "--certificate", "--bits", "2048", "--key-file", "killed.pem", "--cer", "killed.cer"];
        ended_before(rotating(&bench, &flags), || path.exists()).await;
        assert!(path.exists(), "{file} was never written");
        let rotation = status(&bench).await["rotation"].clone();
        assert!(rotation.is_null() || rotation["stage"] == "entered", "{rotation}");
        works(&bench).await;
        for made in ["killed.pem", "killed.cer"] {
            std::fs::remove_file(bench.home.path().join(made)).ok();
        }
    }

    // Another beginning takes its place; what was made for it before stays the admin's file.
    assert_eq!(code(&begin(&bench, "first").await), 0);
    let first = status(&bench).await;
    assert_eq!(code(&begin(&bench, "new").await), 0);
    assert_ne!(status(&bench).await["rotation"]["new"], first["rotation"]["new"]);
    assert!(bench.home.path().join("first.pem").exists());
}

/// Kills one proof after the other, each one request later than the one before, until one comes to its end; the number
/// of kills.
async fn proofs_killed(bench: &Bench, stages: &[&str]) -> u64 {
    for requests in 1..200 {
        let until = bench.practice.requests() + requests;
        if ended_before(rotating(bench, &["prove"]), || bench.practice.requests() >= until).await {
            return requests - 1;
        }
        let rotation = status(bench).await["rotation"].clone();
        let stage = rotation["stage"].as_str().unwrap();
        assert!(stages.contains(&stage), "{stage} after {requests} requests");
        works(bench).await;
    }
    panic!("it never comes to its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_that_are_killed_at_every_request_leave_the_old_credential_in_use_until_one_is_through() {
    let bench = confirmed(0).await;
    let old = status(&bench).await;
    assert!(old["rotation"].is_null());
    assert_eq!(code(&begin(&bench, "new").await), 0);
    // Long enough for each moment to be seen on any machine.
    bench.practice.set(&Knobs { latency_ms: Some(20), ..Knobs::default() }).unwrap();
    // The app does not have the new certificate yet.
    assert!(proofs_killed(&bench, &["entered"]).await >= 1);
    assert_eq!(status(&bench).await["rotation"]["stage"], "entered");
    upload(&bench, "new.cer");
    assert!(proofs_killed(&bench, &["entered", "handing-out"]).await >= 3);
    assert_eq!(status(&bench).await["rotation"]["stage"], "handing-out");
    let again = rotate(&bench, &["look"]).await;
    assert_eq!(code(&again), 3, "the old one is still taken: {}", errors(&again));
    works(&bench).await;
}
