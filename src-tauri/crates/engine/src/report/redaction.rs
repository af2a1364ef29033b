//! What leaves Gatehouse in a report or is kept in the history: never secrets and tokens, names only when chosen.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Serialize;
use serde_json::Value;

use super::{Ids, Names};
use crate::{
    connection::{Connection, Credential},
    diagnosis::checks,
    words,
};

/// The longest text, in characters.
const TEXT_AT_MOST: usize = 2_000;

/// Stands for what a service said in its own words, which may name anybody.
const OWN_WORDS: &str = "[left out]";

/// Fields of the evidence that name a person, a group, an organisation or a folder.
const NAMING_FIELDS: [(&str, &str); 12] = [
    ("display_name", "[name]"),
    ("app_displayname", "[name]"),
    ("organization", "[organization]"),
    ("folder", "[folder]"),
    ("user_principal_name", "[person]"),
    ("username", "[person]"),
    ("account", "[person]"),
    ("mail", "[person]"),
    ("given_name", "[person]"),
    ("surname", "[person]"),
    ("group_name", "[group]"),
    ("ca_file", "[file]"),
];

/// A pattern and what stands in its place.
type Mask = (&'static str, &'static str);

const SECRETS: [Mask; 5] = [
    (r"(?s)-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|$)", "[key]"),
    (r"eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}", "[token]"),
    (r"(?i)\b(bearer)\s+[A-Za-z0-9._~+/=-]{20,}", "$1 [token]"),
    (
        r#"(?i)\b(client_secret|client_assertion|assertion|password|passwd|pwd|access_token|refresh_token|id_token|device_code)\b(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+"#,
        "$1$2[secret]",
    ),
    // As Entra ID makes them now: three characters, a version, a tilde, about thirty more.
    (r"[A-Za-z0-9_.-]{3,}~[A-Za-z0-9_.~-]{12,}", "[secret]"),
];

