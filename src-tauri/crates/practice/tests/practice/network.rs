use std::time::Duration;

use practice::{Knobs, Scenario};
use reqwest::{Client, Proxy, StatusCode};
use serde_json::json;

use crate::support::{Room, json_of, room, room_with};

fn discovery(room: &Room) -> String {
    room.authority(&format!("/{}/v2.0/.well-known/openid-configuration", room.practice.facts().tenant_id))
}

async fn turn(room: &Room, origin: &str, scenario: &str) {
    let body = json!({ "scenario": scenario }).to_string();
    let answer = room.http.put(format!("{origin}/practice/knobs")).body(body).send().await.unwrap();
    assert_eq!(json_of(answer, StatusCode::OK).await["scenario"], scenario);
}

fn client(room: &Room, proxy: Proxy) -> Client {
    let ca = reqwest::Certificate::from_pem(room.practice.ca_pem().as_bytes()).unwrap();
    Client::builder().tls_certs_only([ca]).proxy(proxy).timeout(Duration::from_secs(30)).build().unwrap()
}

#[tokio::test]
async fn a_client_with_open_connections_meets_each_change_at_once() {
    let room = room(Scenario::Healthy).await;
    let graph = room.practice.facts().graph.clone();
    for (scenario, sign) in [
        ("tls-intercepted", "UnknownIssuer"),
        ("port-blocked", "refused"),
        ("tls-name-mismatch", "NotValidForName"),
        ("tls-too-old", "ProtocolVersion"),
        ("tls-certificate-expired", "Expired"),
    ] {
        json_of(room.http.get(discovery(&room)).send().await.unwrap(), StatusCode::OK).await;
        turn(&room, &graph, scenario).await;
        let error = room.http.get(discovery(&room)).send().await.unwrap_err();
        assert!(format!("{error:?}").contains(sign), "{scenario}: {error:?}");
        json_of(room.http.get(room.graph("users")).send().await.unwrap(), StatusCode::UNAUTHORIZED).await;
        turn(&room, &graph, "healthy").await;
    }
}

#[tokio::test]
async fn the_knob_is_answered_also_on_the_port_that_it_closes() {
    let room = room(Scenario::Healthy).await;
    turn(&room, &room.practice.facts().authority, "port-blocked").await;
    assert!(room.http.get(discovery(&room)).send().await.is_err());
    let healthy = Knobs { scenario: Some(Scenario::Healthy), ..Knobs::default() };
    room.practice.set(&healthy).unwrap();
    room.practice.settled().await;
    json_of(room.http.get(discovery(&room)).send().await.unwrap(), StatusCode::OK).await;
    room.practice.stop().await;
}

#[tokio::test]
async fn a_tenant_with_a_closed_port_starts_stops_and_is_dropped() {
    let closed: Scenario = "port-blocked".parse().unwrap();
    let room = room(closed).await;
    assert_eq!(room.practice.facts().authority.matches(':').count(), 2, "the port is told all the same");
    room.practice.stop().await;
    drop(crate::support::room(closed).await);
}

#[tokio::test]
async fn the_proxy_leads_to_the_tenant_and_nowhere_else() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    let http = client(&room, Proxy::all(&facts.proxy).unwrap());
    json_of(http.get(discovery(&room)).send().await.unwrap(), StatusCode::OK).await;
    for foreign in ["https://login.microsoftonline.com/", "https://localhost:1/"] {
        let error = format!("{:?}", http.get(foreign).send().await.unwrap_err());
        assert!(error.contains("TunnelUnsuccessful"), "{error}");
    }
    let plain = http.get(format!("{}/practice/", facts.pages)).send().await.unwrap();
    assert_eq!(plain.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(plain.headers()["x-gatehouse-practice"], "1");

    turn(&room, &facts.graph, "proxy-required").await;
    let http = client(&room, Proxy::all(&facts.proxy).unwrap());
    let error = format!("{:?}", http.get(discovery(&room)).send().await.unwrap_err());
    assert!(error.contains("ProxyAuthRequired"), "{error}");
    let account = &facts.account;
    let known = Proxy::all(&facts.proxy).unwrap().basic_auth(&account.username, &account.password);
    json_of(client(&room, known).get(discovery(&room)).send().await.unwrap(), StatusCode::OK).await;

    turn(&room, &facts.graph, "proxy-refused").await;
    let http = client(&room, Proxy::all(&facts.proxy).unwrap());
    assert!(http.get(discovery(&room)).send().await.is_err());
    turn(&room, &facts.graph, "port-blocked").await;
    assert!(http.get(discovery(&room)).send().await.is_err(), "502");
}

#[tokio::test]
async fn an_outage_of_the_authority_leaves_the_knobs_alone() {
    let room = room_with(practice::Options {
        scenario: "service-unavailable".parse().unwrap(),
        ..practice::Options::default()
    })
    .await;
    let answer = room.http.get(discovery(&room)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    turn(&room, &room.practice.facts().authority, "unexpected-redirect").await;
    let answer = room.http.get(discovery(&room)).send().await.unwrap();
    assert!(answer.headers()["location"].to_str().unwrap().contains("contoso-practice.example"));
    turn(&room, &room.practice.facts().authority, "healthy").await;
    json_of(room.http.get(discovery(&room)).send().await.unwrap(), StatusCode::OK).await;
}
