use std::time::Duration;

use practice::{Options, Scenario};
use reqwest::{Response, StatusCode};
use url::Url;

use crate::support::{Room, json_of, room, room_with};

const BACK: &str = "http://localhost:8400/consent";

#[tokio::test]
async fn accepting_the_form_brings_the_roles_into_the_next_token() {
    let room = room(Scenario::ConsentMissing).await;
    assert!(room.roles().await.is_empty());
    let pages = room.practice.facts().pages.clone();
    for origin in [room.practice.facts().authority.clone(), pages] {
        let html = page(
            &room,
            &format!(
                "{origin}{}",
                link(&room, "&state=12345&redirect_uri=http%3A%2F%2Flocalhost%3A8400%2Fconsent")
            ),
        )
        .await;
        assert!(html.contains("<code>User.Read.All</code>") && html.contains("GroupMember.Read.All"));
        assert!(html.contains("Accept") && html.contains("Cancel") && html.contains("class=\"strip\""));
    }
    let answer =
        decide(&room, "/adminconsent", "accept", &[("redirect_uri", BACK), ("state", "1 2&3")]).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let back = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(
        pairs(&back),
        [
            ("tenant".to_owned(), room.practice.facts().tenant_id.clone()),
            ("state".to_owned(), "1 2&3".to_owned()),
            ("admin_consent".to_owned(), "True".to_owned()),
        ]
    );
    assert_eq!(room.roles().await, ["GroupMember.Read.All", "User.Read.All"]);
}

#[tokio::test]
async fn cancelling_grants_nothing_and_says_so_in_each_versions_words() {
    let room = room(Scenario::ConsentMissing).await;
    let one = decide(&room, "/adminconsent", "cancel", &[("redirect_uri", BACK)]).await;
    let back = Url::parse(one.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(pairs(&back)[0], ("error".to_owned(), "permission_denied".to_owned()));
    let fields = [("redirect_uri", BACK), ("state", "s"), ("scope", "https://graph.microsoft.com/.default")];
    let two = decide(&room, "/v2.0/adminconsent", "cancel", &fields).await;
    let back = Url::parse(two.headers()["location"].to_str().unwrap()).unwrap();
    let got = pairs(&back);
    assert_eq!(got[0], ("admin_consent".to_owned(), "True".to_owned()), "the trap of version 2");
    assert_eq!(got[1], ("error".to_owned(), "consent_required".to_owned()));
    assert!(got[2].1.starts_with("AADSTS65004: ") && got[2].1.contains("\r\nTrace ID: "));
    assert!(room.roles().await.is_empty());
    let accepted = decide(&room, "/v2.0/adminconsent", "accept", &fields).await;
    let back = Url::parse(accepted.headers()["location"].to_str().unwrap()).unwrap();
    let names: Vec<String> = pairs(&back).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["admin_consent", "tenant", "scope", "state"]);
}

#[tokio::test]
async fn without_a_redirect_the_admin_ends_on_a_page() {
    let room = room(Scenario::ConsentMissing).await;
    let answer = decide(&room, "/adminconsent", "cancel", &[]).await;
    assert!(answer.text().await.unwrap().contains("Nothing was changed."));
    let answer = decide(&room, "/adminconsent", "accept", &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.unwrap().contains("The permissions are granted."));
    assert_eq!(room.roles().await.len(), 2);
}

