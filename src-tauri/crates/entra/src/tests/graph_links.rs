//! Lists in parts, and lists that are resumed.

use super::graph;
use super::server::{Act, Seen, TestServer, json};
use crate::FaultKind;

const FOREIGN: [&str; 4] = [
    "https://graph.microsoft.com/v1.0/users?$skiptoken=1",
    "http://localhost/v1.0/users",
    "https://me@localhost/",
    "/v1.0/users?$skiptoken=1",
];

/// The address of another request to the server that was asked.
pub(super) fn link_to(seen: &Seen, target: &str) -> String {
    let host = seen.headers.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    format!("https://{host}/v1.0{target}")
}

fn empty(_: &Seen, _: usize) -> Act {
    json(200, r#"{"value":[]}"#)
}

#[tokio::test]
async fn a_part_of_the_users_lies_between_two_names() {
    let server = TestServer::start(empty).await;
    let graph = graph(&server);
    graph.users_between(&["mail"], Some("d'arc@x"), Some("e&#+%")).all().await.unwrap();
    graph.users_between(&["mail", "id"], None, Some("ø")).all().await.unwrap();
    graph.users_between(&[], Some("z"), None).all().await.unwrap();
    graph.users_between(&[], None, None).all().await.unwrap();
    let rest = "&$select=id,mail&$top=999";
    assert_eq!(
        server.lines(),
        [
            format!(
                "GET /v1.0/users?$filter=userPrincipalName%20ge%20%27d%27%27arc%40x%27%20and%20\
                 userPrincipalName%20le%20%27e%26%23%2B%25%27{rest}"
            ),
            format!("GET /v1.0/users?$filter=userPrincipalName%20le%20%27%C3%B8%27{rest}"),
            "GET /v1.0/users?$filter=userPrincipalName%20ge%20%27z%27&$select=id&$top=999".to_owned(),
            "GET /v1.0/users?$select=id&$top=999".to_owned(),
        ]
    );
    let filter = url::Url::parse(&format!("https://x{}", &server.lines()[0][4..])).unwrap();
    let (_, filter) = filter.query_pairs().find(|(name, _)| name == "$filter").unwrap();
    assert_eq!(filter, "userPrincipalName ge 'd''arc@x' and userPrincipalName le 'e&#+%'");
}

#[tokio::test]
async fn a_list_goes_on_at_a_link_that_was_kept() {
    let server = TestServer::start(|seen, _| {
        if seen.line.contains("skiptoken") {
            json(200, r#"{"value":[{"id":"b"}]}"#)
        } else {
            let next = link_to(seen, "/users?$skiptoken=1");
            json(200, &format!(r#"{{"value":[{{"id":"a"}}],"@odata.nextLink":"{next}"}}"#))
        }
    })
    .await;
    let graph = graph(&server);
    let mut users = graph.users(&[]);
    let first = format!("{}/v1.0/users?$select=id&$top=999", server.origin);
    assert_eq!((users.next_link(), users.is_at_end()), (Some(&*first), false));
    users.next().await.unwrap();
    let kept = users.next_link().unwrap().to_owned();
    assert_eq!(kept, format!("{}/v1.0/users?$skiptoken=1", server.origin));

    let mut resumed = graph.users_at(&kept).unwrap();
    assert_eq!(resumed.next_link(), Some(&*kept));
    assert_eq!(resumed.next().await.unwrap().unwrap()[0].id, "b");
    assert_eq!((resumed.next_link(), resumed.is_at_end()), (None, true));
    assert_eq!(resumed.next().await, Ok(None));
    assert_eq!(graph.groups_at(&kept).unwrap().all().await.unwrap()[0].id, "b");
    assert_eq!(graph.members_at(&kept).unwrap().all().await.unwrap()[0].id, "b");
    assert_eq!(server.lines()[1..], ["GET /v1.0/users?$skiptoken=1"; 3]);
}

#[tokio::test]
async fn a_kept_link_to_another_origin_is_refused() {
    let server = TestServer::start(empty).await;
    let graph = graph(&server);
    for link in FOREIGN {
        let faults = [
            graph.users_at(link).err(),
            graph.groups_at(link).err(),
            graph.members_at(link).err(),
            graph.changed_users(link).err(),
            graph.changed_groups(link).err(),
        ];
        for fault in faults {
            assert_eq!(fault.unwrap().kind, FaultKind::ForeignNextLink, "{link}");
        }
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_list_whose_link_cannot_be_followed_is_not_at_its_end() {
    let server =
        TestServer::start(|_, _| json(200, &format!(r#"{{"value":[],"@odata.nextLink":"{}"}}"#, FOREIGN[0])))
            .await;
    let mut users = graph(&server).users(&[]);
    users.next().await.unwrap();
    assert_eq!((users.next_link(), users.is_at_end()), (None, false));
}
