//! The members of one group: those that the seed gave it, without those who left, and then those who joined.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use crate::population::{Member, MemberKind, Members};

/// Who left a group and who joined it.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// Of the seeded members, those who left. One who comes back stands among the joined.
    left: HashSet<Member>,
    /// Those who joined, in order; the place of one who left again stays empty, so that places mean the same for ever.
    joined: Vec<Option<Member>>,
    places: HashMap<Member, usize>,
}

impl Roster {
    /// The member must not be in the group.
    pub(super) fn join(&mut self, member: Member) {
        self.places.insert(member, self.joined.len());
        self.joined.push(Some(member));
    }

    /// The member must be in the group.
    pub(super) fn leave(&mut self, member: Member) {
        match self.places.remove(&member).and_then(|place| self.joined.get_mut(place)) {
            Some(joined) => *joined = None,
            None => {
                self.left.insert(member);
            }
        }
    }
}

/// The members of one group. Each stands in a slot that stays its own; slots of members who left are empty.
#[derive(Clone, Copy)]
pub(crate) struct MemberList<'a> {
    seeded: Option<&'a Members>,
    roster: Option<&'a Roster>,
}

impl<'a> MemberList<'a> {
    pub(super) fn new(seeded: Option<&'a Members>, roster: Option<&'a Roster>) -> Self {
        Self { seeded, roster }
    }

    /// Number of members.
    pub(crate) fn len(&self) -> usize {
        let changed = self.roster.map_or((0, 0), |roster| (roster.left.len(), roster.places.len()));
        self.seeded_len() - changed.0 + changed.1
    }

    /// Number of members of one kind.
    pub(crate) fn count(&self, kind: MemberKind) -> usize {
        let seeded = self.seeded.map_or(0, |members| {
            let people = if kind == MemberKind::User { members.people.count as usize } else { 0 };
            people + members.others.iter().filter(|member| member.kind == kind).count()
        });
        let of_kind = |member: &&Member| member.kind == kind;
        let left = self.roster.map_or(0, |roster| roster.left.iter().filter(of_kind).count());
        let joined = self.roster.map_or(0, |roster| roster.places.keys().filter(of_kind).count());
        seeded - left + joined
    }

    /// Number of slots.
    pub(crate) fn slots(&self) -> usize {
        self.seeded_len() + self.roster.map_or(0, |roster| roster.joined.len())
    }

    /// The member in a slot.
    pub(crate) fn get(&self, slot: usize) -> Option<Member> {
        let member = match self.seeded.and_then(|members| members.get(slot)) {
            Some(member) => member,
            None => return *self.roster?.joined.get(slot - self.seeded_len())?,
        };
        let left = self.roster.is_some_and(|roster| roster.left.contains(&member));
        (!left).then_some(member)
    }

    /// True when it is a member now.
    pub(crate) fn contains(&self, member: Member) -> bool {
        if self.roster.is_some_and(|roster| roster.places.contains_key(&member)) {
            return true;
        }
        let left = self.roster.is_some_and(|roster| roster.left.contains(&member));
        !left && self.seeded.is_some_and(|members| members.position(member).is_some())
    }

    /// Members of one kind, or all, with their slots, from a slot on.
    pub(crate) fn from(
        self,
        slot: usize,
        kind: Option<MemberKind>,
    ) -> impl Iterator<Item = (usize, Member)> + use<'a> {
        let others = self.seeded.map_or(0, |members| members.others.len());
        let seeded = self.seeded_len();
        // Seeded people are the tail of the seeded members, and nobody else is among them.
        let (others, people) = match kind {
            None => (0..others, others..seeded),
            Some(MemberKind::User) => (0..0, others..seeded),
            Some(_) => (0..others, 0..0),
        };
        let after = move |range: Range<usize>| range.start.max(slot)..range.end;
        let slots = after(others).chain(after(people)).chain(after(seeded..self.slots()));
        slots
            .filter_map(move |slot| Some((slot, self.get(slot)?)))
            .filter(move |(_, member)| kind.is_none_or(|kind| member.kind == kind))
    }

    /// All members.
    pub(crate) fn iter(self) -> impl Iterator<Item = Member> + use<'a> {
        self.from(0, None).map(|(_, member)| member)
    }

    fn seeded_len(&self) -> usize {
        self.seeded.map_or(0, Members::len)
    }
}
