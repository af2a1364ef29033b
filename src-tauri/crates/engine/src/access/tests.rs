//! The access table against small directories made by hand.

mod lists;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, params};

use super::*;
use crate::{connection::AccessRule, profile::ProfileRole, sync::TABLES};

const EVERYONE: &str = "00000000-0000-4000-8000-00000000000e";

/// A directory on disk that is filled row by row.
struct Made {
    folder: tempfile::TempDir,
    connection: Connection,
}

impl Made {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("made.sqlite")).unwrap();
        connection.execute_batch(TABLES).unwrap();
        connection.pragma_update(None, "user_version", SCHEMA_VERSION).unwrap();
        Self { folder, connection }
    }

    fn user(self, id: &str) -> Self {
        self.person(id, true, "Member", Some(id))
    }

    fn person(self, id: &str, enabled: bool, user_type: &str, mail: Option<&str>) -> Self {
        let name = format!("{id}@contoso.example");
        self.connection
            .execute(
                "INSERT INTO users VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![id, name, id.to_uppercase(), mail, enabled, user_type],
            )
            .unwrap();
        self
    }

    fn group(self, id: &str, name: &str, members: &[&str]) -> Self {
        self.connection
            .execute(
                "INSERT INTO groups VALUES (?1, ?2, NULL, 1, NULL, '', ?3)",
                params![id, name, fold(name)],
            )
            .unwrap();
        let members: BTreeMap<&str, &str> = members
            .iter()
            .map(|member| member.split_once(':').map_or((*member, "user"), |(kind, member)| (member, kind)))
            .collect();
        if let Some((first, _)) = members.first_key_value() {
            let of_kind = |name: &str| members.values().filter(|kind| **kind == name).count();
            let pieces = serde_json::to_string(&members).unwrap();
            self.connection
                .execute(
                    "INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![id, first, members.len(), of_kind("group"), of_kind(""), pieces],
                )
                .unwrap();
        }
        self
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("made.sqlite")
    }

    fn open(&self) -> Directory {
        self.open_as(true, true)
    }

    fn open_as(&self, complete: bool, groups_listed: bool) -> Directory {
        self.connection.execute("DELETE FROM run", []).unwrap();
        self.connection
            .execute(
                "INSERT INTO run VALUES (?1, 0, '', '', 0, 0, 0, 0, ?2, 0, NULL, 0, 0, 0, 0, 0, 0, NULL)",
                params![complete, groups_listed],
            )
            .unwrap();
        Directory::open(&self.path()).unwrap().unwrap()
    }
}

fn rule(group_id: &str, role: &str) -> AccessRule {
    AccessRule { group_id: group_id.into(), group_name: format!("saved {group_id}"), role: role.into() }
}

fn roles() -> Vec<ProfileRole> {
    [("administrator", 100, true), ("colour", 50, false), ("mono", 10, false)]
        .map(|(id, rank, administers)| ProfileRole { id: id.into(), name: id.into(), rank, administers })
        .to_vec()
}

/// Six people; `studio` is nested in `colour`, `interns` in `studio`, and `studio` holds `colour` again: a circle.
fn print_room() -> Made {
    Made::new()
        .user("ada")
        .user("ben")
        .user("cleo")
        .user("dan")
        .user("eve")
        .person("off", false, "Member", None)
        .group("everyone", "Print – Everyone", &["ada", "ben", "off", "device:tablet"])
        .group("colour", "Print – Colour", &["ben", "group:studio"])
        .group("studio", "Design studio", &["cleo", "group:interns", "group:colour"])
        .group("interns", "Interns", &["dan", "cleo"])
        .group("admins", "Print – Administrators", &["ada"])
        .group("out", "Contractors", &["dan"])
}

