//! The directory as it is now.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{
    Happened, Removal, Totals,
    journal::Journal,
    roster::{MemberList, Roster},
};
use crate::population::{Directory, Group, Member, MemberKind, User};

/// What the seed makes, with everything that happened since. Without changes it keeps nothing per object.
#[derive(Debug)]
pub(crate) struct CurrentDirectory {
    pub(super) seeded: Directory,
    pub(super) users_added: u32,
    pub(super) groups_added: u32,
    pub(super) users_gone: u32,
    pub(super) groups_gone: u32,
    pub(super) memberships: u64,
    pub(super) users: HashMap<u32, UserChange>,
    pub(super) groups: HashMap<u32, GroupChange>,
    pub(super) rosters: HashMap<u32, Roster>,
    pub(super) journal: Journal,
    pub(super) seed: u64,
    pub(super) draws: u64,
}

/// How a user differs from the seed.
#[derive(Debug, Default)]
pub(super) struct UserChange {
    pub(super) display_name: Option<String>,
    pub(super) mail: Option<Option<String>>,
    pub(super) enabled: Option<bool>,
    pub(super) removed: Option<Removal>,
    /// Groups that a user who can be restored was in.
    pub(super) lost: Vec<u32>,
    /// Sequence number of the last change.
    pub(super) last: u32,
}

/// How a group differs from the seed.
#[derive(Debug, Default)]
pub(super) struct GroupChange {
    pub(super) display_name: Option<String>,
    pub(super) removed: Option<Removal>,
    pub(super) last: u32,
}

impl CurrentDirectory {
    pub(crate) fn new(seeded: Directory, seed: u64) -> Self {
        Self {
            users_added: 0,
            groups_added: 0,
            users_gone: 0,
            groups_gone: 0,
            memberships: seeded.memberships(),
            users: HashMap::new(),
            groups: HashMap::new(),
            rosters: HashMap::new(),
            journal: Journal::default(),
            seed,
            draws: 0,
            seeded,
        }
    }

    /// How large it is, and how much happened.
    pub(crate) fn totals(&self) -> Totals {
        Totals {
            users: u64::from(self.user_count()),
            groups: u64::from(self.group_count()),
            memberships: self.memberships,
            changes: u64::from(self.sequence()),
        }
    }

    /// Sequence number of the last change.
    pub(crate) fn sequence(&self) -> u32 {
        self.journal.sequence()
    }

    /// What happened after one sequence number, up to and with another.
    pub(crate) fn between(&self, after: u32, until: u32) -> &[Happened] {
        self.journal.between(after, until)
    }

    /// One above the highest number that a user has or had.
    pub(crate) fn users_end(&self) -> u32 {
        self.seeded.users.count.saturating_add(self.users_added)
    }

    /// Number of users.
    pub(crate) fn user_count(&self) -> u32 {
        self.users_end() - self.users_gone
    }

    /// The user with this number, unless it was removed.
    pub(crate) fn user(&self, number: u32) -> Option<User> {
        let Some(change) = self.users.get(&number) else {
            return Some(self.seeded.users.get(number));
        };
        if change.removed.is_some() {
            return None;
        }
        let mut user = self.seeded.users.get(number);
        if let Some(name) = &change.display_name {
            user.display_name.clone_from(name);
        }
        if let Some(mail) = &change.mail {
            user.mail.clone_from(mail);
        }
        user.enabled = change.enabled.unwrap_or(user.enabled);
        Some(user)
    }

    /// How the user with this number was removed; `None` while it is there.
    pub(crate) fn user_removal(&self, number: u32) -> Option<Removal> {
        self.users.get(&number)?.removed
    }

    /// Object ID of a user, removed ones included.
    pub(crate) fn user_id(&self, number: u32) -> uuid::Uuid {
        self.seeded.users.id(number)
    }

    /// Number of the user with this object ID or user principal name (letters' case does not matter).
    pub(crate) fn find_user(&self, id_or_name: &str) -> Option<u32> {
        self.known_user(id_or_name).filter(|number| self.user_removal(*number).is_none())
    }

    /// The same, with users who were removed.
    pub(crate) fn known_user(&self, id_or_name: &str) -> Option<u32> {
        self.seeded.users.grown(self.users_added).find(id_or_name)
    }

    /// One above the highest number that a group has or had.
    pub(crate) fn groups_end(&self) -> u32 {
        self.seeded.groups.count.saturating_add(self.groups_added)
    }

    /// Number of groups.
    pub(crate) fn group_count(&self) -> u32 {
        self.groups_end() - self.groups_gone
    }

