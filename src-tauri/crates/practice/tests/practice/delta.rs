use std::collections::{HashMap, HashSet};

use practice::{Changes, Knobs, Options, Population, Scenario};
use reqwest::StatusCode;
use serde_json::Value;

use crate::support::{Room, json_of, refusal, room, room_asking, room_with};

#[tokio::test]
async fn the_first_round_lists_everybody_in_pages_of_200_and_ends_in_a_delta_link() {
    let population = Population { users: 450, ..Population::default() };
    let room = room_with(Options { population, ..Options::default() }).await;
    let round = Round::read(&room, &room.graph("users/delta?$select=displayName,accountEnabled")).await;
    assert_eq!((round.items.len(), round.pages), (450, 3));
    let names: HashSet<&String> = round.items[0].as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 3, "the selected two and the id: {names:?}");
    assert!(!round.link.contains("$select"), "the options are in the token: {}", round.link);
    let again = Round::read(&room, &round.link).await;
    assert_eq!((again.items.len(), again.pages), (0, 1));
    room.practice.set(&Knobs { page_size: Some(50), ..Knobs::default() }).unwrap();
    assert_eq!(Round::read(&room, &room.graph("users/delta()")).await.pages, 9);
}

#[tokio::test]
async fn later_rounds_bring_a_copy_up_to_date() {
    let room = room(Scenario::Healthy).await;
    room.practice.set(&Knobs { page_size: Some(20), ..Knobs::default() }).unwrap();
    let select = "users/delta?$select=displayName,mail,accountEnabled";
    let mut round = Round::read(&room, &room.graph(select)).await;
    let mut copy = HashMap::new();
    apply(&mut copy, &round.items);
    let mut repeated = 0;
    for turn in 1..=8 {
        let changes = Changes {
            users_added: turn,
            users_updated: 30 * turn,
            users_removed: 3 * turn,
            users_restored: turn,
            members_added: 5,
            ..Changes::default()
        };
        room.practice.change(&changes).unwrap();
        round = Round::read(&room, &round.link).await;
        let ids: HashSet<&Value> = round.items.iter().map(|item| &item["id"]).collect();
        repeated += round.items.len() - ids.len();
        apply(&mut copy, &round.items);
        let (now, _) = room.all("users?$select=id,displayName,mail,accountEnabled&$top=999").await;
        let mut truth = HashMap::new();
        apply(&mut truth, &now);
        assert_eq!(copy, truth, "after turn {turn}");
    }
    assert!(repeated > 0, "some objects come again in one round");
}

#[tokio::test]
async fn a_round_over_a_moving_tenant_loses_nothing() {
    let room = room(Scenario::Healthy).await;
    room.practice.set(&Knobs { page_size: Some(10), changes_every: Some(1), ..Knobs::default() }).unwrap();
    let mut round = Round::read(&room, &room.graph("users/delta?$select=displayName,mail")).await;
    let mut copy = HashMap::new();
    apply(&mut copy, &round.items);
    for _ in 0..20 {
        round = Round::read(&room, &round.link).await;
        apply(&mut copy, &round.items);
    }
    room.practice.set(&Knobs { changes_every: Some(0), ..Knobs::default() }).unwrap();
    apply(&mut copy, &Round::read(&room, &round.link).await.items);
    let mut truth = HashMap::new();
    apply(&mut truth, &room.all("users?$select=id,displayName,mail&$top=999").await.0);
    assert_eq!(copy, truth);
}

#[tokio::test]
async fn removed_users_come_with_both_reasons() {
    let room = room(Scenario::Healthy).await;
    let link = Round::read(&room, &room.graph("users/delta?$select=id&$deltatoken=latest")).await.link;
    room.practice.change(&Changes { users_removed: 20, ..Changes::default() }).unwrap();
    let round = Round::read(&room, &link).await;
    let mut reasons = HashMap::new();
    for item in &round.items {
        assert_eq!(item.as_object().unwrap().len(), 2, "{item}");
        *reasons.entry(item["@removed"]["reason"].as_str().unwrap()).or_insert(0) += 1;
    }
    assert!(reasons["changed"] > 0 && reasons["deleted"] > 0);
    assert_eq!(round.items.iter().map(|item| &item["id"]).collect::<HashSet<_>>().len(), 20);
    let first = Round::read(&room, &room.graph("users/delta?$select=id")).await;
    let restorable = first.items.iter().filter(|item| item["@removed"]["reason"] == "changed").count();
    assert_eq!((first.items.len() - restorable, restorable), (220, reasons["changed"]));
}

#[tokio::test]
async fn latest_gives_a_link_and_nothing_else() {
    let room = room(Scenario::Healthy).await;
    for name in ["$deltatoken", "$deltaToken", "%24DELTATOKEN"] {
        for list in ["users", "groups"] {
            let round =
                Round::read(&room, &room.graph(&format!("{list}/delta?$select=id&{name}=latest"))).await;
            assert_eq!((round.items.len(), round.pages), (0, 1));
            assert!(Round::read(&room, &round.link).await.items.is_empty());
        }
    }
}

