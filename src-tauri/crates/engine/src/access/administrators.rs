//! Who becomes an administrator of the gateway, and on which way.

use super::{Directory, DirectoryProblem, PersonAccess, effect::winner, standing::Ranking};
use crate::{connection::AccessRule, profile::ProfileRole};

/// Everybody who gets a role that administers the gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Administrators {
    /// How many there are.
    pub count: u64,
    /// The first of them in the order of their object IDs, each with the way to the role.
    pub first: Vec<PersonAccess>,
}

impl Directory {
    /// Who gets a role that administers the gateway; at most `limit` of them by name.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn administrators(
        &self,
        rules: &[AccessRule],
        roles: &[ProfileRole],
        limit: usize,
    ) -> Result<Administrators, DirectoryProblem> {
        let ranking = Ranking::new(roles);
        let standings = ranking.standings(rules);
        let mut spread = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            spread.extend(self.tree(&rule.group_id)?.groups.into_iter().map(|node| (number, node.id)));
        }
        let (mut count, mut ids) = (0, Vec::new());
        self.each_person(&spread, |id, numbers| {
            if !ranking.role(winner(&standings, numbers)).is_some_and(|role| role.administers) {
                return;
            }
            count += 1;
            if ids.len() < limit {
                ids.push(id.to_owned());
            }
        })?;
        let mut first = Vec::with_capacity(ids.len());
        for id in ids {
            first.extend(self.person_access(rules, roles, &id)?);
        }
        Ok(Administrators { count, first })
    }
}