    /// The group with this number, unless it was removed.
    pub(crate) fn group(&self, number: u32) -> Option<Group> {
        let mut group = self.seeded.groups.get(number);
        if let Some(change) = self.groups.get(&number) {
            if change.removed.is_some() {
                return None;
            }
            if let Some(name) = &change.display_name {
                group.display_name.clone_from(name);
            }
        }
        Some(group)
    }

    /// How the group with this number was removed; `None` while it is there.
    pub(crate) fn group_removal(&self, number: u32) -> Option<Removal> {
        self.groups.get(&number)?.removed
    }

    /// Object ID of a group, removed ones included.
    pub(crate) fn group_id(&self, number: u32) -> uuid::Uuid {
        self.seeded.groups.id(number)
    }

    /// Number of the group with this object ID.
    pub(crate) fn find_group(&self, id: &str) -> Option<u32> {
        self.known_group(id).filter(|number| self.group_removal(*number).is_none())
    }

    /// The same, with groups that were removed.
    pub(crate) fn known_group(&self, id: &str) -> Option<u32> {
        self.seeded.groups.grown(self.groups_added).find(id)
    }

    /// Direct members of a group; none for a group that was removed.
    pub(crate) fn members(&self, group: u32) -> MemberList<'_> {
        if self.group_removal(group).is_some() {
            return MemberList::new(None, None);
        }
        MemberList::new(self.seeded.members(group), self.rosters.get(&group))
    }

    /// Direct and nested members, each once, by kind and number, so that an order once begun goes on after changes.
    /// A group is never its own member, cycles included.
    pub(crate) fn transitive_members(&self, group: u32) -> Vec<Member> {
        let start = Member { kind: MemberKind::Group, number: group };
        let mut seen = HashSet::from([start]);
        let mut open = VecDeque::from([group]);
        while let Some(next) = open.pop_front() {
            for member in self.members(next).iter() {
                if seen.insert(member) && member.kind == MemberKind::Group {
                    open.push_back(member.number);
                }
            }
        }
        seen.remove(&start);
        let mut found: Vec<Member> = seen.into_iter().collect();
        found.sort_unstable();
        found
    }

    /// Object ID of a member, removed ones included.
    pub(crate) fn member_id(&self, member: Member) -> uuid::Uuid {
        match member.kind {
            MemberKind::User => self.user_id(member.number),
            MemberKind::Group => self.group_id(member.number),
            _ => self.other(member).0,
        }
    }

    /// Object ID and display name of a device, service principal or contact.
    pub(crate) fn other(&self, member: Member) -> (uuid::Uuid, String) {
        self.seeded.other(member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Population;

    fn directory() -> CurrentDirectory {
        CurrentDirectory::new(Directory::new(Population::default()), 7)
    }

    #[test]
    fn a_cycle_ends_and_nested_members_come_once() {
        let mut directory = directory();
        for _ in 0..3 {
            for group in 0..directory.groups_end() {
                let found = directory.transitive_members(group);
                assert!(found.is_sorted() && found.windows(2).all(|pair| pair[0] != pair[1]));
                assert!(!found.contains(&Member { kind: MemberKind::Group, number: group }));
            }
            (0..50).for_each(|_| directory.change_something());
        }
    }

    #[test]
    fn the_cycle_of_three_holds_the_other_two() {
        let found = directory().transitive_members(6);
        assert_eq!(found.iter().filter(|member| member.kind == MemberKind::Group).count(), 2);
    }

    #[test]
    fn without_changes_nothing_is_kept_for_an_object() {
        let directory = directory();
        assert!(directory.users.is_empty() && directory.groups.is_empty() && directory.rosters.is_empty());
        assert_eq!((directory.sequence(), directory.totals().changes), (0, 0));
    }

    #[test]
    fn totals_agree_with_the_lists_after_thousands_of_changes() {
        let mut directory = directory();
        for turn in 0..3_000 {
            directory.change_something();
            if turn % 500 != 0 {
                continue;
            }
            let members: usize =
                (0..directory.groups_end()).map(|group| directory.members(group).len()).sum();
            let walked = (0..directory.groups_end()).flat_map(|group| directory.members(group).iter());
            assert_eq!(
                (members as u64, walked.count() as u64),
                (directory.memberships, directory.memberships)
            );
            let users = (0..directory.users_end()).filter(|number| directory.user(*number).is_some()).count();
            let groups =
                (0..directory.groups_end()).filter(|number| directory.group(*number).is_some()).count();
            assert_eq!((users as u32, groups as u32), (directory.user_count(), directory.group_count()));
        }
    }
}
