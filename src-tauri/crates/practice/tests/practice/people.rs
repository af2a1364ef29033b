use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use practice::{Options, Scenario};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Room, json_of, room, room_with};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn public_room() -> Room {
    let room = room(Scenario::Healthy).await;
    let switch = room.authority("/practice/public-client");
    let on = room.http.post(switch).body("{\"on\":true}").send().await.unwrap();
    json_of(on, StatusCode::OK).await;
    room
}

#[tokio::test]
async fn a_device_code_waits_is_approved_and_gives_a_persons_token() {
    let room = public_room().await;
    let facts = room.practice.facts().clone();
    let code = start(&room, "https://graph.microsoft.com/User.Read offline_access openid profile").await;
    assert_eq!((&code["expires_in"], &code["interval"]), (&900.into(), &5.into()));
    assert_eq!(code["verification_uri"], format!("{}/device", facts.pages));
    let user_code = code["user_code"].as_str().unwrap();
    assert!(code["message"].as_str().unwrap().contains(user_code));
    assert_eq!(poll_refused(&room, &code, 400).await, ("authorization_pending".to_owned(), 70_016));

    let wrong = approve(&room, json!({ "user_code": "ZZZZZZZZZ" })).await;
    assert!(json_of(wrong, StatusCode::NOT_FOUND).await["problem"].as_str().unwrap().ends_with('.'));
    let right = approve(&room, json!({ "user_code": user_code.to_lowercase() })).await;
    assert_eq!(json_of(right, StatusCode::OK).await["approved"], true);

    let body = json_of(poll(&room, &code).await, StatusCode::OK).await;
    assert_eq!(body["scope"], "User.Read profile openid email");
    let claims = claims_of(&body);
    assert_eq!((&claims["idtyp"], &claims["appidacr"]), (&"user".into(), &"0".into()));
    assert_eq!(claims["upn"], facts.account.username);
    assert!(claims["scp"].as_str().unwrap().contains("User.Read") && claims.get("roles").is_none());
    let me = get(&room, "me", &body).await;
    assert_eq!(json_of(me, StatusCode::OK).await["userPrincipalName"], facts.account.username);
    assert_eq!(get(&room, "users", &body).await.status(), StatusCode::FORBIDDEN);
    let keys = room.authority(&format!("/{}/discovery/v2.0/keys", facts.tenant_id));
    let keys = json_of(room.http.get(keys).send().await.unwrap(), StatusCode::OK).await;
    let key = &keys["keys"][0];
    let key =
        DecodingKey::from_rsa_components(key["n"].as_str().unwrap(), key["e"].as_str().unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[&facts.client_id]);
    validation.set_issuer(&[format!("{}/{}/v2.0", facts.authority, facts.tenant_id)]);
    let id_token = body["id_token"].as_str().unwrap();
    let identity = jsonwebtoken::decode::<Value>(id_token, &key, &validation).unwrap().claims;
    assert_eq!((&identity["oid"], &identity["preferred_username"]), (&claims["oid"], &claims["upn"]));
    assert_eq!(poll_refused(&room, &code, 400).await.0, "bad_verification_code", "it is used up");

    let refreshed = json_of(refresh(&room, &body, &[]).await, StatusCode::OK).await;
    assert_eq!(claims_of(&refreshed)["upn"], facts.account.username);
    assert_ne!(refreshed["refresh_token"], body["refresh_token"]);
    json_of(refresh(&room, &body, &[]).await, StatusCode::OK).await;
    let with_secret = refresh(&room, &body, &[("client_secret", facts.client_secret.as_str())]).await;
    assert_eq!(json_of(with_secret, StatusCode::UNAUTHORIZED).await["error_codes"][0], 700_025);
    let invented = refresh(&room, &json!({ "refresh_token": "invented" }), &[]).await;
    assert_eq!(json_of(invented, StatusCode::BAD_REQUEST).await["error_codes"][0], 9_002_313);
}

