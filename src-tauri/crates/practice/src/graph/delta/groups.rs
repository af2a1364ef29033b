//! The pages of `/groups/delta`, with the members of groups in `members@delta`.

use std::collections::{HashMap, HashSet};

use super::{Items, Place, Round, appears, write_removed};
use crate::{
    changes::{Removal, Subject},
    graph::{
        directory::shown_group,
        json::{Value, write_property},
        members::{hides_members, type_of},
    },
    population::Member,
};

/// Most members on a page, for each object that the page may have: a large group comes in several pieces.
const MEMBERS_PER_OBJECT: usize = 10;

/// Writes one page and gives the place after it.
pub(super) fn page(round: &Round<'_>, place: Place, items: &mut Items) -> Place {
    match place {
        Place::First { started, number, slot } => first(round, started, (number, slot), items),
        Place::Later { since, until, at } => later(round, (since, until), at, items),
        Place::Link { .. } => place,
    }
}

/// Every group with its members, and those that could be restored.
fn first(round: &Round<'_>, started: u32, (from, mut slot): (u32, u32), items: &mut Items) -> Place {
    let directory = round.call.directory;
    let mut room = round.size * MEMBERS_PER_OBJECT;
    for number in from..directory.groups_end() {
        if items.count == round.size || room == 0 {
            return Place::First { started, number, slot };
        }
        let begun = std::mem::take(&mut slot);
        if !round.wants(number) || directory.group_removal(number) == Some(Removal::Final) {
            continue;
        }
        let mut piece = Vec::new();
        let mut rest = None;
        if shows_members(round, number) {
            let mut members = directory.members(number).from(begun as usize, None);
            piece.extend(members.by_ref().take(room).map(|(_, member)| (member, true)));
            rest = members.next().and_then(|(slot, _)| u32::try_from(slot).ok());
        }
        room -= piece.len();
        write(round, number, &piece, items);
        if let Some(slot) = rest {
            return Place::First { started, number, slot };
        }
    }
    Place::Link { since: started }
}

/// The changes of one page, put together by group.
fn later(round: &Round<'_>, (since, until): (u32, u32), mut at: u32, items: &mut Items) -> Place {
    let directory = round.call.directory;
    let mut pieces = Pieces::default();
    let mut next = Place::Link { since: until };
    for change in directory.between(at, until) {
        let (number, member) = match change.subject {
            Subject::Group(number) if appears(change, since) => (number, None),
            Subject::Membership { group, member } if shows_members(round, group) => (group, Some(member)),
            _ => {
                at = change.sequence;
                continue;
            }
        };
        if round.wants(number) {
            let full = pieces.members == round.size * MEMBERS_PER_OBJECT
                || pieces.order.len() == round.size && !pieces.places.contains_key(&number);
            if full {
                next = Place::Later { since, until, at };
                break;
            }
            pieces.add(number, member);
        }
        at = change.sequence;
    }
    for (number, members) in pieces.order {
        let now = directory.members(number);
        let members: Vec<_> = members.into_iter().map(|member| (member, now.contains(member))).collect();
        write(round, number, &members, items);
    }
    next
}

#[derive(Default)]
struct Pieces {
    order: Vec<(u32, Vec<Member>)>,
    places: HashMap<u32, usize>,
    seen: HashSet<(u32, Member)>,
    members: usize,
}

impl Pieces {
    fn add(&mut self, group: u32, member: Option<Member>) {
        let place = *self.places.entry(group).or_insert(self.order.len());
        if place == self.order.len() {
            self.order.push((group, Vec::new()));
        }
        let Some(member) = member.filter(|member| self.seen.insert((group, *member))) else { return };
        if let Some((_, members)) = self.order.get_mut(place) {
            members.push(member);
            self.members += 1;
        }
    }
}

/// Whether this caller sees who is in a group that is still there.
fn shows_members(round: &Round<'_>, group: u32) -> bool {
    round.members && round.call.directory.group_removal(group).is_none() && !hides_members(round.call, group)
}

/// Writes a group with some of its members, each of whom is in it now or is not.
fn write(round: &Round<'_>, number: u32, members: &[(Member, bool)], items: &mut Items) {
    let directory = round.call.directory;
    if let Some(removal) = directory.group_removal(number) {
        return items.removed(directory.group_id(number), removal);
    }
    let Some(group) = shown_group(round.call, number) else { return };
    items.begin();
    items.properties(&group, &round.names);
    if !members.is_empty() {
        items.json.push_str(",\"members@delta\":[");
        for (position, (member, there)) in members.iter().enumerate() {
            items.json.push_str(if position > 0 { ",{" } else { "{" });
            write_property(&mut items.json, "@odata.type", &Value::text(type_of(member.kind)));
            items.json.push(',');
            let id = directory.member_id(*member).to_string();
            write_property(&mut items.json, "id", &Value::text(id));
            if !there {
                write_removed(&mut items.json, Removal::Final);
            }
            items.json.push('}');
        }
        items.json.push(']');
    }
    items.json.push('}');
}
