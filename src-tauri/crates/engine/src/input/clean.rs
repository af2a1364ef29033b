//! Copying brings company: white space, quotes, invisible characters.

use std::borrow::Cow;

/// A text without what copying adds around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned<'a> {
    /// The text itself.
    pub text: Cow<'a, str>,
    /// Something was taken away.
    pub trimmed: bool,
}

/// Takes white space, quotes and invisible characters away at both ends.
pub fn clean(text: &str) -> Cleaned<'_> {
    let mut inner = text;
    loop {
        let trimmed = inner.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        let unquoted = unquote(trimmed);
        if unquoted.len() == inner.len() {
            break;
        }
        inner = unquoted;
    }
    Cleaned { text: Cow::Borrowed(inner), trimmed: inner.len() != text.len() }
}

/// As [`clean`], and takes single quotes at the ends and invisible characters in the middle too: for ids and names,
/// where they can only be an accident.
pub(super) fn clean_throughout(text: &str) -> Cleaned<'_> {
    let cleaned = clean(text);
    let stray = |c: char| c.is_whitespace() || is_invisible(c) || is_quote(c);
    let inner = cleaned.text.trim_matches(stray);
    let visible: String = inner.chars().filter(|c| !is_invisible(*c)).collect();
    Cleaned { trimmed: visible.len() != text.len(), text: Cow::Owned(visible) }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '`' | '“' | '”' | '‘' | '’' | '«' | '»')
}

fn unquote(text: &str) -> &str {
    const PAIRS: [(char, char); 6] =
        [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’'), ('«', '»')];
    for (open, close) in PAIRS {
        if let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return inner;
        }
    }
    text
}

/// Characters that show nothing: control characters, zero-width ones, marks of direction, the byte order mark.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn company_is_taken_away_and_said() {
        for text in [" a b ", "\u{feff}a b\u{200b}", "\"a b\"", "“a b” \n", "' a b'", "\u{a0}a b\u{2069}"]
        {
            let cleaned = clean(text);
            assert_eq!(cleaned.text, "a b", "{text:?}");
            assert!(cleaned.trimmed);
        }
        assert_eq!(clean("a b"), Cleaned { text: "a b".into(), trimmed: false });
    }

    #[test]
    fn a_single_quote_inside_stays() {
        assert_eq!(clean("it's").text, "it's");
        assert_eq!(clean("\"").text, "\"");
    }

    #[test]
    fn invisible_characters_leave_ids_from_the_middle_too() {
        assert_eq!(clean_throughout("ab\u{200b}cd").text, "abcd");
    }
}
