//! The access table in numbers of people.

use std::collections::{HashMap, HashSet};

use super::{
    Directory, DirectoryProblem,
    nested::Tree,
    standing::{Ranking, Standing},
};
use crate::{connection::AccessRule, profile::ProfileRole};

/// What the access table means in people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessEffect {
    /// People who get a role.
    pub granted: u64,
    /// People whom a no-access rule names, whatever else names them.
    pub kept_out: u64,
    /// People who get nothing because no rule with a role of the profile names them.
    pub unnamed: u64,
    /// Those of the granted whose role administers the gateway.
    pub administrators: u64,
    /// One for each rule, in the same order.
    pub rules: Vec<RuleEffect>,
}

/// What one line of the access table means in people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleEffect {
    /// The group's object ID.
    pub group_id: String,
    /// People in the group, directly or through nested groups.
    pub people: u64,
    /// Groups below it, on every level.
    pub nested_groups: u64,
    /// Those of the people whom another rule names with another role.
    pub in_several: u64,
    /// The group is not in the directory. Never told from a list of groups that was not read to its end.
    pub vanished: bool,
}

/// What one group's people get. `will_get` and `kept_out` are the people that `direct` and `via` add up to, apart from
/// those whom no rule gives anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupAccess {
    /// The group's object ID.
    pub group_id: String,
    /// Its display name; of a vanished group the one that was saved with its rule.
    pub group_name: String,
    /// People of the group who get a role, this group's or a higher one.
    pub will_get: u64,
    /// People of the group whom a no-access rule keeps out.
    pub kept_out: u64,
    /// People who are direct members.
    pub direct: u64,
    /// Everybody else, under the nearest nested group that holds them; the largest first.
    pub via: Vec<(String, u64)>,
}

