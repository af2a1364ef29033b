//! Tokens that end while the directory is read.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use secrecy::SecretString;

use super::server::{Act, Seen, TestServer, json};
use super::{entra, graph};
use crate::{AccessToken, Fault, FaultKind, Graph, Observer, Operation, TokenSource};

const EMPTY: &str = r#"{"value":[]}"#;

struct Unobserved;

impl Observer for Unobserved {}

/// Gives `fresh-1`, `fresh-2` …, or a refusal.
struct Source {
    given: AtomicUsize,
    refuses: bool,
    expires_in: Duration,
}

impl TokenSource for Source {
    fn fresh(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Fault>> + Send + '_>> {
        Box::pin(async {
            let number = self.given.fetch_add(1, Ordering::SeqCst) + 1;
            // Others get the chance to ask as well.
            tokio::task::yield_now().await;
            if self.refuses {
                let host = "login.example".to_owned();
                return Err(Fault::new(
                    FaultKind::Refused,
                    Operation::Token,
                    host,
                    "The secret has expired.",
                ));
            }
            Ok(token(&format!("fresh-{number}"), self.expires_in))
        })
    }
}

fn source(expires_in: Duration) -> Arc<Source> {
    Arc::new(Source { given: AtomicUsize::new(0), refuses: false, expires_in })
}

fn refusing() -> Arc<Source> {
    Arc::new(Source { given: AtomicUsize::new(0), refuses: true, expires_in: Duration::ZERO })
}

fn token(value: &str, expires_in: Duration) -> AccessToken {
    AccessToken::new(SecretString::from(value), expires_in)
}

fn renewing(server: &TestServer, source: &Arc<Source>, expires_in: Duration) -> Graph {
    entra(server).graph_renewing(&token("old", expires_in), source.clone(), Arc::new(Unobserved))
}

fn carries(seen: &Seen, token: &str) -> bool {
    seen.headers.lines().any(|line| line == format!("authorization: bearer {token}"))
}

/// Takes this token only.
fn takes(accepted: &'static str) -> impl Fn(&Seen, usize) -> Act + Send + Sync {
    move |seen, _| if carries(seen, accepted) { json(200, EMPTY) } else { unauthorized() }
}

fn unauthorized() -> Act {
    json(401, r#"{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed."}}"#)
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn ten_requests_at_once_fetch_one_token() {
    let server = TestServer::start(takes("fresh-1")).await;
    let source = source(HOUR);
    let graph = renewing(&server, &source, HOUR);
    let asked = join_all((0..10).map(|_| graph.first_user())).await;
    assert!(asked.iter().all(Result::is_ok), "{asked:?}");
    assert_eq!(source.given.load(Ordering::SeqCst), 1);
    assert!(graph.first_user().await.is_ok());
    assert!(carries(server.seen().last().unwrap(), "fresh-1"));
    assert_eq!(graph.pace().in_flight, 0);
}

#[tokio::test]
async fn a_second_401_is_final_for_everybody() {
    let server = TestServer::start(takes("none")).await;
    let source = source(HOUR);
    let graph = renewing(&server, &source, HOUR);
    assert_eq!(graph.first_user().await.unwrap_err().kind, FaultKind::Unauthorized);
    assert_eq!(server.seen().len(), 2);
    assert_eq!(graph.clone().first_user().await.unwrap_err().kind, FaultKind::Unauthorized);
    assert_eq!(server.seen().len(), 3, "a fresh token that never worked is not replaced");
    assert_eq!(source.given.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_that_worked_is_replaced_when_it_ends() {
    let server = TestServer::start(|seen, number| match number {
        0 | 1 | 3 => json(200, EMPTY),
        2 => unauthorized(),
        4 => unauthorized(),
        _ if carries(seen, "fresh-2") => json(200, EMPTY),
        _ => unauthorized(),
    })
    .await;
    let source = source(HOUR);
    let graph = renewing(&server, &source, HOUR);
    for _ in 0..4 {
        graph.first_user().await.unwrap();
    }
    assert_eq!(source.given.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_source_that_refuses_is_asked_once_and_its_fault_is_told() {
    let server = TestServer::start(takes("none")).await;
    let source = refusing();
    let graph = renewing(&server, &source, HOUR);
    let asked = join_all((0..5).map(|_| graph.first_user())).await;
    for answer in asked {
        let fault = answer.unwrap_err();
        assert_eq!((fault.kind, fault.operation), (FaultKind::Refused, Operation::Token));
        assert_eq!(fault.detail, "The secret has expired.");
    }
    assert_eq!(source.given.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn without_a_source_a_401_is_final() {
    let server = TestServer::start(takes("none")).await;
    assert_eq!(graph(&server).first_user().await.unwrap_err().kind, FaultKind::Unauthorized);
    assert_eq!(server.seen().len(), 1);
}

/// Lets time pass for the client, without a pause of the server.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_token_is_replaced_before_its_end() {
    let server = TestServer::start(|_, _| json(200, EMPTY)).await;
    let source = source(Duration::from_secs(20 * 60));
    let graph = renewing(&server, &source, HOUR);
    graph.first_user().await.unwrap();
    pass(Duration::from_secs(54 * 60)).await;
    graph.first_user().await.unwrap();
    assert_eq!(source.given.load(Ordering::SeqCst), 0);
    pass(Duration::from_secs(61)).await;
    graph.first_user().await.unwrap();
    graph.first_user().await.unwrap();
    assert_eq!(source.given.load(Ordering::SeqCst), 1);
    pass(Duration::from_secs(15 * 60)).await;
    graph.first_user().await.unwrap();
    let tokens = ["old", "old", "fresh-1", "fresh-1", "fresh-2"];
    assert!(server.seen().iter().zip(tokens).all(|(seen, token)| carries(seen, token)));
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn a_short_life_is_lived_to_the_middle() {
    let server = TestServer::start(|_, _| json(200, EMPTY)).await;
    let source = source(Duration::from_secs(60));
    let graph = renewing(&server, &source, Duration::from_secs(60));
    graph.first_user().await.unwrap();
    assert_eq!(source.given.load(Ordering::SeqCst), 0);
    pass(Duration::from_secs(31)).await;
    graph.first_user().await.unwrap();
    graph.first_user().await.unwrap();
    assert_eq!(source.given.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_early_attempt_that_fails_is_no_fault() {
    let server = TestServer::start(|_, _| json(200, EMPTY)).await;
    let source = refusing();
    let graph = renewing(&server, &source, HOUR);
    pass(Duration::from_secs(56 * 60)).await;
    graph.first_user().await.unwrap();
    graph.first_user().await.unwrap();
    assert_eq!(source.given.load(Ordering::SeqCst), 1);
    assert!(server.seen().iter().all(|seen| carries(seen, "old")));
}

#[tokio::test]
async fn a_life_that_is_unknown_or_endless_is_no_reason_to_renew() {
    let server = TestServer::start(|_, _| json(200, EMPTY)).await;
    for life in [Duration::ZERO, Duration::MAX] {
        let source = source(life);
        renewing(&server, &source, life).first_user().await.unwrap();
        assert_eq!(source.given.load(Ordering::SeqCst), 0);
    }
}
