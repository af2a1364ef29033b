//! What a read costs in resource units, before Graph has said so.
//! Source: <https://learn.microsoft.com/graph/throttling-limits>, "Identity and access service limits".

use url::Url;

/// A page with fewer items than this costs less.
const SMALL_PAGE: u32 = 20;

/// The cost of a GET, from its path as a template and from its query. A next-link that keeps the query to itself
/// looks dearer or cheaper than it is, until the answer says what was charged.
pub(crate) fn of_get(path: &str, url: &Url) -> u32 {
    let mut cost = base(path);
    for (name, value) in url.query_pairs() {
        match &*name {
            "$select" => cost -= 1,
            "$expand" => cost += 1,
            "$top" if value.parse().is_ok_and(|items: u32| items < SMALL_PAGE) => cost -= 1,
            _ => {}
        }
    }
    u32::try_from(cost).unwrap_or_default().max(1)
}

fn base(path: &str) -> i32 {
    match path {
        "/groups/{id}/members" => 3,
        "/users" | "/servicePrincipals/{id}/appRoleAssignments" => 2,
        _ if path.starts_with("/applications") => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(path: &str, query: &str) -> u32 {
        of_get(path, &Url::parse(&format!("https://graph.example/v1.0/x{query}")).unwrap())
    }

    #[test]
    fn microsofts_table_with_its_modifiers() {
        assert_eq!(cost("/users", ""), 2);
        assert_eq!(cost("/users", "?$select=id&$top=999"), 1);
        assert_eq!(cost("/users", "?$select=id&$top=1"), 1, "never below 1");
        assert_eq!(cost("/groups/{id}/members", ""), 3);
        assert_eq!(cost("/groups/{id}/members", "?$select=id&$top=999"), 2);
        assert_eq!(cost("/groups/{id}/members", "?%24select=id&%24top=19"), 1);
        assert_eq!(cost("/groups/{id}/members", "?$skiptoken=x"), 3);
        assert_eq!(cost("/groups", "?$expand=members"), 2);
        assert_eq!(cost("/users/$count", ""), 1);
        assert_eq!(cost("/users/delta", "?$select=id"), 1);
        assert_eq!(cost("/applications(appId='{appId}')", ""), 2);
    }
}
