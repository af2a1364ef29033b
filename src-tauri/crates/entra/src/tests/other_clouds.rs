//! Asking the other clouds, with a proxy on loopback in their place.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::server::{Act, Identity, TestServer, json, read_request, with};
use super::{TENANT, options, tenant};
use crate::http::Proxies;
use crate::{Cloud, Endpoints, Entra, HttpOptions};

const US_GOVERNMENT: &str = "login.microsoftonline.us";

/// Leads each host to its server, and hosts without one to nothing.
struct Router {
    address: String,
    connected: Arc<Mutex<Vec<String>>>,
}

async fn router(routes: Vec<(&'static str, u16)>) -> Router {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let connected: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = connected.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = read_request(&mut stream).await.unwrap();
            let host = request.line.trim_start_matches("CONNECT ").trim_end_matches(":443").to_owned();
            log.lock().unwrap().push(host.clone());
            let Some((_, port)) = routes.iter().find(|(known, _)| *known == host).copied() else {
                let _ = stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
                continue;
            };
            tokio::spawn(async move {
                stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.unwrap();
                let mut target = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut target).await;
            });
        }
    });
    Router { address, connected }
}

async fn authority(name: &'static str, answer: impl Fn() -> Act + Send + Sync + 'static) -> TestServer {
    TestServer::start_as(Identity { name, ..Identity::default() }, move |_, _| answer()).await
}

fn document(graph: &str, sub_scope: &str) -> String {
    format!(
        r#"{{"issuer":"https://{US_GOVERNMENT}/{TENANT}/v2.0","token_endpoint":"https://{US_GOVERNMENT}/x",
            "msgraph_host":{graph},"tenant_region_sub_scope":{sub_scope}}}"#
    )
}

async fn known_to(own: Cloud, answer: impl Fn() -> Act + Send + Sync + 'static) -> Vec<Cloud> {
    let server = authority(US_GOVERNMENT, answer).await;
    let router = router(vec![(US_GOVERNMENT, server.port)]).await;
    let options = HttpOptions { connect_deadline: Duration::from_millis(1_500), ..options(&server) };
    let entra = Entra::through(Endpoints::of(own), &options, &Proxies::Only(router.address)).unwrap();
    entra.other_clouds_knowing(&tenant()).await
}

#[tokio::test]
async fn the_other_authorities_are_asked_once_each_with_a_bare_get() {
    let server = authority(US_GOVERNMENT, || json(200, &document("null", "\"DODCON\""))).await;
    let router = router(vec![(US_GOVERNMENT, server.port)]).await;
    let entra =
        Entra::through(Endpoints::of(Cloud::Global), &options(&server), &Proxies::Only(router.address))
            .unwrap();
    assert_eq!(entra.other_clouds_knowing(&tenant()).await, [Cloud::UsgovL4]);
    let mut connected = router.connected.lock().unwrap().clone();
    connected.sort();
    assert_eq!(connected, ["login.microsoftonline.us", "login.partner.microsoftonline.cn"]);
    let seen = server.seen();
    assert_eq!(server.lines(), [format!("GET /{TENANT}/v2.0/.well-known/openid-configuration")]);
    assert!(!seen[0].headers.contains("authorization") && seen[0].body.is_empty());
}

#[tokio::test]
async fn the_cloud_is_the_one_that_the_document_names() {
    let answers: [(&str, &str, Cloud); 4] = [
        ("\"dod-graph.microsoft.us\"", "null", Cloud::UsgovL5),
        ("null", "\"DOD\"", Cloud::UsgovL5),
        ("\"graph.example\"", "null", Cloud::UsgovL4),
        ("\"microsoftgraph.chinacloudapi.cn\"", "null", Cloud::China),
    ];
    for (graph, sub_scope, cloud) in answers {
        let body = document(graph, sub_scope);
        assert_eq!(known_to(Cloud::Global, move || json(200, &body)).await, [cloud], "{graph} {sub_scope}");
    }
}

#[tokio::test]
async fn what_is_no_answer_names_no_cloud() {
    const REFUSAL: &str = r#"{"error":"invalid_tenant","error_codes":[90002]}"#;
    let answers: [fn() -> Act; 5] = [
        || json(400, REFUSAL),
        || json(200, r#"{"issuer":"https://portal.example/","token_endpoint":"x"}"#),
        || with(200, &["Content-Type: text/html"], "<html></html>"),
        || with(302, &["Location: https://portal.example/"], ""),
        || Act::Stall(Vec::new()),
    ];
    for answer in answers {
        assert_eq!(known_to(Cloud::Global, answer).await, [] as [Cloud; 0]);
    }
    let own = || json(200, &document("\"graph.microsoft.com\"", "null"));
    assert_eq!(known_to(Cloud::Global, own).await, [] as [Cloud; 0]);
}

#[tokio::test]
async fn loopback_endpoints_ask_nobody() {
    let server = TestServer::start(|_, _| Act::Close).await;
    let router = router(Vec::new()).await;
    let endpoints = Endpoints::custom(&server.origin, &server.origin).unwrap();
    let entra = Entra::through(endpoints, &options(&server), &Proxies::Only(router.address)).unwrap();
    assert_eq!(entra.other_clouds_knowing(&tenant()).await, [] as [Cloud; 0]);
    assert!(router.connected.lock().unwrap().is_empty() && server.seen().is_empty());
    let refused = entra.exchange.discovery_in(Cloud::China, &tenant()).await;
    assert!(refused.is_err_and(|fault| fault.kind == crate::FaultKind::ForeignEndpoint));
}
