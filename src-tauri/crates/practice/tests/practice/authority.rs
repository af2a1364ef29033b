use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use practice::Scenario;
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{Room, json_of, room};

#[tokio::test]
async fn discovery_names_the_tenant_on_its_own_origin() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    for name in [&facts.tenant_id, &facts.domain] {
        let answer = room
            .http
            .get(room.authority(&format!("/{name}/v2.0/.well-known/openid-configuration")))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["cache-control"], "max-age=86400, private");
        let body = json_of(answer, StatusCode::OK).await;
        let base = format!("{}/{}", facts.authority, facts.tenant_id);
        assert_eq!(body["issuer"], format!("{base}/v2.0"));
        assert_eq!(body["token_endpoint"], format!("{base}/oauth2/v2.0/token"));
        assert_eq!(body["jwks_uri"], format!("{base}/discovery/v2.0/keys"));
        assert_eq!(body["authorization_endpoint"], format!("{base}/oauth2/v2.0/authorize"));
        assert_eq!(body["device_authorization_endpoint"], format!("{base}/oauth2/v2.0/devicecode"));
    }
    let common = get(&room, "/common/v2.0/.well-known/openid-configuration").await;
    assert_eq!(common["issuer"], format!("{}/{{tenantid}}/v2.0", facts.authority));
    let one = get(&room, &format!("/{}/.well-known/openid-configuration", facts.tenant_id)).await;
    assert_eq!(one["token_endpoint"], format!("{}/{}/oauth2/token", facts.authority, facts.tenant_id));
    assert_eq!(one["issuer"], format!("https://sts.windows.net/{}/", facts.tenant_id));
}

#[tokio::test]
async fn unknown_and_malformed_tenants_are_refused_with_the_endpoints_own_word() {
    let room = room(Scenario::Healthy).await;
    for (tenant, code) in [
        ("no-such-tenant.example", 90_002),
        ("11111111-1111-4111-8111-111111111111", 90_002),
        ("invalid_tenant", 900_023),
    ] {
        let url = room.authority(&format!("/{tenant}/v2.0/.well-known/openid-configuration"));
        let answer = room.http.get(url).send().await.unwrap();
        let trace = answer.headers()["x-ms-request-id"].to_str().unwrap().to_owned();
        let body = json_of(answer, StatusCode::BAD_REQUEST).await;
        assert_eq!((&body["error"], &body["error_codes"][0]), (&"invalid_tenant".into(), &code.into()));
        assert_eq!(body["trace_id"], trace);
        assert!(body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")));
        let url = room.authority(&format!("/{tenant}/oauth2/v2.0/token"));
        let answer = room.http.post(url).form(&room.form()).send().await.unwrap();
        let body = json_of(answer, StatusCode::BAD_REQUEST).await;
        assert_eq!((&body["error"], &body["error_codes"][0]), (&"invalid_request".into(), &code.into()));
    }
}

#[tokio::test]
async fn instance_discovery_knows_this_authority_and_no_other() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    let url = |authority: &str| {
        format!(
            "/common/discovery/instance?api-version=1.1&authorization_endpoint={authority}/{}/oauth2/v2.0/authorize",
            facts.tenant_id
        )
    };
    let body = get(&room, &url(&facts.authority)).await;
    assert_eq!(
        body["tenant_discovery_endpoint"],
        format!("{}/{}/v2.0/.well-known/openid-configuration", facts.authority, facts.tenant_id)
    );
    let host = facts.authority.trim_start_matches("https://");
    assert_eq!(body["metadata"][0]["aliases"][0], host);
    for other in ["https://login.microsoftonline.com", &facts.graph, "nonsense"] {
        let answer = room.http.get(room.authority(&url(other))).send().await.unwrap();
        assert_eq!(json_of(answer, StatusCode::BAD_REQUEST).await["error"], "invalid_instance", "{other}");
    }
}

