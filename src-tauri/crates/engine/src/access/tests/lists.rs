//! Lists, warnings and administrators of small directories made by hand, and pages of a large one.

use super::*;
use crate::sync::{ChangeOf, ChangeWord};

const ALL: Page = Page { offset: 0, limit: 200 };

impl Made {
    fn sql(self, statements: &str) -> Self {
        self.connection.execute_batch(statements).unwrap();
        self
    }
}

fn ids<T>(lines: &[T], id: impl Fn(&T) -> &str) -> Vec<String> {
    lines.iter().map(|line| id(line).to_owned()).collect()
}

#[test]
fn people_come_in_pages_and_each_once() {
    let directory = print_room().person("guest", false, "guest", Some("")).open();
    let page = |offset| directory.people_page(Page { offset, limit: 3 }).unwrap();
    assert_eq!(ids(&page(0), |line| &line.id), ["ada", "ben", "cleo"]);
    assert_eq!(ids(&page(3), |line| &line.id), ["dan", "eve", "guest"]);
    assert_eq!(ids(&page(6), |line| &line.id), ["off"]);
    assert!(page(7).is_empty());
    let guest = page(5).remove(0);
    assert_eq!((guest.enabled, guest.guest, guest.mail.as_deref()), (false, true, None));
    assert_eq!(guest.display_name.as_deref(), Some("GUEST"));
    assert_eq!(guest.user_principal_name.as_deref(), Some("guest@contoso.example"));
    assert_eq!(directory.people_count().unwrap(), 7);
}

#[test]
fn groups_come_by_name_with_their_members() {
    let directory =
        print_room().sql("UPDATE groups SET visibility = 'HiddenMembership' WHERE id = 'out'").open();
    let groups = directory.groups_page(Page { offset: 0, limit: 3 }).unwrap();
    let groups: Vec<_> = groups.iter().map(|line| (line.id.as_str(), line.members, line.hidden)).collect();
    assert_eq!(groups, [("out", 1, true), ("studio", 3, false), ("interns", 2, false)]);
    assert_eq!(
        ids(&directory.groups_page(Page { offset: 5, limit: 9 }).unwrap(), |line| &line.id),
        ["everyone"]
    );
}

#[test]
fn changes_have_the_names_of_both_and_unknown_words_are_left_out() {
    let directory = print_room()
        .sql(
            "INSERT INTO changes VALUES (1, 'user', 'removed', 'gone', 'Gone Person', NULL, NULL),
                                        (2, 'membership', 'added', 'ada', NULL, 'colour', NULL),
                                        (3, 'membership', 'removed', 'interns', NULL, 'lost', 'Lost group'),
                                        (4, 'membership', 'removed', 'nobody', NULL, 'lost', NULL),
                                        (5, 'printer', 'melted', 'x', NULL, NULL, NULL),
                                        (6, 'group', 'updated', 'studio', 'Design studio', NULL, NULL);",
        )
        .open();
    assert_eq!(directory.changes_kept().unwrap(), 6);
    let lines = directory.changes_page(ALL).unwrap();
    let told: Vec<_> =
        lines.iter().map(|line| (line.of, line.word, line.name.as_deref(), line.group.as_deref())).collect();
    use {ChangeOf::*, ChangeWord::*};
    assert_eq!(
        told,
        [
            (User, Removed, Some("Gone Person"), None),
            (Membership, Added, Some("ADA"), Some("Print – Colour")),
            (Membership, Removed, Some("Interns"), Some("Lost group")),
            (Membership, Removed, None, Some("lost")),
            (Group, Updated, Some("Design studio"), None),
        ]
    );
    assert_eq!(directory.changes_page(Page { offset: 3, limit: 1 }).unwrap()[0].id, "nobody");
}

#[test]
fn what_is_worth_a_look_is_counted_and_listed() {
    let made = print_room()
        .person("guest", true, "Guest", Some("guest@else.example"))
        .group("twin-1", "Émigrés", &["from-afar", ":untyped", ":ada", ":interns"])
        .group("twin-2", "émigrés", &[":untyped", ":other"])
        .group("near", "Emigres", &[])
        .sql(
            "UPDATE users SET display_name = 'ÉVE' WHERE id = 'eve';
             UPDATE users SET display_name = 'éve' WHERE id = 'ada';
             UPDATE users SET display_name = '' WHERE id IN ('ben', 'cleo');
             UPDATE groups SET visibility = 'HiddenMembership' WHERE id = 'out';",
        );
    let directory = made.open();
    assert_eq!(
        directory.warnings().unwrap(),
        WarningCounts {
            without_mail: 1,
            guests: 1,
            disabled: 1,
            people_sharing_a_name: 2,
            groups_sharing_a_name: 2,
            hidden_groups: 1,
            unknown_members: 2,
        }
    );
    let people = |which| ids(&directory.people_warned(which, ALL).unwrap(), |line| &line.id);
    assert_eq!(people(PeopleWarning::WithoutMail), ["off"]);
    assert_eq!(people(PeopleWarning::Guests), ["guest"]);
    assert_eq!(people(PeopleWarning::Disabled), ["off"]);
    assert_eq!(people(PeopleWarning::SharingAName), ["ada", "eve"]);
    let groups = |which| ids(&directory.groups_warned(which, ALL).unwrap(), |line| &line.id);
    assert_eq!(groups(GroupsWarning::SharingAName), ["twin-1", "twin-2"]);
    assert_eq!(groups(GroupsWarning::Hidden), ["out"]);
    let unknown = |page| directory.unknown_members(page).unwrap();
    assert_eq!(
        unknown(ALL),
        [
            UnknownMember { id: "other".into(), group: "émigrés".into(), groups: 1 },
            UnknownMember { id: "untyped".into(), group: "Émigrés".into(), groups: 2 },
        ]
    );
    assert_eq!(unknown(Page { offset: 1, limit: 1 })[0].id, "untyped");
}

#[test]
fn whoever_becomes_an_administrator_comes_with_the_way() {
    let directory = print_room().open();
    let rules = [rule("colour", "administrator"), rule("everyone", "mono"), rule("out", NO_ACCESS)];
    let found = directory.administrators(&rules, &roles(), 1).unwrap();
    assert_eq!(found.count, 2, "dan is kept out: {found:?}");
    assert_eq!(ids(&found.first, |person| &person.id), ["ben"]);
    let all = directory.administrators(&rules, &roles(), 10).unwrap();
    assert_eq!(all.first[1].because, ["Print – Colour, via Design studio"]);
    let none = directory.administrators(&rules[1..], &roles(), 10).unwrap();
    assert_eq!(none, Administrators::default());
}

#[test]
fn a_page_of_a_large_directory_needs_no_more_than_its_lines() {
    let directory = Made::new()
        .sql(
            "INSERT INTO users SELECT printf('%08x', value * 2654435761 % 4294967296), 'u' || value || '@contoso.example',
                    'Person ' || value, NULL, 1, 'Member'
               FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 20000) SELECT value FROM n);",
        )
        .open();
    let plan: Vec<String> = {
        let mut explain = directory
            .connection
            .prepare("EXPLAIN QUERY PLAN SELECT * FROM users ORDER BY id LIMIT 200 OFFSET 19000")
            .unwrap();
        explain.query_map([], |row| row.get(3)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "nothing is sorted: {plan:?}");
    let last = directory.people_page(Page { offset: 19_900, limit: 200 }).unwrap();
    assert_eq!(last.len(), 100);
    assert!(last.is_sorted_by(|one, other| one.id < other.id));
}
