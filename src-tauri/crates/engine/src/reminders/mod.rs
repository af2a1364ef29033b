//! The ends of credentials: who has to be reminded, on which day, and calendars that do it as well. Pure.

mod calendar;
mod told;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    connection::{Connection, Credential},
    words,
};

pub use calendar::calendar;
pub use told::{Told, ToldStore};

/// The end of one credential of one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The connection's id.
    pub connection: String,
    /// The connection's name.
    pub name: String,
    /// `Secret` or `Certificate`.
    pub noun: &'static str,
    /// The credential's label.
    pub credential: String,
    /// The last day on which it is good; it ends in the course of it.
    pub ends_on: Date,
}

/// A reminder that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// What ends.
    pub ending: Ending,
    /// Whole days until then; negative once it has ended.
    pub days_left: i32,
    /// Which of the days it is due for.
    pub mark: Mark,
}

/// How near an end is: the last of the chosen days that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// So many days before it, or fewer.
    Before(u16),
    /// On its day, or after it.
    Ended,
}

impl Ending {
    /// The end of a connection's credential in use; none when it has none, or nobody knows the day.
    pub fn of(connection: &Connection) -> Option<Self> {
        let credential = connection.credential.as_ref()?;
        Some(Self {
            connection: connection.id.clone(),
            name: connection.name.clone(),
            noun: credential.noun(),
            credential: Credential::id(credential),
            ends_on: credential.ends_on?,
        })
    }

    /// Whole days until it; negative once it has passed.
    pub fn days_left(&self, now: Timestamp) -> i32 {
        (self.ends_on - today(now)).get_days()
    }
}

impl Reminder {
    /// One line: `Fabrikam: the secret ends in 11 days`.
    pub fn title(&self) -> String {
        let noun = self.ending.noun.to_lowercase();
        let name = &self.ending.name;
        match self.days_left {
            days if days < 0 => {
                let past = words::count(days.unsigned_abs() as usize, "day", "days");
                format!("{name}: the {noun} ended {past} ago")
            }
            0 => format!("{name}: the {noun} ends today"),
            days => format!(
                "{name}: the {noun} ends in {}",
                words::count(days.unsigned_abs() as usize, "day", "days")
            ),
        }
    }

    /// What it means, and what to do.
    pub fn says(&self) -> String {
        let day = words::day(self.ending.ends_on);
        if self.days_left < 0 {
            return format!("It ended on {day}. Gateways cannot sign in until they have a new one.");
        }
        format!("It ends on {day}. Rotate it while both work, and no gateway stops.")
    }
}

/// The reminders that are due today. For each credential there is at most one a day, and before its end only one for
/// each of the chosen days, however often it is asked. Without chosen days there are none.
pub fn due(endings: &[Ending], remind_days: &[u16], told: &[Told], now: Timestamp) -> Vec<Reminder> {
    let today = today(now);
    let reminder = |ending: &Ending| {
        let days_left = ending.days_left(now);
        let mark = mark(days_left, remind_days)?;
        let before = told.iter().find(|told| told.credential == ending.credential);
        let news =
            before.is_none_or(|told| told.on < today && (mark == Mark::Ended || told.days > days_of(mark)));
        news.then(|| Reminder { ending: ending.clone(), days_left, mark })
    };
    endings.iter().filter_map(reminder).collect()
}

/// That these were told, in the place of what was told of the same credentials before.
pub fn remember(told: &mut Vec<Told>, reminders: &[Reminder], now: Timestamp) {
    for reminder in reminders {
        told.retain(|known| known.credential != reminder.ending.credential);
        told.push(Told {
            credential: reminder.ending.credential.clone(),
            on: today(now),
            days: days_of(reminder.mark),
        });
    }
}

fn mark(days_left: i32, remind_days: &[u16]) -> Option<Mark> {
    if remind_days.is_empty() {
        return None;
    }
    if days_left <= 0 {
        return Some(Mark::Ended);
    }
    let reached = remind_days.iter().copied().filter(|days| i32::from(*days) >= days_left);
    reached.min().map(Mark::Before)
}

fn days_of(mark: Mark) -> u16 {
    match mark {
        Mark::Before(days) => days,
        Mark::Ended => 0,
    }
}

fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests;
