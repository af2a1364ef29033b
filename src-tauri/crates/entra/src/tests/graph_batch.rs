//! The members of several groups in one request.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json as tree};

use super::server::{Act, Seen, TestServer, json, with};
use super::{TOKEN, access_token, entra, entra_with, graph, options};
use crate::{
    AccessToken, Fault, FaultKind, HttpOptions, MemberKind, MembersAnswer, Observer, Pause, PauseReason,
    RequestSeen, TokenSource,
};

#[derive(Default)]
struct Log {
    requests: Mutex<Vec<RequestSeen>>,
    pauses: Mutex<Vec<Pause>>,
}

impl Observer for Log {
    fn request(&self, seen: &RequestSeen) {
        self.requests.lock().unwrap().push(seen.clone());
    }

    fn pausing(&self, pause: &Pause) {
        self.pauses.lock().unwrap().push(*pause);
    }
}

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The ids and addresses that were asked for in a batch.
fn asked(seen: &Seen) -> Vec<(String, String)> {
    let body: Value = serde_json::from_str(&seen.body).unwrap();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    body["requests"].as_array().unwrap().iter().map(|item| (text(item, "id"), text(item, "url"))).collect()
}

/// A server that answers each item as this says, in the opposite order.
async fn batches(answer: impl Fn(&str, usize) -> Value + Send + Sync + 'static) -> TestServer {
    TestServer::start(move |seen, number| {
        let answers = asked(seen).into_iter().rev().map(|(id, url)| {
            let mut item = answer(&url, number);
            item["id"] = id.into();
            item
        });
        json(200, &tree!({ "responses": answers.collect::<Vec<_>>() }).to_string())
    })
    .await
}

fn members(ids: &[&str]) -> Value {
    let value: Vec<Value> = ids.iter().map(|id| tree!({"id": id})).collect();
    tree!({"status": 200, "headers": {"x-ms-resource-unit": "2"}, "body": {"value": value}})
}

fn refusal(status: u16, code: &str, headers: &Value) -> Value {
    tree!({"status": status, "headers": headers, "body": {"error": {"code": code, "message": "Told why."}}})
}

fn members_in(answer: &MembersAnswer) -> Vec<&str> {
    answer.answer.as_ref().unwrap().members.iter().map(|member| &*member.id).collect()
}

fn fault_in(answer: &MembersAnswer) -> &Fault {
    answer.answer.as_ref().unwrap_err()
}