#[test]
fn everybody_is_granted_kept_out_or_unnamed() {
    let directory = print_room().open();
    let rules = [
        rule("everyone", "mono"),
        rule("colour", "colour"),
        rule("admins", "administrator"),
        rule("out", NO_ACCESS),
    ];
    let effect = directory.effect(&rules, &roles()).unwrap();
    assert_eq!((effect.granted, effect.kept_out, effect.unnamed), (3, 1, 1), "{effect:?}");
    assert_eq!(effect.administrators, 1);
    let numbers: Vec<_> =
        effect.rules.iter().map(|rule| (rule.people, rule.nested_groups, rule.in_several)).collect();
    assert_eq!(numbers, [(2, 0, 2), (3, 2, 2), (1, 0, 1), (1, 0, 1)]);
    assert!(effect.rules.iter().all(|rule| !rule.vanished));
}

#[test]
fn no_rules_name_nobody() {
    let effect = print_room().open().effect(&[], &roles()).unwrap();
    assert_eq!(effect, AccessEffect { unnamed: 5, ..AccessEffect::default() });
}

#[test]
fn two_rules_with_the_same_role_are_no_conflict() {
    let rules = [rule("everyone", "mono"), rule("admins", "mono")];
    let effect = print_room().open().effect(&rules, &roles()).unwrap();
    assert_eq!(effect.rules.iter().map(|rule| rule.in_several).collect::<Vec<_>>(), [0, 0]);
    assert_eq!((effect.granted, effect.administrators), (2, 0));
}

#[test]
fn a_role_that_the_profile_does_not_have_grants_nothing() {
    let effect = print_room().open().effect(&[rule("everyone", "retired")], &roles()).unwrap();
    assert_eq!((effect.granted, effect.kept_out, effect.unnamed), (0, 0, 5));
    assert_eq!(effect.rules[0].people, 2);
}

#[test]
fn a_group_that_holds_itself_is_counted_once() {
    let made = Made::new().user("ada").group("one", "One", &["group:one", "group:two", "ada"]).group(
        "two",
        "Two",
        &["group:one", "ada"],
    );
    let effect = made.open().effect(&[rule("one", "mono")], &roles()).unwrap();
    assert_eq!((effect.granted, effect.rules[0].nested_groups), (1, 1));
}

#[test]
fn a_vanished_group_is_told_only_when_all_groups_were_listed() {
    let made = print_room();
    let rules = [rule("deleted", "mono")];
    assert!(made.open().effect(&rules, &roles()).unwrap().rules[0].vanished);
    assert!(!made.open_as(false, false).effect(&rules, &roles()).unwrap().rules[0].vanished);
    let access = made.open().group_access(&rules, &roles(), "deleted").unwrap();
    assert_eq!(access.group_name, "saved deleted");
    assert_eq!((access.will_get, access.direct), (0, 0));
}

#[test]
fn a_groups_people_add_up_from_direct_and_nested_members() {
    let directory = print_room().open();
    let rules = [rule("colour", "colour"), rule("out", NO_ACCESS)];
    let access = directory.group_access(&rules, &roles(), "colour").unwrap();
    assert_eq!(access.group_name, "Print – Colour");
    assert_eq!((access.will_get, access.kept_out, access.direct), (2, 1, 1));
    assert_eq!(access.via, [("Design studio".to_owned(), 1), ("Interns".to_owned(), 1)]);
    let unnamed = directory.group_access(&rules, &roles(), "everyone").unwrap();
    assert_eq!((unnamed.direct, unnamed.will_get, unnamed.kept_out), (2, 1, 0), "ada is named by no rule");
}

#[test]
fn a_person_gets_the_highest_role_and_the_shortest_way_to_it() {
    let directory = print_room().open();
    let rules = [rule("everyone", "mono"), rule("colour", "colour"), rule("out", NO_ACCESS)];
    let ask = |query: &str| directory.person_access(&rules, &roles(), query).unwrap();
    let ben = ask("BEN@contoso.example").unwrap();
    assert_eq!(ben.role.as_deref(), Some("colour"));
    assert_eq!(ben.because, ["Print – Colour", "Print – Everyone"]);
    let cleo = ask(" cleo ").unwrap();
    assert_eq!(cleo.because, ["Print – Colour, via Design studio"]);
    let dan = ask("dan").unwrap();
    assert!(dan.denied && dan.role.is_none());
    assert_eq!(dan.because, ["Contractors", "Print – Colour, via Design studio → Interns"]);
    let eve = ask("eve").unwrap();
    assert!(!eve.denied && eve.role.is_none() && eve.because.is_empty());
    let off = ask("off@contoso.example").unwrap();
    assert!(off.role.is_none() && !off.denied);
    assert_eq!(off.because, ["The account is disabled", "Print – Everyone"]);
    assert_eq!((off.user_principal_name.as_str(), off.display_name.as_str()), ("off@contoso.example", "OFF"));
    assert_eq!(ask("nobody"), None);
    assert_eq!(ask(""), None);
}

