use std::io::Read;

use practice::{Clock, Knobs, Options, RetryAfter, Scenario};
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Room, json_of, refusal, room, room_with};

#[tokio::test]
async fn a_storm_hits_everything_until_the_tenants_clock_has_passed_it() {
    let room = room(Scenario::Healthy).await;
    let token = room.token().await;
    let ask = async || room.http.get(room.graph("users?$top=1")).bearer_auth(&token).send().await.unwrap();
    room.practice.set(&Knobs { storm_seconds: Some(3_000), ..Knobs::default() }).unwrap();
    let wait = |answer: &reqwest::Response| {
        answer.headers()["retry-after"].to_str().unwrap().parse::<i64>().unwrap()
    };
    let answer = ask().await;
    assert!((2_900..=3_000).contains(&wait(&answer)));
    assert!(!answer.headers().contains_key("x-ms-throttle-information"), "the quota is not the reason");
    let facts = room.practice.facts();
    assert_eq!(
        answer.headers()["x-ms-throttle-scope"],
        format!("Tenant_Application/Read/{}/{}", facts.client_id, facts.tenant_id)
    );
    refusal(answer, 429, "TooManyRequests").await;
    let inside = json!({ "requests": [{ "id": "1", "method": "GET", "url": "/users" }] }).to_string();
    let batch = room.http.post(room.graph("$batch")).bearer_auth(&token).body(inside).send().await.unwrap();
    assert_eq!(json_of(batch, StatusCode::OK).await["responses"][0]["status"], 429);
    room.practice.set(&Knobs { storm_retry_after: Some(7), ..Knobs::default() }).unwrap();
    assert_eq!(wait(&ask().await), 7);
    room.clock.advance(2_900);
    assert_eq!(wait(&ask().await), 7);
    room.clock.advance(101);
    assert_eq!(ask().await.status(), StatusCode::OK);
    room.practice.set(&Knobs { storm_seconds: Some(60), ..Knobs::default() }).unwrap();
    assert_eq!(ask().await.status(), StatusCode::TOO_MANY_REQUESTS);
    room.practice.set(&Knobs { storm_seconds: Some(0), ..Knobs::default() }).unwrap();
    assert_eq!(ask().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_wait_comes_in_seconds_as_a_date_or_not_at_all() {
    let room = room_with(Options { quota: Some(4), ..Options::default() }).await;
    let refused = async |room: &Room| loop {
        let answer = room.get("groups").await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
    };
    room.practice.set(&Knobs { retry_after: Some(RetryAfter::Date), ..Knobs::default() }).unwrap();
    let answer = refused(&room).await;
    assert_eq!(answer.headers()["x-ms-throttle-information"], "ResourceUnitLimitExceeded");
    let date = answer.headers()["retry-after"].to_str().unwrap().replace("GMT", "+0000");
    let date = jiff::Timestamp::strptime("%a, %d %b %Y %H:%M:%S %z", &date).unwrap();
    let wait = date.as_second() - room.clock.now().as_second();
    assert!((0..=11).contains(&wait), "{wait}");
    room.practice.set(&Knobs { retry_after: Some(RetryAfter::Absent), ..Knobs::default() }).unwrap();
    assert!(!refused(&room).await.headers().contains_key("retry-after"));
    room.practice.set(&Knobs { retry_after: Some(RetryAfter::Seconds), ..Knobs::default() }).unwrap();
    let wait: i64 = refused(&room).await.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    room.clock.advance(wait);
    assert_eq!(room.get("groups").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn forgotten_tokens_are_challenged_and_new_ones_work() {
    let room = room(Scenario::Healthy).await;
    let old = room.token().await;
    let ask = async |token: &str| {
        room.http.get(room.graph("users?$top=1")).bearer_auth(token).send().await.unwrap()
    };
    assert_eq!(ask(&old).await.status(), StatusCode::OK);
    room.practice.set(&Knobs { forget_tokens: Some(true), ..Knobs::default() }).unwrap();
    let answer = ask(&old).await;
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.contains("error=\"insufficient_claims\", claims=\"ey"), "{challenge}");
    assert!(
        refusal(answer, 401, "InvalidAuthenticationToken")
            .await
            .contains("TokenIssuedBeforeRevocationTimestamp")
    );
    assert_eq!(ask(&room.token().await).await.status(), StatusCode::OK);
    room.practice.set(&Knobs { forget_tokens: Some(false), ..Knobs::default() }).unwrap();
    assert_eq!(ask(&old).await.status(), StatusCode::UNAUTHORIZED, "what is forgotten stays so");
    let revoked =
        Knobs { scenario: Some(Scenario::ConsentMissing), forget_tokens: Some(true), ..Knobs::default() };
    room.practice.set(&revoked).unwrap();
    refusal(ask(&room.token().await).await, 403, "Authorization_RequestDenied").await;
}

#[tokio::test]
async fn answers_are_compressed_for_clients_that_accept_it() {
    let room = room(Scenario::Healthy).await;
    let ca = reqwest::Certificate::from_pem(room.practice.ca_pem().as_bytes()).unwrap();
    let http = reqwest::Client::builder().tls_certs_only([ca]).no_proxy().no_gzip().build().unwrap();
    let ask = async |accept: &str| {
        room.ask(http.get(room.graph("users?$top=200")).header("accept-encoding", accept)).await
    };
    let plain = ask("gzip").await;
    assert!(!plain.headers().contains_key("content-encoding"), "off by default");
    let plain = plain.bytes().await.unwrap();
    room.practice.set(&Knobs { gzip: Some(true), ..Knobs::default() }).unwrap();
    assert!(!ask("br").await.headers().contains_key("content-encoding"));
    let packed = ask("gzip, br").await;
    assert_eq!(
        (&packed.headers()["content-encoding"], &packed.headers()["vary"]),
        (&"gzip".parse().unwrap(), &"Accept-Encoding".parse().unwrap())
    );
    let packed = packed.bytes().await.unwrap();
    assert!(packed.len() * 3 < plain.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
}
