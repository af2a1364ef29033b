//! Delta queries.

use super::graph;
use super::graph_links::link_to;
use super::server::{Act, TestServer, json};
use crate::{Countable, FaultKind, Graph, GroupChange, MemberChange, MemberKind, Removed, UserChange};

fn user(id: &str) -> UserChange {
    UserChange {
        id: id.to_owned(),
        removed: None,
        user_principal_name: None,
        display_name: None,
        mail: None,
        account_enabled: None,
        user_type: None,
    }
}

fn link(server: &TestServer, target: &str) -> String {
    format!("{}/v1.0{target}", server.origin)
}

async fn changed_users(graph: &Graph, server: &TestServer) -> Result<Option<Vec<UserChange>>, FaultKind> {
    let mut changes = graph.changed_users(&link(server, "/users/delta?$deltatoken=1")).unwrap();
    changes.next().await.map_err(|fault| fault.kind)
}

#[tokio::test]
async fn a_delta_link_is_taken_without_reading_anything() {
    let server = TestServer::start(|seen, _| {
        let link = link_to(seen, "/x/delta?$deltatoken=abc");
        json(200, &format!(r#"{{"@odata.deltaLink":"{link}","value":[]}}"#))
    })
    .await;
    let graph = graph(&server);
    let users = graph.delta_link(Countable::Users, &["mail", "id", "accountEnabled"]).await.unwrap();
    assert_eq!(users, link(&server, "/x/delta?$deltatoken=abc"));
    graph.delta_link(Countable::Groups, &["displayName"]).await.unwrap();
    graph.delta_link(Countable::Groups, &["members", "mail"]).await.unwrap();
    assert_eq!(
        server.lines(),
        [
            "GET /v1.0/users/delta?$select=id,mail,accountEnabled&$deltatoken=latest",
            "GET /v1.0/groups/delta?$select=id,displayName,members&$deltatoken=latest",
            "GET /v1.0/groups/delta?$select=id,members,mail&$deltatoken=latest",
        ]
    );
}

#[tokio::test]
async fn a_delta_link_that_is_missing_or_foreign_is_a_fault() {
    let missing = TestServer::start(|_, _| json(200, r#"{"value":[]}"#)).await;
    let fault = graph(&missing).delta_link(Countable::Users, &[]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::AnswerUnreadable);
    let foreign = TestServer::start(|_, _| {
        json(200, r#"{"value":[],"@odata.deltaLink":"https://graph.microsoft.com/v1.0/users/delta"}"#)
    })
    .await;
    let fault = graph(&foreign).delta_link(Countable::Users, &[]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::ForeignNextLink);
}

#[tokio::test]
async fn changed_users_to_the_delta_link() {
    let server = TestServer::start(|seen, number| match number {
        0 => json(
            200,
            &format!(
                r##"{{"@odata.nextLink":"{}","value":[
                {{"id":"a","displayName":"Ada","mail":null,"accountEnabled":false,"@odata.type":"#microsoft.graph.user"}},
                {{"id":"b","@removed":{{"reason":"changed"}}}},{{"id":"c","@removed":{{"reason":"deleted"}}}},
                {{"id":"d","@removed":{{"reason":"mislaid"}}}},{{"id":"e","@removed":{{}}}},
                {{"id":"f","@removed":null,"userPrincipalName":"f@x","userType":"Guest","accountEnabled":null}}]}}"##,
                link_to(seen, "/users/delta?$skiptoken=2")
            ),
        ),
        _ => json(200, &format!(r#"{{"@odata.deltaLink":"{}"}}"#, link_to(seen, "/users/delta?$deltatoken=3"))),
    })
    .await;
    let start = link(&server, "/users/delta?$deltatoken=1");
    let mut changes = graph(&server).changed_users(&start).unwrap();
    assert_eq!((changes.next_link(), changes.delta_link()), (Some(&*start), None));
    let page = changes.next().await.unwrap().unwrap();
    let removed = |id: &str, how| UserChange { removed: Some(how), ..user(id) };
    assert_eq!(
        page,
        [
            UserChange {
                display_name: Some(Some("Ada".into())),
                mail: Some(None),
                account_enabled: Some(Some(false)),
                ..user("a")
            },
            removed("b", Removed::Changed),
            removed("c", Removed::Deleted),
            removed("d", Removed::Deleted),
            removed("e", Removed::Deleted),
            UserChange {
                user_principal_name: Some(Some("f@x".into())),
                user_type: Some(Some("Guest".into())),
                account_enabled: Some(None),
                ..user("f")
            },
        ]
    );
    assert_eq!(changes.next_link(), Some(&*link(&server, "/users/delta?$skiptoken=2")));
    assert_eq!(changes.delta_link(), None);
    assert_eq!(changes.next().await.unwrap().unwrap(), [], "a last page without a value");
    assert_eq!(changes.next().await, Ok(None));
    assert_eq!(changes.next_link(), None);
    assert_eq!(changes.delta_link(), Some(&*link(&server, "/users/delta?$deltatoken=3")));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn changed_groups_with_members_that_came_and_went() {
    let server = TestServer::start(|seen, _| {
        json(
            200,
            &format!(
                r##"{{"@odata.deltaLink":"{}","value":[
                {{"id":"g","displayName":"Print","mail":null,"securityEnabled":true,"groupTypes":["Unified"],"visibility":"Private",
                  "members@delta":[{{"@odata.type":"#microsoft.graph.user","id":"1"}},
                    {{"@odata.type":"#microsoft.graph.group","id":"2","@removed":{{"reason":"deleted"}}}},
                    {{"id":"3","@odata.type":null,"@removed":null}}]}},
                {{"id":"h","groupTypes":null,"members@delta":null}},{{"id":"g","members@delta":[{{"id":"4"}}]}},
                {{"id":"i","@removed":{{"reason":"changed"}}}}]}}"##,
                link_to(seen, "/groups/delta?$deltatoken=2")
            ),
        )
    })
    .await;
    let mut changes = graph(&server).changed_groups(&link(&server, "/groups/delta?$deltatoken=1")).unwrap();
    let page = changes.next().await.unwrap().unwrap();
    let member = |id: &str, kind, removed| MemberChange { id: id.to_owned(), kind, removed };
    let unknown = || MemberKind::Other(String::new());
    assert_eq!(
        page[0],
        GroupChange {
            id: "g".into(),
            removed: None,
            display_name: Some(Some("Print".into())),
            mail: Some(None),
            security_enabled: Some(Some(true)),
            group_types: Some(vec!["Unified".into()]),
            visibility: Some(Some("Private".into())),
            members: vec![
                member("1", MemberKind::User, false),
                member("2", MemberKind::Group, true),
                member("3", unknown(), false),
            ],
        }
    );
    assert_eq!((page[1].group_types.as_deref(), page[1].members.len()), (Some(&[][..]), 0));
    assert_eq!((page[2].group_types.as_ref(), &page[2].display_name), (None, &None));
    assert_eq!(page[2].members, [member("4", unknown(), false)]);
    assert_eq!(page[3].removed, Some(Removed::Changed));
}

#[tokio::test]
async fn a_last_page_without_a_delta_link_is_told_after_its_items() {
    let server = TestServer::start(|_, _| json(200, r#"{"value":[{"id":"a"}]}"#)).await;
    let mut changes = graph(&server).changed_users(&link(&server, "/users/delta?$deltatoken=1")).unwrap();
    assert_eq!(changes.next().await.unwrap().unwrap(), [user("a")]);
    assert_eq!(changes.next().await.unwrap_err().kind, FaultKind::AnswerUnreadable);
    assert_eq!((changes.next_link(), changes.delta_link()), (None, None));
}

#[tokio::test]
async fn a_repeated_link_ends_changes_too() {
    let server = TestServer::start(|seen, _| {
        let next = link_to(seen, "/users/delta?$deltatoken=1");
        json(200, &format!(r#"{{"value":[],"@odata.nextLink":"{next}"}}"#))
    })
    .await;
    let mut changes = graph(&server).changed_users(&link(&server, "/users/delta?$deltatoken=1")).unwrap();
    changes.next().await.unwrap();
    assert_eq!(changes.next().await.unwrap_err().kind, FaultKind::RepeatedNextLink);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_delta_that_graph_has_forgotten_is_expired() {
    let cases: [(u16, &'static str, FaultKind); 9] = [
        (410, "", FaultKind::DeltaExpired),
        (410, r#"{"error":{"code":"resyncRequired","message":""}}"#, FaultKind::DeltaExpired),
        (410, r#"{"error":{"code":"Gone","message":"x"}}"#, FaultKind::DeltaExpired),
        (400, r#"{"error":{"code":"syncStateNotFound","message":"x"}}"#, FaultKind::DeltaExpired),
        (400, r#"{"error":{"code":"SyncStateInvalid","message":"x"}}"#, FaultKind::DeltaExpired),
        (
            404,
            r#"{"error":{"code":"BadRequest","innerError":{"code":"SyncStateNotFound"}}}"#,
            FaultKind::DeltaExpired,
        ),
        (400, r#"{"error":{"code":"Directory_ExpiredPageToken","message":"x"}}"#, FaultKind::PageExpired),
        (400, r#"{"error":{"code":"Request_BadRequest","message":"x"}}"#, FaultKind::GraphRefused),
        (410, "<html></html>", FaultKind::AnswerUnreadable),
    ];
    for (status, body, kind) in cases {
        let server = TestServer::start(move |_, _| json(status, body)).await;
        assert_eq!(changed_users(&graph(&server), &server).await, Err(kind), "{status} {body}");
    }
    let server = TestServer::start(|_, _| json(400, r#"{"error":{"code":"syncStateNotFound"}}"#)).await;
    let fault = graph(&server).first_user().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::GraphRefused, "an ordinary list has no delta link");
}

#[tokio::test]
async fn a_change_without_an_id_is_unreadable() {
    let server: TestServer =
        TestServer::start(|_, _| -> Act { json(200, r#"{"value":[{"mail":"a"}]}"#) }).await;
    assert_eq!(changed_users(&graph(&server), &server).await, Err(FaultKind::AnswerUnreadable));
}