#[tokio::test]
async fn a_device_code_is_declined_ends_and_is_asked_for_too_often() {
    let room = public_room().await;
    let code = start(&room, "User.Read").await;
    let declined = json!({ "user_code": code["user_code"], "decline": true });
    assert_eq!(json_of(approve(&room, declined).await, StatusCode::OK).await["approved"], false);
    assert_eq!(poll_refused(&room, &code, 400).await, ("authorization_declined".to_owned(), 65_004));

    let code = start(&room, "User.Read").await;
    for _ in 0..4 {
        assert_eq!(poll_refused(&room, &code, 400).await.0, "authorization_pending");
    }
    assert_eq!(poll_refused(&room, &code, 400).await.0, "slow_down");
    room.clock.advance(6);
    assert_eq!(poll_refused(&room, &code, 400).await.0, "authorization_pending");
    room.clock.advance(900);
    assert_eq!(poll_refused(&room, &code, 400).await, ("expired_token".to_owned(), 70_020));
    let late = approve(&room, json!({ "user_code": code["user_code"] })).await;
    assert_eq!(late.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_public_client_flows_only_the_poll_says_so() {
    let room = room(Scenario::PublicClientOff).await;
    let code = start(&room, "User.Read").await;
    json_of(approve(&room, json!({ "user_code": code["user_code"] })).await, StatusCode::OK).await;
    assert_eq!(poll_refused(&room, &code, 401).await, ("invalid_client".to_owned(), 7_000_218));
    let secret = room.practice.facts().client_secret.clone();
    let mut form = poll_form(&room, &code);
    form.push(("client_secret", secret));
    let body = room.http.post(room.token_url()).form(&form).send().await.unwrap();
    assert_eq!(claims_of(&json_of(body, StatusCode::OK).await)["appidacr"], "1");
}

#[tokio::test]
async fn the_page_takes_the_code_and_approves_it() {
    let room = public_room().await;
    let pages = room.practice.facts().pages.clone();
    let code = start(&room, "User.Read").await;
    let url = code["verification_uri"].as_str().unwrap();
    let html = room.http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(html.contains("user_code") && html.contains(&room.practice.facts().account.username));
    let post = async |user_code: &str, decision: &str, origin: &str| {
        let form = [("user_code", user_code), ("decision", decision)];
        room.http.post(url).header("origin", origin).form(&form).send().await.unwrap()
    };
    let user_code = code["user_code"].as_str().unwrap();
    assert_eq!(post(user_code, "accept", "http://evil.example").await.status(), StatusCode::FORBIDDEN);
    let wrong = post("<b>\"", "accept", &pages).await;
    assert_eq!(wrong.status(), StatusCode::NOT_FOUND);
    let html = wrong.text().await.unwrap();
    assert!(html.contains("No sign-in waits for this code") && !html.contains("<b>\""));
    assert_eq!(poll_refused(&room, &code, 400).await.0, "authorization_pending");
    assert!(post(user_code, "accept", &pages).await.text().await.unwrap().contains("You are signed in"));
    json_of(poll(&room, &code).await, StatusCode::OK).await;
}

#[tokio::test]
async fn an_account_that_is_switched_off_cannot_approve() {
    let room = room("account-disabled".parse().unwrap()).await;
    let code = start(&room, "User.Read").await;
    let refused = approve(&room, json!({ "user_code": code["user_code"] })).await;
    let problem = json_of(refused, StatusCode::CONFLICT).await["problem"].as_str().unwrap().to_owned();
    assert!(problem.starts_with("AADSTS50057: "), "{problem}");
    let url = code["verification_uri"].as_str().unwrap();
    let form = [("user_code", code["user_code"].as_str().unwrap()), ("decision", "accept")];
    let page = room.http.post(url).form(&form).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("AADSTS50057"));
    assert_eq!(poll_refused(&room, &code, 400).await.0, "authorization_pending");

    let room = crate::support::room("mfa-required".parse().unwrap()).await;
    let code = start(&room, "User.Read").await;
    json_of(approve(&room, json!({ "user_code": code["user_code"] })).await, StatusCode::OK).await;
    json_of(poll(&room, &code).await, StatusCode::OK).await;
}

#[tokio::test]
async fn scopes_need_consent_and_offline_access_gives_the_refresh_token() {
    let options = Options { scenario: Scenario::DelegatedOnly, ..Options::default() };
    let room = room_with(options).await;
    let facts = room.practice.facts().clone();
    let ask = async |scope: &str| {
        let form = [
            ("grant_type", "password"),
            ("client_id", facts.client_id.as_str()),
            ("client_secret", facts.client_secret.as_str()),
            ("username", facts.account.username.as_str()),
            ("password", facts.account.password.as_str()),
            ("scope", scope),
        ];
        room.http.post(room.token_url()).form(&form).send().await.unwrap()
    };
    let body = json_of(ask("user.read").await, StatusCode::OK).await;
    assert_eq!(body["scope"], "User.Read");
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none());
    let refused = json_of(ask("User.Read.All").await, StatusCode::BAD_REQUEST).await;
    assert_eq!(
        (&refused["error_codes"][0], &refused["suberror"]),
        (&65_001.into(), &"consent_required".into())
    );
    let unknown = json_of(ask("No.Such.Thing").await, StatusCode::BAD_REQUEST).await;
    assert_eq!(unknown["error_codes"][0], 70_011);
    let foreign = json_of(ask("https://other.example/User.Read").await, StatusCode::BAD_REQUEST).await;
    assert_eq!(foreign["error_codes"][0], 500_011);

    room.practice.consent();
    let body =
        json_of(ask("https://graph.microsoft.com/.default offline_access").await, StatusCode::OK).await;
    assert_eq!(body["scope"], "GroupMember.Read.All User.Read User.Read.All");
    assert_eq!(get(&room, "users", &body).await.status(), StatusCode::OK);
    let bare = refresh(&room, &body, &[]).await;
    assert_eq!(json_of(bare, StatusCode::UNAUTHORIZED).await["error_codes"][0], 7_000_218);
    let with_secret = refresh(&room, &body, &[("client_secret", facts.client_secret.as_str())]).await;
    json_of(with_secret, StatusCode::OK).await;
}