#[tokio::test]
async fn tokens_verify_against_the_published_key_and_carry_the_recorded_claims() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    let before = jiff::Timestamp::from_second(practice::Clock::now(room.clock.as_ref()).as_second()).unwrap();
    let answer = room.http.post(room.token_url()).form(&room.form()).send().await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store, no-cache");
    assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 3);
    assert!(answer.content_length().is_some());
    let body = json_of(answer, StatusCode::OK).await;
    assert_eq!((&body["token_type"], &body["expires_in"]), (&"Bearer".into(), &3_599.into()));
    let token = body["access_token"].as_str().unwrap();

    let keys = get(&room, &format!("/{}/discovery/v2.0/keys", facts.tenant_id)).await;
    let key = &keys["keys"][0];
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.kid.as_deref(), key["kid"].as_str());
    assert_eq!(header.x5t.as_deref(), key["x5t"].as_str());
    assert!(header.nonce.is_some());
    let decoding =
        DecodingKey::from_rsa_components(key["n"].as_str().unwrap(), key["e"].as_str().unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["https://graph.microsoft.com"]);
    validation.set_issuer(&[format!("https://sts.windows.net/{}/", facts.tenant_id)]);
    let claims = jsonwebtoken::decode::<Value>(token, &decoding, &validation).unwrap().claims;
    assert_eq!(claims["appid"], facts.client_id);
    assert_eq!(claims["tid"], facts.tenant_id);
    assert_eq!(
        (&claims["idtyp"], &claims["ver"], &claims["appidacr"]),
        (&"app".into(), &"1.0".into(), &"1".into())
    );
    assert_eq!(claims["roles"], serde_json::json!(["GroupMember.Read.All", "User.Read.All"]));
    assert_eq!(claims["oid"], claims["sub"]);
    assert!(claims.get("scp").is_none());
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3_900);
    let issued = claims["iat"].as_i64().unwrap() + 300;
    assert!((0..60).contains(&(issued - before.as_second())));
}

#[tokio::test]
async fn the_secret_also_comes_by_basic_and_odd_extras_do_no_harm() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    let form = [("grant_type", "client_credentials"), ("scope", "https://graph.microsoft.com/.default")];
    let request =
        room.http.post(room.token_url()).basic_auth(&facts.client_id, Some(&facts.client_secret)).form(&form);
    json_of(request.send().await.unwrap(), StatusCode::OK).await;
    let mut form = room.form();
    form.extend([
        ("client_info", "1".to_owned()),
        ("claims", "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}".to_owned()),
        ("x-client-SKU", "MSAL.JS".to_owned()),
    ]);
    let url = format!("{}?mkt=de-DE", room.token_url());
    let sent = "0b0b0b0b-0000-4000-8000-000000000002";
    let answer = room.http.post(url).header("client-request-id", sent).form(&form).send().await.unwrap();
    assert_eq!(answer.headers()["client-request-id"], sent);
    json_of(answer, StatusCode::OK).await;
    let own = format!("{}/.default", facts.graph);
    let answer = room.http.post(room.token_url()).form(&room.form_with("scope", &own)).send().await.unwrap();
    json_of(answer, StatusCode::OK).await;
}

#[tokio::test]
async fn the_version_one_endpoint_gives_numbers_as_texts() {
    let room = room(Scenario::Healthy).await;
    let url = room.authority(&format!("/{}/oauth2/token?api-version=1.0", room.practice.facts().domain));
    let mut form = room.form_with("scope", "");
    form.push(("resource", "https://graph.microsoft.com/".to_owned()));
    let body = json_of(room.http.post(&url).form(&form).send().await.unwrap(), StatusCode::OK).await;
    assert_eq!((&body["expires_in"], &body["ext_expires_in"]), (&"3599".into(), &"3599".into()));
    assert_eq!(body["resource"], "https://graph.microsoft.com/");
    let number = |name: &str| body[name].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(number("expires_on") - number("not_before"), 3_900);
    let token = body["access_token"].as_str().unwrap();
    let answer = room.http.get(room.graph("users?$top=1")).bearer_auth(token).send().await.unwrap();
    json_of(answer, StatusCode::OK).await;
    let answer = room.http.post(&url).form(&room.form_with("scope", "")).send().await.unwrap();
    assert_eq!(json_of(answer, StatusCode::BAD_REQUEST).await["error_codes"][0], 900_144);
}