#[tokio::test]
async fn what_comes_in_the_link_cannot_become_markup_and_leads_nowhere_else() {
    let room = room(Scenario::ConsentMissing).await;
    let origin = room.practice.facts().pages.clone();
    let url = format!("{origin}{}", link(&room, "&state=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"));
    let answer = room.http.get(&url).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-")
            && policy.contains("frame-ancestors 'none'")
    );
    let html = answer.text().await.unwrap();
    assert!(!html.contains("<script>") && html.contains("&quot;&gt;&lt;script&gt;"));
    for elsewhere in
        ["https%3A%2F%2Fevil.example%2F", "javascript%3Aalert(1)", "http%3A%2F%2Flocalhost%40evil.example%2F"]
    {
        let answer = room
            .http
            .get(format!("{origin}{}", link(&room, &format!("&redirect_uri={elsewhere}"))))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(answer.text().await.unwrap().contains("AADSTS50011"));
    }
    let tenant = &room.practice.facts().tenant_id;
    for (path, sign) in [
        (format!("/{tenant}/adminconsent"), "AADSTS900144"),
        (
            format!("/{tenant}/adminconsent?client_id=%3Cb%3E"),
            "AADSTS700016: Application with identifier &#39;&lt;b&gt;",
        ),
        ("/other.example/adminconsent?client_id=x".to_owned(), "AADSTS90002"),
        (
            format!("/{tenant}/v2.0/adminconsent?client_id={}", room.practice.facts().client_id),
            "&#39;scope&#39;",
        ),
    ] {
        let answer = room.http.get(format!("{origin}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(answer.text().await.unwrap().contains(sign), "{sign}");
    }
}

#[tokio::test]
async fn another_sites_form_is_refused() {
    let room = room(Scenario::ConsentMissing).await;
    let facts = room.practice.facts().clone();
    let url = format!("{}/{}/adminconsent", facts.pages, facts.tenant_id);
    let form = [("client_id", facts.client_id.as_str()), ("decision", "accept")];
    let foreign =
        room.http.post(&url).header("origin", "http://evil.example").form(&form).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert!(room.roles().await.is_empty());
    let own = room.http.post(&url).header("origin", &facts.pages).form(&form).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::OK);
    assert_eq!(room.roles().await.len(), 2);
}

#[tokio::test]
async fn slow_consent_arrives_by_the_clock() {
    let options = Options {
        scenario: Scenario::ConsentSlow,
        consent_delay: Duration::from_secs(600),
        ..Options::default()
    };
    let room = room_with(options).await;
    assert!(room.roles().await.is_empty());
    let early = room.token().await;
    room.clock.advance(601);
    assert_eq!(room.roles().await.len(), 2);
    let answer = room.http.get(room.graph("users")).bearer_auth(early).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "an old token stays as it was");

    let knobs = practice::Knobs { scenario: Some(Scenario::ConsentSlow), ..practice::Knobs::default() };
    room.practice.set(&knobs).unwrap();
    assert!(room.roles().await.is_empty(), "the wait begins anew");
    room.clock.advance(601);
    assert_eq!(room.roles().await.len(), 2);
}

#[tokio::test]
async fn consent_without_a_browser() {
    let room = room(Scenario::ConsentMissing).await;
    let post = async |origin: &str, body: &'static str| {
        room.http.post(format!("{origin}/practice/consent")).body(body).send().await.unwrap()
    };
    let facts = room.practice.facts().clone();
    json_of(post(&facts.authority, "{\"accept\":false}").await, StatusCode::OK).await;
    assert!(room.roles().await.is_empty());
    let granted = json_of(post(&facts.graph, "{\"accept\":true}").await, StatusCode::OK).await;
    assert_eq!(granted["granted"], serde_json::json!(["GroupMember.Read.All", "User.Read.All"]));
    assert_eq!(room.roles().await.len(), 2);
    let wrong = json_of(post(&facts.graph, "{\"yes\":1}").await, StatusCode::BAD_REQUEST).await;
    assert!(wrong["problem"].is_string());
}

fn link(room: &Room, more: &str) -> String {
    let facts = room.practice.facts();
    format!("/{}/adminconsent?client_id={}{more}", facts.tenant_id, facts.client_id)
}

async fn page(room: &Room, url: &str) -> String {
    let answer = room.http.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-gatehouse-practice"], "1");
    answer.text().await.unwrap()
}

async fn decide(room: &Room, path: &str, decision: &str, fields: &[(&str, &str)]) -> Response {
    let facts = room.practice.facts();
    let mut form = vec![("client_id", facts.client_id.as_str()), ("decision", decision)];
    form.extend_from_slice(fields);
    let url = format!("{}/{}{path}", facts.pages, facts.tenant_id);
    room.http.post(url).form(&form).send().await.unwrap()
}

fn pairs(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}
