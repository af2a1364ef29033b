//! `gatehouse export --sealed`: for whom, how long, and on the strength of what.

use std::{fs, io::Write};

use engine::clock::{Clock, SystemClock};
use serde_json::Value;

use crate::{
    rotate::{NAME, confirmed, gatehouse},
    support::{Bench, code, errors, json},
};

/// Seals into the same folder again.
async fn seal(bench: &Bench, flags: &[&str]) -> std::process::Output {
    let fixed = ["export", NAME, "--sealed", "--json", "--force", "--to", "sealed"];
    gatehouse(bench, &[&fixed[..], flags].concat()).await
}

/// Moves everything that was seen of the connection back by a year.
fn age_the_proof(bench: &Bench) {
    let file = bench.home.path().join("connections.json");
    let mut saved: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let mut moved = 0;
    for connection in saved["connections"].as_array_mut().unwrap() {
        for fact in connection["evidence"].as_object_mut().unwrap().values_mut() {
            if let Some(at) = fact.get_mut("seen").and_then(|seen| seen.get_mut("at")) {
                let text = at.as_str().unwrap();
                let year: u32 = text[..4].parse().unwrap();
                *at = format!("{}{}", year - 1, &text[4..]).into();
                moved += 1;
            }
        }
    }
    assert!(moved >= 4, "{moved} facts were moved");
    fs::File::create(&file).unwrap().write_all(saved.to_string().as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_proof_is_renewed_before_anything_is_sealed() {
    let bench = confirmed(1).await;
    age_the_proof(&bench);
    let before = bench.practice.requests();
    let renewed = seal(&bench, &[]).await;
    assert_eq!(code(&renewed), 0, "{}", errors(&renewed));
    assert!(bench.practice.requests() > before, "it has looked");
    let after = bench.practice.requests();
    assert_eq!(code(&seal(&bench, &[]).await), 0);
    assert_eq!(bench.practice.requests(), after, "a fresh proof is not asked for again");

    age_the_proof(&bench);
    let shown = json(&gatehouse(&bench, &["certificate", NAME, "show", "--json"]).await);
    assert!(bench.practice.remove_certificate(shown["thumbprint"].as_str().unwrap()));
    let before = fs::read(bench.home.path().join("sealed/plant-0.tar.age")).unwrap();
    let refused = seal(&bench, &[]).await;
    assert_eq!(code(&refused), 2, "{}", errors(&refused));
    assert!(errors(&refused).contains("The link Credential is broken"), "{}", errors(&refused));
    assert_eq!(fs::read(bench.home.path().join("sealed/plant-0.tar.age")).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn gateways_without_a_bundle_make_it_incomplete() {
    let bench = confirmed(1).await;
    assert_eq!(code(&gatehouse(&bench, &["gateways", NAME, "add", "no-key"]).await), 0);
    let sealed = seal(&bench, &[]).await;
    assert_eq!(code(&sealed), 3, "{}", errors(&sealed));
    let answer = json(&sealed);
    assert_eq!(answer["files"].as_array().unwrap().len(), 1);
    assert_eq!(answer["left_out"][0]["gateway"], "no-key");
}

#[tokio::test(flavor = "multi_thread")]
async fn bundles_end_on_the_day_that_was_given() {
    let bench = confirmed(1).await;
    let today = SystemClock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = today.checked_add(jiff::Span::new().days(20)).unwrap();
    let sealed = seal(&bench, &["--ends-on", &day.to_string()]).await;
    assert_eq!(code(&sealed), 0, "{}", errors(&sealed));
    let end = format!("{}T00:00:00Z", day.tomorrow().unwrap());
    assert_eq!(json(&sealed)["files"][0]["ends_at"], end.as_str(), "that day to its end");
    for (wrong, because) in
        [("2020-01-01", "past"), ("soon", "not a day"), ("2999-01-01", "ten years"), ("", "No day")]
    {
        let refused = seal(&bench, &["--ends-on", wrong]).await;
        assert_eq!(code(&refused), 2, "{wrong}");
        assert!(
            errors(&refused).contains(because) && errors(&refused).contains("--ends-on"),
            "{wrong}: {}",
            errors(&refused)
        );
    }
}
