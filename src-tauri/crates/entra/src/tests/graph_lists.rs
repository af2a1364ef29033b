//! Lists to their end, counts and single objects.

use std::sync::{Arc, Mutex};

use super::server::{Act, TestServer, json, with};
use super::{CLIENT, TOKEN, access_token, entra, graph};
use crate::{
    AccessKind, Countable, FaultKind, GRAPH_APP_ID, MemberKind, Observer, RequestSeen, app_role_name,
};

/// `GZIPPED` is this, compressed: `{"value":[{"id":"a"}]}`.
const GZIPPED: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0x2a, 0x4b, 0xcc, 0x29, 0x4d,
    0x55, 0xb2, 0x8a, 0xae, 0x56, 0xca, 0x4c, 0x51, 0xb2, 0x52, 0x4a, 0x54, 0xaa, 0x8d, 0xad, 0x05, 0x00,
    0x28, 0x58, 0xf6, 0x51, 0x16, 0x00, 0x00, 0x00,
];

fn page(seen: &super::server::Seen, ids: &[&str], next: Option<&str>) -> Act {
    let host = seen.headers.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let items: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    let next =
        next.map(|next| format!(r#","@odata.nextLink":"https://{host}/v1.0/users?$skiptoken={next}""#));
    json(200, &format!(r#"{{"value":[{}]{}}}"#, items.join(","), next.unwrap_or_default()))
}

#[derive(Default)]
struct Log(Mutex<Vec<RequestSeen>>);

impl Observer for Log {
    fn request(&self, seen: &RequestSeen) {
        self.0.lock().unwrap().push(seen.clone());
    }
}

#[tokio::test]
async fn every_page_is_read_even_after_an_empty_one() {
    let server = TestServer::start(|seen, number| match number {
        0 => page(seen, &["a", "b"], Some("1")),
        1 => page(seen, &[], Some("2")),
        _ => page(seen, &["c"], None),
    })
    .await;
    let mut pages = graph(&server).users(&["displayName", "id", "accountEnabled"]);
    let mut sizes = Vec::new();
    while let Some(items) = pages.next().await.unwrap() {
        sizes.push(items.len());
    }
    assert_eq!(sizes, [2, 0, 1]);
    assert_eq!(pages.items_read(), 3);
    assert!(pages.next().await.unwrap().is_none());
    let lines = server.lines();
    assert_eq!(lines[0], "GET /v1.0/users?$select=id,displayName,accountEnabled&$top=999");
    assert_eq!(lines[2], "GET /v1.0/users?$skiptoken=2");
    assert!(
        server.seen().iter().all(|seen| seen.headers.contains(&format!("authorization: bearer {TOKEN}")))
    );
}

#[tokio::test]
async fn a_link_to_another_origin_is_never_followed() {
    for link in [
        "https://graph.microsoft.com/v1.0/users?$skiptoken=1",
        "http://localhost/v1.0/users",
        "https://me@localhost/",
        "/v1.0/users?$skiptoken=1",
    ] {
        let server = TestServer::start(move |_, _| {
            json(200, &format!(r#"{{"value":[{{"id":"a"}}],"@odata.nextLink":"{link}"}}"#))
        })
        .await;
        let mut pages = graph(&server).users(&[]);
        assert_eq!(pages.next().await.unwrap().unwrap().len(), 1, "the page itself is not lost");
        assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::ForeignNextLink);
        assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::ForeignNextLink);
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn the_authority_is_not_graph_for_a_link() {
    let authority = TestServer::start(|_, _| Act::Close).await;
    let elsewhere = authority.origin.clone();
    let server = TestServer::start(move |_, _| {
        json(200, &format!(r#"{{"value":[],"@odata.nextLink":"{elsewhere}/v1.0/users"}}"#))
    })
    .await;
    let endpoints = crate::Endpoints::custom(&authority.origin, &server.origin).unwrap();
    let entra =
        crate::Entra::through(endpoints, &super::options(&server), &crate::http::Proxies::None).unwrap();
    let mut pages = entra.graph(&access_token()).users(&[]);
    pages.next().await.unwrap();
    assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::ForeignNextLink);
    assert!(authority.seen().is_empty());
}

#[tokio::test]
async fn a_repeated_link_ends_the_list() {
    let server = TestServer::start(|seen, number| page(seen, &["a"], Some(["1", "2"][number % 2]))).await;
    let mut pages = graph(&server).users(&[]);
    for _ in 0..3 {
        assert!(pages.next().await.unwrap().is_some());
    }
    assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::RepeatedNextLink);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_list_beyond_its_limit_is_endless() {
    let server = TestServer::start(|seen, number| page(seen, &["a", "b"], Some(&number.to_string()))).await;
    let mut pages = graph(&server).users(&[]).limit(4);
    assert!(pages.next().await.is_ok());
    assert!(pages.next().await.is_ok(), "the limit itself is allowed");
    assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::EndlessList);
    assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::EndlessList);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_page_can_be_asked_for_again_after_a_fault() {
    let server = TestServer::start(|seen, number| match number {
        0 => page(seen, &["a"], Some("1")),
        1 => json(500, ""),
        _ => page(seen, &["b"], None),
    })
    .await;
    let mut pages = graph(&server).users(&[]);
    pages.next().await.unwrap();
    assert_eq!(pages.next().await.unwrap_err().kind, FaultKind::ServiceUnavailable);
    assert_eq!(pages.next().await.unwrap().unwrap()[0].id, "b");
}

#[tokio::test]
async fn members_of_every_kind() {
    let server = TestServer::start(|_, _| {
        json(
            200,
            r##"{"value":[{"@odata.type":"#microsoft.graph.user","id":"1"},{"@odata.type":"#microsoft.graph.group","id":"2"},
            {"@odata.type":"#microsoft.graph.device","id":"3"},{"@odata.type":"#microsoft.graph.servicePrincipal","id":"4"},
            {"@odata.type":"#microsoft.graph.orgContact","id":"5"},{"@odata.type":"#microsoft.graph.agentUser","id":"6"},{"id":"7"}]}"##,
        )
    })
    .await;
    let log = Arc::new(Log::default());
    let graph = entra(&server).graph_observed(&access_token(), log.clone());
    let kinds: Vec<MemberKind> =
        graph.members("55/../5").all().await.unwrap().into_iter().map(|member| member.kind).collect();
    assert_eq!(
        kinds,
        [
            MemberKind::User,
            MemberKind::Group,
            MemberKind::Device,
            MemberKind::ServicePrincipal,
            MemberKind::OrgContact,
            MemberKind::Other("microsoft.graph.agentUser".into()),
            MemberKind::Other(String::new()),
        ]
    );
    assert_eq!(server.lines(), ["GET /v1.0/groups/55%2F..%2F5/members?$select=id&$top=999"]);
    let seen = log.0.lock().unwrap();
    assert_eq!((seen[0].path.as_str(), seen[0].method, seen[0].status), ("/groups/{id}/members", "GET", 200));
}

#[tokio::test]
async fn counts_are_plain_numbers() {
    let server = TestServer::start(|_, _| {
        with(200, &["Content-Type: text/plain", "x-ms-resource-unit: 1.5"], "\u{feff}1234")
    })
    .await;
    let log = Arc::new(Log::default());
    let graph = entra(&server).graph_observed(&access_token(), log.clone());
    assert_eq!(graph.count(Countable::Users).await, Ok(1234));
    assert_eq!(graph.count(Countable::Groups).await, Ok(1234));
    assert_eq!(server.lines(), ["GET /v1.0/users/$count", "GET /v1.0/groups/$count"]);
    assert!(server.seen()[0].headers.contains("consistencylevel: eventual"));
    assert!(server.seen()[0].headers.contains("accept: text/plain"));
    assert_eq!(log.0.lock().unwrap()[0].resource_units, Some(1.5));

    let odd = TestServer::start(|_, _| with(200, &["Content-Type: text/plain"], "many")).await;
    assert_eq!(
        super::graph(&odd).count(Countable::Users).await.unwrap_err().kind,
        FaultKind::AnswerUnreadable
    );
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let server = TestServer::start(|seen, _| {
        assert!(seen.headers.contains("accept-encoding: gzip"));
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", GZIPPED.len())
                .into_bytes();
        answer.extend_from_slice(GZIPPED);
        Act::Answer(answer)
    })
    .await;
    let found = graph(&server).first_user().await.unwrap();
    assert_eq!(found.value.unwrap().id, "a");
    assert_eq!(server.lines(), ["GET /v1.0/users?$select=id,displayName,userPrincipalName&$top=1"]);
}

#[tokio::test]
async fn garbage_that_claims_to_be_compressed_is_unreadable() {
    let server = TestServer::start(|_, _| {
        with(200, &["Content-Encoding: gzip", "Content-Type: application/json"], "not compressed at all")
    })
    .await;
    assert_eq!(graph(&server).first_group().await.unwrap_err().kind, FaultKind::AnswerUnreadable);
}

#[tokio::test]
async fn the_registration_with_its_credentials() {
    let server = TestServer::start(|_, _| {
        json(
            200,
            r#"{"id":"88888888-8888-4888-8888-888888888888","appId":"22222222-2222-4222-8222-222222222222",
            "displayName":"Gatehouse gateway","signInAudience":"AzureADMyOrg","isFallbackPublicClient":null,"isDisabled":null,
            "requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[
              {"id":"df021288-bdef-4463-88db-98f22de89214","type":"Role"},{"id":"e1fe6dd8-ba31-4d61-89e7-88639da4683d","type":"Scope"}]}],
            "passwordCredentials":[{"displayName":"gateway","endDateTime":"2027-01-02T00:00:00Z","hint":"AbC",
              "keyId":"99999999-9999-4999-8999-999999999999","secretText":null,"startDateTime":"2026-01-02T00:00:00Z"}],
            "keyCredentials":[{"keyId":"aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa","type":"AsymmetricX509Cert","usage":"Verify",
              "endDateTime":"2027-01-02T00:00:00.1234567Z","key":null}]}"#,
        )
    })
    .await;
    let application = graph(&server).application(CLIENT).await.unwrap().unwrap();
    assert_eq!(application.required[0].resource_app_id, GRAPH_APP_ID);
    assert_eq!(app_role_name(application.required[0].permission_id), Some("User.Read.All"));
    assert_eq!(application.required[1].kind, AccessKind::Scope);
    assert_eq!(application.passwords[0].hint.as_deref(), Some("AbC"));
    assert_eq!(application.passwords[0].end.unwrap().to_string(), "2027-01-02T00:00:00Z");
    assert_eq!(application.keys[0].usage.as_deref(), Some("Verify"));
    assert!(application.keys[0].end.is_some());
    assert!(server.lines()[0].starts_with(&format!("GET /v1.0/applications(appId='{CLIENT}')?$select=id,")));
}

