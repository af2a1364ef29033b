//! The names and ids of Microsoft Graph's permissions.
//!
//! The data file lists all of them, application permissions (app roles) and delegated ones (scopes): the same name
//! has a different id in each, which is how the two are mixed up.
//! Source: <https://learn.microsoft.com/graph/permissions-reference>, as collected in `data/graph-permissions.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use uuid::Uuid;

/// The app id of Microsoft Graph, the same in every tenant and cloud.
pub const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// The id of an application permission, by its exact name such as `User.Read.All`.
pub fn app_role(name: &str) -> Option<Uuid> {
    PERMISSIONS.roles.by_name.get(name).copied()
}

/// The name of an application permission.
pub fn app_role_name(id: Uuid) -> Option<&'static str> {
    PERMISSIONS.roles.by_id.get(&id).copied()
}

/// The id of a delegated permission, by its exact name.
pub fn delegated_scope(name: &str) -> Option<Uuid> {
    PERMISSIONS.scopes.by_name.get(name).copied()
}

/// The name of a delegated permission.
pub fn delegated_scope_name(id: Uuid) -> Option<&'static str> {
    PERMISSIONS.scopes.by_id.get(&id).copied()
}

static PERMISSIONS: LazyLock<Permissions> =
    LazyLock::new(|| Permissions::parse(include_str!("../data/graph-permissions.tsv")));

#[derive(Default)]
struct Permissions {
    roles: Names,
    scopes: Names,
}

#[derive(Default)]
struct Names {
    by_name: HashMap<&'static str, Uuid>,
    by_id: HashMap<Uuid, &'static str>,
}

impl Permissions {
    fn parse(table: &'static str) -> Self {
        let mut permissions = Self::default();
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let (Some(kind), Some(id), Some(name)) = (columns.next(), columns.next(), columns.next()) else {
                continue;
            };
            let Ok(id) = Uuid::try_parse(id) else { continue };
            let names = if kind == "role" { &mut permissions.roles } else { &mut permissions.scopes };
            names.by_name.insert(name, id);
            names.by_id.insert(id, name);
        }
        permissions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines =
            include_str!("../data/graph-permissions.tsv").lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(PERMISSIONS.roles.by_id.len() + PERMISSIONS.scopes.by_id.len(), lines);
        assert_eq!(PERMISSIONS.roles.by_name.len(), 716);
        assert_eq!(PERMISSIONS.scopes.by_name.len(), 807);
    }

    #[test]
    fn one_name_has_two_ids() {
        let role = app_role("User.Read.All").unwrap();
        let scope = delegated_scope("User.Read.All").unwrap();
        assert_eq!(role.to_string(), "df021288-bdef-4463-88db-98f22de89214");
        assert_ne!(role, scope);
        assert_eq!(app_role_name(role), Some("User.Read.All"));
        assert_eq!(delegated_scope_name(scope), Some("User.Read.All"));
        assert_eq!(app_role_name(scope), None);
        assert_eq!(app_role("user.read.all"), None);
    }
}
