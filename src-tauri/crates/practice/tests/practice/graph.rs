use practice::{Knobs, Options, Population, Scenario};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{json_of, refusal, room, room_asking, room_with};

#[tokio::test]
async fn what_is_wrong_with_a_token_is_said_as_graph_says_it() {
    let room = room(Scenario::Healthy).await;
    let url = room.graph("users");
    let bare = room.http.get(&url).send().await.unwrap();
    assert!(bare.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer "));
    assert_eq!(refusal(bare, 401, "InvalidAuthenticationToken").await, "Access token is empty.");
    let with = async |token: &str| {
        let answer = room.http.get(&url).bearer_auth(token).send().await.unwrap();
        refusal(answer, 401, "InvalidAuthenticationToken").await
    };
    assert!(with("nonsense").await.starts_with("CompactToken parsing failed"));
    let token = room.token().await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    assert!(with(&format!("{head}.{other}{}", &signature[1..])).await.contains("signature"));
    room.clock.advance(3_601);
    assert_eq!(with(&token).await, "Lifetime validation failed, the token is expired.");
    room.clock.advance(-3_601 - 400);
    assert!(with(&token).await.contains("not yet valid"));
}

#[tokio::test]
async fn a_token_of_another_run_is_no_token_here() {
    let (one, two) = (room(Scenario::Healthy).await, room(Scenario::Healthy).await);
    let answer = two.http.get(two.graph("users")).bearer_auth(one.token().await).send().await.unwrap();
    refusal(answer, 401, "InvalidAuthenticationToken").await;
}

#[tokio::test]
async fn each_endpoint_wants_its_role() {
    let users_only = room_asking(&["User.Read.All"]).await;
    json_of(users_only.get("users?$top=1").await, StatusCode::OK).await;
    json_of(users_only.get("organization").await, StatusCode::OK).await;
    let client = users_only.practice.facts().client_id.clone();
    for closed in
        ["groups", "groups/x/members", &format!("applications(appId='{client}')"), "servicePrincipals"]
    {
        let message = refusal(users_only.get(closed).await, 403, "Authorization_RequestDenied").await;
        assert_eq!(message, "Insufficient privileges to complete the operation.");
    }
    let groups_only = room_asking(&["GroupMember.Read.All"]).await;
    json_of(groups_only.get("groups?$top=1").await, StatusCode::OK).await;
    for closed in ["users", "organization", "users/$count"] {
        refusal(groups_only.get(closed).await, 403, "Authorization_RequestDenied").await;
    }
    let none = room(Scenario::ConsentMissing).await;
    refusal(none.get("users").await, 403, "Authorization_RequestDenied").await;
}

#[tokio::test]
async fn when_the_app_is_gone_its_token_has_no_identity() {
    let room = room(Scenario::Healthy).await;
    let token = room.token().await;
    room.practice.set(&Knobs { scenario: Some(Scenario::AppUnknown), ..Knobs::default() }).unwrap();
    let answer = room.http.get(room.graph("users")).bearer_auth(token).send().await.unwrap();
    refusal(answer, 403, "Authorization_IdentityNotFound").await;
}

#[tokio::test]
async fn organization_is_the_tenant_and_calls_itself_practice() {
    let room = room(Scenario::Healthy).await;
    let facts = room.practice.facts().clone();
    let body = room.get_json("organization?$select=id,displayName,verifiedDomains").await;
    let only = &body["value"][0];
    assert_eq!(only["id"], facts.tenant_id);
    assert_eq!(only["displayName"], "Contoso (practice)");
    assert_eq!(only["verifiedDomains"][0]["name"], "contoso-practice.example");
    assert_eq!(only.as_object().unwrap().len(), 3);
    let single = room.get_json(&format!("organization/{}", facts.tenant_id)).await;
    assert_eq!(single["tenantType"], "AAD");
    refusal(room.get("organization/other").await, 404, "Request_ResourceNotFound").await;
}

#[tokio::test]
async fn users_come_with_default_properties_or_with_exactly_the_selected_ones() {
    let room = room(Scenario::Healthy).await;
    let body = room.get_json("users?$top=2").await;
    assert_eq!(body["@odata.context"], room.graph("$metadata#users"));
    let names: Vec<&String> = body["value"][0].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 11);
    assert!(!names.iter().any(|name| *name == "accountEnabled"));
    let body = room.get_json("users?$select=id,userPrincipalName,accountEnabled,userType&$top=5").await;
    assert_eq!(
        body["@odata.context"],
        room.graph("$metadata#users(id,userPrincipalName,accountEnabled,userType)")
    );
    let first = &body["value"][0];
    assert_eq!(first.as_object().unwrap().len(), 4);
    assert_eq!(first["userPrincipalName"], room.practice.facts().admin.username);
    assert_eq!((&first["accountEnabled"], &first["userType"]), (&true.into(), &"Member".into()));
    let message = refusal(room.get("users?$select=shoeSize").await, 400, "BadRequest").await;
    assert!(message.contains("'shoeSize' on type 'microsoft.graph.user'"));
}

