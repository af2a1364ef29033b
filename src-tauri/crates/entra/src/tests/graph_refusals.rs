//! Throttling, patience and refusals.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::server::{Act, TestServer, json, with};
use super::{TOKEN, access_token, entra, graph, impatient_graph};
use crate::{Fault, FaultKind, Observer, Pause, PauseReason};

const EMPTY: &str = r#"{"value":[]}"#;

#[derive(Default)]
struct Pauses(Mutex<Vec<Pause>>);

impl Observer for Pauses {
    fn pausing(&self, pause: &Pause) {
        self.0.lock().unwrap().push(*pause);
    }
}

/// The pauses made when this is answered once, and success afterwards.
async fn pauses_after(first: fn() -> Act) -> Vec<Pause> {
    let server =
        TestServer::start(move |_, number| if number == 0 { first() } else { json(200, EMPTY) }).await;
    let pauses = Arc::new(Pauses::default());
    entra(&server).graph_observed(&access_token(), pauses.clone()).first_user().await.unwrap();
    assert_eq!(server.seen().len(), 2);
    let pauses = pauses.0.lock().unwrap();
    pauses.clone()
}

async fn fault_of(act: fn() -> Act) -> (Fault, usize) {
    let server = TestServer::start(move |_, _| act()).await;
    let fault = graph(&server).first_user().await.unwrap_err();
    (fault, server.seen().len())
}

#[tokio::test]
async fn waits_are_taken_from_the_answer() {
    let pause = |wait, reason| vec![Pause { wait, reason }];
    let fraction = pauses_after(|| with(429, &["Retry-After: 0.15"], "")).await;
    assert_eq!(fraction, pause(Duration::from_millis(150), PauseReason::Throttled));
    let seconds = pauses_after(|| with(503, &["Retry-After: 1"], "<html></html>")).await;
    assert_eq!(seconds, pause(Duration::from_secs(1), PauseReason::Unavailable));
    let date = pauses_after(|| {
        let headers = ["Date: Fri, 02 Jan 2026 03:04:05 GMT", "Retry-After: Fri, 02 Jan 2026 03:04:06 GMT"];
        with(429, &headers, "")
    })
    .await;
    assert_eq!(date, pause(Duration::from_secs(1), PauseReason::Throttled));
    let unnamed = pauses_after(|| with(504, &[], "")).await;
    assert_eq!(unnamed, pause(Duration::from_secs(1), PauseReason::Unavailable));
    let at_once = pauses_after(|| with(429, &["Retry-After: 0"], "")).await;
    assert_eq!(at_once, pause(Duration::from_millis(100), PauseReason::Throttled));
}

#[tokio::test]
async fn a_wait_longer_than_patience_ends_at_once() {
    let server = TestServer::start(|_, _| {
        with(429, &["Retry-After: 600"], r#"{"error":{"code":"TooManyRequests","message":"Later."}}"#)
    })
    .await;
    let fault = graph(&server).first_user().await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.retry_after),
        (FaultKind::PatienceExhausted, Some(Duration::from_secs(600)))
    );
    assert_eq!((fault.http_status, fault.graph_code.as_deref()), (Some(429), Some("TooManyRequests")));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn endless_throttling_exhausts_patience() {
    let server = TestServer::start(|_, _| with(429, &["Retry-After: 0.1"], "")).await;
    let fault = impatient_graph(&server, Duration::from_millis(450)).first_user().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::PatienceExhausted);
    assert!(server.seen().len() <= 5, "{}", server.seen().len());
}

