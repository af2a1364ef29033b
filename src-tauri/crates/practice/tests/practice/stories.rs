//! Scenarios that need more than one look.

use std::time::Duration;

use jsonwebtoken::Algorithm;
use practice::{Knobs, Options, Scenario};
use rcgen::PKCS_RSA_SHA256;
use reqwest::StatusCode;
use serde_json::{Value, json};
use url::Url;

use crate::support::{Identity, Room, json_of, refusal, room, room_with};

fn scenario(id: &str) -> Scenario {
    id.parse().unwrap()
}

async fn code(room: &Room, form: &[(&'static str, String)]) -> Value {
    let answer = room.http.post(room.token_url()).form(form).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["error_codes"][0].clone()
}

#[tokio::test]
async fn two_faults_are_played_at_once_and_mended_one_by_one() {
    let room = room(scenario("consent-missing+secret-expired")).await;
    assert_eq!(code(&room, &room.form()).await, 7_000_222);
    let body =
        json_of(room.http.get(room.authority("/practice/facts")).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!(body["scenario"], "secret-expired+consent-missing");
    room.practice.set(&Knobs { scenario: Some(Scenario::ConsentMissing), ..Knobs::default() }).unwrap();
    assert!(room.roles().await.is_empty());
    let knobs = room.graph("").replace("/v1.0/", "/practice/knobs");
    for wrong in ["secret-expired+secret-wrong", "consent-missing+", "no-such"] {
        let body = json!({ "scenario": wrong }).to_string();
        let answer = room.http.put(&knobs).body(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
    assert_eq!(room.practice.scenario(), Scenario::ConsentMissing);
}

#[tokio::test]
async fn values_that_were_copied_wrongly_are_in_the_facts() {
    let healthy = room(Scenario::Healthy).await.practice.facts().clone();
    let pasted = room(scenario("object-id-pasted")).await;
    assert_eq!(pasted.practice.facts().client_id, healthy.app_object_id);
    let pasted = room(scenario("secret-id-pasted")).await;
    assert_eq!(pasted.practice.facts().client_secret, healthy.secret_id);
    let mangled = room(scenario("secret-mangled")).await;
    let printed = mangled.practice.facts().client_secret.clone();
    assert!(printed.contains("&amp;") && printed.contains("&lt;"));
    let right = printed.replace("&lt;", "<").replace("&amp;", "&");
    let answer = mangled
        .http
        .post(mangled.token_url())
        .form(&mangled.form_with("client_secret", &right))
        .send()
        .await
        .unwrap();
    json_of(answer, StatusCode::OK).await;
    mangled.practice.set(&Knobs { scenario: Some(Scenario::Healthy), ..Knobs::default() }).unwrap();
    assert_eq!(mangled.practice.facts().client_secret, healthy.client_secret);
}

#[tokio::test]
async fn a_new_secret_works_after_a_while() {
    let options = Options {
        scenario: scenario("secret-not-yet"),
        consent_delay: Duration::from_secs(30),
        ..Options::default()
    };
    let room = room_with(options).await;
    assert_eq!(code(&room, &room.form()).await, 7_000_215);
    room.clock.advance(31);
    room.token().await;
}

#[tokio::test]
async fn each_fault_of_a_certificate_has_its_reason() {
    let identity = Identity::new(&PKCS_RSA_SHA256);
    for (id, reason) in [
        ("certificate-unknown", "The key was not found."),
        ("certificate-expired", "The key used is expired."),
        ("certificate-signature", "Key was found, but use of the key to verify the signature failed"),
    ] {
        let certificate = Some(identity.pem.clone().into_bytes());
        let room = room_with(Options { scenario: scenario(id), certificate, ..Options::default() }).await;
        let assertion = identity.assertion(&room, Algorithm::PS256, &json!({}));
        let mut form = room.form_with("client_secret", "");
        form.push((
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
        ));
        form.push(("client_assertion", assertion));
        let answer = room.http.post(room.token_url()).form(&form).send().await.unwrap();
        let body = json_of(answer, StatusCode::UNAUTHORIZED).await;
        assert!(body["error_description"].as_str().unwrap().contains(reason), "{id}: {body}");
        room.token().await;
    }
}

#[tokio::test]
async fn the_consent_page_that_refuses_and_the_one_that_wants_an_admin() {
    for (id, heading, number) in [
        ("consent-callback-refused", "Permissions requested", "AADSTS65004: "),
        ("user-consent-disabled", "Need admin approval", "AADSTS90094: "),
    ] {
        let room = room(scenario(id)).await;
        let facts = room.practice.facts().clone();
        let url = format!("{}/{}/adminconsent", facts.pages, facts.tenant_id);
        let page = room.http.get(format!("{url}?client_id={}", facts.client_id)).send().await.unwrap();
        assert!(page.text().await.unwrap().contains(heading), "{id}");
        let form = [
            ("client_id", facts.client_id.as_str()),
            ("redirect_uri", "http://localhost:8400/consent"),
            ("state", "12345"),
            ("decision", "accept"),
        ];
        let answer = room.http.post(&url).form(&form).send().await.unwrap();
        let back = Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let query: Vec<(String, String)> = back.query_pairs().into_owned().collect();
        let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!((get("admin_consent"), get("error")), (Some("True"), Some("access_denied")));
        assert!(get("error_description").unwrap().starts_with(number) && get("state") == Some("12345"));
        room.practice.consent();
        assert!(room.roles().await.is_empty(), "{id}: accepting does nothing");
    }
}

#[tokio::test]
async fn a_symmetric_key_is_seen_on_the_service_principal() {
    let room = room(scenario("symmetric-signing-key")).await;
    let client = room.practice.facts().client_id.clone();
    let own = room.get_json(&format!("servicePrincipals(appId='{client}')?$select=keyCredentials")).await;
    let key = &own["keyCredentials"][0];
    assert_eq!((&key["type"], &key["usage"]), (&"Symmetric".into(), &"Sign".into()));
}

#[tokio::test]
async fn a_policy_forbids_new_secrets() {
    let room = room(scenario("credential-forbidden-by-policy")).await;
    let add = room.graph(&format!("applications/{}/addPassword", room.practice.facts().app_object_id));
    let answer = room.ask(room.http.post(&add).body("{}")).await;
    refusal(answer, 400, "CredentialTypeNotAllowedAsPerAppPolicy").await;
}

#[tokio::test]
async fn accounts_are_refused_with_more_than_a_number() {
    let room = room(scenario("password-expired")).await;
    let facts = room.practice.facts().clone();
    let sign_in = async |username: &str, password: &str| {
        let form = [
            ("grant_type", "password"),
            ("client_id", facts.client_id.as_str()),
            ("scope", "User.Read"),
            ("username", username),
            ("password", password),
        ];
        room.http.post(room.token_url()).form(&form).send().await.unwrap()
    };
    let account = sign_in(&facts.account.username, &facts.account.password).await;
    let body = json_of(account, StatusCode::BAD_REQUEST).await;
    assert_eq!(body["suberror"], "user_password_expired");
    assert!(body["password_change_url"].as_str().unwrap().starts_with("https://"));
    let wrong = sign_in(&facts.account.username, "wrong").await;
    assert_eq!(json_of(wrong, StatusCode::BAD_REQUEST).await["error_codes"][0], 50_126);
    json_of(sign_in(&facts.admin.username, &facts.admin.password).await, StatusCode::OK).await;

    let realm = async || {
        let url = room.authority(&format!("/common/userrealm/{}?api-version=1.0", facts.account.username));
        json_of(room.http.get(url).send().await.unwrap(), StatusCode::OK).await
    };
    assert_eq!(realm().await["account_type"], "Managed");
    let federated = Knobs { scenario: Some(scenario("federated-account")), ..Knobs::default() };
    room.practice.set(&federated).unwrap();
    assert_eq!(realm().await["account_type"], "Federated");
}

#[tokio::test]
async fn hidden_members_are_shown_with_the_role_for_them() {
    let requested = ["Group.Read.All", "Member.Read.Hidden"].map(str::to_owned).to_vec();
    let options = Options { scenario: scenario("hidden-membership"), requested, ..Options::default() };
    let room = room_with(options).await;
    let groups = room.get_json("groups?$select=id,visibility&$top=999").await;
    let hidden =
        groups["value"].as_array().unwrap().iter().find(|group| group["visibility"] == "HiddenMembership");
    let id = hidden.unwrap()["id"].as_str().unwrap().to_owned();
    let members = room.get_json(&format!("groups/{id}/members?$select=id")).await;
    assert!(!members["value"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn an_opaque_token_is_good_for_graph() {
    let room = room(scenario("token-unreadable")).await;
    let token = room.token().await;
    assert!(!token.contains('.'));
    let answer = room.http.get(room.graph("users?$top=1")).bearer_auth(&token).send().await.unwrap();
    json_of(answer, StatusCode::OK).await;
    let broken = room.http.get(room.graph("users")).bearer_auth(&token[..40]).send().await.unwrap();
    refusal(broken, 401, "InvalidAuthenticationToken").await;
}