#[tokio::test]
async fn one_user_by_id_and_by_name_guests_included() {
    let room = room(Scenario::Healthy).await;
    let (people, _) = room.all("users?$select=id,userPrincipalName,userType,mail&$top=999").await;
    let guest = people.iter().find(|user| user["userType"] == "Guest").unwrap();
    let name = guest["userPrincipalName"].as_str().unwrap();
    assert!(name.contains("#EXT#@contoso-practice.example"));
    let by_name = room.get_json(&format!("users/{}?$select=id", name.replace('#', "%23"))).await;
    assert_eq!(by_name["id"], guest["id"]);
    let by_id = room.get_json(&format!("users/{}", guest["id"].as_str().unwrap())).await;
    assert_eq!(by_id["@odata.context"], room.graph("$metadata#users/$entity"));
    assert_eq!(by_id["mail"], guest["mail"]);
    assert!(people.iter().any(|user| user["mail"].is_null()));
    for nobody in ["users/nobody@contoso-practice.example", "users/11111111-1111-4111-8111-111111111111"] {
        let message = refusal(room.get(nobody).await, 404, "Request_ResourceNotFound").await;
        assert!(message.starts_with("Resource '") && message.contains("does not exist"));
    }
}

#[tokio::test]
async fn groups_by_id() {
    let room = room(Scenario::Healthy).await;
    let (groups, _) = room.all("groups?$select=id,displayName").await;
    let printers = groups.iter().find(|group| group["displayName"] == "Print – Administrators").unwrap();
    let one = room.get_json(&format!("groups/{}", printers["id"].as_str().unwrap())).await;
    assert_eq!(
        (&one["displayName"], &one["securityEnabled"]),
        (&"Print – Administrators".into(), &true.into())
    );
    refusal(room.get("groups/11111111-1111-4111-8111-111111111111").await, 404, "Request_ResourceNotFound")
        .await;
    let message = refusal(room.get("groups/what").await, 400, "Request_BadRequest").await;
    assert_eq!(message, "Invalid object identifier 'what'.");
}

#[tokio::test]
async fn odd_paths_get_graphs_own_answers() {
    let room = room(Scenario::Healthy).await;
    let message = refusal(room.get("me").await, 400, "BadRequest").await;
    assert_eq!(message, "/me request is only valid with delegated authentication flow.");
    let message = refusal(room.get("planets").await, 400, "BadRequest").await;
    assert_eq!(message, "Resource not found for the segment 'planets'.");
    refusal(room.get("users/x/y/z").await, 400, "BadRequest").await;
    let url = format!("{}/v7/users", room.practice.facts().graph);
    refusal(room.ask(room.http.get(url)).await, 400, "Request_BadRequest").await;
    refusal(room.ask(room.http.delete(room.graph("users"))).await, 405, "Request_BadRequest").await;
    let root = room.get_json("").await;
    assert!(root["value"].as_array().unwrap().iter().any(|set| set["name"] == "users"));
    let url = format!("{}/beta/users?$top=1", room.practice.facts().graph);
    let beta = json_of(room.ask(room.http.get(url)).await, StatusCode::OK).await;
    assert!(beta["@odata.nextLink"].as_str().unwrap().contains("/beta/users?"));
}

