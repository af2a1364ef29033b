//! Which numbers and codes stand in a text, wherever they stand and however it was written.

use crate::catalogue::{self, Code, Symptom};

/// Something that the catalogue may explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mention {
    /// An AADSTS number, known or not.
    Entra(u32),
    /// A known code of Microsoft Graph.
    Graph(&'static Code),
    /// A code that stood where Microsoft Graph writes one, and is not known.
    UnknownGraph(String),
    /// A known OAuth error.
    Oauth(&'static Code),
    /// A request that did not get through.
    Symptom(&'static Symptom),
}

const AT_MOST: usize = 24;

/// Everything that is mentioned, in order of appearance, each once.
pub(super) fn find(text: &str) -> Vec<Mention> {
    let mut found = error_codes(text);
    let mut previous_end = 0;
    for (at, word) in words(text) {
        let mention = in_word(text, at, word);
        if let Some(mention) = mention.filter(|mention| !found.contains(mention)) {
            found.push(mention);
        }
        previous_end = previous_end.max(at + word.len());
        if found.len() >= AT_MOST {
            break;
        }
    }
    let entra_answered = found.iter().any(|mention| matches!(mention, Mention::Entra(_)));
    if entra_answered {
        found.retain(|mention| !matches!(mention, Mention::Oauth(_)));
    }
    found.extend(symptoms(text));
    found.truncate(AT_MOST);
    found
}

/// A number as it is written alone: `AADSTS7000215`, or its five to eight digits.
pub(super) fn number(word: &str) -> Option<u32> {
    let digits = strip_prefix_ignoring_case(word, "AADSTS");
    match digits {
        Some(digits) => leading_number(digits),
        None if (5..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit()) => {
            word.parse().ok()
        }
        None => None,
    }
}

fn in_word(text: &str, at: usize, word: &str) -> Option<Mention> {
    if let Some(number) = strip_prefix_ignoring_case(word, "AADSTS").and_then(leading_number) {
        return Some(Mention::Entra(number));
    }
    if let Some(code) = catalogue::oauth(word) {
        return Some(Mention::Oauth(code));
    }
    let code = catalogue::graph(word)?;
    (is_telling(code.code) || stands_as_code(text, at, word)).then_some(Mention::Graph(code))
}

/// A code that is not also a word of HTTP or of programs.
fn is_telling(code: &str) -> bool {
    const TELLING: [&str; 9] = [
        "InvalidAuthenticationToken",
        "syncStateNotFound",
        "syncStateInvalid",
        "resyncRequired",
        "resyncApplyDifferences",
        "resyncUploadDifferences",
        "CredentialTypeNotAllowedAsPerAppPolicy",
        "CredentialInvalidLifetimeAsPerAppPolicy",
        "MailboxNotEnabledForRESTAPI",
    ];
    code.contains('_') || TELLING.contains(&code)
}

/// `"code":"BadRequest"`, `Code: BadRequest`, `code='BadRequest'`, `[BadRequest]`; not `StatusCode: BadRequest`.
fn stands_as_code(text: &str, at: usize, word: &str) -> bool {
    if text[..at].ends_with('[') && text[at + word.len()..].starts_with(']') {
        return true;
    }
    let before = text[..at].trim_end_matches(['"', '\'', '\\', ' ', ':', '=']);
    let label_from = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
    let label = before.get(label_from..).unwrap_or_default().to_ascii_lowercase();
    before.len() < at && matches!(label.as_str(), "code" | "errorcode" | "error_code")
}

/// The numbers of Entra ID's own list, `"error_codes":[7000215]`; the older endpoint writes them in quotes.
fn error_codes(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    for (at, label) in text.match_indices("error_codes") {
        let near =
            (0..=(at + label.len() + 400).min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        let near = text.get(at + label.len()..near.unwrap_or(0)).unwrap_or_default();
        let rest = near.trim_start_matches(['"', '\'', '\\', ' ', ':', '=']);
        let Some(list) = rest.strip_prefix('[').and_then(|list| list.split(']').next()) else { continue };
        for number in
            list.split(',').filter_map(|item| item.trim_matches(['"', '\'', '\\', ' ']).parse().ok())
        {
            if !found.contains(&Mention::Entra(number)) && found.len() < AT_MOST {
                found.push(Mention::Entra(number));
            }
        }
    }
    found
}

fn symptoms(text: &str) -> Vec<Mention> {
    let folded = text.to_ascii_lowercase();
    let stands_alone = |mark: &str| {
        let mark = mark.to_ascii_lowercase();
        folded.match_indices(&mark).any(|(at, _)| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            !folded[..at].ends_with(is_part) && !folded[at + mark.len()..].starts_with(is_part)
        })
    };
    let mut found: Vec<&'static Symptom> = Vec::new();
    for symptom in catalogue::symptoms() {
        if !found.iter().any(|other| other.finding == symptom.finding) && stands_alone(symptom.mark) {
            found.push(symptom);
        }
    }
    found.into_iter().map(Mention::Symptom).collect()
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(move |c: char| !is_part(c))
        .filter(|word| word.len() >= 6)
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}
