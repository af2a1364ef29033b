//! Who is in which group: every group keeps a rule of a few numbers, and any member is computed from it.

use super::{prng::mix, users::GUEST_SPACING};

const TAG: u64 = 0x6d65_6d62_6572;

/// Kind of a directory object that can be in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MemberKind {
    User,
    Group,
    Device,
    ServicePrincipal,
    OrgContact,
}

/// One direct or transitive member: its kind, and its number within the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Member {
    pub(crate) kind: MemberKind,
    pub(crate) number: u32,
}

/// The direct members of one group: others than people first, then people along a fixed stride.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    pub(crate) others: Vec<Member>,
    pub(crate) people: Stride,
}

impl Members {
    pub(crate) fn len(&self) -> usize {
        self.others.len() + self.people.count as usize
    }

    pub(crate) fn get(&self, position: usize) -> Option<Member> {
        if let Some(other) = self.others.get(position) {
            return Some(*other);
        }
        let number = self.people.get(u32::try_from(position - self.others.len()).ok()?)?;
        Some(Member { kind: MemberKind::User, number })
    }

    /// Where this member stands; `None` when it is none.
    pub(crate) fn position(&self, member: Member) -> Option<usize> {
        if let Some(position) = self.others.iter().position(|other| *other == member) {
            return Some(position);
        }
        let person = (member.kind == MemberKind::User).then_some(member.number)?;
        Some(self.others.len() + self.people.position(person)? as usize)
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Member> + '_ {
        (0..self.len()).filter_map(|position| self.get(position))
    }
}

/// `count` distinct people: start, start + step, start + 2 × step … around the whole directory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stride {
    pub(crate) start: u32,
    pub(crate) step: u32,
    pub(crate) count: u32,
    pub(crate) around: u32,
}

impl Stride {
    pub(crate) fn get(self, position: u32) -> Option<u32> {
        if position >= self.count || self.around == 0 {
            return None;
        }
        let number = u64::from(self.start) + u64::from(position) * u64::from(self.step);
        Some((number % u64::from(self.around)) as u32)
    }

    /// The opposite of [`Self::get`]: which step lands on this number, without walking there.
    pub(crate) fn position(self, number: u32) -> Option<u32> {
        if number >= self.around {
            return None;
        }
        let divisor = greatest_common_divisor(self.step, self.around);
        let start = self.start % self.around;
        let distance = (u64::from(number) + u64::from(self.around - start)) % u64::from(self.around);
        if divisor == 0 || !distance.is_multiple_of(u64::from(divisor)) {
            return None;
        }
        let around = u64::from(self.around / divisor);
        let inverse = inverse(u64::from(self.step / divisor) % around, around);
        let position = u32::try_from(distance / u64::from(divisor) * inverse % around).ok()?;
        (position < self.count).then_some(position)
    }
}

/// The number whose product with `value` leaves 1 when divided by `around` (extended Euclid); both have no common divisor.
fn inverse(value: u64, around: u64) -> u64 {
    let (mut old, mut new) = ((value as i64, 1_i64), (around as i64, 0_i64));
    while new.0 != 0 {
        let quotient = old.0 / new.0;
        (old, new) = (new, (old.0 - quotient * new.0, old.1 - quotient * new.1));
    }
    old.1.rem_euclid(around as i64) as u64
}

/// What a group wants before the total is known.
pub(crate) struct Wish {
    pub(crate) others: Vec<Member>,
    pub(crate) choice: Choice,
    /// Share of what is left to give; 0 keeps the group empty of people as long as others have room.
    pub(crate) weight: u64,
    /// How many people it takes while other groups have room.
    pub(crate) modesty: u32,
}

/// Which people a group takes.
#[derive(Clone, Copy)]
pub(crate) enum Choice {
    /// From the first person on, one after the other.
    FromTheFirst,
    /// Guests only.
    Guests,
    /// Spread over the directory.
    Spread,
}

/// Gives every group its members so that all of them together are exactly `total`, or as many as fit.
pub(crate) fn share_out(wishes: &[Wish], users: u32, seed: u64, total: u64) -> Vec<Members> {
    let mut left = total;
    let mut rooms = Vec::with_capacity(wishes.len());
    let mut groups: Vec<Members> = Vec::with_capacity(wishes.len());
    for (number, wish) in wishes.iter().enumerate() {
        let others = wish.others.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        left -= others as u64;
        let most = room(wish.choice, users);
        rooms.push(Room { weight: wish.weight, modest: wish.modesty.min(most), most });
        groups.push(Members {
            others: wish.others[..others].to_vec(),
            people: stride(wish.choice, users, seed, number as u64),
        });
    }
    for (group, count) in groups.iter_mut().zip(fill(&rooms, left)) {
        group.people.count = count;
    }
    groups
}