#[tokio::test]
async fn refusals_are_final() {
    let cases: [(fn() -> Act, FaultKind); 7] = [
        (|| refusal(401, "InvalidAuthenticationToken"), FaultKind::Unauthorized),
        (|| refusal(403, "Authorization_RequestDenied"), FaultKind::Forbidden),
        (|| refusal(404, "Request_ResourceNotFound"), FaultKind::NotFound),
        (|| refusal(400, "Request_UnsupportedQuery"), FaultKind::GraphRefused),
        (|| refusal(400, "Directory_ExpiredPageToken"), FaultKind::PageExpired),
        (|| refusal(500, "InternalServerError"), FaultKind::ServiceUnavailable),
        (|| refusal(501, "NotImplemented"), FaultKind::ServiceUnavailable),
    ];
    for (act, kind) in cases {
        let (fault, requests) = fault_of(act).await;
        assert_eq!((fault.kind, requests), (kind, 1), "{fault:?}");
        assert_eq!(fault.request_id.as_deref(), Some("0c"));
        assert_eq!(fault.timestamp.as_deref(), Some("2026-01-02T03:04:05"));
        assert_eq!((fault.path.as_deref(), fault.detail.as_str()), (Some("/users"), "Told why."));
    }
}

fn refusal(status: u16, code: &str) -> Act {
    json(
        status,
        &format!(
            r#"{{"error":{{"code":"{code}","message":"Told why.","innererror":{{"date":"2026-01-02T03:04:05","request-id":"0c"}}}}}}"#
        ),
    )
}

#[tokio::test]
async fn the_code_that_says_more_is_kept() {
    let (fault, _) = fault_of(|| {
        json(400, r#"{"error":{"code":"BadRequest","innerError":{"code":"Directory_ExpiredPageToken"}}}"#)
    })
    .await;
    assert_eq!(
        (fault.kind, fault.graph_code.as_deref()),
        (FaultKind::PageExpired, Some("Directory_ExpiredPageToken"))
    );
    let (fault, _) = fault_of(|| {
        json(403, r#"{"error":{"code":"Authorization_RequestDenied","innerError":{"code":"403"}}}"#)
    })
    .await;
    assert_eq!(fault.graph_code.as_deref(), Some("Authorization_RequestDenied"));
    let (fault, _) = fault_of(|| json(403, r#"{"error":{"code":"Forbidden"}}"#)).await;
    assert_eq!(fault.graph_code.as_deref(), Some("Forbidden"));
}

#[tokio::test]
async fn a_refusal_that_is_not_graphs_is_unreadable() {
    let (fault, _) =
        fault_of(|| with(403, &["Content-Type: text/html"], "<html>Blocked by policy</html>")).await;
    assert_eq!(fault.kind, FaultKind::AnswerUnreadable);
    let (fault, _) = fault_of(|| with(401, &[], "")).await;
    assert_eq!(fault.kind, FaultKind::Unauthorized, "Graph's gateway answers 401 with an empty body");
    let (fault, _) = fault_of(|| json(200, r#"{"value":[{"displayName":"no id"}]}"#)).await;
    assert_eq!(fault.kind, FaultKind::AnswerUnreadable);
    let (fault, _) = fault_of(|| json(200, r#"{"value":"#)).await;
    assert_eq!(fault.kind, FaultKind::AnswerUnreadable);
}

#[tokio::test]
async fn an_echo_of_the_token_reaches_nobody() {
    let (fault, _) = fault_of(|| {
        json(
            401,
            &format!(r#"{{"error":{{"code":"InvalidAuthenticationToken","message":"bad token {TOKEN}"}}}}"#),
        )
    })
    .await;
    assert_eq!(fault.detail, "bad token [token]");
}

#[tokio::test]
async fn a_broken_connection_is_tried_twice_more() {
    let server = TestServer::start(|_, number| if number < 2 { Act::Close } else { json(200, EMPTY) }).await;
    assert!(graph(&server).first_user().await.is_ok());
    let (fault, requests) = fault_of(|| Act::Close).await;
    assert_eq!((fault.kind, requests), (FaultKind::ConnectionBroken, 3));
}

#[tokio::test]
async fn a_request_that_is_redirected_takes_the_token_nowhere() {
    let elsewhere = TestServer::start(|_, _| json(200, EMPTY)).await;
    let location = format!("Location: {}/v1.0/users", elsewhere.origin);
    let server = TestServer::start(move |_, _| with(302, &[&location], "")).await;
    assert_eq!(graph(&server).first_user().await.unwrap_err().kind, FaultKind::UnexpectedRedirect);
    assert!(elsewhere.seen().is_empty());
}
