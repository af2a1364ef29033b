//! Groups: the ones that an admin would map to gateway roles first, then awkward ones, then departments and sites.

use uuid::Uuid;

use super::{
    DOMAIN,
    membership::{Choice, Member, MemberKind, Wish},
    names::{CULTURES, DEPARTMENTS},
    prng::Identifiers,
};

const TAG: u64 = 0x67_726f_7570;

/// One group of the directory.
pub(crate) struct Group {
    pub(crate) id: Uuid,
    pub(crate) number: u32,
    pub(crate) display_name: String,
    pub(crate) description: Option<&'static str>,
    /// Microsoft 365 group with a mailbox, in contrast to a security group.
    pub(crate) unified: bool,
    pub(crate) mail_nickname: String,
    /// Its members are shown to nobody without the permission for it.
    pub(crate) hidden: bool,
}

impl Group {
    /// Address of a Microsoft 365 group.
    pub(crate) fn mail(&self) -> Option<String> {
        self.unified.then(|| format!("{}@{DOMAIN}", self.mail_nickname))
    }
}

/// All groups of a directory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups {
    pub(crate) count: u32,
    ids: Identifiers,
}

impl Groups {
    pub(crate) fn new(count: u32, seed: u64) -> Self {
        Self { count, ids: Identifiers::new(seed, TAG) }
    }

    /// The same groups and some more after them.
    pub(crate) fn grown(self, added: u32) -> Self {
        Self { count: self.count.saturating_add(added), ..self }
    }

    /// Object ID of the group with this number.
    pub(crate) fn id(self, number: u32) -> Uuid {
        self.ids.id(number)
    }

    /// The group with this number, counted from 0.
    pub(crate) fn get(self, number: u32) -> Group {
        let special = SPECIAL.get(number as usize);
        let display_name = match special {
            Some(special) => special.name.to_owned(),
            None => ordinary_name(number - SPECIAL.len() as u32),
        };
        Group {
            id: self.ids.id(number),
            number,
            display_name,
            description: special.and_then(|special| special.description),
            unified: number % 7 == 6,
            mail_nickname: format!("group{}", u64::from(number) + 1),
            hidden: false,
        }
    }

    /// Number of the group with this object id.
    pub(crate) fn find(self, id: &str) -> Option<u32> {
        self.ids.number(Uuid::parse_str(id).ok()?).filter(|number| *number < self.count)
    }

    /// What each group wants to hold; groups that are not there are left out of others.
    pub(crate) fn wishes(self, users: u32) -> Vec<Wish> {
        (0..self.count).map(|number| self.wish(number, users)).collect()
    }

    fn wish(self, number: u32, users: u32) -> Wish {
        let Some(special) = SPECIAL.get(number as usize) else {
            let weight =
                if number % 11 == 10 { 0 } else { u64::from(users / 40 + 4) * u64::from(number % 5 + 1) };
            return Wish { others: Vec::new(), choice: Choice::Spread, weight, modesty: u32::MAX };
        };
        let others = special
            .others
            .iter()
            .filter(|(kind, other)| *kind != MemberKind::Group || *other < self.count)
            .map(|(kind, number)| Member { kind: *kind, number: *number })
            .collect();
        let weight = match special.size {
            Size::Empty => 0,
            Size::Few => 4,
            Size::Tenth => u64::from(users / 10).max(1),
            Size::Most => u64::from(users),
        };
        let modesty = match special.size {
            Size::Most => users - users / 5,
            Size::Empty | Size::Few | Size::Tenth => u32::MAX,
        };
        Wish { others, choice: special.choice, weight, modesty }
    }
}

struct Special {
    name: &'static str,
    description: Option<&'static str>,
    size: Size,
    choice: Choice,
    others: &'static [(MemberKind, u32)],
}

#[derive(Clone, Copy)]
enum Size {
    Empty,
    Few,
    Tenth,
    Most,
}

