//! Lines of lists, with names in full or masked.

use engine::{
    access::{Administrators, GroupLine, PersonLine, UnknownMember},
    profile::Profile,
    sync,
};

use super::{mask, small};
use crate::wire::{AdministratorsView, ChangeOf, ChangeWord, ListRow, PersonAccess};

/// How names of people are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// As they are.
    InFull,
    /// Their first letters.
    Masked,
}

impl Names {
    fn name(self, name: Option<String>) -> Option<String> {
        match self {
            Self::InFull => name,
            Self::Masked => name.as_deref().map(mask::name),
        }
    }

    fn address(self, address: Option<String>) -> Option<String> {
        match self {
            Self::InFull => address,
            Self::Masked => address.as_deref().map(mask::address),
        }
    }
}

impl ListRow {
    pub(crate) fn person(line: PersonLine, names: Names) -> Self {
        Self::Person {
            id: line.id,
            name: names.name(line.display_name),
            sign_in: names.address(line.user_principal_name),
            mail: names.address(line.mail),
            enabled: line.enabled,
            guest: line.guest,
        }
    }

    pub(crate) fn change(line: sync::ChangeLine, names: Names) -> Self {
        let of = match line.of {
            sync::ChangeOf::User => ChangeOf::User,
            sync::ChangeOf::Group => ChangeOf::Group,
            sync::ChangeOf::Membership => ChangeOf::Membership,
        };
        Self::Change {
            id: line.id,
            of,
            word: match line.word {
                sync::ChangeWord::Added => ChangeWord::Added,
                sync::ChangeWord::Updated => ChangeWord::Updated,
                sync::ChangeWord::Disabled => ChangeWord::Disabled,
                sync::ChangeWord::Enabled => ChangeWord::Enabled,
                sync::ChangeWord::Removed => ChangeWord::Removed,
            },
            name: if of == ChangeOf::Group { line.name } else { names.name(line.name) },
            group: line.group,
        }
    }
}

impl From<GroupLine> for ListRow {
    fn from(line: GroupLine) -> Self {
        Self::Group {
            id: line.id,
            name: line.display_name,
            mail: line.mail,
            members: small(line.members),
            hidden: line.hidden,
        }
    }
}

impl From<UnknownMember> for ListRow {
    fn from(line: UnknownMember) -> Self {
        Self::Unknown { id: line.id, group: line.group, groups: small(line.groups) }
    }
}

impl AdministratorsView {
    pub(crate) fn of(found: Administrators, profile: &Profile, names: Names) -> Self {
        let person = |person| {
            let person = PersonAccess::of(person, profile);
            match names {
                Names::InFull => person,
                Names::Masked => PersonAccess {
                    display_name: mask::name(&person.display_name),
                    user_principal_name: mask::address(&person.user_principal_name),
                    ..person
                },
            }
        };
        Self {
            count: small(found.count),
            masked: names == Names::Masked,
            first: found.first.into_iter().map(person).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(of: sync::ChangeOf) -> sync::ChangeLine {
        sync::ChangeLine {
            of,
            word: sync::ChangeWord::Removed,
            id: "1".into(),
            name: Some("Amelia Sandhu".into()),
            group: Some("Print – Colour".into()),
        }
    }

    #[test]
    fn people_are_masked_and_groups_are_not() {
        let shown = |of, names| match ListRow::change(removed(of), names) {
            ListRow::Change { name, group, .. } => (name.unwrap(), group.unwrap()),
            other => panic!("{other:?}"),
        };
        let colour = || "Print – Colour".to_owned();
        assert_eq!(shown(sync::ChangeOf::User, Names::Masked), ("A•••• S••••".into(), colour()));
        assert_eq!(shown(sync::ChangeOf::Membership, Names::Masked), ("A•••• S••••".into(), colour()));
        assert_eq!(shown(sync::ChangeOf::Group, Names::Masked), ("Amelia Sandhu".into(), colour()));
        assert_eq!(shown(sync::ChangeOf::User, Names::InFull), ("Amelia Sandhu".into(), colour()));
        let line = PersonLine {
            id: "1".into(),
            display_name: Some("Amelia Sandhu".into()),
            user_principal_name: Some("amelia@contoso.com".into()),
            mail: Some("amelia@contoso.com".into()),
            enabled: true,
            guest: false,
        };
        let masked = serde_json::to_string(&ListRow::person(line, Names::Masked)).unwrap();
        assert!(!masked.contains("melia") && !masked.contains("andhu"), "{masked}");
    }
}
