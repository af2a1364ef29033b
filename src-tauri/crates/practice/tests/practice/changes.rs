use std::collections::HashSet;

use practice::{ChangeProblem, Changes, Knobs, Options, Population, Totals};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    delta::Round,
    support::{Room, json_of, refusal, room_with},
};

const POPULATION: Population = Population { users: 300, groups: 40, memberships: Some(1_200), seed: 7 };

#[tokio::test]
async fn every_kind_of_change_shows_in_lists_counts_reads_and_totals() {
    let room = room().await;
    let facts = room.practice.facts().clone();
    let before = people(&room).await;
    let wanted = json!({
        "users_added": 7, "users_updated": 5, "users_removed": 11, "groups_added": 3, "groups_renamed": 2,
        "groups_removed": 4, "members_added": 20, "members_removed": 15,
    });
    let totals = change(&room, &wanted, StatusCode::OK).await;
    assert_eq!((&totals["users"], &totals["groups"]), (&json!(300 + 7 - 11), &json!(40 + 3 - 4)));
    assert!(totals["changes"].as_u64().unwrap() >= 67, "{totals}");
    assert_whole(&room).await;
    let after = people(&room).await;
    let ids = |people: &[Value]| people.iter().map(|user| user["id"].clone()).collect::<HashSet<_>>();
    let gone: Vec<&Value> = before.iter().filter(|user| !ids(&after).contains(&user["id"])).collect();
    let new = after.iter().filter(|user| !ids(&before).contains(&user["id"])).count();
    let updated =
        after.iter().filter(|user| before.iter().any(|old| old["id"] == user["id"] && old != *user));
    assert!((10..=11).contains(&gone.len()), "a new user may be removed at once");
    assert!((6..=7).contains(&new));
    assert!((1..=5).contains(&updated.count()));
    for user in gone {
        let id = user["id"].as_str().unwrap();
        refusal(room.get(&format!("users/{id}")).await, 404, "Request_ResourceNotFound").await;
    }
    let told = room.http.get(format!("{}/practice/facts", facts.graph)).send().await.unwrap();
    let told = json_of(told, StatusCode::OK).await;
    assert_eq!((&told["users"], &told["memberships"]), (&totals["users"], &totals["memberships"]));
    assert_eq!(room.practice.facts().users, 300, "the facts in Rust are those of the start");
}

#[tokio::test]
async fn mass_loss_takes_the_share_and_leaves_the_accounts_and_the_administrators() {
    let room = room().await;
    let facts = room.practice.facts().clone();
    let totals = change(&room, &json!({ "remove_share_of_users": 0.6 }), StatusCode::OK).await;
    assert_eq!(totals["users"], 120);
    assert!(totals["memberships"].as_u64().unwrap() < 700);
    assert_whole(&room).await;
    let all = json!({ "remove_share_of_users": 1.0, "groups_removed": 1_000 });
    let totals = change(&room, &all, StatusCode::OK).await;
    assert_eq!((&totals["users"], &totals["groups"]), (&json!(2), &json!(1)));
    for account in [&facts.admin, &facts.account] {
        room.get_json(&format!("users/{}", account.username)).await;
    }
    assert_eq!(room.get_json("groups").await["value"][0]["displayName"], "Print – Administrators");
    assert_whole(&room).await;
}

