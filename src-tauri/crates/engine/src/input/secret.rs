//! A client secret's shape, told before anything is sent. The secret itself goes nowhere from here.
//!
//! Current values look like three characters, a digit, `Q~`, then 31 to 34 characters; older ones and those made
//! by scripts differ, so an unusual shape is said and never refused.

use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::clean::{clean, is_invisible};
use crate::connection::SecretShape;

/// A secret, cleaned and looked at.
pub struct SecretVerdict {
    /// The cleaned secret.
    pub secret: SecretString,
    /// How it looks.
    pub shape: SecretShape,
    /// The first three characters, which Entra shows as well; only for the usual shape.
    pub hint: Option<String>,
    /// Something was taken away around it.
    pub trimmed: bool,
    /// Why it does not look as it should, as a sentence that tells nothing of it; empty for the usual shape.
    pub says: String,
}

/// Looks at a secret; none when nothing was entered.
pub fn secret(entered: &SecretString) -> Option<SecretVerdict> {
    let cleaned = clean(entered.expose_secret());
    if cleaned.text.is_empty() {
        return None;
    }
    let (shape, says) = shape(&cleaned.text);
    let hint = (shape == SecretShape::Usual).then(|| cleaned.text.chars().take(3).collect());
    Some(SecretVerdict {
        secret: SecretString::from(cleaned.text.as_ref()),
        shape,
        hint,
        trimmed: cleaned.trimmed,
        says,
    })
}

fn shape(text: &str) -> (SecretShape, String) {
    if Uuid::try_parse(text).is_ok() {
        return (SecretShape::Guid, "This is the Secret ID. Paste the **Value**.".to_owned());
    }
    if is_usual(text) {
        return (SecretShape::Usual, String::new());
    }
    match spoiled(text) {
        Some(says) => (SecretShape::Mangled, says),
        None => {
            let says = "An unusual shape for a secret’s value. It can be tried.";
            (SecretShape::Unusual, says.to_owned())
        }
    }
}

/// What has happened to a text on its way, as a sentence; none when it may be a secret all the same.
fn spoiled(text: &str) -> Option<String> {
    const HTML: [&str; 5] = ["&amp;", "&lt;", "&gt;", "&quot;", "&#"];
    const NAMES: [&str; 5] = ["azure_client_secret", "client_secret", "clientsecret", "secret", "value"];
    let any = |is: fn(char) -> bool| text.chars().any(is);
    let lower = text.to_lowercase();
    let has_name = NAMES.iter().any(|name| {
        let rest = lower.trim_start_matches("export ").trim_start_matches(['"', '\'']).strip_prefix(name);
        rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(['=', ':']))
    });
    let what = if text.starts_with("-----BEGIN") {
        "This is a key or a certificate, not a secret. Choose **Certificate** above."
    } else if text.starts_with("eyJ") && text.matches('.').count() >= 2 {
        "This is a token, not a secret. Paste the **Value** of the client secret."
    } else if has_name {
        "Its name came along. Paste only what stands behind the equals sign or colon."
    } else if any(|c| matches!(c, '\r' | '\n')) {
        "There is a line break inside. Copy the **Value** again, in one line."
    } else if any(char::is_whitespace) {
        "There is white space inside, which a value never has. Copy the **Value** again."
    } else if any(is_invisible) {
        "There are invisible characters inside. Copy the **Value** again."
    } else if any(|c| matches!(c, '•' | '●' | '…' | '*')) || text.contains("...") {
        "This is the shortened display, not the value. It is shown whole only right after it was made."
    } else if HTML.iter().any(|mark| text.contains(mark)) {
        "Characters were turned into HTML on the way. Copy the **Value** again."
    } else if lower.contains("%7e") || lower.contains("%2e") {
        "Characters were turned into their form for addresses, such as %7E for ~. Copy the **Value** again."
    } else if text.starts_with(['"', '\'', '`']) || text.ends_with(['"', '\'', '`']) {
        "There is a quotation mark at one end only. Copy the **Value** again."
    } else if any(|c| matches!(c, '–' | '—' | '“' | '”' | '‘' | '’')) {
        "A word processor changed a hyphen or a quotation mark. Copy the **Value** again."
    } else if !text.is_ascii() {
        "There is a letter inside that a value never has. Copy the **Value** again."
    } else if has_usual_head(text) {
        let says = match text.len() {
            length if length < USUAL_LENGTHS.start => "the end was cut off",
            _ => "something else came along",
        };
        return Some(format!(
            "It has {} characters instead of 40: {says}. Copy the **Value** again.",
            text.len()
        ));
    } else {
        return None;
    };
    Some(what.to_owned())
}

