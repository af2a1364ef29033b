use std::collections::HashSet;

use practice::{Options, Population, Scenario};
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{Room, json_of, refusal, room, room_asking, room_with};

#[tokio::test]
async fn pages_to_the_end_give_exactly_the_totals_of_the_facts() {
    for population in [
        Population::default(),
        Population { users: 1_003, groups: 57, memberships: Some(2_345), seed: 3 },
        Population { users: 1, groups: 1, memberships: Some(1), seed: 1 },
        Population { users: 0, groups: 0, memberships: None, seed: 1 },
    ] {
        let room = room_with(Options { population, ..Options::default() }).await;
        let facts = room.practice.facts();
        let (users, pages) = room.all("users?$select=id&$top=50").await;
        assert_eq!(users.len() as u64, facts.users);
        assert_eq!(pages as u64, facts.users.div_ceil(50).max(1));
        assert_eq!(distinct(&users), users.len());
        let (groups, _) = room.all("groups?$select=id&$top=20").await;
        assert_eq!(groups.len() as u64, facts.groups);
        let mut memberships = 0;
        for group in &groups {
            let id = group["id"].as_str().unwrap();
            let (members, _) = room.all(&format!("groups/{id}/members?$select=id&$top=33")).await;
            assert_eq!(distinct(&members), members.len());
            assert!(members.iter().all(|member| member["@odata.type"].is_string()));
            memberships += members.len() as u64;
        }
        assert_eq!(memberships, facts.memberships, "{population:?}");
    }
}