#[tokio::test]
async fn a_group_is_emptied_and_a_restored_user_is_in_its_groups_again() {
    let room = room().await;
    let staff = room.get_json("groups?$top=1").await["value"][0]["id"].as_str().unwrap().to_owned();
    let totals = change(&room, &json!({ "empty_group": staff }), StatusCode::OK).await;
    let (members, _) = room.all(&format!("groups/{staff}/members")).await;
    assert!(members.is_empty());
    assert!(totals["memberships"].as_u64().unwrap() < 1_200);
    assert_whole(&room).await;
    let before = (people(&room).await, memberships(&room).await);
    change(&room, &json!({ "users_removed": 12 }), StatusCode::OK).await;
    assert_ne!(before, (people(&room).await, memberships(&room).await));
    let totals = change(&room, &json!({ "users_restored": 12 }), StatusCode::OK).await;
    let restored = totals["users"].as_u64().unwrap();
    assert!((289..300).contains(&restored), "those who could be restored are back, others not: {restored}");
    assert_whole(&room).await;
    let back: HashSet<String> =
        people(&room).await.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    let of_those = |(_, member): &&(String, String)| back.contains(member);
    let now = memberships(&room).await;
    assert_eq!(
        before.1.iter().filter(of_those).collect::<HashSet<_>>(),
        now.iter().filter(of_those).collect()
    );
}

#[tokio::test]
async fn the_same_changes_make_the_same_directory() {
    let read = async || {
        let room = room().await;
        let changes = Changes {
            users_added: 9,
            users_removed: 9,
            groups_removed: 2,
            members_added: 30,
            members_removed: 30,
            ..Changes::default()
        };
        let totals = room.practice.change(&changes).unwrap();
        assert_eq!(room.practice.totals(), totals);
        (totals, people(&room).await, memberships(&room).await)
    };
    let first: (Totals, Vec<Value>, HashSet<(String, String)>) = read().await;
    assert_eq!(first, read().await);
}

#[tokio::test]
async fn wrong_changes_are_refused_and_change_nothing() {
    let room = room().await;
    let start = room.practice.totals();
    for wrong in [
        json!({ "users_added": 1, "remove_share_of_users": 1.1 }),
        json!({ "users_added": 1, "remove_share_of_users": -0.1 }),
        json!({ "users_added": 1_000_001 }),
        json!({ "users_added": 1, "empty_group": "11111111-1111-4111-8111-111111111111" }),
        json!({ "colour": "red" }),
    ] {
        let refused = change(&room, &wrong, StatusCode::BAD_REQUEST).await;
        assert!(refused["problem"].is_string(), "{wrong}");
    }
    assert_eq!(room.practice.totals(), start);
    assert_eq!(
        room.practice.change(&Changes { remove_share_of_users: f64::NAN, ..Changes::default() }),
        Err(ChangeProblem::NoShare)
    );
}

#[tokio::test]
async fn a_list_that_changes_under_the_reader_skips_nobody_who_stayed() {
    let room = room().await;
    let (before, links) = (people(&room).await, memberships(&room).await);
    let latest = async |list: &str| {
        Round::read(&room, &room.graph(&format!("{list}/delta?$deltatoken=latest"))).await.link
    };
    let (users_since, groups_since) = (latest("users").await, latest("groups").await);
    room.practice.set(&Knobs { changes_every: Some(4), ..Knobs::default() }).unwrap();
    let (read, _) = room.all("users?$select=id&$top=7").await;
    let mut seen = HashSet::new();
    for group in links.iter().map(|(group, _)| group).collect::<HashSet<_>>() {
        for path in ["members", "transitiveMembers"] {
            let answer = room.get(&format!("groups/{group}/{path}?$select=id&$top=5")).await;
            let Some(members) = walk(&room, answer).await else { continue };
            assert_eq!(members.len(), members.iter().collect::<HashSet<_>>().len(), "nobody twice");
            seen.extend(members.into_iter().map(|member| (path, group.clone(), member)));
        }
    }
    room.practice.set(&Knobs { changes_every: Some(0), ..Knobs::default() }).unwrap();
    assert!(room.practice.totals().changes > 100);
    assert_whole(&room).await;
    let id = |object: &Value| object["id"].as_str().unwrap().to_owned();
    let changed: HashSet<String> = Round::read(&room, &users_since).await.items.iter().map(id).collect();
    let read: HashSet<String> = read.iter().map(id).collect();
    let stayed: Vec<String> = before.iter().map(id).filter(|user| !changed.contains(user)).collect();
    assert!(stayed.len() > 100 && stayed.iter().all(|user| read.contains(user)));
    let (mut touched, mut gone) = (HashSet::new(), HashSet::new());
    for group in Round::read(&room, &groups_since).await.items {
        if group["@removed"].is_object() {
            gone.insert(id(&group));
        }
        let members = group["members@delta"].as_array().cloned().unwrap_or_default();
        touched.extend(members.iter().map(|member| (id(&group), id(member))));
    }
    let stayed = || links.difference(&touched).filter(|(group, _)| !gone.contains(group));
    assert!(stayed().count() > 300);
    for (group, member) in stayed() {
        for path in ["members", "transitiveMembers"] {
            assert!(seen.contains(&(path, group.clone(), member.clone())), "{member} in {path} of {group}");
        }
    }
}