const PEOPLE: [Mask; 2] = [
    (r"[\p{L}\p{N}._%+'#-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+", "[person]"),
    (r#"(?i)((?:/home|/users|\\users)[/\\])[^/\\\s`"”]+"#, "$1[person]"),
];

/// Old client secrets, assertions and keys: long, and of capitals, small letters and digits.
const LONG_RUN: Mask = (r"[A-Za-z0-9_+/=-]{28,}", "[secret]");

const GUID: &str = r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b";

/// Ids of Microsoft's own resources end so in every tenant.
const WELL_KNOWN: &str = "-0000-0000-c000-000000000000";

struct Patterns {
    secrets: Vec<(Regex, &'static str)>,
    people: Vec<(Regex, &'static str)>,
    long_run: Option<Regex>,
    guid: Option<Regex>,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let compiled = |masks: &[Mask]| {
        let masks = masks.iter().map(|(pattern, instead)| Some((Regex::new(pattern).ok()?, *instead)));
        masks.flatten().collect()
    };
    Patterns {
        secrets: compiled(&SECRETS),
        people: compiled(&PEOPLE),
        long_run: Regex::new(LONG_RUN.0).ok(),
        guid: Regex::new(GUID).ok(),
    }
});

/// Knows the names of one connection's evidence.
pub(crate) struct Redaction {
    names: Names,
    ids: Ids,
    /// Longest first, so that no name is cut in two by a shorter one.
    known: Vec<(String, &'static str)>,
}

impl Redaction {
    /// For texts about this connection.
    pub(crate) fn of(connection: &Connection, names: Names, ids: Ids) -> Self {
        let mut known = Vec::new();
        if names == Names::Masked {
            // Looked through as it is saved, so that a fact that is added later is covered by its fields' names.
            collect(&as_saved(&connection.evidence), &mut known);
            collect(&as_saved(&connection.access), &mut known);
            let certificate = connection.credential.as_ref().and_then(Credential::certificate);
            known.extend(certificate.map(|certificate| (single_line(&certificate.subject), "[name]")));
            known.extend(connection.ca_file.iter().map(|file| (file.clone(), "[file]")));
        }
        // A connection is often named after its app, and its own name is shown as it was given.
        let own = single_line(&connection.name);
        known.retain(|(name, _)| names_something(name) && *name != own);
        known.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        known.dedup();
        Self { names, ids, known }
    }

    /// A text for people.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = self.label(text);
        if self.ids == Ids::Short {
            text = shorten_ids(&text);
        }
        capped(text)
    }

    /// An id that Microsoft's support asks for: whole, and nothing else in it.
    pub(crate) fn support_id(&self, id: &str) -> String {
        capped(self.label(id))
    }

    fn label(&self, text: &str) -> String {
        let mut text = single_line(text);
        for (name, instead) in &self.known {
            text = replaced(&text, name, instead);
        }
        text = masked(text, &PATTERNS.secrets);
        text = without_long_runs(&text);
        if self.names == Names::Masked {
            text = masked(text, &PATTERNS.people);
        }
        text
    }
}

fn as_saved(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn collect(value: &Value, known: &mut Vec<(String, &'static str)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, known)),
        Value::Object(fields) => {
            let answered = fields.get("http_status").is_some_and(|status| !status.is_null());
            for (field, value) in fields {
                let instead =
                    NAMING_FIELDS.iter().find(|(name, _)| name == field).map(|(_, instead)| *instead);
                match (value, instead) {
                    (Value::String(text), Some(instead)) => known.push((single_line(text), instead)),
                    (Value::String(text), None) if says_something(field, text, answered) => {
                        known.push((single_line(text), OWN_WORDS));
                    }
                    _ => collect(value, known),
                }
            }
        }
        _ => {}
    }
}

/// A service's own words: a detail, unless nobody answered and the words are Gatehouse's, or a code that is none.
fn says_something(field: &str, text: &str, answered: bool) -> bool {
    let is_code = || text.chars().all(|at| at.is_ascii_alphanumeric() || "._-:".contains(at));
    match field {
        "detail" => answered,
        "oauth_error" | "graph_code" | "trace_id" | "correlation_id" | "request_id" => !is_code(),
        _ => false,
    }
}

/// A name that stands in Gatehouse's own sentences, `Gateway` say, names nobody, and hiding it would spoil them.
fn names_something(name: &str) -> bool {
    let folded = name.to_lowercase();
    let is_ours = || OWN_SENTENCES.iter().any(|sentence| whole_words(sentence, &folded).next().is_some());
    name.chars().count() > 2 && !is_ours()
}

static OWN_SENTENCES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let sentences = checks::TABLE.iter().flat_map(|check| {
        [check.words.title, check.words.meaning].into_iter().chain(check.words.fix.iter().copied())
    });
    sentences.map(str::to_lowercase).collect()
});

fn replaced(text: &str, name: &str, instead: &str) -> String {
    let (mut done, mut from) = (String::with_capacity(text.len()), 0);
    for at in whole_words(text, name) {
        done.push_str(&text[from..at]);
        done.push_str(instead);
        from = at + name.len();
    }
    done + &text[from..]
}

/// Where a name stands that is not a part of a longer word.
fn whole_words<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let in_one_word = |left: Option<char>, right: Option<char>| {
        left.is_some_and(char::is_alphanumeric) && right.is_some_and(char::is_alphanumeric)
    };
    let found = text.match_indices(name).map(|(at, _)| at);
    found.filter(move |at| {
        let (before, after) = (&text[..*at], &text[at + name.len()..]);
        !in_one_word(before.chars().next_back(), name.chars().next())
            && !in_one_word(name.chars().next_back(), after.chars().next())
    })
}

fn masked(text: String, masks: &[(Regex, &'static str)]) -> String {
    masks.iter().fold(text, |text, (pattern, instead)| pattern.replace_all(&text, *instead).into_owned())
}

fn without_long_runs(text: &str) -> String {
    let Some(pattern) = &PATTERNS.long_run else { return text.to_owned() };
    let is_guid = |run: &str| PATTERNS.guid.as_ref().is_some_and(|guid| guid.is_match(run));
    let is_mixed = |run: &str| {
        let has = |kind: fn(&char) -> bool| run.chars().any(|character| kind(&character));
        has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase) && has(char::is_ascii_digit)
    };
    let replaced = pattern.replace_all(text, |run: &Captures<'_>| {
        if is_mixed(&run[0]) && !is_guid(&run[0]) { LONG_RUN.1.to_owned() } else { run[0].to_owned() }
    });
    replaced.into_owned()
}

fn shorten_ids(text: &str) -> String {
    let Some(pattern) = &PATTERNS.guid else { return text.to_owned() };
    let shortened = pattern.replace_all(text, |id: &Captures<'_>| {
        if id[0].ends_with(WELL_KNOWN) { id[0].to_owned() } else { words::short_id(&id[0]) }
    });
    shortened.into_owned()
}

/// One line, without control, bidirectional and invisible characters.
fn single_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => {}
            '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => {}
            _ if !character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}') => {
                line.push(character);
            }
            _ if !line.ends_with(' ') => line.push(' '),
            _ => {}
        }
    }
    line.trim().to_owned()
}

fn capped(text: String) -> String {
    match text.char_indices().nth(TEXT_AT_MOST) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests;
