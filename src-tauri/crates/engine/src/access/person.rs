//! What one person gets, and why.

use std::cmp::Reverse;

use rusqlite::{OptionalExtension, Row};

use super::{
    Directory, DirectoryProblem,
    standing::{Ranking, Standing},
};
use crate::{connection::AccessRule, profile::ProfileRole, sync::first_with_member};

/// What one person gets, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonAccess {
    /// Object ID.
    pub id: String,
    /// Sign-in name; the object ID when there is none.
    pub user_principal_name: String,
    /// Name for people; the sign-in name when there is none.
    pub display_name: String,
    /// Id of the role; none for somebody who gets nothing, such as somebody whose account is disabled.
    pub role: Option<String>,
    /// A no-access rule names this person.
    pub denied: bool,
    /// The rules that name this person, the deciding one first, with the shortest way into each group:
    /// `Print – Colour, via Design studio → Interns`. A disabled account is said before them.
    pub because: Vec<String>,
}

struct Person {
    id: String,
    user_principal_name: Option<String>,
    display_name: Option<String>,
    enabled: bool,
}

impl Directory {
    /// Looks a person up by sign-in name, mail address or object ID, whatever the case; none when nobody is found.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn person_access(
        &self,
        rules: &[AccessRule],
        roles: &[ProfileRole],
        query: &str,
    ) -> Result<Option<PersonAccess>, DirectoryProblem> {
        let Some(person) = self.person(query.trim())? else { return Ok(None) };
        let ranking = Ranking::new(roles);
        let mut naming = Vec::new();
        for rule in rules {
            if let Some(reason) = self.reason(rule, &person.id)? {
                naming.push((ranking.standing(&rule.role), reason));
            }
        }
        naming.sort_by_key(|(standing, _)| Reverse(*standing));
        let winner = naming.first().map_or(Standing::Unknown, |(standing, _)| *standing);
        let mut because: Vec<String> = naming.into_iter().map(|(_, reason)| reason).collect();
        if !person.enabled {
            because.insert(0, "The account is disabled".to_owned());
        }
        let user_principal_name = person.user_principal_name.unwrap_or_else(|| person.id.clone());
        Ok(Some(PersonAccess {
            id: person.id,
            display_name: person.display_name.unwrap_or_else(|| user_principal_name.clone()),
            user_principal_name,
            role: ranking.role(winner).filter(|_| person.enabled).map(|role| role.id.clone()),
            denied: winner == Standing::NoAccess,
            because,
        }))
    }

    fn person(&self, query: &str) -> Result<Option<Person>, DirectoryProblem> {
        if query.is_empty() {
            return Ok(None);
        }
        for condition in
            ["id = lower(?1)", "user_principal_name = ?1 COLLATE NOCASE", "mail = ?1 COLLATE NOCASE"]
        {
            let select = format!(
                "SELECT id, user_principal_name, display_name, account_enabled IS NOT 0
                   FROM users WHERE {condition} ORDER BY id LIMIT 1"
            );
            let found = self.connection.query_row(&select, [query], Person::read).optional()?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// How the person comes into the rule's group; none when not at all.
    fn reason(&self, rule: &AccessRule, person_id: &str) -> Result<Option<String>, DirectoryProblem> {
        let tree = self.tree(&rule.group_id)?;
        let groups = tree.groups.iter().map(|node| node.id.as_str());
        let Some(place) = first_with_member(&self.connection, groups, person_id)? else { return Ok(None) };
        let group = self.group_name(&rule.group_id)?.unwrap_or_else(|| rule.group_name.clone());
        let mut way = Vec::new();
        for id in tree.way_to(place) {
            way.push(self.group_name(id)?.unwrap_or_else(|| id.to_owned()));
        }
        Ok(Some(match way.as_slice() {
            [] => group,
            _ => format!("{group}, via {}", way.join(" → ")),
        }))
    }
}

impl Person {
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            user_principal_name: row.get(1)?,
            display_name: row.get(2)?,
            enabled: row.get(3)?,
        })
    }
}