/// Follows a list; `None` when its group is removed meanwhile.
async fn walk(room: &Room, mut answer: reqwest::Response) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    loop {
        if answer.status() == StatusCode::NOT_FOUND {
            return None;
        }
        let body = json_of(answer, StatusCode::OK).await;
        ids.extend(
            body["value"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = body["@odata.nextLink"].as_str() else { return Some(ids) };
        answer = room.ask(room.http.get(next)).await;
    }
}

async fn room() -> Room {
    room_with(Options { population: POPULATION, ..Options::default() }).await
}

async fn change(room: &Room, changes: &Value, status: StatusCode) -> Value {
    let url = format!("{}/practice/changes", room.practice.facts().graph);
    json_of(room.http.post(url).body(changes.to_string()).send().await.unwrap(), status).await
}

async fn people(room: &Room) -> Vec<Value> {
    room.all("users?$select=id,displayName,mail,accountEnabled&$top=999").await.0
}

/// Every pair of group and direct member.
async fn memberships(room: &Room) -> HashSet<(String, String)> {
    let mut pairs = HashSet::new();
    for group in room.all("groups?$select=id&$top=999").await.0 {
        let id = group["id"].as_str().unwrap();
        for member in room.all(&format!("groups/{id}/members?$select=id&$top=999")).await.0 {
            assert!(pairs.insert((id.to_owned(), member["id"].as_str().unwrap().to_owned())));
        }
    }
    pairs
}

/// Lists, counts and totals agree, and nobody is a member who is not there.
async fn assert_whole(room: &Room) {
    let totals = room.practice.totals();
    let count = async |path: &str| {
        let request = room.http.get(room.graph(path)).header("ConsistencyLevel", "eventual");
        room.ask(request).await.text().await.unwrap().parse::<u64>().unwrap()
    };
    let users: HashSet<String> =
        people(room).await.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    let groups: HashSet<String> = room
        .all("groups?$select=id&$top=999")
        .await
        .0
        .iter()
        .map(|group| group["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((users.len() as u64, groups.len() as u64), (totals.users, totals.groups));
    assert_eq!((count("users/$count").await, count("groups/$count").await), (totals.users, totals.groups));
    let pairs = memberships(room).await;
    assert_eq!(pairs.len() as u64, totals.memberships);
    let some = groups.iter().max_by_key(|group| pairs.iter().filter(|(of, _)| of == *group).count());
    if let Some(group) = some {
        let own = pairs.iter().filter(|(of, _)| of == group).count() as u64;
        assert_eq!(count(&format!("groups/{group}/members/$count")).await, own);
        let people = pairs.iter().filter(|(of, member)| of == group && users.contains(member)).count() as u64;
        assert_eq!(count(&format!("groups/{group}/members/microsoft.graph.user/$count")).await, people);
        let (cast, _) =
            room.all(&format!("groups/{group}/members/microsoft.graph.user?$select=id&$top=7")).await;
        assert_eq!(cast.len() as u64, people);
        let nested =
            room.all(&format!("groups/{group}/transitiveMembers/microsoft.graph.user?$select=id")).await.0;
        assert!(nested.iter().all(|member| users.contains(member["id"].as_str().unwrap())));
    }
}
