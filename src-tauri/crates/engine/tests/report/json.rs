//! `gatehouse.report/1`.

use engine::report::Format;
use serde_json::{Value, json};

use crate::fixture::{TRACE_ID, engine, healthy, now, paper, save, secret_expired};

#[test]
fn links_and_findings_are_as_in_a_check() {
    let report: Value = serde_json::from_str(&paper(secret_expired()).write(Format::Json)).unwrap();
    assert_eq!(report["schema"], "gatehouse.report/1");
    assert_eq!(report["verdict"], "broken");
    assert_eq!(report["checked_at"], now().to_string());
    let links = report["links"].as_array().unwrap();
    let states: Vec<&str> = links.iter().map(|link| link["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["proven", "proven", "proven", "broken", "skipped", "skipped", "skipped", "skipped"]);
    let finding = &report["findings"][0];
    assert_eq!(finding["id"], "secret-expired");
    assert_eq!((&finding["aadsts"], &finding["trace_id"]), (&json!(7_000_222), &json!(TRACE_ID)));
    for part in ["link", "severity", "title", "evidence", "meaning", "fix", "who", "portal", "http_status"] {
        assert!(!finding[part].is_null(), "{part}: {finding}");
    }
    assert_eq!(report["connection"]["credential"], json!({ "kind": "secret", "ends_on": "2026-11-19" }));
    assert_eq!(report["changed_since_last_good"], Value::Null);
    assert_eq!(report["runs"], json!([]));
}

#[test]
fn earlier_runs_and_changes_are_in_it() {
    let (_home, engine) = engine();
    save(&engine, &healthy());
    engine.record_run(&engine.report("contoso").unwrap(), 0.8).unwrap();
    save(&engine, &secret_expired());
    let report = engine.report("contoso").unwrap();
    engine.record_run(&report, 0.4).unwrap();
    let paper = engine.paper(&report, engine::report::ReportOptions::default()).unwrap();
    let report: Value = serde_json::from_str(&paper.write(Format::Json)).unwrap();
    let verdicts: Vec<&str> =
        report["runs"].as_array().unwrap().iter().map(|run| run["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["broken", "proven"]);
    assert_eq!(report["runs"][0]["decided_by"], "credential");
    assert_eq!(
        report["changed_since_last_good"]["changes"],
        json!([
            {
                "id": "credential-end-moved",
                "text": "The end date kept with the secret is another: 19 May 2027 → 19 Nov 2026.",
            },
            { "id": "finding-appeared", "text": "New: The client secret has ended." },
        ])
    );
}
