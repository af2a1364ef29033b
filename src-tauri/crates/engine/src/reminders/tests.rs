use jiff::ToSpan;

use super::*;
use crate::diagnosis::checks::fixture;

const DAYS: [u16; 5] = [60, 30, 14, 7, 1];

fn day(text: &str) -> Timestamp {
    format!("{text}T09:00:00Z").parse().unwrap()
}

fn ending() -> Ending {
    let mut connection = fixture::healthy();
    connection.credential.as_mut().unwrap().ends_on = Some("2027-03-31".parse().unwrap());
    Ending::of(&connection).unwrap()
}

#[test]
fn each_chosen_day_reminds_once() {
    let endings = [ending()];
    let (mut told, mut reminded) = (Vec::new(), Vec::new());
    let mut now = day("2027-01-01");
    while now < day("2027-04-03") {
        // Asked twice a day, it answers once.
        for _ in 0..2 {
            let due = due(&endings, &DAYS, &told, now);
            reminded.extend(due.iter().map(|reminder| reminder.days_left));
            remember(&mut told, &due, now);
        }
        now = now.checked_add(24.hours()).unwrap();
    }
    assert_eq!(reminded, [60, 30, 14, 7, 1, 0, -1, -2]);
    assert_eq!(told.len(), 1);
}

#[test]
fn days_on_which_nothing_ran_are_caught_up_with() {
    let endings = [ending()];
    let first = due(&endings, &DAYS, &[], day("2027-03-20"));
    assert_eq!((first[0].days_left, first[0].mark), (11, Mark::Before(14)));
    let mut told = Vec::new();
    remember(&mut told, &first, day("2027-03-20"));
    assert_eq!(due(&endings, &DAYS, &told, day("2027-03-22")), []);
    assert_eq!(due(&endings, &DAYS, &told, day("2027-03-27"))[0].mark, Mark::Before(7));
}

#[test]
fn nobody_is_reminded_too_early_or_against_their_will() {
    assert_eq!(due(&[ending()], &DAYS, &[], day("2027-01-29")), []);
    assert_eq!(due(&[ending()], &[], &[], day("2027-03-31")), []);
}

#[test]
fn a_new_credential_is_reminded_of_afresh() {
    let told = [Told { credential: "another".to_owned(), on: "2027-03-30".parse().unwrap(), days: 1 }];
    assert_eq!(due(&[ending()], &DAYS, &told, day("2027-03-30")).len(), 1);
}

#[test]
fn the_words_count_the_days() {
    let title = |date: &str| due(&[ending()], &DAYS, &[], day(date))[0].title();
    assert!(title("2027-03-20").ends_with(": the secret ends in 11 days"));
    assert!(title("2027-03-30").ends_with(": the secret ends in 1 day"));
    assert!(title("2027-03-31").ends_with(": the secret ends today"));
    assert!(title("2027-04-01").ends_with(": the secret ended 1 day ago"));
}

#[test]
fn what_was_told_is_kept_and_a_spoiled_file_only_repeats() {
    let home = tempfile::tempdir().unwrap();
    let store = ToldStore::of(home.path());
    assert_eq!(store.read(), []);
    let told = vec![Told { credential: "a".to_owned(), on: "2027-03-30".parse().unwrap(), days: 1 }];
    store.save(told.clone()).unwrap();
    assert_eq!(store.read(), told);
    crate::store::atomic::write_private(&home.path().join("reminders.json"), b"{").unwrap();
    assert_eq!(store.read(), []);
}

#[test]
fn the_calendar_has_an_all_day_event_with_its_alarms() {
    let mut long = ending();
    long.name = "Fabrikam, \"Plant\"; edge – with a name that is long enough to need a folded line, twice over, it is".to_owned();
    let text = calendar(&[long], &DAYS, day("2027-01-01"));
    assert!(text.lines().count() > 20 && !text.replace("\r\n", "").contains(['\r', '\n']));
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let whole = text.replace("\r\n ", "");
    for line in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "DTSTART;VALUE=DATE:20270331",
        "DTEND;VALUE=DATE:20270401",
        "DTSTAMP:20270101T090000Z",
        "TRANSP:TRANSPARENT",
        "END:VCALENDAR",
    ] {
        assert_eq!(whole.split("\r\n").filter(|found| *found == line).count(), 1, "{line}\n{whole}");
    }
    assert!(whole.contains("SUMMARY:Fabrikam\\, \"Plant\"\\; edge"), "{whole}");
    let says =
        "DESCRIPTION:It ends in the course of this day (UTC). From then on its gateways cannot sign in";
    assert!(whole.contains(says), "the day itself is still good, up to its moment: {whole}");
    assert!(whole.contains("\\nRotate it before this day: gatehouse rotate "), "{whole}");
    let triggers: Vec<&str> = whole.split("\r\n").filter(|line| line.starts_with("TRIGGER")).collect();
    assert_eq!(triggers, ["TRIGGER:-P60D", "TRIGGER:-P30D", "TRIGGER:-P14D", "TRIGGER:-P7D", "TRIGGER:-P1D"]);
}

#[test]
fn a_calendar_that_is_imported_again_changes_the_same_event() {
    let uid = |text: String| text.split("\r\n").find(|line| line.starts_with("UID:")).map(str::to_owned);
    let first = uid(calendar(&[ending()], &DAYS, day("2027-01-01")));
    assert!(first.is_some());
    assert_eq!(first, uid(calendar(&[ending()], &[1], day("2027-02-01"))));
    let mut later = ending();
    later.credential = "another".to_owned();
    assert_ne!(first, uid(calendar(&[later], &DAYS, day("2027-01-01"))));
}
