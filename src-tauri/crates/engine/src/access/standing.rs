//! Which rule wins.

use super::NO_ACCESS;
use crate::{connection::AccessRule, profile::ProfileRole};

/// What a rule gives. The greatest one of all that name a person wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// A role that the profile does not have: it grants nothing.
    Unknown,
    /// A role, by its place in [`Ranking`].
    Role(usize),
    /// Kept out.
    NoAccess,
}

/// The profile's roles from the lowest rank to the highest; of equal ranks the one named first is higher.
pub(super) struct Ranking<'a> {
    roles: Vec<&'a ProfileRole>,
}

impl<'a> Ranking<'a> {
    pub(super) fn new(roles: &'a [ProfileRole]) -> Self {
        let mut roles: Vec<&ProfileRole> = roles.iter().rev().collect();
        roles.sort_by_key(|role| role.rank);
        Self { roles }
    }

    pub(super) fn standing(&self, role: &str) -> Standing {
        if role == NO_ACCESS {
            return Standing::NoAccess;
        }
        let place = self.roles.iter().position(|known| known.id == role);
        place.map_or(Standing::Unknown, Standing::Role)
    }

    pub(super) fn standings(&self, rules: &[AccessRule]) -> Vec<Standing> {
        rules.iter().map(|rule| self.standing(&rule.role)).collect()
    }

    pub(super) fn role(&self, standing: Standing) -> Option<&'a ProfileRole> {
        match standing {
            Standing::Role(place) => self.roles.get(place).copied(),
            Standing::Unknown | Standing::NoAccess => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: &str, rank: u16) -> ProfileRole {
        ProfileRole { id: id.into(), name: id.into(), rank, administers: false }
    }

    #[test]
    fn the_highest_rank_wins_and_no_access_wins_over_all() {
        let roles = [role("admin", 100), role("one", 10), role("other", 10), role("mid", 50)];
        let ranking = Ranking::new(&roles);
        let order = ["gone-role", "other", "one", "mid", "admin", NO_ACCESS].map(|id| ranking.standing(id));
        assert!(order.is_sorted_by(|low, high| low < high), "{order:?}");
        assert_eq!(ranking.role(ranking.standing("mid")).map(|role| role.id.as_str()), Some("mid"));
        assert_eq!(ranking.role(Standing::Unknown), None);
        assert_eq!(ranking.role(Standing::NoAccess), None);
    }
}
