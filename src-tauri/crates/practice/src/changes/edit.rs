//! The single changes, each with its entry in the journal.

use std::collections::HashSet;

use super::{CurrentDirectory, Removal, Subject};
use crate::population::{Member, MemberKind};

/// What of a user is updated.
pub(super) enum UserUpdate {
    DisplayName(String),
    Mail(Option<String>),
    Enabled(bool),
}

/// A membership: group, then member.
type Pair = (u32, Member);

impl CurrentDirectory {
    pub(super) fn add_user(&mut self) {
        let number = self.users_end();
        self.users_added += 1;
        self.note_user(number);
    }

    pub(super) fn update_user(&mut self, number: u32, update: UserUpdate) {
        let change = self.users.entry(number).or_default();
        match update {
            UserUpdate::DisplayName(name) => change.display_name = Some(name),
            UserUpdate::Mail(mail) => change.mail = Some(mail),
            UserUpdate::Enabled(enabled) => change.enabled = Some(enabled),
        }
        self.note_user(number);
    }

    /// Removes users who are there, and all their memberships.
    pub(super) fn remove_users(&mut self, users: &[(u32, Removal)]) {
        for (number, removal) in users {
            self.users.entry(*number).or_default().removed = Some(*removal);
            self.users_gone += 1;
            self.note_user(*number);
        }
        let members = users.iter().map(|(number, _)| Member { kind: MemberKind::User, number: *number });
        for (group, member) in self.memberships_of(&members.collect()) {
            self.leave(group, member);
            let change = self.users.entry(member.number).or_default();
            if change.removed == Some(Removal::Restorable) {
                change.lost.push(group);
            }
        }
    }

    /// Brings a user back, into those groups that are still there.
    pub(super) fn restore_user(&mut self, number: u32) {
        let change = self.users.entry(number).or_default();
        change.removed = None;
        let lost = std::mem::take(&mut change.lost);
        self.users_gone -= 1;
        self.note_user(number);
        for group in lost {
            self.join(group, Member { kind: MemberKind::User, number });
        }
    }

    pub(super) fn add_group(&mut self) {
        let number = self.groups_end();
        self.groups_added += 1;
        self.note_group(number);
    }

    pub(super) fn rename_group(&mut self, number: u32, name: String) {
        self.groups.entry(number).or_default().display_name = Some(name);
        self.note_group(number);
    }

    /// Removes a group that is there. Its members are no longer in it, and it is in no other group.
    pub(super) fn remove_group(&mut self, number: u32, removal: Removal) {
        let own = self.members(number).len() as u64;
        let member = Member { kind: MemberKind::Group, number };
        for (group, member) in self.memberships_of(&HashSet::from([member])) {
            self.leave(group, member);
        }
        self.memberships -= own;
        self.groups.entry(number).or_default().removed = Some(removal);
        self.groups_gone += 1;
        self.note_group(number);
    }

    /// False when it is a member already, or there is no such group.
    pub(super) fn join(&mut self, group: u32, member: Member) -> bool {
        if self.group_removal(group).is_some() || self.members(group).contains(member) {
            return false;
        }
        self.rosters.entry(group).or_default().join(member);
        self.memberships += 1;
        self.journal.note(Subject::Membership { group, member }, 0);
        true
    }

    /// The member must be in the group.
    pub(super) fn leave(&mut self, group: u32, member: Member) {
        self.rosters.entry(group).or_default().leave(member);
        self.memberships -= 1;
        self.journal.note(Subject::Membership { group, member }, 0);
    }

    /// Every membership of some objects, found by asking each group or by walking all members, whichever is less.
    fn memberships_of(&self, members: &HashSet<Member>) -> Vec<Pair> {
        let groups = 0..self.groups_end();
        let questions = u64::from(self.groups_end()) * members.len() as u64;
        if questions > self.memberships {
            let all = groups.flat_map(|group| self.members(group).iter().map(move |member| (group, member)));
            return all.filter(|(_, member)| members.contains(member)).collect();
        }
        groups
            .flat_map(|group| members.iter().map(move |member| (group, *member)))
            .filter(|(group, member)| self.members(*group).contains(*member))
            .collect()
    }

    fn note_user(&mut self, number: u32) {
        let previous = self.users.get(&number).map_or(0, |change| change.last);
        let last = self.journal.note(Subject::User(number), previous);
        self.users.entry(number).or_default().last = last;
    }

    fn note_group(&mut self, number: u32) {
        let previous = self.groups.get(&number).map_or(0, |change| change.last);
        let last = self.journal.note(Subject::Group(number), previous);
        self.groups.entry(number).or_default().last = last;
    }
}