impl Directory {
    /// What the rules mean in people.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn effect(
        &self,
        rules: &[AccessRule],
        roles: &[ProfileRole],
    ) -> Result<AccessEffect, DirectoryProblem> {
        let ranking = Ranking::new(roles);
        let standings = ranking.standings(rules);
        let mut effect = AccessEffect::default();
        let mut spread = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            let tree = self.tree(&rule.group_id)?;
            effect.rules.push(RuleEffect {
                group_id: rule.group_id.clone(),
                nested_groups: tree.nested(),
                vanished: self.groups_listed && self.group_name(&rule.group_id)?.is_none(),
                ..RuleEffect::default()
            });
            spread.extend(tree.groups.into_iter().map(|node| (number, node.id)));
        }
        self.each_person(&spread, |_, numbers| {
            let winner = winner(&standings, numbers);
            effect.kept_out += u64::from(winner == Standing::NoAccess);
            if let Some(role) = ranking.role(winner) {
                effect.granted += 1;
                effect.administrators += u64::from(role.administers);
            }
            let several = numbers.iter().any(|number| rules[*number].role != rules[numbers[0]].role);
            for number in numbers {
                effect.rules[*number].people += 1;
                effect.rules[*number].in_several += u64::from(several);
            }
        })?;
        let enabled = self.number("SELECT count(*) FROM users WHERE account_enabled IS NOT 0")?;
        effect.unnamed = enabled.saturating_sub(effect.granted + effect.kept_out);
        Ok(effect)
    }

    /// The object IDs of the people who get each of the profile's roles, in the profile's order.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub(crate) fn role_holders(
        &self,
        rules: &[AccessRule],
        roles: &[ProfileRole],
    ) -> Result<Vec<HashSet<String>>, DirectoryProblem> {
        let ranking = Ranking::new(roles);
        let standings = ranking.standings(rules);
        let mut spread = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            spread.extend(self.tree(&rule.group_id)?.groups.into_iter().map(|node| (number, node.id)));
        }
        let mut holders = vec![HashSet::new(); roles.len()];
        self.each_person(&spread, |person, numbers| {
            let granted = ranking.role(winner(&standings, numbers));
            let place = granted.and_then(|granted| roles.iter().position(|role| role.id == granted.id));
            if let Some(place) = place {
                holders[place].insert(person.to_owned());
            }
        })?;
        Ok(holders)
    }

    /// What the people of one group get from all rules together, and how they come into the group.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn group_access(
        &self,
        rules: &[AccessRule],
        roles: &[ProfileRole],
        group_id: &str,
    ) -> Result<GroupAccess, DirectoryProblem> {
        let ranking = Ranking::new(roles);
        let standings = ranking.standings(rules);
        let asked = self.tree(group_id)?;
        let mut spread = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            spread.extend(self.tree(&rule.group_id)?.groups.into_iter().map(|node| (number, node.id)));
        }
        let places = asked.groups.iter().enumerate();
        spread.extend(places.map(|(place, node)| (rules.len() + place, node.id.clone())));

        let mut access = GroupAccess { group_id: group_id.to_owned(), ..GroupAccess::default() };
        access.group_name = match self.group_name(group_id)? {
            Some(name) => name,
            None => rules
                .iter()
                .find(|rule| rule.group_id == group_id)
                .map_or_else(|| group_id.to_owned(), |rule| rule.group_name.clone()),
        };
        let mut by_place = vec![0_u64; asked.groups.len()];
        self.each_person(&spread, |_, numbers| {
            let (named, inside) = numbers.split_at(numbers.partition_point(|number| *number < rules.len()));
            let Some(nearest) = inside.first() else { return };
            by_place[nearest - rules.len()] += 1;
            let winner = winner(&standings, named);
            access.kept_out += u64::from(winner == Standing::NoAccess);
            access.will_get += u64::from(ranking.role(winner).is_some());
        })?;
        access.direct = by_place[0];
        access.via = self.named(&asked, &by_place)?;
        Ok(access)
    }

    fn named(&self, tree: &Tree, by_place: &[u64]) -> Result<Vec<(String, u64)>, DirectoryProblem> {
        let mut via = HashMap::<String, u64>::new();
        for (node, people) in tree.groups.iter().zip(by_place).skip(1).filter(|(_, people)| **people > 0) {
            let name = self.group_name(&node.id)?.unwrap_or_else(|| node.id.clone());
            *via.entry(name).or_default() += people;
        }
        let mut via: Vec<(String, u64)> = via.into_iter().collect();
        via.sort_by(|(one, fewer), (other, more)| more.cmp(fewer).then_with(|| one.cmp(other)));
        Ok(via)
    }

    /// Calls once for every person with an enabled account who is a direct member of one of the groups, with the
    /// person's object ID and the numbers of these groups, ascending and each once.
    pub(super) fn each_person(
        &self,
        spread: &[(usize, String)],
        mut each: impl FnMut(&str, &[usize]),
    ) -> Result<(), DirectoryProblem> {
        let groups = serde_json::to_string(spread).unwrap_or_default();
        let mut select = self.connection.prepare_cached(
            "SELECT users.id, spread.value ->> 0
               FROM json_each(?1) AS spread
              CROSS JOIN members ON members.group_id = spread.value ->> 1
              CROSS JOIN json_each(members.members) AS member
              CROSS JOIN users ON users.id = member.key
              WHERE users.account_enabled IS NOT 0
              ORDER BY 1, 2",
        )?;
        let mut rows = select.query([groups])?;
        let mut person = String::new();
        let mut numbers: Vec<usize> = Vec::new();
        while let Some(row) = rows.next()? {
            let id = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            if id != person {
                if !numbers.is_empty() {
                    each(&person, &numbers);
                }
                numbers.clear();
                person.clear();
                person.push_str(id);
            }
            let number = usize::try_from(row.get::<_, i64>(1)?).unwrap_or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
        if !numbers.is_empty() {
            each(&person, &numbers);
        }
        Ok(())
    }
}

pub(super) fn winner(standings: &[Standing], numbers: &[usize]) -> Standing {
    numbers.iter().map(|number| standings[*number]).max().unwrap_or(Standing::Unknown)
}
