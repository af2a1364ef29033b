use jsonwebtoken::Algorithm;
use practice::{Options, Scenario, StartProblem};
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Identity, Room, SCOPE, json_of, room_with};

async fn room_knowing(identity: &Identity, scenario: Scenario) -> Room {
    room_with(Options {
        scenario,
        certificate: Some(identity.pem.clone().into_bytes()),
        ..Options::default()
    })
    .await
}

fn readable() -> Vec<String> {
    ["User.Read.All", "Application.Read.All"].map(str::to_owned).to_vec()
}

#[tokio::test]
async fn an_assertion_signed_by_the_registered_key_is_taken_beside_the_secret() {
    let identity = Identity::new(&PKCS_RSA_SHA256);
    let certificate = Some(identity.pem.clone().into_bytes());
    let room = room_with(Options { certificate, requested: readable(), ..Options::default() }).await;
    let facts = room.practice.facts().clone();
    let (tenant, origin) = (&facts.tenant_id, &facts.authority);
    for (algorithm, audience) in [
        (Algorithm::PS256, room.token_url()),
        (Algorithm::RS256, format!("{origin}/{tenant}/oauth2/token")),
        (Algorithm::PS256, format!("{origin}/{tenant}/v2.0")),
        (Algorithm::RS256, format!("https://sts.windows.net/{tenant}/")),
        (
            Algorithm::RS256,
            room.token_url().replace(tenant.as_str(), &facts.domain).replace("localhost", "127.0.0.1"),
        ),
    ] {
        let assertion = identity.assertion(&room, algorithm, &json!({ "aud": audience }));
        let body = json_of(send(&room, &assertion).await, StatusCode::OK).await;
        let token = body["access_token"].as_str().unwrap();
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims;
        assert_eq!((&claims["appidacr"], &claims["idtyp"]), (&"2".into(), &"app".into()), "{audience}");
    }
    let by_hash = identity.assertion_with(
        &room,
        &Identity::header(Algorithm::PS256, None, Some(&identity.sha256)),
        &json!({}),
    );
    json_of(send(&room, &by_hash).await, StatusCode::OK).await;
    let mut both = form(&room, &by_hash);
    both.push(("client_secret", "not the secret".to_owned()));
    json_of(room.http.post(room.token_url()).form(&both).send().await.unwrap(), StatusCode::OK).await;
    room.token().await;

    let registered = room.get_json(&format!("applications(appId='{}')", facts.client_id)).await;
    let key = &registered["keyCredentials"][0];
    assert_eq!((&key["type"], &key["usage"]), (&"AsymmetricX509Cert".into(), &"Verify".into()));
    assert_eq!(key["customKeyIdentifier"], identity.sha1_base64());
    assert_eq!(key["displayName"], "CN=gateway");
    assert!(key["key"].is_null() && key["keyId"].as_str().unwrap().len() == 36);
    let end: jiff::Timestamp = key["endDateTime"].as_str().unwrap().parse().unwrap();
    assert_eq!(end, "2040-01-01T00:00:00Z".parse().unwrap());
    let portal = room.http.get(format!("{}/practice/", facts.pages)).send().await.unwrap();
    assert!(portal.text().await.unwrap().contains("CN=gateway"));
}

#[tokio::test]
async fn elliptic_keys_sign_too() {
    let identity = Identity::new(&PKCS_ECDSA_P256_SHA256);
    let room = room_knowing(&identity, Scenario::Healthy).await;
    let assertion = identity.assertion(&room, Algorithm::ES256, &json!({}));
    json_of(send(&room, &assertion).await, StatusCode::OK).await;
}

