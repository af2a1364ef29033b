//! The people and groups of the practice tenant, made from a seed. Nothing is kept per person, so a million cost nothing.

mod groups;
mod membership;
mod names;
mod prng;
mod users;

pub(crate) use groups::Group;
pub(crate) use membership::{Member, MemberKind, Members};
pub(crate) use prng::{Identifiers, mix};
pub(crate) use users::User;

use groups::Groups;
use users::Users;

/// The tenant's default domain.
pub(crate) const DOMAIN: &str = "contoso-practice.example";

/// A family name of any culture.
pub(crate) fn family_name(number: u32) -> &'static str {
    let culture = &names::CULTURES[number as usize % names::CULTURES.len()];
    culture.family[number as usize / names::CULTURES.len() % culture.family.len()].0
}

/// A whole directory.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) users: Users,
    pub(crate) groups: Groups,
    members: Vec<Members>,
    others: [Identifiers; 3],
}

impl Directory {
    pub(crate) fn new(options: crate::Population) -> Self {
        let crate::Population { users, groups, memberships, seed } = options;
        let total = memberships.map_or(u64::from(users) * 5, u64::from);
        let people = Users::new(users, seed);
        let groups = Groups::new(groups, seed);
        let members = membership::share_out(&groups.wishes(users), users, seed, total);
        let others = [0x646576, 0x7370, 0x636f6e].map(|tag| Identifiers::new(seed, tag));
        Self { users: people, groups, members, others }
    }

    /// Number of distinct direct pairs of group and member.
    pub(crate) fn memberships(&self) -> u64 {
        self.members.iter().map(|members| members.len() as u64).sum()
    }

    /// Direct members of the group with this number.
    pub(crate) fn members(&self, group: u32) -> Option<&Members> {
        self.members.get(group as usize)
    }

    /// Id and display name of a device, service principal or contact.
    pub(crate) fn other(&self, member: Member) -> (uuid::Uuid, String) {
        let (ids, name) = match member.kind {
            MemberKind::ServicePrincipal => (self.others[1], "Automation"),
            MemberKind::OrgContact => (self.others[2], "Contact"),
            _ => (self.others[0], "DEVICE"),
        };
        (ids.id(member.number), format!("{name}-{:03}", u64::from(member.number) + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Population;

    #[test]
    fn default_directory_has_about_five_memberships_for_each_user() {
        let directory = Directory::new(Population::default());
        assert_eq!((directory.users.count, directory.groups.count), (240, 31));
        assert_eq!(directory.memberships(), 1_200);
        let largest = (0..31).filter_map(|group| directory.members(group)).map(Members::len).max();
        let staff = directory.members(0).map(Members::len);
        assert_eq!(staff, largest, "All staff is the largest group");
        assert!((120..=240).contains(&staff.unwrap_or_default()), "{staff:?}");
    }

    #[test]
    fn asked_numbers_hold_exactly_at_scale() {
        for (users, groups, memberships) in [
            (100_000, 5_000, 204_377),
            (10_000, 500, 24_424),
            (1, 1, 1),
            (5, 2, 0),
            (1_000_000, 50_000, 2_000_000),
        ] {
            let asked = Population { users, groups, memberships: Some(memberships), seed: 7 };
            let directory = Directory::new(asked);
            assert_eq!(directory.memberships(), u64::from(memberships), "{asked:?}");
        }
    }

    #[test]
    fn awkward_members_and_empty_groups_exist() {
        let directory = Directory::new(Population::default());
        let all: Vec<&Members> = (0..31).filter_map(|group| directory.members(group)).collect();
        for kind in
            [MemberKind::Group, MemberKind::Device, MemberKind::ServicePrincipal, MemberKind::OrgContact]
        {
            assert!(all.iter().any(|members| members.iter().any(|member| member.kind == kind)), "{kind:?}");
        }
        assert!(all.iter().any(|members| members.len() == 0));
        let administrators: Vec<Member> = all[3].iter().collect();
        assert!(administrators.contains(&Member { kind: MemberKind::User, number: 0 }), "the admin is one");
    }
}
