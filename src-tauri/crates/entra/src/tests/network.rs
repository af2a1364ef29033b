//! Ways in which an answer does not come, or is not one.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::server::{Act, TestServer, http, json, with};
use super::{TENANT, entra, entra_with, options, tenant};
use crate::http::Proxies;
use crate::{Endpoints, Entra, Fault, FaultKind, HttpOptions, Operation};

async fn fault_of(act: fn() -> Act) -> Fault {
    let server = TestServer::start(move |_, _| act()).await;
    entra(&server).tenant(&tenant()).await.unwrap_err()
}

async fn impatient_fault_of(act: fn() -> Act) -> Fault {
    let server = TestServer::start(move |_, _| act()).await;
    let options = HttpOptions { answer_deadline: Duration::from_millis(300), ..options(&server) };
    entra_with(&server, &options).tenant(&tenant()).await.unwrap_err()
}

/// A client of a plain TCP port.
fn entra_at(port: u16, connect_deadline: Duration) -> Entra {
    let origin = format!("https://localhost:{port}");
    let endpoints = Endpoints::custom(&origin, &origin).unwrap();
    let options = HttpOptions { connect_deadline, ..HttpOptions::default() };
    Entra::through(endpoints, &options, &Proxies::None).unwrap()
}

async fn port_that(answers: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut hello = [0; 1024];
                let _ = stream.read(&mut hello).await;
                let _ = stream.write_all(answers).await;
                let _ = stream.shutdown().await;
                let _ = stream.read(&mut hello).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_healthy_tenant_is_read() {
    let server = TestServer::start(|seen, _| {
        let host = seen.headers.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let document = format!(
            r#"{{"issuer":"https://login.microsoftonline.com/{TENANT}/v2.0",
                "token_endpoint":"https://{host}/{TENANT}/oauth2/v2.0/token",
                "tenant_region_scope":"EU","msgraph_host":"graph.microsoft.com",
                "cloud_instance_name":"microsoftonline.com"}}"#
        );
        with(200, &["Date: Fri, 02 Jan 2026 03:04:05 GMT", "x-ms-request-id: trace-1"], &document)
    })
    .await;
    let answered = entra(&server).tenant(&"contoso.example".parse().unwrap()).await.unwrap();
    assert_eq!(answered.value.id.to_string(), TENANT);
    assert_eq!(answered.value.region_scope.as_deref(), Some("EU"));
    assert_eq!(answered.value.graph_host.as_deref(), Some("graph.microsoft.com"));
    assert_eq!(answered.value.region_sub_scope, None);
    assert_eq!(answered.server_time.unwrap().to_string(), "2026-01-02T03:04:05Z");
    assert_eq!(answered.request_id.as_deref(), Some("trace-1"));
    assert_eq!(server.lines(), ["GET /contoso.example/v2.0/.well-known/openid-configuration"]);
}

#[tokio::test]
async fn an_unknown_tenant_is_refused_with_its_number() {
    let fault = fault_of(|| {
        json(
            400,
            r#"{"error":"invalid_tenant","error_description":"AADSTS90002: Tenant 'x' not found. Trace ID: 0a Correlation ID: 0b",
                "error_codes":[90002],"timestamp":"2026-01-02 03:04:05Z","trace_id":"0a","correlation_id":"0b"}"#,
        )
    })
    .await;
    assert_eq!((fault.kind, fault.operation), (FaultKind::Refused, Operation::Discovery));
    assert_eq!((fault.aadsts, fault.http_status), (Some(90_002), Some(400)));
    assert_eq!(fault.detail, "AADSTS90002: Tenant 'x' not found.");
    assert_eq!(fault.trace_id.as_deref(), Some("0a"));
    assert_eq!(fault.timestamp.as_deref(), Some("2026-01-02 03:04:05Z"));
    assert!(fault.host.starts_with("localhost:"));
    assert_eq!(fault.path.as_deref(), Some("/{tenant}/v2.0/.well-known/openid-configuration"));
}

#[tokio::test]
async fn a_token_endpoint_elsewhere_is_refused() {
    let fault = fault_of(|| {
        json(
            200,
            &format!(
                r#"{{"issuer":"https://login.microsoftonline.com/{TENANT}/v2.0","token_endpoint":"https://login.example.net/steal?x=y"}}"#
            ),
        )
    })
    .await;
    assert_eq!(fault.kind, FaultKind::ForeignEndpoint);
    assert_eq!(fault.detail, "The OpenID configuration names a token endpoint at https://login.example.net.");
}

