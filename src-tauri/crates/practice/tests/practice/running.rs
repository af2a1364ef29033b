use std::{net::SocketAddr, time::Duration};

use practice::{KnobProblem, Knobs, Options, Population, Scenario, StartProblem};
use reqwest::{StatusCode, Version};
use serde_json::{Value, json};

use crate::support::{json_of, room, room_with};

#[tokio::test]
async fn other_addresses_than_loopback_are_refused() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0"] {
        let listen: SocketAddr = address.parse().unwrap();
        let problem = practice::start(Options { listen, ..Options::default() }).await.unwrap_err();
        assert!(matches!(problem, StartProblem::NotLoopback(refused) if refused == listen));
    }
    let requested = vec!["User.Reed.All".to_owned()];
    let problem = practice::start(Options { requested, ..Options::default() }).await.unwrap_err();
    assert!(matches!(problem, StartProblem::UnknownPermission(name) if name == "User.Reed.All"));
    let first = practice::start(Options::default()).await.unwrap();
    let port: u16 = first.facts().authority.rsplit_once(':').unwrap().1.parse().unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], port));
    let problem = practice::start(Options { listen, ..Options::default() }).await.unwrap_err();
    assert!(matches!(problem, StartProblem::Listen { address, .. } if address == listen));
}

#[tokio::test]
async fn authority_graph_and_pages_are_three_origins() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts();
    assert_ne!(facts.authority, facts.graph);
    assert!(facts.pages.starts_with("http://localhost:"));
    let wrong = room.http.get(format!("{}/v1.0/users", facts.authority)).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::NOT_FOUND, "the authority is not Graph");
    let wrong = room.http.get(format!("{}/v1.0/users", facts.pages)).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::NOT_FOUND, "tokens have no business on plain HTTP");
    assert!(facts.admin.username.ends_with("@contoso-practice.example"));
    assert_ne!(facts.admin.username, facts.account.username);
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_on_both_names() {
    let room = room(Scenario::Healthy).await;
    let url = room.authority("/common/v2.0/.well-known/openid-configuration");
    let answer = room.http.get(&url).send().await.unwrap();
    assert_eq!(answer.version(), Version::HTTP_2);
    let ca = reqwest::Certificate::from_pem(room.practice.ca_pem().as_bytes()).unwrap();
    let old = reqwest::Client::builder().tls_certs_only([ca]).no_proxy().http1_only().build().unwrap();
    let answer = old.get(url.replace("localhost", "127.0.0.1")).send().await.unwrap();
    assert_eq!((answer.version(), answer.status()), (Version::HTTP_11, StatusCode::OK));
    let stranger = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
    assert!(stranger.get(&url).send().await.is_err(), "nobody else trusts the throwaway CA");
}

#[tokio::test]
async fn each_run_has_its_own_ca() {
    let (one, two) = (room(Scenario::Healthy).await, room(Scenario::Healthy).await);
    assert_ne!(one.practice.ca_pem(), two.practice.ca_pem());
    assert!(two.http.get(one.authority("/")).send().await.is_err());
}

#[tokio::test]
async fn knobs_turn_over_http_and_wrong_ones_change_nothing() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    let put = async |origin: &str, body: Value| {
        room.http.put(format!("{origin}/practice/knobs")).body(body.to_string()).send().await.unwrap()
    };
    let set = json_of(put(&facts.graph, json!({ "scenario": "secret-wrong", "page_size": 5, "quota": 9, "fail_every": 4, "latency_ms": 1 })).await, StatusCode::OK).await;
    assert_eq!(
        set,
        json!({
            "scenario": "secret-wrong", "page_size": 5, "quota": 9, "fail_every": 4, "latency_ms": 1,
            "changes_every": 0, "retry_after": "seconds", "storm_seconds": null, "storm_retry_after": null, "gzip": false,
            "secret_delay_ms": 0,
        })
    );
    assert_eq!(room.practice.scenario(), Scenario::SecretWrong);
    for wrong in [
        json!({ "scenario": "no-such" }),
        json!({ "scenario": "healthy", "page_size": 1_000 }),
        json!({ "latency_ms": 60_001 }),
        json!({ "storm_seconds": 86_401 }),
        json!({ "storm_retry_after": 86_401 }),
        json!({ "retry_after": "later" }),
        json!({ "secret_delay_ms": 3_600_001 }),
        json!({ "forget_tokens": 1 }),
        json!({ "colour": "red" }),
    ] {
        let answer = json_of(put(&facts.authority, wrong).await, StatusCode::BAD_REQUEST).await;
        assert!(answer["problem"].is_string());
    }
    assert_eq!(room.practice.scenario(), Scenario::SecretWrong);
    let same = json_of(put(&facts.authority, json!({})).await, StatusCode::OK).await;
    assert_eq!(same, set);
    assert_eq!(
        room.practice.set(&Knobs { page_size: Some(1_000), ..Knobs::default() }),
        Err(KnobProblem::PageTooLarge)
    );
}

