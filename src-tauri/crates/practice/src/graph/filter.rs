//! The part of OData's `$filter` that the directory is asked for: comparisons and `startswith`, joined by `and`/`or`.

use super::{errors::GraphError, json::Value};

/// A filter: any of these rows of conditions, and all conditions of a row. Texts are compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    any: Vec<Vec<Condition>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Condition {
    property: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Equal(Literal),
    NotEqual(Literal),
    AtLeast(String),
    Above(String),
    AtMost(String),
    Below(String),
    StartsWith(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Literal {
    Text(String),
    Bool(bool),
    Null,
}

impl Filter {
    /// Reads a decoded filter.
    pub(super) fn read(text: &str) -> Result<Self, GraphError> {
        let mut words = words(text).ok_or_else(refused)?.into_iter();
        let mut any = vec![Vec::new()];
        loop {
            let condition = condition(&mut words).ok_or_else(refused)?;
            if let Some(row) = any.last_mut() {
                row.push(condition);
            }
            match words.next() {
                None => return Ok(Self { any }),
                Some(Word::Plain(word)) if word == "and" => {}
                Some(Word::Plain(word)) if word == "or" => any.push(Vec::new()),
                Some(_) => return Err(refused()),
            }
        }
    }

    /// Names of the properties that it looks at.
    pub(super) fn properties(&self) -> impl Iterator<Item = &str> {
        self.any.iter().flatten().map(|condition| condition.property.as_str())
    }

    /// True when the object with these properties passes.
    pub(super) fn passes<'a>(&self, property: impl Fn(&str) -> Value<'a>) -> bool {
        self.any
            .iter()
            .any(|row| row.iter().all(|condition| condition.test.holds(&property(&condition.property))))
    }

    /// The values of a filter like `id eq '…' or id eq '…'`; `None` for every other filter.
    pub(super) fn ids(&self) -> Option<Vec<&str>> {
        let mut rows = self.any.iter().map(|row| match row.as_slice() {
            [Condition { property, test: Test::Equal(Literal::Text(value)) }] if property == "id" => {
                Some(value.as_str())
            }
            _ => None,
        });
        rows.by_ref().collect()
    }

    /// The one value that a filter like `appId eq '…'` asks for.
    pub(super) fn single(&self, name: &str) -> Option<&str> {
        match self.any.as_slice() {
            [row] => match row.as_slice() {
                [Condition { property, test: Test::Equal(Literal::Text(value)) }] if property == name => {
                    Some(value)
                }
                _ => None,
            },
            _ => None,
        }
    }
}

impl Test {
    fn holds(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Equal(literal), value) => literal.is(value),
            (Self::NotEqual(literal), value) => !literal.is(value),
            (_, Value::Text(text)) => self.compares(&text.to_lowercase()),
            _ => false,
        }
    }

    fn compares(&self, text: &str) -> bool {
        match self {
            Self::AtLeast(bound) => text >= bound.as_str(),
            Self::Above(bound) => text > bound.as_str(),
            Self::AtMost(bound) => text <= bound.as_str(),
            Self::Below(bound) => text < bound.as_str(),
            Self::StartsWith(start) => text.starts_with(start.as_str()),
            Self::Equal(_) | Self::NotEqual(_) => false,
        }
    }
}

impl Literal {
    fn is(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::Text(wanted), Value::Text(text)) => *wanted == text.to_lowercase(),
            (Self::Bool(wanted), Value::Bool(flag)) => wanted == flag,
            (Self::Null, Value::Null) => true,
            _ => false,
        }
    }
}

enum Word {
    Plain(String),
    Quoted(String),
    Open,
    Close,
    Comma,
}

fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => {}
            '(' => words.push(Word::Open),
            ')' => words.push(Word::Close),
            ',' => words.push(Word::Comma),
            '\'' => {
                let mut quoted = String::new();
                loop {
                    match letters.next()? {
                        '\'' if letters.peek() == Some(&'\'') => {
                            letters.next();
                            quoted.push('\'');
                        }
                        '\'' => break,
                        other => quoted.push(other),
                    }
                }
                words.push(Word::Quoted(quoted));
            }
            first => {
                let mut plain = String::from(first);
                while let Some(next) = letters.next_if(|next| !" (),'".contains(*next)) {
                    plain.push(next);
                }
                words.push(Word::Plain(plain));
            }
        }
    }
    Some(words)
}

fn condition(words: &mut impl Iterator<Item = Word>) -> Option<Condition> {
    let Some(Word::Plain(first)) = words.next() else { return None };
    if first.eq_ignore_ascii_case("startswith") {
        let (Word::Open, Word::Plain(property), Word::Comma, Word::Quoted(start), Word::Close) =
            (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?)
        else {
            return None;
        };
        return Some(Condition { property, test: Test::StartsWith(start.to_lowercase()) });
    }
    let Some(Word::Plain(operator)) = words.next() else { return None };
    let literal = match words.next()? {
        Word::Quoted(text) => Literal::Text(text.to_lowercase()),
        Word::Plain(word) => match word.as_str() {
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            "null" => Literal::Null,
            _ => return None,
        },
        Word::Open | Word::Close | Word::Comma => return None,
    };
    let test = match (operator.as_str(), literal) {
        ("eq", literal) => Test::Equal(literal),
        ("ne", literal) => Test::NotEqual(literal),
        ("ge", Literal::Text(bound)) => Test::AtLeast(bound),
        ("gt", Literal::Text(bound)) => Test::Above(bound),
        ("le", Literal::Text(bound)) => Test::AtMost(bound),
        ("lt", Literal::Text(bound)) => Test::Below(bound),
        _ => return None,
    };
    Some(Condition { property: first, test })
}

fn refused() -> GraphError {
    GraphError::unsupported("Unsupported or invalid query filter clause specified.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(filter: &str) -> bool {
        Filter::read(filter).unwrap().passes(|name| match name {
            "displayName" => Value::Text("Zoë O’Brien".into()),
            "mail" => Value::Null,
            "accountEnabled" => Value::Bool(true),
            _ => Value::Text("a'b".into()),
        })
    }

    #[test]
    fn filters_pass_and_refuse() {
        for yes in [
            "displayName eq 'zoë o’brien'",
            "startswith(displayName,'ZO')",
            "startswith(displayName, 'x') or accountEnabled eq true",
            "mail eq null and accountEnabled ne false",
            "other eq 'a''b'",
            "displayName ge 'z' and displayName lt 'zz'",
        ] {
            assert!(passes(yes), "{yes}");
        }
        for no in [
            "displayName eq 'x'",
            "mail ne null",
            "startswith(mail,'a')",
            "displayName gt 'zz'",
            "accountEnabled eq false",
        ] {
            assert!(!passes(no), "{no}");
        }
        for wrong in [
            "",
            "displayName",
            "displayName eq",
            "displayName eq 'x",
            "displayName has 'x'",
            "(a eq 'b')",
            "a eq 'b' c",
        ] {
            assert!(Filter::read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Filter::read("appId eq 'X'").unwrap().single("appId"), Some("x"));
    }
}
