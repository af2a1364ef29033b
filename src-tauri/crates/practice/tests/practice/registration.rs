use practice::{Knobs, Scenario};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Room, json_of, refusal, room, room_asking};

const USER_READ_ALL: &str = "df021288-bdef-4463-88db-98f22de89214";
const DEVICE_READ_ALL: &str = "7438b122-aefc-4978-80ed-43db9fcc7715";

#[tokio::test]
async fn the_registration_is_read_by_id_by_app_id_and_by_filter() {
    let room = room(Scenario::PublicClientOff).await;
    let facts = room.practice.facts().clone();
    let by_app = room.get_json(&format!("applications(appId='{}')", facts.client_id)).await;
    assert_eq!(by_app["id"], facts.app_object_id);
    assert_eq!(by_app["displayName"], facts.app_name);
    assert_eq!(by_app["isFallbackPublicClient"], false);
    assert_eq!(by_app["passwordCredentials"][0]["keyId"], facts.secret_id);
    assert_eq!(by_app["passwordCredentials"][0]["hint"], facts.client_secret[..3]);
    assert!(by_app["passwordCredentials"][0]["secretText"].is_null());
    let access = by_app["requiredResourceAccess"][0]["resourceAccess"].as_array().unwrap();
    assert!(access.contains(&json!({ "id": USER_READ_ALL, "type": "Role" })));
    let by_id = room.get_json(&format!("applications/{}?$select=appId", facts.app_object_id)).await;
    assert_eq!(by_id["appId"], facts.client_id);
    assert_eq!(by_id.as_object().unwrap().len(), 2, "appId and the context");
    let filtered = room.get_json(&format!("applications?$filter=appId eq '{}'", facts.client_id)).await;
    assert_eq!(filtered["value"][0]["id"], facts.app_object_id);
    let none = room.get_json("applications?$filter=appId eq '22222222-2222-4222-8222-222222222222'").await;
    assert_eq!(none["value"], json!([]));
    let other = "applications(appId='22222222-2222-4222-8222-222222222222')";
    refusal(room.get(other).await, 404, "Request_ResourceNotFound").await;
    let healthy = room_asking(&["Application.Read.All"]).await;
    let flag = healthy.get_json(&format!("applications(appId='{}')", facts.client_id)).await;
    assert!(flag["isFallbackPublicClient"].is_null());
}

#[tokio::test]
async fn delegated_only_lists_the_same_names_as_scopes() {
    let room = room(Scenario::DelegatedOnly).await;
    assert!(room.roles().await.is_empty());
    let accept =
        room.http.post(room.authority("/practice/consent")).body("{\"accept\":true}").send().await.unwrap();
    assert_eq!(json_of(accept, StatusCode::OK).await["granted"], json!([]));
    assert!(
        room.roles().await.is_empty(),
        "consent grants the app nothing that it did not ask for as an app"
    );
}