#[tokio::test]
async fn a_cloud_that_does_not_know_the_newest_property_is_asked_without_it() {
    let server = TestServer::start(|seen, _| {
        if seen.line.contains("isDisabled") {
            json(400, r#"{"error":{"code":"Request_BadRequest","message":"Could not find a property named 'isDisabled'."}}"#)
        } else {
            json(200, r#"{"id":"1","appId":"2"}"#)
        }
    })
    .await;
    let application = graph(&server).application(CLIENT).await.unwrap().unwrap();
    assert_eq!((application.is_disabled, application.passwords.len()), (None, 0));
}

#[tokio::test]
async fn what_does_not_exist_is_none() {
    let server = TestServer::start(|_, _| {
        json(404, r#"{"error":{"code":"Request_ResourceNotFound","message":"Resource 'x' does not exist."}}"#)
    })
    .await;
    assert_eq!(graph(&server).application(CLIENT).await, Ok(None));
    assert_eq!(graph(&server).service_principal("it's").await, Ok(None));
    assert!(
        server.lines()[1].starts_with("GET /v1.0/servicePrincipals(appId='it''s')?"),
        "{:?}",
        server.lines()
    );
    let assignments = graph(&server).app_role_assignments("x").await;
    assert_eq!(assignments.unwrap_err().kind, FaultKind::NotFound);
}

#[tokio::test]
async fn organization_service_principal_and_grants() {
    let server = TestServer::start(|seen, _| {
        if seen.line.contains("/organization") {
            json(200, r#"{"value":[{"id":"t","displayName":"Contoso","verifiedDomains":[{"name":"contoso.example"}]}]}"#)
        } else if seen.line.contains("appRoleAssignments") {
            json(
                200,
                r#"{"value":[{"appRoleId":"df021288-bdef-4463-88db-98f22de89214","createdDateTime":"2026-01-02T03:04:05.678Z","resourceId":"r"}]}"#,
            )
        } else {
            json(200, r#"{"id":"sp","appId":"a","accountEnabled":false}"#)
        }
    })
    .await;
    let graph = graph(&server);
    assert_eq!(graph.organization().await.unwrap().verified_domains, ["contoso.example"]);
    let principal = graph.service_principal(CLIENT).await.unwrap().unwrap();
    assert_eq!(principal.account_enabled, Some(false));
    let grants = graph.app_role_assignments(&principal.id).await.unwrap();
    assert_eq!((grants[0].resource_id.as_str(), grants[0].created.is_some()), ("r", true));
}