struct Room {
    weight: u64,
    modest: u32,
    most: u32,
}

/// Splits `left` along the weights; what does not fit is pressed in from the first group on.
fn fill(rooms: &[Room], mut left: u64) -> Vec<u32> {
    let mut counts = vec![0_u32; rooms.len()];
    while left > 0 {
        let open: Vec<usize> = (0..rooms.len())
            .filter(|index| rooms[*index].weight > 0 && counts[*index] < rooms[*index].modest)
            .collect();
        if open.is_empty() {
            break;
        }
        let weights: u64 = open.iter().map(|index| rooms[*index].weight).sum();
        let pot = left;
        for index in open {
            let share = (u128::from(pot) * u128::from(rooms[index].weight) / u128::from(weights)) as u64;
            let taken = share.max(1).min(left).min(u64::from(rooms[index].modest - counts[index]));
            counts[index] += taken as u32;
            left -= taken;
        }
    }
    for (count, room) in counts.iter_mut().zip(rooms) {
        let taken = left.min(u64::from(room.most - *count));
        *count += taken as u32;
        left -= taken;
    }
    counts
}

fn room(choice: Choice, users: u32) -> u32 {
    match choice {
        Choice::FromTheFirst | Choice::Spread => users,
        Choice::Guests => users / GUEST_SPACING,
    }
}

fn stride(choice: Choice, users: u32, seed: u64, group: u64) -> Stride {
    let around = users;
    match choice {
        Choice::FromTheFirst => Stride { start: 0, step: 1, count: 0, around },
        Choice::Guests => Stride { start: GUEST_SPACING - 1, step: GUEST_SPACING, count: 0, around },
        Choice::Spread => {
            let start = (mix(seed, TAG, group) % u64::from(users.max(1))) as u32;
            let wanted = (mix(seed, TAG ^ 1, group) % u64::from(users.max(1))).max(1) as u32;
            let step = (wanted..).find(|step| greatest_common_divisor(*step, users.max(1)) == 1).unwrap_or(1);
            Stride { start, step, count: 0, around }
        }
    }
}

fn greatest_common_divisor(one: u32, other: u32) -> u32 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn wish(weight: u64, choice: Choice) -> Wish {
        Wish { others: Vec::new(), choice, weight, modesty: u32::MAX }
    }

    #[test]
    fn the_total_is_exact_while_it_fits_and_members_are_distinct() {
        for total in [0, 1, 7, 100, 333, 1_000, 1_205] {
            let wishes = vec![
                wish(80, Choice::FromTheFirst),
                wish(3, Choice::Spread),
                wish(0, Choice::Spread),
                wish(1, Choice::Guests),
                wish(40, Choice::Spread),
            ];
            let groups = share_out(&wishes, 300, 7, total);
            assert_eq!(groups.iter().map(Members::len).sum::<usize>() as u64, total);
            for group in &groups {
                assert_eq!(group.iter().collect::<HashSet<_>>().len(), group.len());
                assert!(group.iter().all(|member| member.number < 300));
            }
        }
    }

    #[test]
    fn positions_are_found_without_walking() {
        for users in [1, 2, 19, 20, 100, 240, 997] {
            let wishes = [Choice::FromTheFirst, Choice::Guests, Choice::Spread, Choice::Spread];
            let wishes: Vec<Wish> = wishes.into_iter().map(|choice| wish(1, choice)).collect();
            for group in share_out(&wishes, users, 7, u64::from(users) * 2) {
                let found: Vec<Option<u32>> =
                    (0..users + 2).map(|number| group.people.position(number)).collect();
                let count = found.iter().flatten().count();
                assert_eq!(count, group.len());
                for (number, position) in found.iter().enumerate() {
                    if let Some(position) = position {
                        assert_eq!(group.people.get(*position), Some(number as u32));
                    }
                }
            }
        }
    }

    #[test]
    fn more_than_fits_is_cut() {
        let groups = share_out(&[wish(1, Choice::Spread), wish(0, Choice::Spread)], 10, 7, 1_000);
        assert_eq!(groups.iter().map(Members::len).sum::<usize>(), 20);
        assert!(share_out(&[wish(1, Choice::Spread)], 0, 7, 5)[0].iter().next().is_none());
    }

    #[test]
    fn the_weightless_stay_empty_while_others_have_room() {
        let groups = share_out(&[wish(1, Choice::Spread), wish(0, Choice::Spread)], 10, 7, 9);
        assert_eq!((groups[0].len(), groups[1].len()), (9, 0));
    }
}
