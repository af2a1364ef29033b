//! What Microsoft's numbers and codes mean, as data: `data/*.tsv`, in words of our own.
//!
//! Microsoft says that numbers and texts may change, so all of this is advice with a fallback: a number that is not
//! listed is explained by the family it belongs to, and nothing is ever decided by a description's text.

mod category;
mod table;

use std::sync::LazyLock;

pub use category::Category;

/// One AADSTS number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntraCode {
    /// The number, without `AADSTS`.
    pub number: u32,
    /// Microsoft's symbolic name, where it has published one.
    pub name: Option<&'static str>,
    /// What it concerns.
    pub category: Category,
    /// The finding it leads to.
    pub leads_to: Option<LeadsTo>,
    /// The finding it leads to when an app's own token request met it, where that is another one.
    pub own_request: Option<&'static str>,
    /// The words.
    pub entry: Entry,
}

/// A code of Microsoft Graph, or a value of OAuth's field `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code, as Microsoft writes it.
    pub code: &'static str,
    /// The finding it leads to.
    pub leads_to: Option<LeadsTo>,
    /// The words.
    pub entry: Entry,
}

/// What an HTTP client or a runtime writes when a request never reached Microsoft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symptom {
    /// The text to be found, as it is written.
    pub mark: &'static str,
    /// The finding it leads to.
    pub finding: &'static str,
}

/// A finding, and how surely a code leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadsTo {
    /// The finding's id.
    pub finding: &'static str,
    /// How surely.
    pub certainty: Certainty,
}

/// How surely a code leads to a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The code says what the finding says.
    Certain,
    /// The finding is the likeliest of several causes.
    Likeliest,
}

/// The words of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is true, as a sentence without a full stop.
    pub title: &'static str,
    /// What follows from it.
    pub meaning: &'static str,
    /// What to try.
    pub advice: &'static str,
    /// Whether meaning and advice are the code's own, and not those of its category.
    pub own_words: bool,
}

/// Every known number, ascending.
pub fn entra_codes() -> &'static [EntraCode] {
    &ENTRA
}

/// Every known code of Microsoft Graph.
pub fn graph_codes() -> &'static [Code] {
    &GRAPH
}

/// Every known value of OAuth's field `error`.
pub fn oauth_errors() -> &'static [Code] {
    &OAUTH
}

/// Every known mark of a request that did not get through.
pub fn symptoms() -> &'static [Symptom] {
    &SYMPTOMS
}

/// One AADSTS number.
pub fn entra(number: u32) -> Option<&'static EntraCode> {
    let found = ENTRA.binary_search_by_key(&number, |code| code.number).ok()?;
    ENTRA.get(found)
}

/// One code of Microsoft Graph; case does not count.
pub fn graph(code: &str) -> Option<&'static Code> {
    GRAPH.iter().find(|known| known.code.eq_ignore_ascii_case(code))
}

/// One value of OAuth's field `error`.
pub fn oauth(error: &str) -> Option<&'static Code> {
    OAUTH.iter().find(|known| known.code.eq_ignore_ascii_case(error))
}

static ENTRA: LazyLock<Vec<EntraCode>> =
    LazyLock::new(|| table::entra(include_str!("../../data/aadsts.tsv")));
static GRAPH: LazyLock<Vec<Code>> =
    LazyLock::new(|| table::codes(include_str!("../../data/graph-codes.tsv")));
static OAUTH: LazyLock<Vec<Code>> =
    LazyLock::new(|| table::codes(include_str!("../../data/oauth-errors.tsv")));
static SYMPTOMS: LazyLock<Vec<Symptom>> =
    LazyLock::new(|| table::symptoms(include_str!("../../data/symptoms.tsv")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_data_is_read() {
        let lines = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(entra_codes().len(), lines(include_str!("../../data/aadsts.tsv")));
        assert_eq!(graph_codes().len(), lines(include_str!("../../data/graph-codes.tsv")));
        assert_eq!(oauth_errors().len(), lines(include_str!("../../data/oauth-errors.tsv")));
        assert_eq!(symptoms().len(), lines(include_str!("../../data/symptoms.tsv")));
        assert!(entra_codes().len() >= 321);
    }

    #[test]
    fn numbers_ascend_and_codes_stand_once() {
        assert!(entra_codes().windows(2).all(|pair| pair[0].number < pair[1].number));
        for codes in [graph_codes(), oauth_errors()] {
            for (index, one) in codes.iter().enumerate() {
                assert!(
                    !codes[..index].iter().any(|other| other.code.eq_ignore_ascii_case(one.code)),
                    "{}",
                    one.code
                );
            }
        }
    }

    #[test]
    fn every_entry_is_a_sentence_of_ours() {
        let entries = entra_codes().iter().map(|code| (code.number.to_string(), code.entry));
        let codes = graph_codes().iter().chain(oauth_errors()).map(|code| (code.code.to_owned(), code.entry));
        for (code, entry) in entries.chain(codes) {
            assert!(!entry.title.is_empty() && !entry.title.ends_with('.'), "{code}: {}", entry.title);
            assert!(entry.meaning.ends_with('.') && entry.advice.ends_with('.'), "{code}");
            for text in [entry.title, entry.meaning, entry.advice] {
                assert!(
                    !text.contains("AADSTS") && !text.contains('!') && !text.contains('\''),
                    "{code}: {text}"
                );
                assert!(text.chars().next().is_some_and(char::is_uppercase), "{code}: {text}");
            }
        }
    }

    #[test]
    fn lookups_find_what_is_there() {
        let ended = entra(7_000_222).unwrap();
        assert_eq!(ended.name, Some("InvalidClientSecretExpiredKeysProvided"));
        assert_eq!(ended.leads_to.unwrap().finding, "secret-expired");
        assert!(ended.entry.own_words);
        assert_eq!(entra(4_242), None);
        assert_eq!(graph("authorization_requestdenied").unwrap().code, "Authorization_RequestDenied");
        assert_eq!(oauth("invalid_client").unwrap().leads_to.unwrap().finding, "credential-refused");
        let generic = entra(80_012).unwrap();
        assert!(!generic.entry.own_words);
        assert_eq!(generic.entry.meaning, Category::Federation.meaning());
    }

    #[test]
    fn an_unknown_number_has_the_category_of_its_family() {
        assert_eq!(Category::near(53_099), Some(Category::Policy));
        assert_eq!(Category::near(7_000_999), Some(Category::Credential));
        assert_eq!(Category::near(12), None);
    }
}
