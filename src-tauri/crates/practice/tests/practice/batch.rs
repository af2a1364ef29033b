use practice::{Knobs, Options, Scenario};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Room, json_of, refusal, room, room_with};

#[tokio::test]
async fn twenty_member_lists_in_one_request_are_the_same_as_alone() {
    let room = room(Scenario::Healthy).await;
    let (groups, _) = room.all("groups?$select=id&$top=20").await;
    let mut requests = Vec::new();
    for (number, group) in groups.iter().take(20).enumerate() {
        let id = group["id"].as_str().unwrap();
        let url = match number % 3 {
            0 => format!("/groups/{id}/members?$select=id,displayName&$top=30"),
            1 => format!("groups/{id}/members?$select=id,displayName&$top=30"),
            _ => room.graph(&format!("groups/{id}/members?$select=id,displayName&$top=30")),
        };
        requests.push(json!({ "id": number.to_string(), "method": "GET", "url": url }));
    }
    let before = room.practice.requests();
    let answers = batch(&room, &json!({ "requests": requests })).await;
    assert_eq!(room.practice.requests(), before + 2, "a token and a batch");
    assert_eq!(answers.len(), 20);
    let mut paged = 0;
    for (number, group) in groups.iter().take(20).enumerate() {
        let answer = answers.iter().find(|answer| answer["id"] == *number.to_string()).unwrap();
        let headers = &answer["headers"];
        assert_eq!((&answer["status"], &headers["x-ms-resource-unit"]), (&json!(200), &json!("2")));
        assert!(
            headers["Content-Type"].as_str().unwrap().starts_with("application/json;odata.metadata=minimal")
        );
        let id = group["id"].as_str().unwrap();
        let alone = room.get_json(&format!("groups/{id}/members?$select=id,displayName&$top=30")).await;
        assert_eq!(answer["body"], alone);
        if let Some(next) = alone["@odata.nextLink"].as_str() {
            assert!(next.starts_with(&room.graph(&format!("groups/{id}/members?"))));
            paged += 1;
        }
    }
    assert!(paged > 0);
}

#[tokio::test]
async fn each_item_is_charged_and_refused_by_itself() {
    let room = room_with(Options { quota: Some(10), ..Options::default() }).await;
    let requests: Vec<Value> = (0..20)
        .map(|id| json!({ "id": id.to_string(), "method": "GET", "url": "/users?$select=id" }))
        .collect();
    let answers = batch(&room, &json!({ "requests": requests })).await;
    let served = answers.iter().filter(|answer| answer["status"] == 200).count();
    assert!((10..20).contains(&served), "{served}");
    let refused = answers.iter().find(|answer| answer["status"] == 429).unwrap();
    assert!(refused["headers"]["Retry-After"].as_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(refused["headers"]["x-ms-throttle-information"], "ResourceUnitLimitExceeded");
    assert_eq!(refused["body"]["error"]["code"], "TooManyRequests");
    room.practice
        .set(&Knobs { quota: Some(0), fail_every: Some(5), changes_every: Some(2), ..Knobs::default() })
        .unwrap();
    let answers = batch(&room, &json!({ "requests": requests })).await;
    assert_eq!(answers.iter().filter(|answer| answer["status"] == 429).count(), 4);
    assert!(room.practice.totals().changes > 0, "items count for changes too");
}

#[tokio::test]
async fn dependent_items_fail_with_those_that_they_depend_on() {
    let room = room(Scenario::Healthy).await;
    let requests = json!({ "requests": [
        { "id": "last", "dependsOn": ["bad"], "method": "GET", "url": "/users" },
        { "id": "bad", "method": "GET", "url": "/users/nobody@contoso-practice.example" },
        { "id": "good", "depends_on": [], "method": "get", "url": "users?$top=1" },
        { "id": "after good", "depends_on": ["good"], "method": "GET", "url": "/groups?$top=1" },
        { "id": "after last", "dependsOn": ["last"], "method": "GET", "url": "/groups?$top=1" },
    ]});
    let answers = batch(&room, &requests).await;
    let status =
        |id: &str| answers.iter().find(|answer| answer["id"] == id).unwrap()["status"].as_u64().unwrap();
    assert_eq!([status("last"), status("bad"), status("good")], [424, 404, 200]);
    assert_eq!([status("after good"), status("after last")], [200, 424]);
    let failed = answers.iter().find(|answer| answer["id"] == "last").unwrap();
    assert_eq!(failed["body"]["error"]["code"], "FailedDependency");
}

#[tokio::test]
async fn the_order_of_answers_is_not_always_that_of_the_items() {
    let room = room(Scenario::Healthy).await;
    let requests = json!({ "requests": [
        { "id": "a", "method": "GET", "url": "/users?$top=1" },
        { "id": "b", "method": "GET", "url": "/users/$count", "headers": { "consistencylevel": "Eventual" } },
        { "id": "c", "method": "GET", "url": "/users/$count" },
        { "id": "d", "method": "GET", "url": "/planets" },
    ]});
    let mut orders = Vec::new();
    for _ in 0..6 {
        let answers = batch(&room, &requests).await;
        let counted = answers.iter().find(|answer| answer["id"] == "b").unwrap();
        assert_eq!(
            (&counted["body"], &counted["headers"]["Content-Type"]),
            (&json!("240"), &json!("text/plain"))
        );
        assert_eq!(answers.iter().find(|answer| answer["id"] == "c").unwrap()["status"], 400);
        orders.push(answers.iter().map(|answer| answer["id"].as_str().unwrap()).collect::<String>());
    }
    assert_eq!(orders, ["abcd", "abcd", "dcba", "abcd", "abcd", "dcba"]);
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_as_a_whole() {
    let room = room(Scenario::Healthy).await;
    let item = |id: &str| json!({ "id": id, "method": "GET", "url": "/users?$top=1" });
    let many: Vec<Value> = (0..21).map(|id| item(&id.to_string())).collect();
    for wrong in [
        "{".to_owned(),
        json!({}).to_string(),
        json!({ "requests": [{ "id": 1, "method": "GET", "url": "/users" }] }).to_string(),
        json!({ "requests": many }).to_string(),
        json!({ "requests": [item("1"), item("1")] }).to_string(),
        json!({ "requests": [{ "id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"] }] })
            .to_string(),
    ] {
        refusal(room.ask(room.http.post(room.graph("$batch")).body(wrong)).await, 400, "BadRequest").await;
    }
    refusal(room.get("$batch").await, 405, "Request_BadRequest").await;
    let bare = room.http.post(room.graph("$batch")).body(json!({ "requests": [] }).to_string());
    refusal(bare.send().await.unwrap(), 401, "InvalidAuthenticationToken").await;
    let odd = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "https://graph.elsewhere.example/v1.0/users" },
        { "id": "2", "method": "POST", "url": "/$batch" },
        { "id": "3", "method": "POST", "url": "/groups", "body": {} },
        { "id": "4", "method": "DELETE", "url": "/groups" },
    ]});
    let answers = batch(&room, &odd).await;
    let statuses: Vec<u64> = answers.iter().map(|answer| answer["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [400, 400, 400, 405]);
}

async fn batch(room: &Room, requests: &Value) -> Vec<Value> {
    let answer = room.ask(room.http.post(room.graph("$batch")).body(requests.to_string())).await;
    json_of(answer, StatusCode::OK).await["responses"].as_array().unwrap().clone()
}