#[tokio::test]
async fn facts_are_told_with_scenario_and_ca() {
    let room = room(Scenario::ConsentMissing).await;
    let facts = room.practice.facts().clone();
    for origin in [&facts.authority, &facts.graph] {
        let body =
            json_of(room.http.get(format!("{origin}/practice/facts")).send().await.unwrap(), StatusCode::OK)
                .await;
        assert_eq!(body["client_secret"], facts.client_secret);
        assert_eq!(body["memberships"], facts.memberships);
        assert_eq!(body["admin"]["username"], facts.admin.username);
        assert_eq!(body["scenario"], "consent-missing");
        assert_eq!(body["ca"], room.practice.ca_pem());
    }
}

#[tokio::test]
async fn the_portal_shows_what_an_admin_copies() {
    let room = room(Scenario::ConsentMissing).await;
    let facts = room.practice.facts().clone();
    for origin in [&facts.authority, &facts.graph, &facts.pages] {
        let answer = room.http.get(format!("{origin}/practice/")).send().await.unwrap();
        assert_eq!(answer.headers()["x-gatehouse-practice"], "1");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let html = answer.text().await.unwrap();
        for label in [
            "Application (client) ID",
            "Directory (tenant) ID",
            "Secret ID",
            "Value",
            "Not granted for",
            "Allow public client flows",
        ] {
            assert!(html.contains(label), "{label}");
        }
        for value in [&facts.client_id, &facts.tenant_id, &facts.client_secret, &facts.secret_id] {
            assert!(html.contains(value.as_str()));
        }
    }
    room.practice.set(&Knobs { scenario: Some(Scenario::SecretWrong), ..Knobs::default() }).unwrap();
    let html =
        room.http.get(format!("{}/practice/", facts.pages)).send().await.unwrap().text().await.unwrap();
    assert!(!html.contains(&facts.client_secret), "the portal has the right one");
    let lost = room.http.get(format!("{}/nothing", facts.pages)).send().await.unwrap();
    assert_eq!(lost.status(), StatusCode::NOT_FOUND);
    assert!(lost.text().await.unwrap().contains("/practice/"));
}

#[tokio::test]
async fn requests_are_counted_but_not_those_to_practice_itself() {
    let room = room(Scenario::Healthy).await;
    assert_eq!(room.practice.requests(), 0);
    room.get_json("users?$top=1").await;
    assert_eq!(room.practice.requests(), 2, "a token and a page");
    room.http.get(room.authority("/practice/facts")).send().await.unwrap();
    assert_eq!(room.practice.requests(), 2);
}

#[tokio::test]
async fn latency_delays_each_answer() {
    let room = room_with(Options { latency: Duration::from_millis(120), ..Options::default() }).await;
    let before = tokio::time::Instant::now();
    room.token().await;
    assert!(before.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_million_people_start_at_once() {
    let population = Population { users: 1_000_000, groups: 50_000, memberships: Some(2_500_000), seed: 7 };
    let before = tokio::time::Instant::now();
    let room = room_with(Options { population, ..Options::default() }).await;
    assert!(before.elapsed() < Duration::from_secs(60), "started in {:?}", before.elapsed());
    let facts = room.practice.facts();
    assert_eq!((facts.users, facts.groups, facts.memberships), (1_000_000, 50_000, 2_500_000));
    assert_eq!(room.get_json("users?$select=id&$top=999").await["value"].as_array().unwrap().len(), 999);
}

#[tokio::test]
async fn a_stopped_or_dropped_tenant_answers_no_more() {
    let first = room(Scenario::Healthy).await;
    let (http, url) = (first.http.clone(), first.authority("/practice/facts"));
    assert!(http.get(&url).send().await.is_ok());
    first.practice.stop().await;
    assert!(http.get(&url).send().await.is_err());

    let second = room(Scenario::Healthy).await;
    let (http, url) = (second.http.clone(), second.authority("/practice/facts"));
    assert!(http.get(&url).send().await.is_ok());
    drop(second);
    let gone = async {
        while http.get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone).await.unwrap();
}
