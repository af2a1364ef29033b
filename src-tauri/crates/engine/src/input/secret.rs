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
}

/// Looks at a secret; none when nothing was entered.
pub fn secret(entered: &SecretString) -> Option<SecretVerdict> {
    let cleaned = clean(entered.expose_secret());
    if cleaned.text.is_empty() {
        return None;
    }
    let shape = shape(&cleaned.text);
    let hint = (shape == SecretShape::Usual).then(|| cleaned.text.chars().take(3).collect());
    Some(SecretVerdict {
        secret: SecretString::from(cleaned.text.as_ref()),
        shape,
        hint,
        trimmed: cleaned.trimmed,
    })
}

fn shape(text: &str) -> SecretShape {
    if Uuid::try_parse(text).is_ok() {
        return SecretShape::Guid;
    }
    let spoiled = text.chars().any(|c| is_invisible(c) || c.is_whitespace() || matches!(c, '•' | '…' | '*'))
        || ["&amp;", "&lt;", "&gt;", "&quot;", "&#", "%7E", "%7e", "..."]
            .iter()
            .any(|mark| text.contains(mark));
    if spoiled {
        return SecretShape::Mangled;
    }
    if is_usual(text) { SecretShape::Usual } else { SecretShape::Unusual }
}

fn is_usual(text: &str) -> bool {
    let bytes = text.as_bytes();
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"_~.-".contains(byte);
    (37..=40).contains(&bytes.len())
        && bytes[..3].iter().all(allowed)
        && bytes[3].is_ascii_digit()
        && &bytes[4..6] == b"Q~"
        && bytes[6..].iter().all(allowed)
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
        assert_eq!(look("AbC8Q%7Exxxxxxxx").unwrap().0, SecretShape::Mangled);
        assert_eq!(look("AbC********").unwrap().0, SecretShape::Mangled);
        assert_eq!(look("an older+secret=").unwrap().0, SecretShape::Mangled);
        assert_eq!(look("older[secret]made=by+script").unwrap(), (SecretShape::Unusual, false, None));
        assert_eq!(look("  "), None);
    }
}