#[tokio::test]
async fn what_is_not_json_is_unreadable() {
    for act in [
        (|| with(200, &["Content-Type: text/html"], "<html><body>Sign in</body></html>")) as fn() -> Act,
        || with(403, &["Content-Type: text/html"], "<html>Blocked</html>"),
        || json(200, r#"{"issuer":"https://login.microsof"#),
        || json(200, r#"{"issuer":"https://login.microsoftonline.com/common/v2.0","token_endpoint":"x"}"#),
        || json(200, "[]"),
        || json(200, ""),
    ] {
        let fault = fault_of(act).await;
        assert_eq!(fault.kind, FaultKind::AnswerUnreadable, "{fault:?}");
        assert!(!fault.detail.contains('<') && !fault.detail.contains("Blocked"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    for body in [r#"{"error":"x"}     "#, r#"{"error":"x"}      "#] {
        let server = TestServer::start(move |_, _| json(400, body)).await;
        let options = HttpOptions { max_body: 18, ..options(&server) };
        let fault = entra_with(&server, &options).tenant(&tenant()).await.unwrap_err();
        let expected = if body.len() > 18 { FaultKind::AnswerUnreadable } else { FaultKind::Refused };
        assert_eq!(fault.kind, expected, "{}", body.len());
    }
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    let fault = fault_of(|| with(302, &["Location: https://portal.example.net/login?token=abc"], "")).await;
    assert_eq!(fault.kind, FaultKind::UnexpectedRedirect);
    assert_eq!(fault.detail, "The answer redirects to https://portal.example.net.");
    assert_eq!(fault.http_status, Some(302));
    assert_eq!(fault_of(|| with(307, &[], "")).await.kind, FaultKind::UnexpectedRedirect);
}

#[tokio::test]
async fn server_errors_are_unavailability() {
    for act in [(|| with(500, &["Content-Type: text/html"], "<html>oops</html>")) as fn() -> Act, || {
        json(503, r#"{"error":"temporarily_unavailable","error_codes":[90033]}"#)
    }] {
        assert_eq!(fault_of(act).await.kind, FaultKind::ServiceUnavailable);
    }
}

#[tokio::test]
async fn slow_headers_and_slow_bodies_end_at_the_deadline() {
    assert_eq!(impatient_fault_of(|| Act::Stall(Vec::new())).await.kind, FaultKind::DeadlineExceeded);
    let half = || Act::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"issuer\":".to_vec());
    assert_eq!(impatient_fault_of(half).await.kind, FaultKind::DeadlineExceeded);
}

#[tokio::test]
async fn a_connection_that_ends_early_is_broken() {
    assert_eq!(fault_of(|| Act::Close).await.kind, FaultKind::ConnectionBroken);
    let half = || Act::AnswerAndClose(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"issuer\":".to_vec());
    assert_eq!(fault_of(half).await.kind, FaultKind::ConnectionBroken);
}

#[tokio::test]
async fn a_closed_port_and_a_silent_one_are_blocked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = entra_at(port, Duration::from_millis(200)).tenant(&tenant()).await.unwrap_err();
    assert_eq!((silent.kind, silent.host), (FaultKind::PortBlocked, format!("localhost:{port}")));
    drop(listener);
    let closed = entra_at(port, Duration::from_secs(5)).tenant(&tenant()).await.unwrap_err();
    assert_eq!(closed.kind, FaultKind::PortBlocked);
    assert_eq!(closed.detail, "The connection was refused.");
}

#[tokio::test]
async fn something_other_than_tls_is_told_apart() {
    let kind = async |answers: &'static [u8]| {
        entra_at(port_that(answers).await, Duration::from_secs(5)).tenant(&tenant()).await.unwrap_err().kind
    };
    assert_eq!(kind(b"HTTP/1.1 400 Bad Request\r\n\r\n").await, FaultKind::AnswerUnreadable);
    assert_eq!(kind(b"").await, FaultKind::ConnectionBroken);
}

#[tokio::test]
async fn a_name_without_an_address_is_unresolved() {
    struct KnowsNobody;
    impl reqwest::dns::Resolve for KnowsNobody {
        fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
            Box::pin(async { Err("no such name".into()) })
        }
    }
    let client = reqwest::Client::builder().no_proxy().dns_resolver(KnowsNobody).build().unwrap();
    let error = client.get("https://login.example.invalid/").send().await.unwrap_err();
    let place = crate::exchange::Place { operation: Operation::Discovery, host: "login".into(), path: "/" };
    assert_eq!(crate::unreachable::classify(&place, &error).kind, FaultKind::HostUnresolved);
}

#[tokio::test]
async fn graph_is_reached_when_it_refuses_in_its_own_shape() {
    let refusal = r#"{"error":{"code":"InvalidAuthenticationToken","message":"Access token is empty."}}"#;
    let server = TestServer::start(move |_, _| with(401, &["request-id: r1"], refusal)).await;
    let answered = entra(&server).reach_graph().await.unwrap();
    assert_eq!(answered.request_id.as_deref(), Some("r1"));
    assert_eq!(server.lines(), ["GET /v1.0/"]);
    assert!(!server.seen()[0].headers.contains("authorization"));
}

#[tokio::test]
async fn something_else_in_graphs_place_is_noticed() {
    let cases: [(fn() -> Act, FaultKind); 4] = [
        (|| with(200, &["Content-Type: text/html"], "<html></html>"), FaultKind::AnswerUnreadable),
        (|| json(200, r#"{"status":"ok"}"#), FaultKind::AnswerUnreadable),
        (|| json(503, "{}"), FaultKind::ServiceUnavailable),
        (|| Act::Answer(http(429, &["Retry-After: 3"], "")), FaultKind::Throttled),
    ];
    for (act, kind) in cases {
        let server = TestServer::start(move |_, _| act()).await;
        assert_eq!(entra(&server).reach_graph().await.unwrap_err().kind, kind);
    }
}