/// The hand-made groups. Numbers in `others` are positions in this list, or numbers of devices, apps and contacts.
const SPECIAL: &[Special] = &[
    special("All staff", Size::Most, Choice::FromTheFirst, &[]).describe("Everybody who works at Contoso"),
    special(
        "Print – Everyone",
        Size::Tenth,
        Choice::Spread,
        &[(MemberKind::Group, 0), (MemberKind::Device, 0)],
    )
    .describe("May release print jobs"),
    special("Print – Colour", Size::Tenth, Choice::Spread, &[(MemberKind::Group, 7)])
        .describe("May print in colour"),
    special("Print – Administrators", Size::Few, Choice::FromTheFirst, &[])
        .describe("Look after the print servers"),
    special("VPN users", Size::Tenth, Choice::Spread, &[(MemberKind::Device, 1), (MemberKind::Device, 2)]),
    special(
        "Contractors",
        Size::Tenth,
        Choice::Guests,
        &[(MemberKind::OrgContact, 0), (MemberKind::OrgContact, 1)],
    )
    .describe("People of other companies"),
    // A cycle of three: each is inside the next.
    special("Region North", Size::Few, Choice::Spread, &[(MemberKind::Group, 8)]),
    special("Region South", Size::Few, Choice::Spread, &[(MemberKind::Group, 6)]),
    special("Region West", Size::Few, Choice::Spread, &[(MemberKind::Group, 7)]),
    // Two groups with one name.
    special("Project Aurora", Size::Few, Choice::Spread, &[]).describe("Building 4"),
    special("Project Aurora", Size::Few, Choice::Spread, &[]).describe("Building 7"),
    special("Former employees", Size::Empty, Choice::Spread, &[]),
    special(
        "Meeting room devices",
        Size::Empty,
        Choice::Spread,
        &[(MemberKind::Device, 3), (MemberKind::Device, 4), (MemberKind::Device, 5)],
    ),
    special(
        "Automation accounts",
        Size::Few,
        Choice::Spread,
        &[(MemberKind::ServicePrincipal, 0), (MemberKind::ServicePrincipal, 1)],
    ),
    // Groups inside groups, two levels deep and without people of its own.
    special(
        "Everyone who prints",
        Size::Empty,
        Choice::Spread,
        &[(MemberKind::Group, 1), (MemberKind::Group, 2), (MemberKind::Group, 5)],
    ),
];

const fn special(
    name: &'static str,
    size: Size,
    choice: Choice,
    others: &'static [(MemberKind, u32)],
) -> Special {
    Special { name, description: None, size, choice, others }
}

impl Special {
    const fn describe(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }
}

fn ordinary_name(position: u32) -> String {
    let office = CULTURES[position as usize % CULTURES.len()].office;
    let round = position as usize / CULTURES.len();
    let (department, _) = DEPARTMENTS[(position as usize + round) % DEPARTMENTS.len()];
    match round / DEPARTMENTS.len() {
        0 => format!("{department} – {office}"),
        team => format!("{department} – {office} {}", team + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_by_id_only_while_they_exist() {
        let groups = Groups::new(31, 7);
        for number in 0..31 {
            assert_eq!(groups.find(&groups.get(number).id.to_string()), Some(number));
        }
        assert_eq!(groups.find(&groups.get(31).id.to_string()), None);
        assert_eq!(groups.find("x"), None);
    }

    #[test]
    fn two_groups_share_a_name_and_the_mapped_ones_exist() {
        let groups = Groups::new(31, 7);
        let names: Vec<String> = (0..31).map(|number| groups.get(number).display_name).collect();
        assert_eq!(names.iter().filter(|name| *name == "Project Aurora").count(), 2);
        for name in
            ["Print – Everyone", "Print – Colour", "Print – Administrators", "VPN users", "Contractors"]
        {
            assert!(names.iter().any(|other| other == name), "{name}");
        }
    }
}
