//! Which objects are changed: drawn by the seed, so that the same changes in the same order make the same directory.

use super::{ChangeProblem, Changes, CurrentDirectory, Removal, Totals, edit::UserUpdate};
use crate::population::{DOMAIN, Member, MemberKind, family_name, mix};

const TAG: u64 = 0x6368_616e_6765;
/// The two accounts that the facts name.
const ACCOUNTS: u32 = 2;
/// The group "Print – Administrators".
const ADMINISTRATORS: u32 = 3;
/// How many groups are tried before a change of membership is given up.
const TRIES: u32 = 64;

impl CurrentDirectory {
    /// Makes changes, or refuses and changes nothing. What there is nobody left for is left out; the totals tell.
    pub(crate) fn change(&mut self, changes: &Changes) -> Result<Totals, ChangeProblem> {
        changes.validate()?;
        let unknown = |id: &String| ChangeProblem::UnknownGroup(id.clone());
        let emptied = changes.empty_group.as_ref();
        let emptied = emptied.map(|id| self.find_group(id).ok_or_else(|| unknown(id))).transpose()?;
        repeat(changes.users_added, || self.add_user());
        repeat(changes.users_updated, || self.update_somebody());
        repeat(changes.users_restored, || self.restore_somebody());
        repeat(changes.groups_added, || self.add_group());
        repeat(changes.groups_renamed, || self.rename_some_group());
        repeat(changes.members_added, || self.join_somewhere());
        repeat(changes.members_removed, || self.leave_somewhere());
        self.remove_some_users(changes.users_removed);
        repeat(changes.groups_removed, || self.remove_some_group());
        if changes.remove_share_of_users > 0.0 {
            self.remove_share(changes.remove_share_of_users);
        }
        if let Some(group) = emptied.filter(|group| self.group_removal(*group).is_none()) {
            let members: Vec<Member> = self.members(group).iter().collect();
            members.into_iter().for_each(|member| self.leave(group, member));
        }
        Ok(self.totals())
    }

    /// One small change of any kind: a tenant is never still.
    pub(crate) fn change_something(&mut self) {
        let mut changes = Changes::default();
        *match self.draw(16) {
            0..=1 => &mut changes.users_added,
            2..=5 => &mut changes.users_updated,
            6 => &mut changes.users_removed,
            7 => &mut changes.users_restored,
            8 => &mut changes.groups_added,
            9 => &mut changes.groups_renamed,
            10 => &mut changes.groups_removed,
            11..=13 => &mut changes.members_added,
            _ => &mut changes.members_removed,
        } = 1;
        // One change of each kind is never too much, and no group is named.
        self.change(&changes).ok();
    }

    fn update_somebody(&mut self) {
        let Some(number) = self.pick_user(|_, _| true) else { return };
        let Some(user) = self.user(number) else { return };
        let update = match self.draw(3) {
            0 => {
                let family = family_name(self.draw(u32::MAX));
                UserUpdate::DisplayName(format!("{} ({family})", self.seeded.users.get(number).display_name))
            }
            1 if user.mail.is_some() && self.draw(4) == 0 => UserUpdate::Mail(None),
            1 => {
                let turn = self.sequence() + 1;
                UserUpdate::Mail(Some(format!("{}.{turn}@{DOMAIN}", user.mail_nickname)))
            }
            _ => UserUpdate::Enabled(!user.enabled),
        };
        self.update_user(number, update);
    }

    fn restore_somebody(&mut self) {
        let start = self.draw(self.users_end());
        let restorable = |number: &u32| self.user_removal(*number) == Some(Removal::Restorable);
        let found = around(start, self.users_end()).find(restorable);
        if let Some(number) = found.filter(|_| self.users_gone > 0) {
            self.restore_user(number);
        }
    }

    fn remove_some_users(&mut self, wanted: u32) {
        let mut chosen = Vec::new();
        let mut taken = std::collections::HashSet::new();
        for _ in 0..wanted {
            let found = self.pick_user(|_, number| number >= ACCOUNTS && !taken.contains(&number));
            let Some(number) = found else { break };
            taken.insert(number);
            chosen.push((number, self.some_removal()));
        }
        self.remove_users(&chosen);
    }

    /// Exactly this share, rounded, each user as likely as any other (Knuth's selection sampling, algorithm S).
    fn remove_share(&mut self, share: f64) {
        let removable: Vec<u32> =
            (ACCOUNTS..self.users_end()).filter(|number| self.user_removal(*number).is_none()).collect();
        let wanted = (f64::from(self.user_count()) * share).round() as usize;
        let mut wanted = wanted.min(removable.len());
        let mut chosen = Vec::with_capacity(wanted);
        for (position, number) in removable.iter().enumerate() {
            let left = u32::try_from(removable.len() - position).unwrap_or(u32::MAX);
            if (self.draw(left) as usize) < wanted {
                wanted -= 1;
                chosen.push((*number, self.some_removal()));
            }
        }
        self.remove_users(&chosen);
    }

    fn rename_some_group(&mut self) {
        if let Some(number) = self.pick_group(|_, _| true) {
            let name = self.seeded.groups.get(number).display_name;
            let turn = self.sequence() + 1;
            self.rename_group(number, format!("{name} ({turn})"));
        }
    }

    fn remove_some_group(&mut self) {
        if let Some(number) = self.pick_group(|_, number| number != ADMINISTRATORS) {
            let unified = self.seeded.groups.get(number).unified;
            self.remove_group(number, if unified { Removal::Restorable } else { Removal::Final });
        }
    }

    fn join_somewhere(&mut self) {
        for _ in 0..TRIES {
            let Some(group) = self.pick_group(|_, _| true) else { return };
            let Some(number) = self.pick_user(|_, _| true) else { return };
            if self.join(group, Member { kind: MemberKind::User, number }) {
                return;
            }
        }
    }

    fn leave_somewhere(&mut self) {
        let has_members = |now: &Self, group| group != ADMINISTRATORS && now.members(group).len() > 0;
        let Some(group) = self.pick_group(has_members) else { return };
        let slots = self.members(group).slots();
        let start = self.draw(u32::try_from(slots).unwrap_or(u32::MAX)) as usize;
        let members = self.members(group);
        let found = members.from(start, None).next().or_else(|| members.from(0, None).next());
        if let Some((_, member)) = found {
            self.leave(group, member);
        }
    }

    fn some_removal(&mut self) -> Removal {
        if self.draw(2) == 0 { Removal::Restorable } else { Removal::Final }
    }

    /// A user who is there and suits; drawn first, then the next ones around.
    fn pick_user(&mut self, suits: impl Fn(&Self, u32) -> bool) -> Option<u32> {
        let start = self.draw(self.users_end());
        around(start, self.users_end())
            .find(|number| self.user_removal(*number).is_none() && suits(self, *number))
    }

    fn pick_group(&mut self, suits: impl Fn(&Self, u32) -> bool) -> Option<u32> {
        let start = self.draw(self.groups_end());
        around(start, self.groups_end())
            .find(|number| self.group_removal(*number).is_none() && suits(self, *number))
    }

    /// A number below `end`; 0 when there is none.
    fn draw(&mut self, end: u32) -> u32 {
        self.draws += 1;
        (mix(self.seed, TAG, self.draws) % u64::from(end.max(1))) as u32
    }
}

/// All numbers below `end`, from `start` around.
fn around(start: u32, end: u32) -> impl Iterator<Item = u32> {
    (start..end).chain(0..start.min(end))
}

fn repeat(times: u32, mut change: impl FnMut()) {
    (0..times).for_each(|_| change());
}
