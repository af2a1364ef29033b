//! The end of a credential as a calendar file (RFC 5545). The file follows from its inputs alone, byte by byte.

use jiff::{Timestamp, civil::Date};

use super::Ending;
use crate::words;

/// Octets of a line at most, its end not counted (section 3.1).
const LINE: usize = 75;

/// A calendar with one all-day event for each end, and an alarm for each of the days before it. Importing it again
/// changes the same events: their UIDs follow from the connection and its credential.
pub fn calendar(endings: &[Ending], remind_days: &[u16], now: Timestamp) -> String {
    let mut file = File::default();
    file.line("BEGIN:VCALENDAR");
    file.line("VERSION:2.0");
    file.line("PRODID:-//Gatehouse//Gatehouse//EN");
    file.line("CALSCALE:GREGORIAN");
    file.line("METHOD:PUBLISH");
    for ending in endings {
        event(&mut file, ending, remind_days, now);
    }
    file.line("END:VCALENDAR");
    file.0
}

fn event(file: &mut File, ending: &Ending, remind_days: &[u16], now: Timestamp) {
    let title = format!("{}: the {} ends", ending.name, ending.noun.to_lowercase());
    file.line("BEGIN:VEVENT");
    file.line(&format!("UID:{}-{}@gatehouse", ending.connection, ending.credential));
    file.line(&now.strftime("DTSTAMP:%Y%m%dT%H%M%SZ").to_string());
    file.line(&day("DTSTART", ending.ends_on));
    file.line(&day("DTEND", ending.ends_on.tomorrow().unwrap_or(ending.ends_on)));
    file.text("SUMMARY", &title);
    file.text(
        "DESCRIPTION",
        &format!(
            "It ends in the course of this day (UTC). From then on its gateways cannot sign in to Entra ID with it.\nRotate it before this day: gatehouse rotate {} begin",
            ending.connection
        ),
    );
    file.line("TRANSP:TRANSPARENT");
    for days in remind_days {
        file.line("BEGIN:VALARM");
        file.line("ACTION:DISPLAY");
        file.line(&format!("TRIGGER:-P{days}D"));
        file.text("DESCRIPTION", &format!("{title} in {}", words::count(usize::from(*days), "day", "days")));
        file.line("END:VALARM");
    }
    file.line("END:VEVENT");
}

fn day(name: &str, date: Date) -> String {
    format!("{name};VALUE=DATE:{}", date.strftime("%Y%m%d"))
}

#[derive(Default)]
struct File(String);

impl File {
    /// A property with a text as its value (section 3.3.11).
    fn text(&mut self, name: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\\' | ';' | ',' => escaped.extend(['\\', letter]),
                '\n' => escaped.push_str("\\n"),
                _ if letter.is_control() => {}
                _ => escaped.push(letter),
            }
        }
        self.line(&format!("{name}:{escaped}"));
    }

    /// One line, folded where it is too long, and never within a character.
    fn line(&mut self, line: &str) {
        let mut room = LINE;
        for letter in line.chars() {
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE - 1;
            }
            room -= letter.len_utf8();
            self.0.push(letter);
        }
        self.0.push_str("\r\n");
    }
}