#[test]
fn groups_are_found_by_words_without_case_and_diacritics() {
    let made = print_room()
        .group("zurich", "HQ Printers – Zürich", &[])
        .group("twin-1", "Marketing", &["ada", "ben"])
        .group("twin-2", "marketing", &[])
        .group("near", "Märketing", &[])
        .group("signs", "+++", &[])
        .group(EVERYONE, "100% Everyone_", &[]);
    let directory = made.open();
    let found = |query: &str| {
        let hits = directory.search_groups(query, 10).unwrap();
        hits.into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(found("ZURICH print"), ["zurich"]);
    assert_eq!(found("print"), ["admins", "colour", "everyone", "zurich"]);
    assert_eq!(found("print - everyone"), ["everyone"]);
    assert_eq!(found(&EVERYONE.to_uppercase()), [EVERYONE]);
    assert_eq!(found("%"), [EVERYONE]);
    assert_eq!(found("++"), ["signs"]);
    assert!(found("nothing like it").is_empty());
    assert_eq!(directory.search_groups("", 3).unwrap().len(), 3);
    let sharing: Vec<_> = directory.search_groups("marketing", 10).unwrap();
    let sharing: Vec<_> = sharing.iter().map(|hit| (hit.id.as_str(), hit.shares_name, hit.members)).collect();
    assert_eq!(sharing, [("near", false, 0), ("twin-1", true, 2), ("twin-2", true, 0)]);
    assert_eq!(directory.search_groups("Print – Colour", 1).unwrap()[0].nested_groups, 2);
    assert_eq!(directory.groups().unwrap(), 12);
}

#[test]
fn people_and_sizes_are_summed_up() {
    let made = print_room()
        .person("guest", true, "Guest", Some("guest@else.example"))
        .person("old-guest", false, "guest", Some(""))
        .group("empty", "print – colour", &[]);
    let directory = made.open();
    assert_eq!(
        directory.people().unwrap(),
        PeopleSummary {
            members_enabled: 5,
            members_disabled: 1,
            guests_enabled: 1,
            guests_disabled: 1,
            without_mail: 2
        }
    );
    let sizes = directory.group_sizes().unwrap();
    assert_eq!(sizes.buckets, [1, 6, 0, 0, 0, 0]);
    assert_eq!(sizes.largest, Some(("Print – Everyone".to_owned(), 4)));
    assert_eq!(sizes.shared_names, 2);
}

#[test]
fn sizes_fall_into_their_buckets() {
    let buckets = [0, 1, 9, 10, 99, 100, 999, 1_000, 4_999, 5_000, 1_000_000].map(bucket);
    assert_eq!(buckets, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
}

#[test]
fn only_files_of_this_version_are_opened() {
    assert!(Directory::open(Path::new("/nonexistent/gatehouse.sqlite")).unwrap().is_none());
    let made = print_room();
    let unfinished = Directory::open(&made.path());
    assert!(matches!(unfinished, Err(DirectoryProblem::OtherVersion)), "no run was recorded");
    assert!(!made.open_as(false, true).complete());
    made.connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Directory::open(&made.path()), Err(DirectoryProblem::OtherVersion)));
    let text = made.folder.path().join("text");
    std::io::Write::write_all(&mut std::fs::File::create(&text).unwrap(), b"not a database, but long enough")
        .unwrap();
    assert!(matches!(Directory::open(&text), Err(DirectoryProblem::Damaged(_))));
}
