//! Client secrets that come and go while the tenant runs.

use practice::{Knobs, NewSecret, Scenario};
use rcgen::PKCS_RSA_SHA256;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Identity, Room, SCOPE, room};

/// What the token endpoint says to a secret: 0 for a token, else Microsoft's number.
async fn judged(room: &Room, secret: &str) -> u64 {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &room.practice.facts().client_id),
        ("client_secret", secret),
        ("scope", SCOPE),
    ];
    let answer = room.http.post(room.token_url()).form(&form).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    body["error_codes"][0].as_u64().unwrap_or(0)
}

async fn post(room: &Room, path: &str, body: &Value) -> (StatusCode, Value) {
    let url = format!("{}/practice/{path}", room.practice.facts().authority);
    let answer = room.http.post(url).json(body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn portal(room: &Room) -> String {
    let url = format!("{}/practice/", room.practice.facts().pages);
    room.http.get(url).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_new_secret_works_beside_the_old_one_until_that_is_removed() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    let (status, made) = post(&room, "secret", &json!({ "description": "second", "days": 10 })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let value = made["value"].as_str().unwrap().to_owned();
    assert_eq!((judged(&room, &value).await, judged(&room, &facts.client_secret).await), (0, 0));
    let end: jiff::Timestamp = made["endDateTime"].as_str().unwrap().parse().unwrap();
    assert!(end > "2020-01-01T00:00:00Z".parse().unwrap());

    let (status, _) = post(&room, "secret/remove", &json!({ "secret_id": facts.secret_id })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!((judged(&room, &value).await, judged(&room, &facts.client_secret).await), (0, 7_000_215));
    let (status, _) = post(&room, "secret/remove", &json!({ "secret_id": facts.secret_id })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "it is gone already");
    assert!(room.practice.remove_secret(made["secretId"].as_str().unwrap()));
    assert_eq!(judged(&room, &value).await, 7_000_215);
}

#[tokio::test]
async fn a_late_secret_is_not_known_at_first() {
    let room = room(Scenario::Healthy).await;
    let wish = NewSecret { accepted_after_ms: Some(15_000), ..NewSecret::default() };
    let late = room.practice.new_secret(&wish).unwrap();
    assert_eq!(judged(&room, &late.value).await, 7_000_215);
    room.clock.advance(16);
    assert_eq!(judged(&room, &late.value).await, 0);
}

#[tokio::test]
async fn a_knob_or_the_scenario_makes_every_new_secret_late() {
    let room = room(Scenario::Healthy).await;
    room.practice.set(&Knobs { secret_delay_ms: Some(8_000), ..Knobs::default() }).unwrap();
    let (_, made) = post(&room, "secret", &json!({})).await;
    let late = made["value"].as_str().unwrap();
    assert_eq!(judged(&room, late).await, 7_000_215);
    assert_eq!(judged(&room, &room.practice.facts().client_secret).await, 0, "the first one works on");
    let wish = NewSecret { accepted_after_ms: Some(0), ..NewSecret::default() };
    assert_eq!(judged(&room, &room.practice.new_secret(&wish).unwrap().value).await, 0, "it says so itself");
    room.clock.advance(8);
    assert_eq!(judged(&room, late).await, 0);

    let scenario = Some("secret-not-yet".parse().unwrap());
    room.practice.set(&Knobs { secret_delay_ms: Some(0), scenario, ..Knobs::default() }).unwrap();
    let late = room.practice.new_secret(&NewSecret::default()).unwrap().value;
    assert_eq!(judged(&room, &late).await, 7_000_215);
    room.clock.advance(6);
    assert_eq!(judged(&room, &late).await, 0);
}

#[tokio::test]
async fn what_nobody_can_mean_is_refused() {
    let room = room(Scenario::Healthy).await;
    for body in [
        json!({ "days": 0 }),
        json!({ "days": 731 }),
        json!({ "accepted_after_ms": 3_600_001 }),
        json!({ "value": "mine" }),
    ] {
        let (status, answer) = post(&room, "secret", &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{answer}");
    }
    assert!(!room.practice.remove_secret("no id"));
    let scenario: Scenario = "credential-forbidden-by-policy".parse().unwrap();
    let forbidding = crate::support::room(scenario).await;
    assert!(forbidding.practice.new_secret(&NewSecret::default()).unwrap_err().contains("policy"));
}

#[tokio::test]
async fn a_certificate_can_be_deleted_too() {
    let identity = Identity::new(&PKCS_RSA_SHA256);
    let room = room(Scenario::Healthy).await;
    let thumbprint = room.practice.upload_certificate(identity.pem.as_bytes()).unwrap();
    let (status, _) = post(&room, "certificate/remove", &json!({ "thumbprint": thumbprint })).await;
    assert_eq!(status, StatusCode::OK);
    let (status, _) = post(&room, "certificate/remove", &json!({ "thumbprint": thumbprint })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(!room.practice.remove_certificate(&thumbprint));
}

#[tokio::test]
async fn the_portal_shows_a_new_value_once() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    let send = async |path: &str, form: &[(&str, &str)]| {
        let url = format!("{}/practice/{path}", facts.pages);
        let answer = room.http.post(url).form(form).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, shown) = send("new-secret", &[("description", "a <b> one")]).await;
    assert_eq!(status, StatusCode::OK);
    let value = shown.split("id=\"value\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(judged(&room, &value).await, 0);
    let page = portal(&room).await;
    assert!(!page.contains(&value) && page.contains(&format!("{}***", &value[..3])));
    assert!(page.contains("a &lt;b&gt; one") && page.contains(&facts.client_secret));

    let identity = Identity::new(&PKCS_RSA_SHA256);
    let thumbprint = room.practice.upload_certificate(identity.pem.as_bytes()).unwrap();
    assert!(portal(&room).await.contains("/practice/delete-certificate"));
    let goner = [("thumbprint", thumbprint.as_str())];
    assert_eq!(send("delete-certificate", &goner).await.0, StatusCode::OK);
    assert_eq!(send("delete-certificate", &goner).await.0, StatusCode::BAD_REQUEST);

    let (status, _) = send("delete-secret", &[("secret_id", &facts.secret_id)]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(!portal(&room).await.contains(&facts.client_secret));
    assert_eq!(send("delete-secret", &[("secret_id", &facts.secret_id)]).await.0, StatusCode::BAD_REQUEST);
    let foreign = room
        .http
        .post(format!("{}/practice/new-secret", facts.pages))
        .header("Origin", "https://elsewhere.example")
        .form(&[("description", "x")]);
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}