#[tokio::test]
async fn every_fault_of_an_assertion_has_its_number_and_reason() {
    let identity = Identity::new(&PKCS_RSA_SHA256);
    let stranger = Identity::new(&PKCS_RSA_SHA256);
    let room = room_knowing(&identity, Scenario::Healthy).await;
    let good = |claims: Value| identity.assertion(&room, Algorithm::PS256, &claims);
    let now = practice::Clock::now(room.clock.as_ref()).as_second();
    let other = "22222222-2222-4222-8222-222222222222";
    let forged = stranger.assertion_with(
        &room,
        &Identity::header(Algorithm::RS256, Some(&identity.sha1), None),
        &json!({}),
    );
    for (assertion, status, code, says) in [
        ("x.y.z".to_owned(), 400, 50_027, "Invalid JWT token"),
        (
            identity.assertion_with(&room, &Identity::header(Algorithm::PS256, None, None), &json!({})),
            400,
            50_027,
            "No certificate thumbprint",
        ),
        (stranger.assertion(&room, Algorithm::PS256, &json!({})), 401, 700_027, "The key was not found."),
        (forged, 401, 700_027, "Key was found, but use of the key to verify the signature failed"),
        (
            good(json!({ "aud": format!("{}/{other}/oauth2/v2.0/token", room.practice.facts().authority) })),
            401,
            700_023,
            "audience",
        ),
        (good(json!({ "aud": "https://login.microsoftonline.com/common" })), 401, 700_023, "audience"),
        (good(json!({ "iss": other })), 401, 700_021, "client_id"),
        (good(json!({ "sub": other })), 401, 700_021, "client_id"),
        (
            good(json!({ "exp": now - 301, "nbf": now - 900 })),
            401,
            700_024,
            "not within its valid time range",
        ),
        (
            good(json!({ "nbf": now + 360, "exp": now + 900 })),
            401,
            700_024,
            "not within its valid time range",
        ),
        (good(json!({ "nbf": now + 60, "exp": now + 30 })), 401, 700_024, "not within its valid time range"),
        (good(json!({ "exp": null })), 400, 50_027, "exp"),
    ] {
        let body = json_of(send(&room, &assertion).await, StatusCode::from_u16(status).unwrap()).await;
        let text = body["error_description"].as_str().unwrap();
        assert_eq!(body["error_codes"][0], code, "{text}");
        assert!(text.contains(says), "{text}");
        assert!(!text.contains(&assertion));
    }
    let thumbprint = refusal(&room, &stranger.assertion(&room, Algorithm::RS256, &json!({}))).await;
    assert!(thumbprint.contains(&format!("Thumbprint of key used by client: '{}'", stranger.thumbprint())));
    for skewed in [json!({ "nbf": now - 900, "exp": now - 200 }), json!({ "nbf": now + 200 })] {
        json_of(send(&room, &good(skewed)).await, StatusCode::OK).await;
    }
    let mut form = form(&room, &good(json!({})));
    form.retain(|(name, _)| *name != "client_assertion_type");
    let answer = room.http.post(room.token_url()).form(&form).send().await.unwrap();
    assert_eq!(json_of(answer, StatusCode::BAD_REQUEST).await["error_codes"][0], 900_144);
    form.push((
        "client_assertion_type",
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer".to_owned(),
    ));
    let answer = room.http.post(room.token_url()).form(&form).send().await.unwrap();
    assert_eq!(json_of(answer, StatusCode::BAD_REQUEST).await["error_codes"][0], 9_002_313);
}