#[tokio::test]
async fn refusals_of_the_token_endpoint() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    for (field, value, status, error, code) in [
        ("client_secret", "wrong", 401, "invalid_client", 7_000_215),
        ("client_secret", facts.secret_id.as_str(), 401, "invalid_client", 7_000_215),
        ("client_secret", "", 401, "invalid_client", 7_000_216),
        ("client_id", "22222222-2222-4222-8222-222222222222", 400, "unauthorized_client", 700_016),
        ("client_id", facts.app_object_id.as_str(), 400, "unauthorized_client", 700_016),
        ("client_id", "not an id", 400, "unauthorized_client", 700_016),
        ("client_id", "00000000-0000-0000-0000-000000000000", 400, "unauthorized_client", 700_038),
        ("client_id", "", 400, "invalid_request", 900_144),
        ("grant_type", "", 400, "invalid_request", 900_144),
        ("grant_type", "implicit", 400, "unsupported_grant_type", 70_003),
        ("scope", "", 400, "invalid_request", 900_144),
        ("scope", "User.Read", 400, "invalid_scope", 1_002_012),
        ("scope", "https://graph.example/.default", 400, "invalid_resource", 500_011),
    ] {
        let answer =
            room.http.post(room.token_url()).form(&room.form_with(field, value)).send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-store, no-cache");
        let body = json_of(answer, StatusCode::from_u16(status).unwrap()).await;
        assert_eq!(
            (&body["error"], &body["error_codes"][0]),
            (&error.into(), &code.into()),
            "{field}={value}"
        );
        let text = body["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{code}: ")) && text.contains("Correlation ID: "));
        assert!(!text.contains(&facts.client_secret));
        assert_eq!(body["error_uri"], format!("https://login.microsoftonline.com/error?code={code}"));
    }
    let mut form = room.form_with("client_secret", "");
    form.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()));
    form.push(("client_assertion", "x.y.z".to_owned()));
    assert_eq!(refused(&room, &form, 400).await, 50_027);
    let common =
        room.http.post(room.authority("/common/oauth2/v2.0/token")).form(&room.form()).send().await.unwrap();
    assert_eq!(json_of(common, StatusCode::BAD_REQUEST).await["error_codes"][0], 50_059);
    let get = room.http.get(room.token_url()).send().await.unwrap();
    assert_eq!(json_of(get, StatusCode::BAD_REQUEST).await["error_codes"][0], 900_561);
    let nothing = room.http.get(room.authority("/no/such/path")).send().await.unwrap();
    assert_eq!(json_of(nothing, StatusCode::NOT_FOUND).await["error"], "not_found");
}

#[tokio::test]
async fn scenarios_show_at_the_token_endpoint() {
    for (scenario, status, code) in [
        (Scenario::SecretWrong, 401, 7_000_215),
        (Scenario::SecretExpired, 401, 7_000_222),
        (Scenario::AppUnknown, 400, 700_016),
    ] {
        let room = room(scenario).await;
        assert_eq!(refused(&room, &room.form(), status).await, code, "{scenario}");
    }
    for scenario in [Scenario::ConsentMissing, Scenario::DelegatedOnly, Scenario::ConsentSlow] {
        let room = room(scenario).await;
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(room.token().await).unwrap().claims;
        assert!(claims.get("roles").is_none() && claims.get("scp").is_none(), "{scenario}");
    }
    let roles = room(Scenario::PublicClientOff).await.roles().await;
    assert_eq!(roles, ["Directory.Read.All", "GroupMember.Read.All", "User.Read.All"]);
}

#[tokio::test]
async fn flows_without_a_redirect_go_by_the_public_client_flag() {
    let room = room(Scenario::PublicClientOff).await;
    let facts = room.practice.facts().clone();
    let device = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code".to_owned()),
        ("client_id", facts.client_id.clone()),
        ("device_code", "invented".to_owned()),
    ];
    let person = |password: &str, name: &str| {
        vec![
            ("grant_type", "password".to_owned()),
            ("client_id", facts.client_id.clone()),
            ("scope", "User.Read".to_owned()),
            ("username", name.to_owned()),
            ("password", password.to_owned()),
        ]
    };
    let good = person(&facts.account.password, &facts.account.username);
    assert_eq!(refused(&room, &device, 401).await, 7_000_218);
    assert_eq!(refused(&room, &good, 401).await, 7_000_218);
    let mut with_secret = good.clone();
    with_secret.push(("client_secret", facts.client_secret.clone()));
    json_of(room.http.post(room.token_url()).form(&with_secret).send().await.unwrap(), StatusCode::OK).await;

    let switch = room.authority("/practice/public-client");
    let on = room.http.post(switch).body("{\"on\":true}").send().await.unwrap();
    assert_eq!(json_of(on, StatusCode::OK).await["isFallbackPublicClient"], true);
    assert_eq!(refused(&room, &device, 400).await, 70_000);
    assert_eq!(refused(&room, &person("wrong", &facts.account.username), 400).await, 50_126);
    assert_eq!(refused(&room, &person("wrong", "nobody@contoso-practice.example"), 400).await, 50_034);
    let answer = room.http.post(room.token_url()).form(&good).send().await.unwrap();
    let body = json_of(answer, StatusCode::OK).await;
    let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(body["access_token"].as_str().unwrap())
        .unwrap()
        .claims;
    assert!(claims["scp"].as_str().unwrap().contains("User.Read") && claims.get("roles").is_none());
    assert_eq!((&claims["idtyp"], &claims["appidacr"]), (&"user".into(), &"0".into()));
}

async fn refused(room: &Room, form: &[(&'static str, String)], status: u16) -> u64 {
    let answer = room.http.post(room.token_url()).form(form).send().await.unwrap();
    json_of(answer, StatusCode::from_u16(status).unwrap()).await["error_codes"][0].as_u64().unwrap()
}

async fn get(room: &Room, path: &str) -> Value {
    json_of(room.http.get(room.authority(path)).send().await.unwrap(), StatusCode::OK).await
}
