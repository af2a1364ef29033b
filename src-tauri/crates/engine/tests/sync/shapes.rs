//! Pages as they come: empty, repeated, with what nobody knows in them, very long.

use entra::FaultKind;
use serde_json::{Value, json};

use crate::{
    Room,
    scripted::{Told, list, member_json, page, serve, three_groups},
};

fn token_of(query: &str) -> usize {
    query.split("skiptoken=").nth(1).and_then(|token| token.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn empty_pages_with_more_to_come_are_followed() {
    let graph = serve(three_groups(), |asked| {
        let token = token_of(asked.query);
        let next = (token + 1).to_string();
        let told = match (asked.path, token) {
            ("/users", 0..=4) | ("/groups", 0..=4) | ("/groups/few/members", 0..=4) => {
                page(asked.path, std::iter::empty(), &next)
            }
            ("/groups/few/members", _) => list(std::iter::once(member_json("user:ada"))),
            _ => return None,
        };
        Some(told.into())
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(record.complete, "{record:?}");
    assert_eq!((record.users.read, record.groups.read, record.memberships.read), (3, 3, 6));
}

#[tokio::test]
async fn objects_that_come_on_several_pages_are_kept_once() {
    let graph = serve(three_groups(), |asked| {
        let (users, groups) = (["ada", "ben", "ada", "cleo", "ben"], ["all", "few", "all", "nest", "few"]);
        let members = ["user:ada", "user:ada", "user:ada", "user:ada", "user:ada"];
        let token = token_of(asked.query);
        let item: Value = match asked.path {
            "/users" => json!({ "id": users[token], "accountEnabled": true }),
            "/groups" => json!({ "id": groups[token], "displayName": groups[token], "groupTypes": [] }),
            "/groups/few/members" => member_json(members[token]),
            _ => return None,
        };
        let items = std::iter::once(item);
        let next = (token + 1).to_string();
        Some(if token < 4 { page(asked.path, items, &next) } else { list(items) }.into())
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(record.complete, "{record:?}");
    assert_eq!((record.users.read, record.groups.read, record.memberships.read), (3, 3, 6));
    assert_eq!(graph.times("/groups/all/members"), 1, "a group that comes again is not read again");
}

#[tokio::test]
async fn members_of_types_that_nobody_knows_and_without_a_type_are_members() {
    let graph = serve(three_groups(), |asked| {
        let members = [
            json!({ "@odata.type": "#microsoft.graph.agentUser", "id": "robot", "modelVersion": [1, { "x": null }] }),
            json!({ "id": "unreadable" }),
            json!({ "@odata.type": null, "id": "untyped" }),
            json!({ "@odata.type": "#microsoft.graph.orgContact", "id": "contact", "displayName": null }),
            json!({ "@odata.type": "#microsoft.graph.servicePrincipal", "id": "app" }),
        ];
        (asked.path == "/groups/few/members").then(|| list(members.into_iter()).into())
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(record.complete, "{record:?}");
    let of = |kind: &str| {
        room.number(&format!(
            "SELECT count(*) FROM memberships WHERE group_id = 'few' AND member_type = '{kind}'"
        ))
    };
    assert_eq!(room.number("SELECT count(*) FROM memberships WHERE group_id = 'few'"), 5);
    assert_eq!((of("orgContact"), of("servicePrincipal"), of("user")), (1, 1, 0));
}

#[tokio::test]
async fn null_fields_absent_ones_and_unknown_ones_are_no_fault() {
    let graph = serve(three_groups(), |asked| {
        let items = match asked.path {
            "/users" => [
                json!({ "id": "ada", "displayName": null, "userPrincipalName": null, "mail": null,
                        "accountEnabled": null, "userType": null }),
                json!({ "id": "ben" }),
                json!({ "id": "cleo", "@odata.type": "#microsoft.graph.user", "newThing": { "deep": [null] } }),
            ],
            "/groups" => [
                json!({ "id": "all", "displayName": null, "mail": null, "securityEnabled": null,
                        "groupTypes": null, "visibility": null }),
                json!({ "id": "few" }),
                json!({ "id": "nest", "groupTypes": ["Unified", "SomethingNew"], "newThing": 1 }),
            ],
            _ => return None,
        };
        let page = json!({ "@odata.context": "x", "@odata.nextLink": null, "@tip": 1, "value": items });
        Some(Told::from((200, page)))
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(record.complete, "{record:?}");
    assert_eq!(room.number("SELECT count(*) FROM users WHERE display_name IS NULL"), 3);
    assert_eq!(room.number("SELECT count(*) FROM groups WHERE display_name IS NULL"), 3);
}

#[tokio::test]
async fn a_name_of_a_megabyte_is_kept_whole() {
    let graph = serve(three_groups(), |asked| {
        let name = "Å".repeat(1 << 19);
        match asked.path {
            "/users" => Some(
                list(["ada", "ben", "cleo"].map(|id| json!({ "id": id, "displayName": name })).into_iter())
                    .into(),
            ),
            "/groups" => Some(
                list(["all", "few", "nest"].map(|id| json!({ "id": id, "displayName": name })).into_iter())
                    .into(),
            ),
            _ => None,
        }
    })
    .await;
    let room = Room::new();
    let record = room.run_scripted(&graph).await;
    assert!(record.complete, "{record:?}");
    assert_eq!(room.number("SELECT min(octet_length(display_name)) FROM users"), 1 << 20);
    assert_eq!(room.number("SELECT min(octet_length(display_name)) FROM groups"), 1 << 20);
}

#[tokio::test]
async fn pages_that_are_none_make_the_sync_partial_and_never_empty() {
    for body in
        [json!("<html>"), json!({}), json!({ "value": {} }), json!({ "value": [{ "noId": 1 }] }), json!([])]
    {
        let graph = serve(three_groups(), {
            let body = body.clone();
            move |asked| (asked.path == "/users").then(|| Told::from((200, body.clone())))
        })
        .await;
        let record = Room::new().run_scripted(&graph).await;
        assert!(!record.complete, "{body} {record:?}");
        assert_eq!(record.fault.unwrap().kind, FaultKind::AnswerUnreadable, "{body}");
    }
}