#[tokio::test]
async fn a_filter_by_id_is_taken_and_other_options_are_not() {
    let room = room(Scenario::Healthy).await;
    let users = room.get_json("users?$select=id&$top=2").await["value"].as_array().unwrap().clone();
    let (one, two) = (users[0]["id"].as_str().unwrap(), users[1]["id"].as_str().unwrap());
    let nobody = "11111111-1111-4111-8111-111111111111";
    let filter = format!("users/delta?$select=id&$filter=id eq '{one}' or id eq '{two}' or id eq '{nobody}'");
    let round = Round::read(&room, &room.graph(&filter)).await;
    assert_eq!(round.items, users);
    room.practice.change(&Changes { users_updated: 600, ..Changes::default() }).unwrap();
    let later = Round::read(&room, &round.link).await;
    assert!(!later.items.is_empty() && later.items.iter().all(|item| users.contains(item)));
    for wrong in ["$top=5", "$expand=manager", "$orderby=displayName", "$filter=mail eq 'x'", "$count=true"] {
        refusal(room.get(&format!("users/delta?{wrong}")).await, 400, "Request_UnsupportedQuery").await;
        refusal(room.get(&format!("groups/delta?{wrong}")).await, 400, "Request_UnsupportedQuery").await;
    }
    refusal(room.get("users/delta?$select=members").await, 400, "BadRequest").await;
    refusal(room.get("groups/delta?$select=shoeSize").await, 400, "BadRequest").await;
    refusal(room.get("users?$deltatoken=latest").await, 400, "Request_UnsupportedQuery").await;
}

#[tokio::test]
async fn each_list_wants_its_role() {
    let users = room_asking(&["User.Read.All"]).await;
    assert_eq!(users.get("users/delta").await.status(), StatusCode::OK);
    refusal(users.get("groups/delta").await, 403, "Authorization_RequestDenied").await;
    let groups = room_asking(&["GroupMember.Read.All", "User.ReadBasic.All"]).await;
    assert_eq!(groups.get("groups/delta").await.status(), StatusCode::OK);
    refusal(groups.get("users/delta").await, 403, "Authorization_RequestDenied").await;
}

#[tokio::test]
async fn old_and_foreign_tokens_lead_to_a_new_first_round() {
    let (room, other) = (room(Scenario::Healthy).await, room(Scenario::Healthy).await);
    let link = Round::read(&room, &room.graph("users/delta?$select=id")).await.link;
    let token = link.split_once("$deltatoken=").unwrap().1;
    let foreign = other.graph(&format!("users/delta?$deltatoken={token}"));
    let of_other_list = room.graph(&format!("groups/delta?$deltatoken={token}"));
    room.clock.advance(7 * 86_400 - 60);
    assert!(Round::read(&room, &link).await.items.is_empty(), "seven days are not over");
    room.clock.advance(120);
    for (room, url) in [(&room, link.clone()), (&room, of_other_list), (&other, foreign)] {
        let answer = room.ask(room.http.get(&url)).await;
        let restart = answer.headers()["location"].to_str().unwrap().to_owned();
        refusal(answer, 410, "syncStateNotFound").await;
        assert!(restart.ends_with("$deltatoken="), "{restart}");
        assert!(!Round::read(room, &restart).await.items.is_empty(), "the way to start again");
    }
}

#[tokio::test]
async fn in_delta_expired_first_rounds_and_latest_work_and_links_do_not() {
    let room = room("delta-expired".parse().unwrap()).await;
    for list in ["users", "groups"] {
        let first = Round::read(&room, &room.graph(&format!("{list}/delta?$select=id"))).await;
        assert!(!first.items.is_empty());
        let latest =
            Round::read(&room, &room.graph(&format!("{list}/delta?$select=id&$deltatoken=latest"))).await;
        for link in [first.link, latest.link] {
            let answer = room.ask(room.http.get(link)).await;
            assert!(answer.headers().contains_key("location"));
            refusal(answer, 410, "syncStateNotFound").await;
        }
    }
}

/// One round, read to its delta link.
pub(crate) struct Round {
    pub(crate) items: Vec<Value>,
    pub(crate) pages: usize,
    pub(crate) link: String,
    /// Number of items on each page, and of members on it.
    pub(crate) sizes: Vec<(usize, usize)>,
}

impl Round {
    pub(crate) async fn read(room: &Room, url: &str) -> Self {
        let token = room.token().await;
        let mut round = Self { items: Vec::new(), pages: 0, link: url.to_owned(), sizes: Vec::new() };
        loop {
            let answer = room.http.get(&round.link).bearer_auth(&token).send().await.unwrap();
            let body = json_of(answer, StatusCode::OK).await;
            let items = body["value"].as_array().unwrap();
            let members =
                items.iter().filter_map(|item| item["members@delta"].as_array()).map(Vec::len).sum();
            round.sizes.push((items.len(), members));
            round.items.extend(items.iter().cloned());
            round.pages += 1;
            let (next, last) = (&body["@odata.nextLink"], &body["@odata.deltaLink"]);
            assert!(next.is_string() != last.is_string(), "exactly one link");
            round.link = next.as_str().or(last.as_str()).unwrap().to_owned();
            if last.is_string() {
                return round;
            }
        }
    }
}

/// What a client does with the items of a round.
fn apply(copy: &mut HashMap<String, Value>, items: &[Value]) {
    for item in items {
        let id = item["id"].as_str().unwrap().to_owned();
        if item["@removed"].is_object() {
            copy.remove(&id);
        } else {
            copy.insert(id, item.clone());
        }
    }
}