async fn start(room: &Room, scope: &str) -> Value {
    let facts = room.practice.facts();
    let url = room.authority(&format!("/{}/oauth2/v2.0/devicecode", facts.tenant_id));
    let form = [("client_id", facts.client_id.as_str()), ("scope", scope)];
    json_of(room.http.post(url).form(&form).send().await.unwrap(), StatusCode::OK).await
}

fn poll_form(room: &Room, code: &Value) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", DEVICE.to_owned()),
        ("client_id", room.practice.facts().client_id.clone()),
        ("device_code", code["device_code"].as_str().unwrap().to_owned()),
    ]
}

async fn poll(room: &Room, code: &Value) -> reqwest::Response {
    room.http.post(room.token_url()).form(&poll_form(room, code)).send().await.unwrap()
}

async fn poll_refused(room: &Room, code: &Value, status: u16) -> (String, u64) {
    let body = json_of(poll(room, code).await, StatusCode::from_u16(status).unwrap()).await;
    (body["error"].as_str().unwrap().to_owned(), body["error_codes"][0].as_u64().unwrap())
}

async fn approve(room: &Room, body: Value) -> reqwest::Response {
    room.http.post(room.authority("/practice/device-code")).body(body.to_string()).send().await.unwrap()
}

async fn refresh(room: &Room, body: &Value, more: &[(&str, &str)]) -> reqwest::Response {
    let facts = room.practice.facts();
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", facts.client_id.as_str()),
        ("refresh_token", body["refresh_token"].as_str().unwrap()),
    ];
    form.extend_from_slice(more);
    room.http.post(room.token_url()).form(&form).send().await.unwrap()
}

async fn get(room: &Room, path: &str, body: &Value) -> reqwest::Response {
    let token = body["access_token"].as_str().unwrap();
    room.http.get(room.graph(path)).bearer_auth(token).send().await.unwrap()
}

fn claims_of(body: &Value) -> Value {
    let token = body["access_token"].as_str().unwrap();
    jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims
}
