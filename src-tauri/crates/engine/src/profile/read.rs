//! A profile's file: TOML in, a profile or what is wrong with it out.

use std::fmt;

use super::{Profile, rules};

/// The most that a profile's file may hold, in bytes: 256 KiB.
pub const MAX_BYTES: usize = 256 * 1024;

/// What is wrong in a profile's file, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileProblem {
    /// The line in the file, from 1, where it can be told.
    pub line: Option<usize>,
    /// The field, such as `permission[2].name`; empty when it is the file as a whole.
    pub field: String,
    /// What is wrong, as a sentence.
    pub what: String,
    /// How to mend it, as a sentence.
    pub fix: String,
}

impl ProfileProblem {
    pub(super) fn field(field: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { line: None, field: field.into(), what: what.into(), fix: fix.into() }
    }

    pub(super) fn file(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::field("", what, fix)
    }
}

impl fmt::Display for ProfileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        write!(f, "{} {}", self.what, self.fix)
    }
}

/// Reads a profile's file.
///
/// # Errors
/// Everything that is wrong with its values, or the first thing that keeps it from being read at all.
pub fn from_toml(bytes: &[u8]) -> Result<Profile, Vec<ProfileProblem>> {
    if bytes.len() > MAX_BYTES {
        let what = format!("The file holds more than {} KiB.", MAX_BYTES / 1024);
        return Err(vec![ProfileProblem::file(what, "Choose a profile’s file.")]);
    }
    let Ok(text) = str::from_utf8(bytes) else {
        return Err(vec![ProfileProblem::file("The file is not UTF-8 text.", "Save it as UTF-8.")]);
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unreadable = |error: &toml::de::Error, field: String| {
        let line =
            error.span().map(|span| text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1);
        let message = error.message().trim_end_matches('.').lines().collect::<Vec<_>>().join(", ");
        let fix = "See `gatehouse profiles schema` for what belongs there.";
        vec![ProfileProblem { line, ..ProfileProblem::field(field, format!("{message}."), fix) }]
    };
    let reader = toml::Deserializer::parse(text).map_err(|error| unreadable(&error, String::new()))?;
    let profile: Profile = serde_path_to_error::deserialize(reader).map_err(|error| {
        let path = error.path().to_string();
        unreadable(error.inner(), if path == "." { String::new() } else { path })
    })?;
    let mut problems = rules::broken(&profile);
    for problem in &mut problems {
        problem.line = line_of(text, &problem.field);
    }
    if problems.is_empty() { Ok(profile) } else { Err(problems) }
}

/// The line that a field stands on: the n-th table of its name, then the key below it.
fn line_of(text: &str, field: &str) -> Option<usize> {
    let (table, key) = match field.rsplit_once('.') {
        Some((table, key)) => (table, key),
        None => ("", field),
    };
    let key = key.split('[').next().unwrap_or(key);
    let (name, number) = match table.split_once('[') {
        Some((name, rest)) => (name, rest.trim_end_matches(']').parse::<usize>().ok()?),
        None => (table, 0),
    };
    let mut seen = 0;
    let mut inside = table.is_empty();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let this = header.trim_matches(|c| c == '[' || c == ']').trim();
            inside = this == name && seen == number;
            seen += usize::from(this == name);
        } else if inside && line.split('=').next().is_some_and(|before| before.trim() == key) {
            return Some(index + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../profiles/least-privilege.toml");

    fn problems(text: &str) -> Vec<String> {
        match from_toml(text.as_bytes()) {
            Ok(profile) => panic!("{} was read", profile.id),
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    }

    fn only(text: &str) -> String {
        let mut problems = problems(text);
        assert_eq!(problems.len(), 1, "{problems:#?}");
        problems.remove(0)
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named_with_its_line_and_field() {
        let said = only(&GOOD.replace("rank = 50", "rank = \"high\""));
        assert!(said.starts_with("line 29: role[1].rank: "), "{said}");
        let said = only(&GOOD.replace("needed = false", "needed = false\nwanted = true"));
        assert!(said.contains("wanted"), "{said}");
        let said = only("id = ");
        assert!(said.starts_with("line 1: "), "{said}");
    }

    #[test]
    fn a_missing_field_is_named() {
        let said = only(&GOOD.replace("summary", "# summary"));
        assert!(said.contains("`summary`"), "{said}");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let text = GOOD
            .replace("id = \"least-privilege\"", "id = \"Least Privilege\"")
            .replace("GroupMember.Read.All", "GroupMembers.Read.All")
            .replace("rank = 10", "rank = 50");
        let said = problems(&text);
        assert_eq!(said.len(), 3, "{said:#?}");
        assert!(said[0].starts_with("line 1: id: "), "{}", said[0]);
        assert!(said[1].starts_with("line 16: permission[1].name: "), "{}", said[1]);
        assert!(said[2].starts_with("line 34: role[2].rank: "), "{}", said[2]);
    }

    #[test]
    fn other_files_are_refused_as_a_whole() {
        assert!(only("").contains("`id`"));
        assert_eq!(problems("\u{0}").len(), 1);
        assert!(from_toml(&[0xff, 0xfe]).is_err());
        assert!(from_toml(&vec![b'#'; MAX_BYTES + 1]).is_err());
    }
}
