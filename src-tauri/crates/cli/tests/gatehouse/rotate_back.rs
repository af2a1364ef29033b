//! `gatehouse rotate … abandon`, and what is refused while a new credential is being handed out.

use std::{fs, io::Write};

use serde_json::Value;

use crate::{
    rotate::{NAME, confirmed, gatehouse, proven, rotate, status},
    support::{code, errors, json},
};

#[tokio::test(flavor = "multi_thread")]
async fn one_goes_back_to_an_unknown_old_credential_only_on_a_flag_and_keeps_the_new_one() {
    let bench = confirmed(0).await;
    proven(&bench).await;
    let key = bench.home.path().join("old.pem");
    let away = bench.home.path().join("away.pem");
    fs::rename(&key, &away).unwrap();
    let asked = rotate(&bench, &["abandon"]).await;
    assert_eq!(code(&asked), 3);
    assert!(errors(&asked).contains("abandon --old-unproven"), "{}", errors(&asked));
    assert_eq!(json(&asked)["rotation"]["stage"], "handing-out");
    assert_eq!(code(&gatehouse(&bench, &["check", NAME, "--json"]).await), 0, "the new one is in use");

    let back = rotate(&bench, &["abandon", "--old-unproven"]).await;
    assert_eq!(code(&back), 0, "{}", errors(&back));
    let back = json(&back);
    assert_eq!(back["rotation"]["stage"], "entered");
    assert!(back["rotation"]["went_back_at"].is_string());
    assert_ne!(code(&gatehouse(&bench, &["check", NAME, "--json"]).await), 0, "its key is away");
    assert_eq!(code(&rotate(&bench, &["abandon"]).await), 3);
    assert!(bench.home.path().join("new.pem").exists());

    assert_eq!(code(&rotate(&bench, &["prove"]).await), 0);
    assert_eq!(code(&gatehouse(&bench, &["check", NAME, "--json"]).await), 0);
    fs::rename(&away, &key).unwrap();
    let back = rotate(&bench, &["abandon", "--old-unproven"]).await;
    assert_eq!((code(&back), &json(&back)["rotation"]), (0, &Value::Null), "the old one was accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn step_3_is_refused_while_a_new_certificate_is_handed_out() {
    let bench = confirmed(1).await;
    proven(&bench).await;
    let before = status(&bench).await;
    let third = &["certificate", NAME, "new", "--bits", "2048", "--key-file", "3.pem", "--cer", "3.cer"];
    let refused = gatehouse(&bench, third).await;
    assert_eq!(code(&refused), 2, "{}", errors(&refused));
    assert!(errors(&refused).contains("go back to the old one"), "{}", errors(&refused));
    assert_eq!(status(&bench).await, before);
    assert!(!bench.home.path().join("3.pem").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_list_keeps_the_old_one_until_it_is_said_to_be_whole() {
    let bench = confirmed(2).await;
    proven(&bench).await;
    let list = bench.home.path().join("gateways").join(format!("{NAME}.json"));
    fs::File::create(&list).unwrap().write_all(b"{").unwrap();
    assert_eq!(code(&gatehouse(&bench, &["gateways", NAME, "add", "plant-0"]).await), 0);
    assert_eq!(code(&rotate(&bench, &["except", "plant-0"]).await), 0);
    let lost = status(&bench).await;
    assert_eq!(lost["rotation"]["locked"]["because"], "list-lost");
    let kept = lost["rotation"]["locked"]["damaged"].as_str().unwrap().to_owned();
    let said = gatehouse(&bench, &["rotate", NAME]).await;
    assert!(String::from_utf8_lossy(&said.stdout).contains("gatehouse gateways contoso-print whole"));
    let refused = rotate(&bench, &["look"]).await;
    assert_eq!(code(&refused), 3);
    assert!(errors(&refused).contains(&kept), "{}", errors(&refused));
    assert_eq!(code(&gatehouse(&bench, &["gateways", NAME, "whole"]).await), 0);
    assert_eq!(status(&bench).await["rotation"]["locked"], Value::Null);
}
