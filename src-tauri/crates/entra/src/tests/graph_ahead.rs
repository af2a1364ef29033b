//! Lists whose next page is asked for before anybody wants it.

use std::sync::Arc;

use tokio::sync::Notify;

use super::graph;
use super::graph_links::link_to;
use super::server::{Act, Seen, TestServer, json};
use crate::FaultKind;

/// A page with its next-link before the items, where Graph writes it.
fn page(seen: &Seen, id: &str, next: Option<&str>) -> Act {
    let next = next.map(|next| link_to(seen, &format!("/users?$skiptoken={next}")));
    let link = next.map(|link| format!(r#""@odata.nextLink":"{link}","#)).unwrap_or_default();
    json(200, &format!(r#"{{{link}"value":[{{"id":"{id}"}}]}}"#))
}

#[tokio::test]
async fn the_next_page_is_asked_for_when_the_one_before_it_has_come() {
    let asked = Arc::new(Notify::new());
    let told = Arc::clone(&asked);
    let server = TestServer::start(move |seen, number| match number {
        0 => page(seen, "a", Some("1")),
        _ => {
            told.notify_one();
            page(seen, "b", None)
        }
    })
    .await;
    let mut pages = graph(&server).users(&[]).looking_ahead(|| true);
    assert_eq!(pages.next().await.unwrap().unwrap()[0].id, "a");
    assert!(pages.next_link().unwrap().ends_with("/v1.0/users?$skiptoken=1"), "it can be resumed there");
    asked.notified().await;
    assert_eq!(pages.next().await.unwrap().unwrap()[0].id, "b");
    assert!(pages.next().await.unwrap().is_none());
    assert_eq!(server.lines()[1..], ["GET /v1.0/users?$skiptoken=1"]);
}

#[tokio::test]
async fn what_was_asked_for_too_early_and_failed_is_asked_for_again() {
    let refused = |_: &Seen| json(403, r#"{"error":{"code":"Authorization_RequestDenied","message":"No."}}"#);
    let server = TestServer::start(move |seen, number| match number {
        0 => page(seen, "a", Some("1")),
        1 => refused(seen),
        2 => page(seen, "b", Some("2")),
        _ => refused(seen),
    })
    .await;
    let mut pages = graph(&server).users(&[]).looking_ahead(|| true);
    pages.next().await.unwrap();
    assert_eq!(pages.next().await.unwrap().unwrap()[0].id, "b");
    assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::Forbidden);
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn nothing_is_asked_for_early_while_it_may_not() {
    let server = TestServer::start(|seen, number| page(seen, "a", (number == 0).then_some("1"))).await;
    let graph = graph(&server);
    let mut pages = graph.users(&[]).looking_ahead(|| false);
    pages.next().await.unwrap();
    // What was asked for early would be there before these.
    for _ in 0..2 {
        graph.users(&[]).next().await.unwrap();
    }
    assert_eq!(server.seen().len(), 3);
    pages.next().await.unwrap();
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_link_that_will_not_be_followed_is_not_asked_for() {
    let server = TestServer::start(|seen, number| page(seen, "a", Some(["1", "2"][number % 2]))).await;
    let mut pages = graph(&server).users(&[]).looking_ahead(|| true);
    for _ in 0..3 {
        assert!(pages.next().await.unwrap().is_some());
    }
    assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::RepeatedNextLink);
    assert_eq!(server.seen().len(), 3);

    let server = TestServer::start(|_, _| {
        json(200, r#"{"@odata.nextLink":"https://graph.microsoft.com/v1.0/users","value":[{"id":"a"}]}"#)
    })
    .await;
    let mut pages = graph(&server).users(&[]).looking_ahead(|| true);
    pages.next().await.unwrap();
    assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::ForeignNextLink);
    assert_eq!(server.seen().len(), 1);
}