#[tokio::test]
async fn the_service_principal_shows_what_is_granted() {
    let room = room(Scenario::PublicClientOff).await;
    let client = room.practice.facts().client_id.clone();
    let own = room.get_json(&format!("servicePrincipals(appId='{client}')")).await;
    assert_eq!((&own["accountEnabled"], &own["servicePrincipalType"]), (&true.into(), &"Application".into()));
    let id = own["id"].as_str().unwrap();
    let granted = room.get_json(&format!("servicePrincipals/{id}/appRoleAssignments")).await;
    let granted = granted["value"].as_array().unwrap();
    assert_eq!(granted.len(), 3);
    assert!(granted.iter().any(|grant| grant["appRoleId"] == USER_READ_ALL && grant["principalId"] == id));
    assert!(granted[0]["createdDateTime"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let graph = "servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id,appRoles";
    let graph = room.get_json(graph).await;
    assert_eq!(graph["id"], granted[0]["resourceId"]);
    let roles = graph["appRoles"].as_array().unwrap();
    assert!(roles.iter().any(|role| role["id"] == USER_READ_ALL && role["value"] == "User.Read.All"));
    refusal(
        room.get("servicePrincipals/11111111-1111-4111-8111-111111111111").await,
        404,
        "Request_ResourceNotFound",
    )
    .await;
}

#[tokio::test]
async fn writes_need_the_write_role() {
    let room = room(Scenario::PublicClientOff).await;
    let app = room.graph(&format!("applications/{}", room.practice.facts().app_object_id));
    let patch = room.http.patch(&app).body("{\"isFallbackPublicClient\":true}");
    refusal(room.ask(patch).await, 403, "Authorization_RequestDenied").await;
    let add = room.http.post(format!("{app}/addPassword")).body("{}");
    refusal(room.ask(add).await, 403, "Authorization_RequestDenied").await;
}

#[tokio::test]
async fn the_public_client_flag_is_set_cleared_and_read_back() {
    let room = writer().await;
    let app = room.graph(&format!("applications(appId='{}')", room.practice.facts().client_id));
    for flag in [json!(true), json!(false), Value::Null] {
        let patch = room.http.patch(&app).body(json!({ "isFallbackPublicClient": flag }).to_string());
        assert_eq!(room.ask(patch).await.status(), StatusCode::NO_CONTENT);
        let read = json_of(room.ask(room.http.get(&app)).await, StatusCode::OK).await;
        assert_eq!(read["isFallbackPublicClient"], flag);
    }
    for wrong in ["", "[]", "{\"isFallbackPublicClient\":7}", "{\"displayName\":\"x\"}"] {
        let patch = room.http.patch(&app).body(wrong);
        refusal(room.ask(patch).await, 400, "Request_BadRequest").await;
    }
}

#[tokio::test]
async fn a_new_secret_works_until_it_ends_or_is_removed() {
    let room = writer().await;
    let app = room.graph(&format!("applications/{}", room.practice.facts().app_object_id));
    let end = practice::Clock::now(room.clock.as_ref()) + jiff::SignedDuration::from_hours(1);
    let wish = json!({ "passwordCredential": { "displayName": "rotated", "endDateTime": end } });
    let made = room.ask(room.http.post(format!("{app}/addPassword")).body(wish.to_string())).await;
    let made = json_of(made, StatusCode::OK).await;
    let secret = made["secretText"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 40);
    assert_eq!((&made["displayName"], &made["hint"]), (&"rotated".into(), &json!(secret[..3])));
    let with_new = room.form_with("client_secret", &secret);
    let try_new = async || room.http.post(room.token_url()).form(&with_new).send().await.unwrap();
    json_of(try_new().await, StatusCode::OK).await;

    room.practice.set(&Knobs { scenario: Some(Scenario::SecretExpired), ..Knobs::default() }).unwrap();
    json_of(try_new().await, StatusCode::OK).await;
    room.practice.set(&Knobs { scenario: Some(Scenario::Healthy), ..Knobs::default() }).unwrap();
    room.clock.advance(3_601);
    assert_eq!(json_of(try_new().await, StatusCode::UNAUTHORIZED).await["error_codes"][0], 7_000_222);

    let remove = async || {
        let old = json!({ "keyId": made["keyId"] }).to_string();
        room.ask(room.http.post(format!("{app}/removePassword")).body(old)).await
    };
    assert_eq!(remove().await.status(), StatusCode::NO_CONTENT);
    assert_eq!(json_of(try_new().await, StatusCode::UNAUTHORIZED).await["error_codes"][0], 7_000_215);
    refusal(remove().await, 400, "Request_BadRequest").await;
    let default = json_of(room.ask(room.http.post(format!("{app}/addPassword"))).await, StatusCode::OK).await;
    let moment = |name: &str| default[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(moment("endDateTime").duration_since(moment("startDateTime")).as_hours(), 24 * 730);
}

#[tokio::test]
async fn a_role_is_granted_by_the_api_and_shows_in_the_next_token() {
    let room = writer().await;
    let client = room.practice.facts().client_id.clone();
    let own = room.get_json(&format!("servicePrincipals(appId='{client}')?$select=id")).await;
    let graph =
        room.get_json("servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id").await;
    let url = room.graph(&format!("servicePrincipals/{}/appRoleAssignments", own["id"].as_str().unwrap()));
    let wanted = json!({ "principalId": own["id"], "resourceId": graph["id"], "appRoleId": DEVICE_READ_ALL });
    let assign = async |body: &Value| room.ask(room.http.post(&url).body(body.to_string())).await;
    let made = json_of(assign(&wanted).await, StatusCode::CREATED).await;
    assert_eq!(made["resourceDisplayName"], "Microsoft Graph");
    assert!(room.roles().await.contains(&"Device.Read.All".to_owned()));
    let again = refusal(assign(&wanted).await, 400, "Request_BadRequest").await;
    assert!(again.contains("already exists"));
    let mut unknown = wanted.clone();
    unknown["appRoleId"] = own["id"].clone();
    refusal(assign(&unknown).await, 400, "Request_BadRequest").await;
    let mut foreign = wanted;
    foreign["principalId"] = graph["id"].clone();
    refusal(assign(&foreign).await, 404, "Request_ResourceNotFound").await;
}

#[tokio::test]
async fn what_is_requested_can_be_changed_and_then_consented() {
    let room = writer().await;
    let app = room.graph(&format!("applications(appId='{}')", room.practice.facts().client_id));
    let access = json!([{ "id": USER_READ_ALL, "type": "Role" }, { "id": DEVICE_READ_ALL, "type": "Role" }]);
    let change = json!({ "requiredResourceAccess": [
        { "resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": access }
    ]});
    let patch = room.http.patch(&app).body(change.to_string());
    assert_eq!(room.ask(patch).await.status(), StatusCode::NO_CONTENT);
    assert!(!room.roles().await.contains(&"Device.Read.All".to_owned()), "requested is not granted");
    let read = json_of(room.ask(room.http.get(&app)).await, StatusCode::OK).await;
    assert_eq!(read["requiredResourceAccess"][0]["resourceAccess"], access);
    room.http.post(room.authority("/practice/consent")).body("{\"accept\":true}").send().await.unwrap();
    assert!(room.roles().await.contains(&"Device.Read.All".to_owned()));
}

async fn writer() -> Room {
    room_asking(&["Application.ReadWrite.All", "Directory.Read.All"]).await
}