/// As they are made now; the end is excluded.
const USUAL_LENGTHS: std::ops::Range<usize> = 37..41;

fn has_usual_head(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 6 && bytes[..6].is_ascii() && bytes[3].is_ascii_digit() && &bytes[4..6] == b"Q~"
}

fn is_usual(text: &str) -> bool {
    let bytes = text.as_bytes();
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_~.-".contains(byte);
    USUAL_LENGTHS.contains(&bytes.len()) && has_usual_head(text) && bytes.iter().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Option<(SecretShape, bool, Option<String>)> {
        secret(&SecretString::from(text)).map(|verdict| (verdict.shape, verdict.trimmed, verdict.hint))
    }

    #[test]
    fn shapes_are_told_apart() {
        let usual = format!("AbC8Q~{}", "x".repeat(34));
        assert_eq!(look(&usual), Some((SecretShape::Usual, false, Some("AbC".to_owned()))));
        assert_eq!(
            look(&format!(" \"{usual}\"\n")),
            Some((SecretShape::Usual, true, Some("AbC".to_owned())))
        );
        assert_eq!(look("3f9a11d0-71c9-4a8e-b2d4-09f7c3e177be").unwrap().0, SecretShape::Guid);
        assert_eq!(look("older[secret]made=by+script").unwrap(), (SecretShape::Unusual, false, None));
        assert_eq!(look("  "), None);
    }

    #[test]
    fn what_was_spoiled_is_said_and_nothing_of_it_is_repeated() {
        let usual = format!("AbC8Q~{}", "x".repeat(34));
        for (text, says) in [
            ("AbC8Q%7Exxxxxxxx".to_owned(), "%7E for ~"),
            ("AbC8Q&amp;xxxx".to_owned(), "HTML"),
            ("AbC********".to_owned(), "shortened display"),
            ("AbC...".to_owned(), "shortened display"),
            ("an older+secret=".to_owned(), "white space inside"),
            (format!("{}\n{}", &usual[..20], &usual[20..]), "line break"),
            (format!("{}\u{200b}{}", &usual[..20], &usual[20..]), "invisible"),
            (format!("\"{usual}"), "quotation mark at one end"),
            (usual.replace("xxx", "–"), "word processor"),
            (usual.replace("xxx", "é"), "a letter inside"),
            (usual[..36].to_owned(), "36 characters instead of 40: the end was cut off"),
            (format!("{usual}{usual}"), "80 characters instead of 40: something else came along"),
            (format!("AZURE_CLIENT_SECRET={usual}"), "Its name came along"),
            (format!("\"client_secret\": \"{usual}\""), "Its name came along"),
            ("eyJhbGciOi.eyJhdWQi.c2ln".to_owned(), "a token"),
            ("-----BEGIN PRIVATE KEY-----\nMII".to_owned(), "a key or a certificate"),
        ] {
            let verdict = secret(&SecretString::from(text.as_str())).unwrap();
            assert_eq!(verdict.shape, SecretShape::Mangled, "{text}");
            assert!(verdict.says.contains(says), "{text}: {}", verdict.says);
            assert!(!verdict.says.contains("AbC") && !verdict.says.contains("xxx"), "{}", verdict.says);
        }
    }
}
