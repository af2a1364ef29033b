//! What a pasted text is: told by its shape, then by the ids, numbers and codes in it.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Advice, Claims, ReadAs, advice, callback,
    mentions::{self, Mention},
    redact, token,
};
use crate::catalogue;

/// The longest text that is read, in bytes.
pub const INPUT_AT_MOST: usize = 256 * 1024;

/// A text, cleaned.
pub(super) struct Paste {
    /// Without control and invisible characters; line breaks stay.
    pub(super) text: String,
    /// Only the beginning was read.
    pub(super) shortened: bool,
}

/// What a text was taken for, and what it means.
pub(super) struct Read {
    pub(super) read_as: ReadAs,
    pub(super) advice: Vec<Advice>,
    pub(super) token: Option<Box<Claims>>,
    /// The text that was behind an encoding, to look for ids in.
    pub(super) decoded: Option<String>,
}

impl Read {
    pub(super) fn new(read_as: ReadAs, advice: Vec<Advice>) -> Self {
        Self { read_as, advice, token: None, decoded: None }
    }
}

impl Paste {
    pub(super) fn of(text: &str) -> Self {
        let end =
            (0..=text.len().min(INPUT_AT_MOST)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        Self { text: cleaned(&text[..end]), shortened: end < text.len() }
    }

    pub(super) fn read(&self, now: Timestamp) -> Read {
        let text = self.text.trim().trim_matches(['"', '\'', '`', '“', '”']).trim();
        let is_one_word = !text.is_empty() && !text.contains(char::is_whitespace);
        let alone = if is_one_word { word(text, now) } else { None };
        alone.or_else(|| json(text, now)).unwrap_or_else(|| log(text, now))
    }
}

/// Without terminal sequences, control characters, and those that cannot be seen or turn the direction.
fn cleaned(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' && characters.next_if_eq(&'[').is_some() {
            while characters.next_if(|c| !('@'..='~').contains(c)).is_some() {}
            characters.next();
        } else if matches!(character, '\n' | '\r' | '\t')
            || !(character.is_control() || is_invisible(character))
        {
            kept.push(character);
        }
    }
    kept
}

fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// One word: an id, a number, a code, a token or an address.
fn word(text: &str, now: Timestamp) -> Option<Read> {
    if token::is_like_one(text) {
        return Some(of_token(text, now));
    }
    if let Some(read) = callback::read(text) {
        return Some(read);
    }
    let bare = text.trim_matches(|c: char| !(c.is_alphanumeric() || c == '_'));
    let findings = advice::of_id(bare);
    if !findings.is_empty() {
        return Some(Read::new(ReadAs::FindingId, findings));
    }
    let (read_as, mention) = if let Some(number) = mentions::number(bare) {
        (ReadAs::EntraNumber, Mention::Entra(number))
    } else if let Some(code) = catalogue::oauth(bare) {
        (ReadAs::OauthError, Mention::Oauth(code))
    } else {
        (ReadAs::GraphCode, Mention::Graph(catalogue::graph(bare)?))
    };
    Some(Read::new(read_as, advice::of_mentions(&[mention], None)))
}

/// An answer of Entra ID or Microsoft Graph.
fn json(text: &str, now: Timestamp) -> Option<Read> {
    let answer: Value = serde_json::from_str(text).ok()?;
    if let Some(token) = answer.get("access_token").and_then(Value::as_str) {
        return Some(of_token(token, now));
    }
    let error = answer.get("error")?;
    let mut found = mentions::find(text);
    let (read_as, oauth, said) = if let Some(name) = error.as_str() {
        (ReadAs::EntraAnswer, catalogue::oauth(name), answer.get("error_description"))
    } else {
        let code = error.get("code")?.as_str()?;
        if !found.iter().any(|mention| matches!(mention, Mention::Graph(_))) {
            found.insert(0, Mention::UnknownGraph(quotable(code, 80)));
        }
        (ReadAs::GraphAnswer, None, error.get("message"))
    };
    if found.is_empty() {
        found.extend(oauth.map(Mention::Oauth));
    }
    let mut advice = advice::of_mentions(&found, oauth);
    let said = said.and_then(Value::as_str).filter(|said| !said.trim().is_empty());
    if let (Some(first), Some(said)) = (advice.first_mut(), said) {
        first.saw.push(format!("It says: “{}”", quotable(said, 400)));
    }
    Some(Read::new(read_as, advice))
}

/// Anything else: every number and code in it, then a callback's address, then a token.
fn log(text: &str, now: Timestamp) -> Read {
    let mut advice = advice::of_mentions(&mentions::find(text), None);
    let mut read = Read::new(ReadAs::Log, Vec::new());
    let pieces = || text.split(|c: char| c.is_whitespace() || "\"'<>()[]{},;`|".contains(c));
    if let Some(called_back) = pieces().find_map(callback::read) {
        if advice.is_empty() || called_back.read_as == ReadAs::ConsentCallback {
            read.read_as = called_back.read_as;
        }
        let mut first = called_back.advice;
        advice.retain(|known| !first.iter().any(|one| one.about == known.about));
        first.append(&mut advice);
        advice = first;
        read.decoded = called_back.decoded;
    }
    let tokens = pieces().filter_map(|piece| piece.get(piece.find("eyJ")?..));
    if let Some(found) =
        tokens.map(|token| token.trim_end_matches('.')).find(|token| token::is_like_one(token))
    {
        let of_token = of_token(found, now);
        if advice.is_empty() {
            read.read_as = ReadAs::AccessToken;
        }
        advice.extend(of_token.advice);
        read.token = of_token.token;
    }
    if advice.is_empty() {
        read.read_as = ReadAs::Unrecognised;
    }
    read.advice = advice;
    read
}

fn of_token(text: &str, now: Timestamp) -> Read {
    let (claims, advice) = token::explain(text, now);
    Read { token: claims.map(Box::new), ..Read::new(ReadAs::AccessToken, advice) }
}

/// A service's own text as one line, without confidential parts.
pub(super) fn quotable(text: &str, at_most: usize) -> String {
    let line =
        redact::redacted(&cleaned(text)).split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'");
    match line.char_indices().nth(at_most) {
        None => line,
        Some((cut, _)) => format!("{}…", line[..cut].trim_end()),
    }
}
