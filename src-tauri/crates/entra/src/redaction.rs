//! The filter for every text that comes from a server.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};

/// The longest server text that is kept, in characters.
pub(crate) const TEXT_CAP: usize = 400;

/// Knows what was sent in confidence, so that an echo of it can be taken out.
#[derive(Clone, Default)]
pub(crate) struct Redaction {
    confidential: Option<(SecretString, &'static str)>,
}

impl Redaction {
    /// Takes out echoes of a client secret.
    pub(crate) fn of_secret(secret: &SecretString) -> Self {
        Self { confidential: Some((secret.clone(), "[secret]")) }
    }

    /// Takes out echoes of an access token.
    pub(crate) fn of_token(token: &SecretString) -> Self {
        Self { confidential: Some((token.clone(), "[token]")) }
    }

    /// The text as one line: without HTML, control, bidirectional and invisible characters, without the confidential
    /// value in any usual encoding, and no longer than [`TEXT_CAP`].
    pub(crate) fn clean(&self, text: &str) -> String {
        let mut line = single_line(before_html(text));
        if let Some((value, replacement)) = &self.confidential {
            for form in forms(value.expose_secret()) {
                line = replace_ignoring_case(&line, &form, replacement);
            }
        }
        capped(&line, TEXT_CAP)
    }
}

/// One line without control, bidirectional and invisible characters, at most `cap` characters long.
pub(crate) fn plain(text: &str, cap: usize) -> String {
    capped(&single_line(text), cap)
}

fn before_html(text: &str) -> &str {
    let mut previous = None;
    for (at, character) in text.char_indices() {
        let opens = matches!(character, '!' | '/' | '?') || character.is_ascii_alphabetic();
        if let Some(start) = previous.filter(|_| opens) {
            return &text[..start];
        }
        previous = (character == '<').then_some(at);
    }
    text
}

fn single_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars().filter(|c| !is_invisible(*c)) {
        let blank = character.is_control() || character.is_whitespace();
        if !blank {
            line.push(character);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.truncate(line.trim_end().len());
    line
}

fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

fn capped(text: &str, cap: usize) -> String {
    match text.char_indices().nth(cap) {
        None => text.to_owned(),
        Some(_) => text.chars().take(cap.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The ways in which a value comes back: as it was, as one line, in a form body, percent-encoded, escaped for JSON
/// and for HTML. Longest first, so that no form is cut in two by a shorter one.
fn forms(value: &str) -> Vec<String> {
    const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    let form_body: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let json = serde_json::to_string(value).unwrap_or_default();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut forms = vec![
        value.to_owned(),
        single_line(value),
        before_html(value).to_owned(),
        form_body,
        utf8_percent_encode(value, UNRESERVED).to_string(),
        json.trim_matches('"').to_owned(),
        html.replace('\'', "&#39;"),
        html,
    ];
    forms.retain(|form| !form.is_empty());
    forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    forms.dedup();
    forms
}

fn replace_ignoring_case(text: &str, needle: &str, replacement: &str) -> String {
    let (folded, folded_needle) = (text.to_ascii_lowercase(), needle.to_ascii_lowercase());
    let mut replaced = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(found) = folded[from..].find(&folded_needle) {
        replaced.push_str(&text[from..from + found]);
        replaced.push_str(replacement);
        from += found + needle.len();
    }
    replaced.push_str(&text[from..]);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(secret: &str, text: &str) -> String {
        Redaction::of_secret(&SecretString::from(secret)).clean(text)
    }

    #[test]
    fn the_secret_is_taken_out_in_every_encoding() {
        let secret = "aB8Q~x+y/z %\"é<";
        let echoes = [
            secret.to_owned(),
            "aB8Q~x%2By%2Fz%20%25%22%C3%A9%3C".to_owned(),
            "ab8q~x%2by%2fz%20%25%22%c3%a9%3c".to_owned(),
            "aB8Q%7Ex%2By%2Fz+%25%22%C3%A9%3C".to_owned(),
            "aB8Q~x+y/z %\\\"é<".to_owned(),
            "aB8Q~x+y/z %&quot;é&lt;".to_owned(),
            "aB8Q~x+y/\u{200b}z\u{7} %\"é<".to_owned(),
        ];
        for echo in echoes {
            let cleaned = clean(secret, &format!("the value '{echo}' is wrong"));
            assert_eq!(cleaned, "the value '[secret]' is wrong", "{echo}");
        }
    }

    #[test]
    fn a_secret_with_a_tag_in_it_leaves_no_trace() {
        assert_eq!(clean("abc<b>def", "value abc<b>def given"), "value [secret]");
    }

    #[test]
    fn html_is_dropped_and_text_before_it_is_kept() {
        assert_eq!(clean("s3cret", "<!DOCTYPE html><p>hello"), "");
        assert_eq!(clean("s3cret", "AADSTS1: wrong <b>value</b>"), "AADSTS1: wrong");
        assert_eq!(clean("s3cret", "2 < 3 and 4 > 3"), "2 < 3 and 4 > 3");
    }

    #[test]
    fn control_and_bidirectional_characters_are_removed() {
        assert_eq!(clean("s3cret", "a\u{1b}[31mb\r\n\tc\u{202e}d\u{2066}e\u{0}f"), "a [31mb cde f");
    }

    #[test]
    fn long_texts_are_cut() {
        let cleaned = clean("s3cret", &"é".repeat(1000));
        assert_eq!(cleaned.chars().count(), TEXT_CAP);
        assert!(cleaned.ends_with('…'));
        assert_eq!(clean("s3cret", &"x".repeat(TEXT_CAP)), "x".repeat(TEXT_CAP));
    }

    #[test]
    fn a_secret_at_the_cut_is_replaced_before_the_cut() {
        let text = format!("{}s3cret-value", "x".repeat(TEXT_CAP - 5));
        assert!(!clean("s3cret-value", &text).contains("s3c"));
    }
}
