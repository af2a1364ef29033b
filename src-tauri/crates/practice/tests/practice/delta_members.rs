use std::collections::{HashMap, HashSet};

use practice::{Changes, Knobs, Options, Population, Scenario};
use serde_json::Value;

use crate::{
    delta::Round,
    support::{Room, refusal, room, room_asking, room_with},
};

type Copy = HashMap<String, HashSet<String>>;

#[tokio::test]
async fn the_first_round_has_all_members_and_large_groups_come_in_pieces() {
    let population = Population { users: 900, groups: 60, memberships: Some(4_000), seed: 7 };
    let room = room_with(Options { population, page_size: Some(20), ..Options::default() }).await;
    let round = Round::read(&room, &room.graph("groups/delta?$select=displayName,members")).await;
    let mut copy = Copy::new();
    apply(&mut copy, &round.items);
    assert_eq!(copy, truth(&room).await);
    assert_eq!(copy.values().map(HashSet::len).sum::<usize>(), 4_000);
    assert!(round.items.len() > 60, "some groups come more than once");
    assert!(round.sizes.iter().all(|(items, members)| *items <= 20 && *members <= 200), "{:?}", round.sizes);
    let empty = round.items.iter().find(|group| group["displayName"] == "Former employees").unwrap();
    assert!(empty.get("members@delta").is_none());
    let first = &round.items[0]["members@delta"][0];
    assert_eq!(first["@odata.type"], "#microsoft.graph.user");
    assert_eq!(first.as_object().unwrap().len(), 2, "type and id only");
}

#[tokio::test]
async fn later_rounds_carry_what_changed_and_only_that() {
    let room = room(Scenario::Healthy).await;
    room.practice.set(&Knobs { page_size: Some(5), ..Knobs::default() }).unwrap();
    let mut round = Round::read(&room, &room.graph("groups/delta?$select=id,members")).await;
    let mut copy = Copy::new();
    apply(&mut copy, &round.items);
    for turn in 1..=6 {
        let changes = Changes {
            users_added: 5,
            users_removed: 6,
            users_restored: 2,
            groups_added: 2,
            groups_renamed: 1,
            groups_removed: 1,
            members_added: 20 * turn,
            members_removed: 10 * turn,
            ..Changes::default()
        };
        room.practice.change(&changes).unwrap();
        round = Round::read(&room, &round.link).await;
        apply(&mut copy, &round.items);
        assert_eq!(copy, truth(&room).await, "after turn {turn}");
    }
    let empty = truth(&room).await.into_iter().max_by_key(|(_, members)| members.len()).unwrap().0;
    let emptied = Changes { empty_group: Some(empty.clone()), groups_renamed: 1, ..Changes::default() };
    room.practice.change(&emptied).unwrap();
    round = Round::read(&room, &round.link).await;
    assert!(round.sizes.iter().all(|(_, members)| *members <= 50), "{:?}", round.sizes);
    apply(&mut copy, &round.items);
    assert_eq!(copy, truth(&room).await);
    let removed = round
        .items
        .iter()
        .filter(|item| item["id"] == empty)
        .flat_map(|item| item["members@delta"].as_array());
    assert!(removed.flatten().all(|member| member["@removed"]["reason"] == "deleted"));
    assert!(
        round.items.iter().any(|item| item["id"] != empty && item.get("members@delta").is_none()),
        "a renamed one"
    );
    assert!(Round::read(&room, &round.link).await.items.is_empty());
}

#[tokio::test]
async fn a_moving_tenant_is_followed() {
    let room = room(Scenario::Healthy).await;
    room.practice.set(&Knobs { page_size: Some(4), changes_every: Some(1), ..Knobs::default() }).unwrap();
    let mut round = Round::read(&room, &room.graph("groups/delta?$select=id,members")).await;
    let mut copy = Copy::new();
    apply(&mut copy, &round.items);
    for _ in 0..15 {
        round = Round::read(&room, &round.link).await;
        apply(&mut copy, &round.items);
    }
    room.practice.set(&Knobs { changes_every: Some(0), ..Knobs::default() }).unwrap();
    apply(&mut copy, &Round::read(&room, &round.link).await.items);
    assert_eq!(copy, truth(&room).await);
}

#[tokio::test]
async fn members_come_by_default_and_not_when_others_are_selected() {
    let room = room(Scenario::Healthy).await;
    let with = |items: &[Value]| items.iter().filter(|item| item.get("members@delta").is_some()).count();
    let all = Round::read(&room, &room.graph("groups/delta()")).await;
    assert!(with(&all.items) > 20);
    assert_eq!(all.items[0]["displayName"], "All staff");
    let without = Round::read(&room, &room.graph("groups/delta?$select=displayName")).await;
    assert_eq!((with(&without.items), without.items.len()), (0, 31));
    room.practice.change(&Changes { members_added: 10, ..Changes::default() }).unwrap();
    assert!(Round::read(&room, &without.link).await.items.is_empty());
    assert!(with(&Round::read(&room, &all.link).await.items) > 0);
}

#[tokio::test]
async fn hidden_and_forbidden_members_stay_so() {
    let hidden = room("hidden-membership".parse().unwrap()).await;
    let round = Round::read(&hidden, &hidden.graph("groups/delta?$select=visibility,members")).await;
    let group = round.items.iter().find(|item| item["visibility"] == "HiddenMembership").unwrap();
    assert!(group.get("members@delta").is_none());
    let forbidden = room("directory-forbidden".parse().unwrap()).await;
    refusal(forbidden.get("groups/delta").await, 403, "Authorization_RequestDenied").await;
    Round::read(&forbidden, &forbidden.graph("groups/delta?$select=id")).await;
    let groups_only = room_asking(&["GroupMember.Read.All"]).await;
    let round = Round::read(&groups_only, &groups_only.graph("groups/delta?$select=members")).await;
    assert_eq!(round.items[0]["members@delta"][0]["@odata.type"], "#microsoft.graph.user");
}

/// What a client does with the items of a round.
fn apply(copy: &mut Copy, items: &[Value]) {
    for item in items {
        let id = item["id"].as_str().unwrap().to_owned();
        if item["@removed"].is_object() {
            copy.remove(&id);
            continue;
        }
        let members = copy.entry(id).or_default();
        for member in item["members@delta"].as_array().into_iter().flatten() {
            let member_id = member["id"].as_str().unwrap().to_owned();
            if member["@removed"].is_object() {
                members.remove(&member_id);
            } else {
                members.insert(member_id);
            }
        }
    }
}

/// The same, read list by list.
async fn truth(room: &Room) -> Copy {
    let mut truth = Copy::new();
    for group in room.all("groups?$select=id&$top=999").await.0 {
        let id = group["id"].as_str().unwrap();
        let (members, _) = room.all(&format!("groups/{id}/members?$select=id&$top=999")).await;
        let members = members.iter().map(|member| member["id"].as_str().unwrap().to_owned()).collect();
        truth.insert(id.to_owned(), members);
    }
    truth
}