#[tokio::test]
async fn next_links_stay_on_the_host_that_was_asked_and_keep_the_query() {
    let room = room(Scenario::Healthy).await;
    let body = room.get_json("users?$select=id,displayName&$top=7").await;
    let next = body["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&room.graph("users?$select=id,displayName&$top=7&$skiptoken=")), "{next}");
    let by_address = room.graph("users?$top=7").replace("localhost", "127.0.0.1");
    let body = json_of(room.ask(room.http.get(by_address)).await, StatusCode::OK).await;
    assert!(body["@odata.nextLink"].as_str().unwrap().starts_with("https://127.0.0.1:"));
    let ca = reqwest::Certificate::from_pem(room.practice.ca_pem().as_bytes()).unwrap();
    let old = reqwest::Client::builder().tls_certs_only([ca]).no_proxy().http1_only().build().unwrap();
    let foreign = old.get(room.graph("users?$top=7")).header("host", "evil.example");
    let body = json_of(room.ask(foreign).await, StatusCode::OK).await;
    assert!(body["@odata.nextLink"].as_str().unwrap().starts_with(&room.graph("users?")));
}

#[tokio::test]
async fn a_page_token_of_another_list_or_run_has_expired() {
    let room = room(Scenario::Healthy).await;
    let token_in = |body: &Value| {
        body["@odata.nextLink"].as_str().unwrap().rsplit_once("$skiptoken=").unwrap().1.to_owned()
    };
    let users = token_in(&room.get_json("users?$top=7").await);
    json_of(room.get(&format!("users?$top=7&$skiptoken={users}")).await, StatusCode::OK).await;
    for other in [
        format!("groups?$skiptoken={users}"),
        format!("users?$filter=userType eq 'Guest'&$skiptoken={users}"),
        "users?$skiptoken=AAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        "users?$skiptoken=%F0%9F%98%80".to_owned(),
    ] {
        refusal(room.get(&other).await, 400, "Directory_ExpiredPageToken").await;
    }
    let another = crate::support::room(Scenario::Healthy).await;
    let answer = another.get(&format!("users?$top=7&$skiptoken={users}")).await;
    refusal(answer, 400, "Directory_ExpiredPageToken").await;
}

#[tokio::test]
async fn page_sizes() {
    let room = room(Scenario::Healthy).await;
    let page = async |query: &str| room.get_json(query).await["value"].as_array().unwrap().len();
    assert_eq!(page("users").await, 100);
    assert_eq!(page("users?$top=999").await, 240);
    assert_eq!(page("users?$top=1").await, 1);
    for wrong in ["0", "1000"] {
        let message =
            refusal(room.get(&format!("users?$top={wrong}")).await, 400, "Request_UnsupportedQuery").await;
        assert_eq!(
            message,
            format!("Invalid page size specified: '{wrong}'. Must be between 1 and 999 inclusive.")
        );
    }
    let capped = room_with(Options { page_size: Some(10), ..Options::default() }).await;
    let page = async |query: &str| capped.get_json(query).await["value"].as_array().unwrap().len();
    assert_eq!((page("users").await, page("users?$top=999").await, page("users?$top=3").await), (10, 10, 3));
}

#[tokio::test]
async fn counts_need_the_advanced_header() {
    let room = room(Scenario::Healthy).await;
    let staff = group_named(&room, "All staff").await;
    for (path, wanted) in [
        ("users/$count".to_owned(), 240),
        ("groups/$count".to_owned(), 31),
        (format!("groups/{staff}/members/$count"), 192),
    ] {
        let message = refusal(room.get(&path).await, 400, "Request_BadRequest").await;
        assert_eq!(message, "$count is not currently supported.");
        let answer = room.ask(room.http.get(room.graph(&path)).header("ConsistencyLevel", "eventual")).await;
        assert_eq!(answer.headers()["content-type"], "text/plain");
        assert_eq!(answer.text().await.unwrap(), wanted.to_string());
    }
    let plain = room.get_json("users?$count=true&$top=5").await;
    assert!(plain.get("@odata.count").is_none());
    let advanced = async |url: String| {
        let request = room.http.get(url).header("ConsistencyLevel", "eventual");
        json_of(room.ask(request).await, StatusCode::OK).await
    };
    let first = advanced(room.graph("users?$count=true&$top=5")).await;
    assert_eq!(first["@odata.count"], 240);
    let second = advanced(first["@odata.nextLink"].as_str().unwrap().to_owned()).await;
    assert!(second.get("@odata.count").is_none(), "the count is on the first page only");
}

#[tokio::test]
async fn nested_groups_and_cycles_end() {
    let room = room(Scenario::Healthy).await;
    let north = group_named(&room, "Region North").await;
    let (direct, _) = room.all(&format!("groups/{north}/members?$select=id")).await;
    let (nested, _) = room.all(&format!("groups/{north}/transitiveMembers?$select=id&$top=5")).await;
    assert!(nested.len() > direct.len());
    assert_eq!(distinct(&nested), nested.len());
    assert!(nested.iter().all(|member| member["id"] != north.as_str()), "never its own member");
    let groups = nested.iter().filter(|member| member["@odata.type"] == "#microsoft.graph.group").count();
    assert_eq!(groups, 2);
    let (people, _) =
        room.all(&format!("groups/{north}/transitiveMembers/microsoft.graph.user?$select=id")).await;
    assert_eq!(people.len(), nested.len() - groups);
    let path = room.graph(&format!("groups/{north}/transitiveMembers/microsoft.graph.user/$count"));
    let counted = room.ask(room.http.get(path).header("ConsistencyLevel", "eventual")).await;
    assert_eq!(counted.text().await.unwrap(), people.len().to_string());
    let printing = group_named(&room, "Everyone who prints").await;
    let (printing, _) = room.all(&format!("groups/{printing}/transitiveMembers?$select=id&$top=999")).await;
    assert!(printing.len() >= 192, "All staff is inside, two levels down: {}", printing.len());
}

#[tokio::test]
async fn casts_leave_only_their_kind() {
    let room = room(Scenario::Healthy).await;
    let everyone = group_named(&room, "Print – Everyone").await;
    let (all, _) = room.all(&format!("groups/{everyone}/members?$select=id")).await;
    let mut parts = 0;
    for kind in ["user", "group", "device", "servicePrincipal", "orgContact"] {
        let (cast, _) =
            room.all(&format!("groups/{everyone}/members/microsoft.graph.{kind}?$select=id")).await;
        assert!(cast.iter().all(|member| member["@odata.type"] == format!("#microsoft.graph.{kind}")));
        parts += cast.len();
    }
    assert_eq!(parts, all.len());
    refusal(room.get(&format!("groups/{everyone}/members/microsoft.graph.cat")).await, 400, "BadRequest")
        .await;
    refusal(room.get(&format!("groups/{everyone}/members/a/b/c")).await, 400, "BadRequest").await;
}

#[tokio::test]
async fn members_that_may_not_be_read_show_their_id_alone() {
    let room = room(Scenario::Healthy).await;
    let device = |members: &[Value]| {
        members.iter().find(|member| member["@odata.type"] == "#microsoft.graph.device").unwrap().clone()
    };
    let path = |id: &str| format!("groups/{id}/members?$select=id,displayName&$top=999");
    let id = group_named(&room, "VPN users").await;
    let (members, _) = room.all(&path(&id)).await;
    let hidden = device(&members);
    assert!(hidden["id"].is_string() && hidden["displayName"].is_null());
    assert!(members.iter().any(|member| member["displayName"].is_string()), "people may be read");
    let all = room_asking(&["Directory.Read.All"]).await;
    assert_eq!(device(&all.all(&path(&id)).await.0)["displayName"], "DEVICE-002");
}

#[tokio::test]
async fn filters_select_and_count() {
    let room = room(Scenario::Healthy).await;
    let (guests, _) = room.all("users?$filter=userType eq 'Guest'&$select=id,userType&$top=5").await;
    assert_eq!(guests.len(), 12);
    let request = room.http.get(room.graph("users/$count?$filter=userType eq 'Guest'"));
    let counted = room.ask(request.header("ConsistencyLevel", "eventual")).await;
    assert_eq!(counted.text().await.unwrap(), "12");
    let mut shards = 0;
    for letter in 'a'..='z' {
        shards += room
            .all(&format!("users?$filter=startswith(userPrincipalName,'{letter}')&$select=id"))
            .await
            .0
            .len();
    }
    assert_eq!(shards, 240, "shards by first letter are the whole");
    let (aurora, _) = room.all("groups?$filter=displayName eq 'Project Aurora'&$select=id").await;
    assert_eq!(aurora.len(), 2);
    refusal(room.get("users?$filter=shoeSize eq '4'").await, 400, "BadRequest").await;
    refusal(room.get("users?$filter=what").await, 400, "Request_UnsupportedQuery").await;
    for refused in ["users?$orderby=displayName", "users?$search=x", "users?$expand=manager"] {
        refusal(room.get(refused).await, 400, "Request_UnsupportedQuery").await;
    }
    refusal(room.get("users?$skip=5").await, 400, "Request_BadRequest").await;
}

async fn group_named(room: &Room, name: &str) -> String {
    let (groups, _) = room.all("groups?$select=id,displayName&$top=999").await;
    let found = groups.iter().find(|group| group["displayName"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

fn distinct(items: &[Value]) -> usize {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect::<HashSet<_>>().len()
}
