//! The façade over earlier runs.

use std::io::Write;

use engine::{
    FaultCode,
    diagnosis::{Link, LinkState, Verdict},
    evidence::Fact,
    history::Change,
};

use crate::fixture::{engine, healthy, now, save, secret_expired};

#[test]
fn a_check_of_a_saved_connection_is_kept_as_a_run() {
    let (_home, engine) = engine();
    save(&engine, &secret_expired());
    engine.record_run(&engine.report("contoso").unwrap(), 1.5).unwrap();
    let runs = engine.runs("contoso", 10).unwrap();
    let record = &runs[0].record;
    assert_eq!((runs.len(), record.verdict, record.seconds), (1, Verdict::Broken, 1.5));
    assert_eq!(record.started_at, now() - jiff::SignedDuration::from_millis(1_500));
    assert_eq!(record.links[3].link, Link::Credential);
    assert_eq!((record.links[3].state, record.links[3].word.as_str()), (LinkState::Broken, "Secret ended"));
    assert_eq!(record.links[4].state, LinkState::Skipped);
    assert_eq!(record.findings[0].id, "secret-expired");
    assert_eq!(record.decided_by().unwrap().link, Link::Credential);
}

#[test]
fn what_is_not_saved_is_not_kept() {
    let (_home, engine) = engine();
    save(&engine, &healthy());
    let saved = engine.report("contoso").unwrap();
    let mut stranger = engine.report("contoso").unwrap();
    stranger.connection.id = "environment-0123456789ab".to_owned();
    engine.record_run(&stranger, 1.0).unwrap();
    engine.detach("contoso").unwrap();
    engine.record_run(&saved, 1.0).unwrap();
    assert!(engine.runs("contoso", 10).unwrap().is_empty());
    assert!(engine.runs("environment-0123456789ab", 10).unwrap().is_empty());
    assert!(!engine.home().join("history.sqlite").exists());
}

#[test]
fn runs_go_with_their_connection() {
    let (_home, engine) = engine();
    save(&engine, &healthy());
    engine.record_run(&engine.report("contoso").unwrap(), 1.0).unwrap();
    engine.remove("contoso").unwrap();
    save(&engine, &healthy());
    assert!(engine.runs("contoso", 10).unwrap().is_empty(), "a new one of this name begins without runs");
}

#[test]
fn the_newest_run_is_compared_with_the_last_good_one_before_it() {
    let (_home, engine) = engine();
    assert!(engine.changed_since_last_good("contoso").unwrap().is_none());
    save(&engine, &healthy());
    engine.record_run(&engine.report("contoso").unwrap(), 1.0).unwrap();
    assert!(engine.changed_since_last_good("contoso").unwrap().is_none(), "there is nothing before it");
    engine.record_run(&engine.report("contoso").unwrap(), 2.0).unwrap();
    assert_eq!(engine.changed_since_last_good("contoso").unwrap().unwrap().changes, []);

    let mut fewer = healthy();
    fewer.evidence.sync.as_mut().unwrap().users.read = 12;
    fewer.evidence.sync.as_mut().unwrap().users.counted = Some(12);
    if let Fact::Seen(token) = &mut fewer.evidence.token {
        token.value.claims.as_mut().unwrap().roles.retain(|role| role != "GroupMember.Read.All");
    }
    save(&engine, &fewer);
    for _ in 0..2 {
        engine.record_run(&engine.report("contoso").unwrap(), 0.5).unwrap();
    }
    let changed = engine.changed_since_last_good("contoso").unwrap().unwrap();
    assert_eq!(changed.since, now() - jiff::SignedDuration::from_secs(2));
    let words: Vec<String> = changed.changes.iter().map(Change::words).collect();
    assert_eq!(words[..2], ["The token no longer carries GroupMember.Read.All.", "Users: 1,200 → 12."]);
    assert!(words[2].starts_with("New: "), "{words:?}");
}

#[test]
fn a_newer_history_is_refused_with_a_sentence_and_a_damaged_one_set_aside() {
    let (_home, engine) = engine();
    save(&engine, &healthy());
    engine.record_run(&engine.report("contoso").unwrap(), 1.0).unwrap();
    let file = engine.home().join("history.sqlite");
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 2).unwrap();
    let refused = engine.runs("contoso", 10).unwrap_err();
    assert_eq!(refused.code, FaultCode::StoreDamaged);
    assert!(refused.what.contains("was written by a newer Gatehouse"), "{refused}");
    assert!(refused.fix.contains("Update Gatehouse"), "{refused}");

    std::fs::remove_file(&file).unwrap();
    std::fs::File::create(&file).unwrap().write_all(&[7; 4_096]).unwrap();
    assert!(engine.runs("contoso", 10).unwrap().is_empty());
    let aside = engine.histories_set_aside().unwrap();
    assert_eq!(std::fs::read(&aside[0].path).unwrap(), [7; 4_096]);
}