#[tokio::test]
async fn a_certificate_is_refused_until_it_is_uploaded() {
    let identity = Identity::new(&PKCS_RSA_SHA256);
    let room = room_with(Options { requested: readable(), ..Options::default() }).await;
    let assertion = || identity.assertion(&room, Algorithm::PS256, &json!({}));
    assert!(refusal(&room, &assertion()).await.contains("The key was not found."));

    let facts = room.practice.facts().clone();
    let address = format!("{}/practice/certificate", facts.graph);
    let both = format!("{}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", identity.pem);
    for (wrong, says) in [("not a certificate", "no PEM block"), (both.as_str(), "a private key")] {
        let answer = room.http.post(&address).body(wrong.to_owned()).send().await.unwrap();
        let body = json_of(answer, StatusCode::BAD_REQUEST).await;
        assert!(body["problem"].as_str().unwrap().contains(says), "{body}");
    }
    assert!(refusal(&room, &assertion()).await.contains("The key was not found."));

    for _ in 0..2 {
        let answer = room.http.post(&address).body(identity.pem.clone()).send().await.unwrap();
        assert_eq!(json_of(answer, StatusCode::OK).await["thumbprint"], identity.thumbprint());
    }
    json_of(send(&room, &assertion()).await, StatusCode::OK).await;
    let registered = room.get_json(&format!("applications(appId='{}')", facts.client_id)).await;
    assert_eq!(registered["keyCredentials"].as_array().unwrap().len(), 1, "once, however often it came");

    // Stories about the registered certificate are about this one as well, and an upload ends them.
    for (scenario, says) in [
        ("certificate-unknown", "The key was not found."),
        ("certificate-expired", "The key used is expired."),
        ("certificate-signature", "use of the key to verify the signature failed"),
    ] {
        let scenario = Some(scenario.parse().unwrap());
        room.practice.set(&practice::Knobs { scenario, ..practice::Knobs::default() }).unwrap();
        assert!(refusal(&room, &assertion()).await.contains(says), "{says}");
        let answer = room.http.post(&address).body(identity.pem.clone()).send().await.unwrap();
        json_of(answer, StatusCode::OK).await;
        json_of(send(&room, &assertion()).await, StatusCode::OK).await;
    }
}

#[tokio::test]
async fn the_portal_has_a_form_for_the_upload() {
    let identity = Identity::new(&PKCS_RSA_SHA256);
    let room = room_knowing(&identity, "certificate-unknown".parse().unwrap()).await;
    let pages = room.practice.facts().pages.clone();
    let portal = room.http.get(format!("{pages}/practice/")).send().await.unwrap().text().await.unwrap();
    assert!(portal.contains("Upload certificate") && portal.contains("multipart/form-data"));
    let form = |origin: &str| {
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"certificate\"; filename=\"g.cer\"\r\n\r\n{}\r\n--x--\r\n",
            identity.pem
        );
        room.http
            .post(format!("{pages}/practice/upload"))
            .header("content-type", "multipart/form-data; boundary=x")
            .header("origin", origin)
            .body(body)
            .send()
    };
    assert_eq!(form("https://elsewhere.example").await.unwrap().status(), StatusCode::FORBIDDEN);
    refusal(&room, &identity.assertion(&room, Algorithm::PS256, &json!({}))).await;
    let answer = form(&pages).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.unwrap().contains(&identity.thumbprint()));
    let assertion = identity.assertion(&room, Algorithm::PS256, &json!({}));
    json_of(send(&room, &assertion).await, StatusCode::OK).await;
}

#[tokio::test]
async fn a_certificate_that_has_ended_is_refused_with_its_dates() {
    let identity = Identity::new(&PKCS_RSA_SHA256);
    let room = room_knowing(&identity, Scenario::Healthy).await;
    room.clock.advance(60 * 60 * 24 * 366 * 20);
    let text = refusal(&room, &identity.assertion(&room, Algorithm::PS256, &json!({}))).await;
    assert!(text.starts_with("AADSTS700027: ") && text.contains("The key used is expired."), "{text}");
    assert!(text.contains("End=01/01/2040 00:00:00"), "{text}");
}

#[tokio::test]
async fn a_file_that_is_no_certificate_does_not_start() {
    for wrong in ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let options = Options { certificate: Some(wrong.as_bytes().to_vec()), ..Options::default() };
        let problem = practice::start(options).await.unwrap_err();
        assert!(matches!(problem, StartProblem::Certificate(_)), "{problem}");
    }
}

fn form(room: &Room, assertion: &str) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", room.practice.facts().client_id.clone()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()),
        ("client_assertion", assertion.to_owned()),
        ("scope", SCOPE.to_owned()),
    ]
}

async fn send(room: &Room, assertion: &str) -> reqwest::Response {
    room.http.post(room.token_url()).form(&form(room, assertion)).send().await.unwrap()
}

async fn refusal(room: &Room, assertion: &str) -> String {
    let body = json_of(send(room, assertion).await, StatusCode::UNAUTHORIZED).await;
    body["error_description"].as_str().unwrap().to_owned()
}
