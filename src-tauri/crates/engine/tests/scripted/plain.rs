//! A small directory that answers as Graph does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// One page for each list; tests put other answers in front of it.
#[derive(Clone, Default)]
pub(crate) struct Plain {
    pub(super) users: Vec<String>,
    /// Members of each group by the group's id, as `user:ada`.
    pub(super) groups: BTreeMap<String, Vec<String>>,
    /// Groups whose visibility is `HiddenMembership`.
    pub(super) hidden: Vec<String>,
    pub(super) tells_changes: bool,
}

impl Plain {
    pub(crate) fn new(users: &[&str], groups: &[(&str, &[&str])]) -> Self {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        Self {
            users: owned(users),
            groups: groups.iter().map(|(id, members)| ((*id).to_owned(), owned(members))).collect(),
            ..Self::default()
        }
    }

    /// With delta links, behind which nothing has changed.
    pub(crate) fn telling_changes(self) -> Self {
        Self { tells_changes: true, ..self }
    }

    pub(super) fn answer(&self, path: &str) -> (u16, Value) {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match segments.as_slice() {
            ["users", "$count"] => (200, json!(self.users.len())),
            ["groups", "$count"] => (200, json!(self.groups.len())),
            ["users"] => list(self.users.iter().map(|id| json!({ "id": id, "accountEnabled": true }))),
            ["groups"] => list(self.groups.keys().map(|id| self.group(id))),
            [list @ ("users" | "groups"), "delta"] if self.tells_changes => changes(list, &[], "now"),
            ["groups", id, "members"] => match self.groups.get(*id) {
                Some(members) => list(members.iter().map(|member| member_json(member))),
                None => refusal(404, "Request_ResourceNotFound"),
            },
            _ => refusal(400, "BadRequest"),
        }
    }

    fn group(&self, id: &String) -> Value {
        let visibility = self.hidden.contains(id).then_some("HiddenMembership");
        json!({ "id": id, "displayName": id, "groupTypes": [], "visibility": visibility })
    }
}

/// Three people, and three groups with six memberships.
pub(crate) fn three_groups() -> Plain {
    Plain::new(
        &["ada", "ben", "cleo"],
        &[
            ("all", &["user:ada", "user:ben", "cleo"]),
            ("few", &["user:ada"]),
            ("nest", &["group:few", "device:x"]),
        ],
    )
}

/// A member from `user:ada`; without a kind it comes without a type, as for an app that may not read it.
pub(crate) fn member_json(member: &str) -> Value {
    match member.split_once(':') {
        Some((kind, id)) => json!({ "@odata.type": format!("#microsoft.graph.{kind}"), "id": id }),
        None => json!({ "id": member }),
    }
}

/// The last page of a list.
pub(crate) fn list(items: impl Iterator<Item = Value>) -> (u16, Value) {
    (200, json!({ "value": items.collect::<Vec<_>>() }))
}

/// A page of a list with more to come under this token.
pub(crate) fn page(path: &str, items: impl Iterator<Item = Value>, token: &str) -> (u16, Value) {
    let next = format!("{{origin}}/v1.0{path}?$skiptoken={token}");
    (200, json!({ "value": items.collect::<Vec<_>>(), "@odata.nextLink": next }))
}

/// The last page of changes, with the link for the next time.
pub(crate) fn changes(list: &str, changed: &[Value], token: &str) -> (u16, Value) {
    let link = format!("{{origin}}/v1.0/{list}/delta?$deltatoken={token}");
    (200, json!({ "value": changed, "@odata.deltaLink": link }))
}

/// A refusal in Graph's shape.
pub(crate) fn refusal(status: u16, code: &str) -> (u16, Value) {
    (status, json!({ "error": { "code": code, "message": "No." } }))
}
