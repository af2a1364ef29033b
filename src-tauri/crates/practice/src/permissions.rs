//! Names and ids of Microsoft Graph's permissions.

use std::{collections::HashMap, sync::LazyLock};

use uuid::Uuid;

/// Application id of Microsoft Graph, the same in every tenant and cloud.
pub(crate) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Id of the application permission with this name.
pub(crate) fn role_id(name: &str) -> Option<Uuid> {
    TABLE.by_name.get(name).and_then(|row| row.role)
}

/// Id of the delegated permission with this name.
pub(crate) fn scope_id(name: &str) -> Option<Uuid> {
    TABLE.by_name.get(name).and_then(|row| row.scope)
}

/// Name of the application permission with this id.
pub(crate) fn role_name(id: Uuid) -> Option<&'static str> {
    TABLE.role_names.get(&id).copied()
}

/// Name of the delegated permission with this id.
pub(crate) fn scope_name(id: Uuid) -> Option<&'static str> {
    TABLE.scope_names.get(&id).copied()
}

/// Every application permission as name and id, sorted by name.
pub(crate) fn all_roles() -> impl Iterator<Item = (&'static str, Uuid)> {
    rows().filter_map(|row| row.role.map(|id| (row.name, id)))
}

struct Table {
    by_name: HashMap<&'static str, Row>,
    role_names: HashMap<Uuid, &'static str>,
    scope_names: HashMap<Uuid, &'static str>,
}

#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    role: Option<Uuid>,
    scope: Option<Uuid>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| Table {
    by_name: rows().map(|row| (row.name, row)).collect(),
    role_names: rows().filter_map(|row| row.role.map(|id| (id, row.name))).collect(),
    scope_names: rows().filter_map(|row| row.scope.map(|id| (id, row.name))).collect(),
});

fn rows() -> impl Iterator<Item = Row> {
    include_str!("../data/graph-permissions.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(
        |line| {
            let mut cells = line.split('\t');
            let name = cells.next()?;
            let role = cells.next().and_then(|cell| cell.parse().ok());
            let scope = cells.next().and_then(|cell| cell.parse().ok());
            Some(Row { name, role, scope })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_agree_both_ways() {
        let role = role_id("User.Read.All").unwrap();
        assert_eq!(role.to_string(), "df021288-bdef-4463-88db-98f22de89214");
        assert_eq!(role_name(role), Some("User.Read.All"));
        let scope = scope_id("User.Read.All").unwrap();
        assert_ne!(scope, role);
        assert_eq!(scope_name(scope), Some("User.Read.All"));
        assert_eq!(role_id("User.Read"), None, "User.Read exists only as a delegated permission");
        assert_eq!(all_roles().count(), 716);
    }
}
