//! How numbers, days and ids are written for people.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// `12482` as `12,482`.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `19 May 2027`.
pub fn day(date: Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

/// `20 Nov 2026 14:27 UTC`.
pub fn moment(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%-d %b %Y %H:%M UTC").to_string()
}

/// The first and last group of a GUID: `5e0b6f3a-…-09f7c3e18a62`; other texts are left as they are.
pub fn short_id(id: &str) -> String {
    match (id.split('-').next(), id.rsplit('-').next()) {
        (Some(first), Some(last)) if id.len() == 36 => format!("{first}-…-{last}"),
        _ => id.to_owned(),
    }
}

/// `3 roles`, `1 role`.
pub fn count(value: usize, one: &str, many: &str) -> String {
    if value == 1 { format!("1 {one}") } else { format!("{} {many}", number(value as u64)) }
}

/// The first five of these names, and how many more there are: `plant-1, plant-2 and plant-3`.
pub fn names(names: &[String]) -> String {
    const NAMED: usize = 5;
    let (named, more) = names.split_at(names.len().min(NAMED));
    match (named, more.len()) {
        ([], _) => String::new(),
        ([one], 0) => one.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (named, more) => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_until_there_are_too_many() {
        let list = |count: usize| names(&["a", "b", "c", "d", "e", "f", "g"].map(str::to_owned)[..count]);
        assert_eq!([1, 2, 3, 5].map(list), ["a", "a and b", "a, b and c", "a, b, c, d and e"]);
        assert_eq!([0, 6, 7].map(list), ["", "a, b, c, d, e and 1 more", "a, b, c, d, e and 2 more"]);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(12_482), "12,482");
        assert_eq!(number(1_000_000), "1,000,000");
    }

    #[test]
    fn ids_keep_their_first_and_last_group() {
        assert_eq!(short_id("5e0b6f3a-71c9-4a8e-b2d4-09f7c3e18a62"), "5e0b6f3a-…-09f7c3e18a62");
        assert_eq!(short_id("contoso.com"), "contoso.com");
    }

    #[test]
    fn days_and_moments_read_like_people_write_them() {
        assert_eq!(day(jiff::civil::date(2027, 5, 19)), "19 May 2027");
        assert_eq!(moment("2026-11-20T14:27:03Z".parse().unwrap()), "20 Nov 2026 14:27 UTC");
    }
}
