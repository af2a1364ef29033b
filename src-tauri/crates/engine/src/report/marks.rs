//! Sentences with `**names in the portal**` and `` `what could be copied` ``, in stretches.

/// One stretch of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch<'a> {
    Plain(&'a str),
    Bold(&'a str),
    Code(&'a str),
}

/// Marks that are not closed stay as they are, and inside code nothing is a mark.
pub(super) fn stretches(text: &str) -> Vec<Stretch<'_>> {
    let mut found = Vec::new();
    let (mut plain_from, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let marked = inside(rest, "`").map(|inner| (Stretch::Code(inner), inner.len() + 2));
        let marked =
            marked.or_else(|| inside(rest, "**").map(|inner| (Stretch::Bold(inner), inner.len() + 4)));
        if let Some((stretch, length)) = marked {
            if plain_from < at {
                found.push(Stretch::Plain(&text[plain_from..at]));
            }
            found.push(stretch);
            at += length;
            plain_from = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    if plain_from < text.len() {
        found.push(Stretch::Plain(&text[plain_from..]));
    }
    found
}

fn inside<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let opened = text.strip_prefix(mark)?;
    let inner = &opened[..opened.find(mark)?];
    (!inner.is_empty()).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::{
        Stretch::{Bold, Code, Plain},
        stretches,
    };

    #[test]
    fn marks_are_found_and_unclosed_ones_stay() {
        assert_eq!(
            stretches("Open **API permissions**, see `roles`."),
            [Plain("Open "), Bold("API permissions"), Plain(", see "), Code("roles"), Plain(".")]
        );
        assert_eq!(stretches("`a ** b` **"), [Code("a ** b"), Plain(" **")]);
        assert_eq!(stretches("a ` b **** é"), [Plain("a ` b **** é")]);
        assert_eq!(stretches(""), []);
    }
}