#[tokio::test]
async fn answers_carry_graphs_headers() {
    let room = room(Scenario::Healthy).await;
    let sent = "0c0c0c0c-0000-4000-8000-000000000003";
    let answer = room
        .ask(room.http.get(room.graph("users?$select=id&$top=999")).header("client-request-id", sent))
        .await;
    let headers = answer.headers();
    assert_eq!(headers["client-request-id"], sent);
    assert_eq!(headers["x-ms-resource-unit"], "1");
    assert_eq!(headers["odata-version"], "4.0");
    assert_eq!(headers["cache-control"], "no-cache");
    assert_eq!(headers["x-gatehouse-practice"], "1");
    assert!(headers["content-type"].to_str().unwrap().starts_with("application/json;odata.metadata=minimal"));
    assert!(headers.contains_key("request-id") && headers.contains_key("x-ms-ags-diagnostic"));
    assert_eq!(room.get("groups?$top=999").await.headers()["x-ms-resource-unit"], "1");
    assert_eq!(room.get("users").await.headers()["x-ms-resource-unit"], "2");
}

#[tokio::test]
async fn the_date_follows_the_tenants_clock() {
    let room = room(Scenario::Healthy).await;
    room.clock.advance(86_400 * 400);
    let answer = room.http.get(room.graph("")).send().await.unwrap();
    let year = practice::Clock::now(room.clock.as_ref()).strftime("%Y").to_string();
    assert!(answer.headers()["date"].to_str().unwrap().contains(&year));
}

#[tokio::test]
async fn the_quota_throttles_and_says_when_to_come_back() {
    let room = room_with(Options { quota: Some(10), ..Options::default() }).await;
    let token = room.token().await;
    let ask = async || room.http.get(room.graph("users")).bearer_auth(&token).send().await.unwrap();
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(ask().await.status());
    }
    assert!(answers.iter().all(|status| *status == StatusCode::OK), "five times two units fit: {answers:?}");
    // The clock of the tenant is the computer's, so a slow computer may refill a little; nine more units it cannot.
    room.practice.set(&Knobs { quota: Some(2), ..Knobs::default() }).unwrap();
    assert_eq!(ask().await.status(), StatusCode::OK);
    let refused = loop {
        let answer = ask().await;
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            break answer;
        }
    };
    let wait: i64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=10).contains(&wait));
    assert!(
        refused.headers()["x-ms-throttle-scope"].to_str().unwrap().starts_with("Tenant_Application/Read/")
    );
    assert_eq!(refused.headers()["x-ms-throttle-information"], "ResourceUnitLimitExceeded");
    assert_eq!(refusal(refused, 429, "TooManyRequests").await, "Please retry again later.");
    room.clock.advance(wait);
    assert_eq!(ask().await.status(), StatusCode::OK, "after the wait it works");
    room.practice.set(&Knobs { quota: Some(0), ..Knobs::default() }).unwrap();
    for _ in 0..20 {
        assert_eq!(ask().await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn every_nth_request_fails_when_asked_to() {
    let room = room_with(Options { fail_every: 3, ..Options::default() }).await;
    let token = room.token().await;
    let mut pattern = Vec::new();
    for _ in 0..6 {
        let answer = room.http.get(room.graph("groups")).bearer_auth(&token).send().await.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.headers()["retry-after"], "1");
        }
        pattern.push(answer.status().as_u16());
    }
    assert_eq!(pattern, [200, 200, 429, 200, 200, 429]);
}

#[tokio::test]
async fn the_same_seed_is_the_same_directory() {
    let read = async |seed| {
        let population = Population { seed, ..Population::default() };
        let room = room_with(Options { population, ..Options::default() }).await;
        let facts = room.practice.facts();
        let ids = (facts.tenant_id.clone(), facts.client_id.clone(), facts.client_secret.clone());
        (room.all("users?$select=id,displayName,mail").await.0, room.all("groups?$select=id").await.0, ids)
    };
    let first = read(7).await;
    assert_eq!(first, read(7).await);
    let other = read(8).await;
    assert_ne!(first.0, other.0);
    assert_ne!(first.2, other.2);
    let people: Value = json!(first.0);
    assert_eq!(people.as_array().unwrap().len(), 240);
}
