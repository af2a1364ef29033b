//! Tenant, client ID, name and day.

use entra::TenantRef;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use uuid::Uuid;

use super::{Verdict, clean, clean::clean_throughout};
use crate::words;

const TRIMMED: &str = "White space or invisible characters around it were taken away.";

/// A tenant ID or a domain; `client_id` is the other field's text, to notice swapped ids.
pub fn tenant(text: &str, client_id: &str) -> Verdict<TenantRef> {
    let cleaned = clean_throughout(text);
    if cleaned.text.is_empty() {
        return Verdict::Empty;
    }
    if cleaned.text.eq_ignore_ascii_case(clean(client_id).text.as_ref()) {
        return wrong(
            "This is the same value as the client ID.",
            "Copy **Directory (tenant) ID** from the registration’s **Overview**, or enter a domain such as `contoso.com`.",
        );
    }
    match cleaned.text.parse::<TenantRef>() {
        Ok(value) => Verdict::Fine { value, says: said(cleaned.trimmed) },
        Err(problem) => wrong(
            &sentence(&problem.to_string()),
            "Enter the **Directory (tenant) ID** or a domain of the tenant, such as `contoso.com`.",
        ),
    }
}

/// An application (client) ID; `tenant` is the other field's text, `tenant_id` the tenant's id once it is known.
pub fn client_id(text: &str, tenant: &str, tenant_id: Option<&str>) -> Verdict<Uuid> {
    const FIX: &str = "Copy **Application (client) ID** from the registration’s **Overview**.";
    let cleaned = clean_throughout(text);
    if cleaned.text.is_empty() {
        return Verdict::Empty;
    }
    let other = clean(tenant);
    if other.text.eq_ignore_ascii_case(&cleaned.text) {
        return wrong("This is the same value as the tenant.", FIX);
    }
    if tenant_id.is_some_and(|id| id.eq_ignore_ascii_case(&cleaned.text)) {
        return wrong("This is the tenant’s ID, not the app’s. The two were swapped.", FIX);
    }
    if cleaned.text.contains('@') || cleaned.text.contains('/') {
        return wrong("This is an address, not an ID.", FIX);
    }
    match Uuid::try_parse(&cleaned.text) {
        Ok(id) if id.is_nil() => wrong("This ID consists of zeros.", FIX),
        Ok(value) => Verdict::Fine { value, says: said(cleaned.trimmed) },
        Err(_) => {
            let length = cleaned.text.chars().count();
            let what = format!("A client ID has 36 characters in five groups; this has {length}.");
            let shape =
                "A client ID has five groups of hexadecimal digits; this has another character in it.";
            wrong(if length == 36 { shape } else { &what }, FIX)
        }
    }
}

/// A name for lists and messages: at most 100 characters, none of them invisible.
pub fn name(text: &str) -> Verdict<String> {
    let cleaned = clean_throughout(text);
    if cleaned.text.is_empty() {
        return Verdict::Empty;
    }
    if cleaned.text.chars().count() > 100 {
        return wrong("The name is longer than 100 characters.", "Choose a shorter one.");
    }
    Verdict::Fine { value: cleaned.text.into_owned(), says: String::new() }
}

/// The day a secret ends, `YYYY-MM-DD`.
pub fn day(text: &str, now: Timestamp) -> Verdict<Date> {
    let cleaned = clean(text);
    if cleaned.text.is_empty() {
        return Verdict::Empty;
    }
    let Ok(value) = cleaned.text.parse::<Date>() else {
        return wrong("This is not a day.", "Write it as year-month-day, such as `2027-05-19`.");
    };
    let today = now.to_zoned(TimeZone::UTC).date();
    let left = (value - today).get_days();
    if left > 3653 {
        return wrong("This day is more than ten years away.", "Check the year under **Expires**.");
    }
    let says = match left {
        i32::MIN..=-1 => format!("Ended {}.", words::day(value)),
        0 => "Ends today.".to_owned(),
        days => words::count(usize::try_from(days).unwrap_or_default(), "day", "days") + ".",
    };
    Verdict::Fine { value, says }
}

fn wrong<T>(what: &str, fix: &str) -> Verdict<T> {
    Verdict::Wrong { what: what.to_owned(), fix: fix.to_owned() }
}

fn said(trimmed: bool) -> String {
    if trimmed { TRIMMED.to_owned() } else { String::new() }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if text.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "11111111-1111-4111-8111-111111111111";
    const B: &str = "22222222-2222-4222-8222-222222222222";

    #[test]
    fn ids_are_taken_with_their_company() {
        assert_eq!(
            client_id(&format!(" \u{200b}{A}\" "), B, None).value().unwrap().to_string(),
            A.to_owned()
        );
        assert_eq!(tenant(" Contoso.COM ", A).value().unwrap().to_string(), "contoso.com");
    }

    #[test]
    fn swapped_and_doubled_ids_are_noticed() {
        assert!(matches!(client_id(A, A, None), Verdict::Wrong { .. }));
        assert!(matches!(tenant(A, A), Verdict::Wrong { .. }));
        let Verdict::Wrong { what, .. } = client_id(A, "contoso.com", Some(A)) else { panic!("not noticed") };
        assert!(what.contains("swapped"));
    }

    #[test]
    fn what_is_no_id_is_named() {
        for text in
            ["123", "https://login.microsoftonline.com", "ada@contoso.com", &"0".repeat(36), &"z".repeat(36)]
        {
            assert!(matches!(client_id(text, "", None), Verdict::Wrong { .. }), "{text}");
        }
        for text in ["http://contoso.com", "ada@contoso.com", "two words", "common"] {
            assert!(matches!(tenant(text, ""), Verdict::Wrong { .. }), "{text}");
        }
    }

    #[test]
    fn days_say_how_far_they_are() {
        let now = "2026-11-20T12:00:00Z".parse().unwrap();
        let says = |text| match day(text, now) {
            Verdict::Fine { says, .. } => says,
            other => format!("{other:?}"),
        };
        assert_eq!(says("2027-05-19"), "180 days.");
        assert_eq!(says("2026-11-20"), "Ends today.");
        assert_eq!(says("2026-11-19"), "Ended 19 Nov 2026.");
        assert!(matches!(day("19/05/2027", now), Verdict::Wrong { .. }));
        assert!(matches!(day("2126-11-20", now), Verdict::Wrong { .. }));
    }
}