#[tokio::test]
async fn answers_come_in_the_order_asked() {
    let server = batches(|url, _| {
        let group = url.split('/').nth(2).unwrap();
        members(&[&format!("in {group}")])
    })
    .await;
    let log = Arc::new(Log::default());
    let graph = entra(&server).graph_observed(&access_token(), log.clone());
    let answers = graph.members_of(&ids(&["b", "a", "b", "5/../5\"\\"])).await.unwrap();
    let found: Vec<_> = answers.iter().map(|answer| (&*answer.group_id, members_in(answer))).collect();
    assert_eq!(
        found,
        [
            ("b", vec!["in b"]),
            ("a", vec!["in a"]),
            ("b", vec!["in b"]),
            ("5/../5\"\\", vec!["in 5%2F..%2F5%22%5C"]),
        ]
    );
    let seen = &server.seen()[0];
    assert_eq!(seen.line, "POST /v1.0/$batch");
    assert!(seen.headers.contains("content-type: application/json\r\n"));
    assert!(seen.headers.contains(&format!("authorization: bearer {TOKEN}")));
    assert!(!seen.body.contains(TOKEN));
    assert_eq!(asked(seen)[1], ("2".into(), "/groups/a/members?$select=id&$top=999".into()));
    assert!(seen.body.contains(r#""method":"GET""#));
    let told = log.requests.lock().unwrap();
    assert_eq!((told.len(), told[0].method, told[0].path.as_str()), (1, "POST", "/$batch"));
    assert_eq!((told[0].status, told[0].resource_units, told[0].throttled_items), (200, Some(8.0), 0));
}

#[tokio::test]
async fn nothing_is_asked_for_no_group_and_twenty_are_the_most() {
    let server = batches(|_, _| members(&[])).await;
    let graph = graph(&server);
    assert_eq!(graph.members_of(&[]).await.unwrap(), []);
    let fault = graph.members_of(&vec!["g".to_owned(); 21]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Setup);
    assert!(server.seen().is_empty());
    assert_eq!(graph.members_of(&vec!["g".to_owned(); 20]).await.unwrap().len(), 20);
}

#[tokio::test]
async fn everything_that_reads_can_be_spawned() {
    let server = batches(|_, _| members(&["m"])).await;
    let graph = graph(&server);
    let groups = ids(&["a"]);
    let spawned = tokio::spawn(async move { graph.members_of(&groups).await });
    assert_eq!(members_in(&spawned.await.unwrap().unwrap()[0]), ["m"]);
}

#[tokio::test]
async fn the_budget_is_charged_with_the_sum_of_the_items() {
    let server = batches(|_, _| {
        let headers = tree!({"x-ms-resource-unit": 1_000_000});
        tree!({"status": 200, "headers": headers, "body": {"value": []}})
    })
    .await;
    let graph = graph(&server);
    assert_eq!(graph.pace().left, 3_220.0);
    graph.members_of(&ids(&["a", "b"])).await.unwrap();
    assert_eq!(graph.pace().left, 0.0);
}

#[tokio::test]
async fn kinds_and_next_links_are_kept() {
    let server = batches(|_, _| {
        let value =
            tree!([{"@odata.type": "#microsoft.graph.group", "id": "1", "displayName": null}, {"id": "2"}]);
        tree!({"status": 200, "body": {"value": value, "@odata.nextLink": "https://elsewhere.example/"}})
    })
    .await;
    let graph = graph(&server);
    let answers = graph.members_of(&ids(&["a"])).await.unwrap();
    let page = answers[0].answer.as_ref().unwrap();
    assert_eq!(page.members[0].kind, MemberKind::Group);
    assert_eq!(page.members[1].kind, MemberKind::Other(String::new()));
    let next = page.next_link.as_deref().unwrap();
    assert_eq!(graph.members_at(next).err().unwrap().kind, FaultKind::ForeignNextLink);
}

#[tokio::test]
async fn only_throttled_items_are_asked_again() {
    let server = batches(|url, number| match number {
        0 if url.contains("/b/") => refusal(429, "TooManyRequests", &tree!({"Retry-After": "0.2"})),
        0 if url.contains("/d/") => refusal(503, "serviceNotAvailable", &tree!({"retry-after": 0.15})),
        _ => members(&["m"]),
    })
    .await;
    let log = Arc::new(Log::default());
    let graph = entra(&server).graph_observed(&access_token(), log.clone());
    let answers = graph.members_of(&ids(&["a", "b", "c", "d"])).await.unwrap();
    assert!(answers.iter().all(|answer| members_in(answer) == ["m"]));
    let again: Vec<String> = asked(&server.seen()[1]).into_iter().map(|(id, _)| id).collect();
    assert_eq!((server.seen().len(), again), (2, ids(&["2", "4"])));
    let wait = Duration::from_millis(200);
    assert_eq!(*log.pauses.lock().unwrap(), [Pause { wait, reason: PauseReason::Throttled }]);
    let throttled: Vec<u64> = log.requests.lock().unwrap().iter().map(|seen| seen.throttled_items).collect();
    assert_eq!(throttled, [1, 0]);
    assert_eq!(graph.pace().parallel, 24);
}

#[tokio::test]
async fn a_date_to_wait_for_is_compared_with_the_answer_s_own() {
    let server = TestServer::start(|_, number| {
        let item = if number == 0 {
            refusal(429, "TooManyRequests", &tree!({"Retry-After": "Fri, 02 Jan 2026 03:04:06 GMT"}))
        } else {
            members(&["m"])
        };
        let mut item = item;
        item["id"] = "1".into();
        let body = tree!({ "responses": [item] }).to_string();
        with(200, &["Date: Fri, 02 Jan 2026 03:04:05 GMT"], &body)
    })
    .await;
    let log = Arc::new(Log::default());
    let graph = entra(&server).graph_observed(&access_token(), log.clone());
    graph.members_of(&ids(&["a"])).await.unwrap();
    let wait = Duration::from_secs(1);
    assert_eq!(*log.pauses.lock().unwrap(), [Pause { wait, reason: PauseReason::Throttled }]);
}

#[tokio::test]
async fn a_refused_item_is_that_group_s_fault() {
    let server = batches(|url, _| {
        if url.contains("/gone/") {
            refusal(404, "Request_ResourceNotFound", &tree!({"request-id": "0c"}))
        } else if url.contains("/hidden/") {
            let error =
                tree!({"code": "Authorization_RequestDenied", "message": format!("no {TOKEN} <b>no</b>")});
            tree!({"status": 403, "body": {"error": error}})
        } else if url.contains("/odd/") {
            tree!({"status": 200, "body": {"value": [{"displayName": "no id"}]}})
        } else if url.contains("/empty/") {
            tree!({"status": 200, "body": null})
        } else if url.contains("/broken/") {
            tree!({"status": 500, "body": null})
        } else {
            members(&["m"])
        }
    })
    .await;
    let groups = ids(&["gone", "hidden", "odd", "empty", "broken", "fine"]);
    let answers = graph(&server).members_of(&groups).await.unwrap();
    let kinds: Vec<FaultKind> = answers[..5].iter().map(|answer| fault_in(answer).kind).collect();
    assert_eq!(
        kinds,
        [
            FaultKind::NotFound,
            FaultKind::Forbidden,
            FaultKind::AnswerUnreadable,
            FaultKind::AnswerUnreadable,
            FaultKind::ServiceUnavailable,
        ]
    );
    let gone = fault_in(&answers[0]);
    assert_eq!((gone.http_status, gone.graph_code.as_deref()), (Some(404), Some("Request_ResourceNotFound")));
    assert_eq!((gone.path.as_deref(), gone.detail.as_str()), (Some("/groups/{id}/members"), "Told why."));
    assert_eq!(gone.request_id.as_deref(), Some("0c"));
    assert_eq!(fault_in(&answers[1]).detail, "no [token]");
    assert_eq!(members_in(&answers[5]), ["m"]);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn items_that_are_missing_or_come_twice_are_unreadable() {
    let server = TestServer::start(|_, _| {
        json(
            200,
            r#"{"responses":[{"id":"3","status":200,"body":{"value":[]}},{"id":"1","status":200,"body":{"value":[]}},
            {"id":"3","status":200,"body":{"value":[]}},{"id":"9","status":200,"body":{"value":[]}},{"status":200},7]}"#,
        )
    })
    .await;
    let answers = graph(&server).members_of(&ids(&["a", "b", "c"])).await.unwrap();
    assert!(answers[0].answer.is_ok());
    for answer in &answers[1..] {
        assert_eq!(fault_in(answer).kind, FaultKind::AnswerUnreadable);
    }
}

#[tokio::test]
async fn what_is_no_answer_to_a_batch_is_a_fault_of_the_whole() {
    let cases: [(u16, &str, FaultKind); 4] = [
        (200, r#"{"value":[]}"#, FaultKind::AnswerUnreadable),
        (200, r#"{"responses":[{"id":"1","#, FaultKind::AnswerUnreadable),
        (
            400,
            r#"{"error":{"code":"BadRequest","message":"Invalid batch payload format."}}"#,
            FaultKind::GraphRefused,
        ),
        (403, r#"{"error":{"code":"Authorization_RequestDenied"}}"#, FaultKind::Forbidden),
    ];
    for (status, body, kind) in cases {
        let server = TestServer::start(move |_, _| json(status, body)).await;
        let fault = graph(&server).members_of(&ids(&["a"])).await.unwrap_err();
        assert_eq!((fault.kind, fault.path.as_deref()), (kind, Some("/$batch")), "{body}");
    }
}

#[tokio::test]
async fn a_throttled_batch_and_a_broken_connection_are_tried_again() {
    let server = TestServer::start(|_, number| match number {
        0 => with(429, &["Retry-After: 0.1"], ""),
        1 => Act::Close,
        _ => json(200, r#"{"responses":[{"id":"1","status":200,"body":{"value":[]}}]}"#),
    })
    .await;
    assert!(graph(&server).members_of(&ids(&["a"])).await.unwrap()[0].answer.is_ok());
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn an_item_that_must_wait_too_long_is_out_of_patience_alone() {
    let server = batches(|url, _| {
        if url.contains("/b/") {
            refusal(429, "TooManyRequests", &tree!({"Retry-After": "3600"}))
        } else {
            members(&["m"])
        }
    })
    .await;
    let answers = graph(&server).members_of(&ids(&["a", "b"])).await.unwrap();
    assert_eq!(members_in(&answers[0]), ["m"]);
    let fault = fault_in(&answers[1]);
    assert_eq!(
        (fault.kind, fault.retry_after),
        (FaultKind::PatienceExhausted, Some(Duration::from_secs(3600)))
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn items_that_are_throttled_for_ever_exhaust_patience() {
    let server = batches(|_, _| refusal(429, "TooManyRequests", &tree!({"Retry-After": "0.1"}))).await;
    let options = HttpOptions { patience: Duration::from_millis(450), ..options(&server) };
    let graph = entra_with(&server, &options).graph(&access_token());
    let answers = graph.members_of(&ids(&["a", "b"])).await.unwrap();
    assert!(answers.iter().all(|answer| fault_in(answer).kind == FaultKind::PatienceExhausted));
    assert!((2..=5).contains(&server.seen().len()), "{}", server.seen().len());
}

struct Fresh;

impl TokenSource for Fresh {
    fn fresh(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Fault>> + Send + '_>> {
        Box::pin(async { Ok(AccessToken::new(SecretString::from("fresh"), Duration::from_secs(3600))) })
    }
}

#[tokio::test]
async fn items_that_were_unauthorized_are_asked_again_with_a_fresh_token() {
    let answers_401_at = |last: usize| {
        batches(move |url, number| {
            if number <= last && url.contains("/b/") {
                refusal(401, "InvalidAuthenticationToken", &tree!({}))
            } else {
                members(&["m"])
            }
        })
    };
    let server = answers_401_at(0).await;
    let graph = entra(&server).graph_renewing(&access_token(), Arc::new(Fresh), Arc::new(Log::default()));
    let answers = graph.members_of(&ids(&["a", "b"])).await.unwrap();
    assert!(answers.iter().all(|answer| members_in(answer) == ["m"]));
    assert_eq!(asked(&server.seen()[1]).len(), 1);
    assert!(server.seen()[1].headers.contains("authorization: bearer fresh"));

    let server = answers_401_at(9).await;
    let graph = entra(&server).graph_renewing(&access_token(), Arc::new(Fresh), Arc::new(Log::default()));
    let answers = graph.members_of(&ids(&["a", "b"])).await.unwrap();
    assert_eq!(members_in(&answers[0]), ["m"]);
    assert_eq!(fault_in(&answers[1]).kind, FaultKind::Unauthorized);
    assert_eq!(server.seen().len(), 2);
}

/// Gives `fresh-1`, `fresh-2` …
#[derive(Default)]
struct Numbered(AtomicUsize);

impl TokenSource for Numbered {
    fn fresh(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Fault>> + Send + '_>> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move { Ok(AccessToken::new(format!("fresh-{number}").into(), Duration::ZERO)) })
    }
}

/// A server that revokes each token as soon as it has answered one group with it.
async fn revoking() -> TestServer {
    TestServer::start(|seen, _| {
        let answers = asked(seen).into_iter().enumerate().map(|(place, (id, _))| {
            let mut answer = if place == 0 {
                members(&["m"])
            } else {
                refusal(401, "InvalidAuthenticationToken", &tree!({}))
            };
            answer["id"] = tree!(id);
            answer
        });
        json(200, &tree!({ "responses": answers.collect::<Vec<_>>() }).to_string())
    })
    .await
}

#[tokio::test]
async fn a_request_outlives_several_tokens_but_not_any_number_of_them() {
    for (groups, unauthorized, given) in [(2, 0, 1), (4, 0, 3), (6, 2, 3)] {
        let server = revoking().await;
        let source = Arc::new(Numbered::default());
        let graph = entra(&server).graph_renewing(&access_token(), source.clone(), Arc::new(Log::default()));
        let names: Vec<String> = (0..groups).map(|group| format!("group-{group}")).collect();
        let answers = graph.members_of(&names).await.unwrap();
        let refused = answers.iter().filter(|answer| answer.answer.is_err());
        assert_eq!(refused.count(), unauthorized, "of {groups}");
        assert_eq!(source.0.load(Ordering::SeqCst), given, "of {groups}");
    }
}

#[tokio::test]
async fn a_token_that_is_given_again_is_no_fresh_one() {
    let server = revoking().await;
    let graph = entra(&server).graph_renewing(&access_token(), Arc::new(Fresh), Arc::new(Log::default()));
    let answers = graph.members_of(&ids(&["a", "b", "c"])).await.unwrap();
    assert_eq!(fault_in(&answers[2]).kind, FaultKind::Unauthorized);
    assert_eq!(server.seen().len(), 2, "the third time it would carry the token of the second");
}
