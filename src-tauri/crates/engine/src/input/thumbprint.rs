//! A thumbprint that was copied from the portal, compared with the one here.

use uuid::Uuid;

/// How an entered thumbprint compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThumbprintVerdict {
    /// Nothing was entered.
    Empty,
    /// It is the same.
    Equal,
    /// It differs.
    Different {
        /// The first place at which they differ, counted in pairs of digits from 1.
        pair: usize,
        /// The pair there that was entered; empty when the text ends before.
        entered: String,
        /// The pair there that it ought to be.
        ours: String,
    },
    /// It is not a thumbprint at all.
    Unreadable {
        /// What is wrong with it, as a sentence.
        what: String,
    },
}

/// Compares a text in any spelling (spaces, colons, hyphens, either case) with the SHA-1 thumbprint that the portal
/// shows; a text of 64 digits is compared with the SHA-256 one.
pub fn thumbprint(entered: &str, sha1: &str, sha256: &str) -> ThumbprintVerdict {
    let digits: String = entered.chars().filter(|c| !is_between(*c)).collect::<String>().to_ascii_uppercase();
    if digits.is_empty() {
        return ThumbprintVerdict::Empty;
    }
    if Uuid::try_parse(entered.trim()).is_ok() {
        let what = "This is an ID, not a thumbprint. Copy **Thumbprint** from the list of certificates.";
        return ThumbprintVerdict::Unreadable { what: what.to_owned() };
    }
    if let Some(other) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        let what = format!("A thumbprint has the digits 0 to 9 and A to F only; here is “{other}”.");
        return ThumbprintVerdict::Unreadable { what };
    }
    let ours = if digits.len() == sha256.len() { sha256 } else { sha1 };
    let pair_of = |text: &str, pair: usize| text.chars().skip(pair * 2).take(2).collect::<String>();
    if digits.len() != ours.len() {
        let whole = digits.len() / 2;
        let cut_off = ours.starts_with(&digits) && whole > 0;
        return if cut_off {
            ThumbprintVerdict::Different {
                pair: whole + 1,
                entered: String::new(),
                ours: pair_of(ours, whole),
            }
        } else {
            let are = if digits.len() == 1 { "is" } else { "are" };
            let what = format!("A thumbprint has 40 digits, or 64 for SHA-256; here {are} {}.", digits.len());
            ThumbprintVerdict::Unreadable { what }
        };
    }
    let differs = |pair: &usize| pair_of(&digits, *pair) != pair_of(ours, *pair);
    match (0..ours.len().div_ceil(2)).find(differs) {
        None => ThumbprintVerdict::Equal,
        Some(pair) => ThumbprintVerdict::Different {
            pair: pair + 1,
            entered: pair_of(&digits, pair),
            ours: pair_of(ours, pair),
        },
    }
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || super::clean::is_invisible(c) || matches!(c, ':' | '-' | '"' | '\'')
}

impl ThumbprintVerdict {
    /// What came out, as a sentence with `code` marks.
    pub fn says(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Equal => "The same, digit by digit.".to_owned(),
            Self::Different { pair, entered, ours } if entered.is_empty() => {
                format!(
                    "It ends after {} pairs of digits; `{ours}` would come next. Copy all of it.",
                    pair - 1
                )
            }
            Self::Different { pair, entered, ours } => format!(
                "Not the same: pair {pair} is `{entered}` there and `{ours}` here. The portal has another certificate."
            ),
            Self::Unreadable { what } => what.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA1: &str = "6A0B7C7D0E1F2A3B4C5D6E7F8091A2B3C4D5E6F7";

    fn compared(entered: &str) -> ThumbprintVerdict {
        thumbprint(entered, SHA1, &"AB".repeat(32))
    }

    #[test]
    fn every_spelling_of_the_same_is_the_same() {
        let spaced = SHA1.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair)).collect::<Vec<_>>();
        for entered in [
            SHA1.to_owned(),
            SHA1.to_lowercase(),
            spaced.join(" "),
            spaced.join(":").to_lowercase(),
            format!(" \u{200e}\u{feff}{}\r\n", spaced.join("-")),
            format!("\"{SHA1}\""),
            "ab:".repeat(32),
        ] {
            assert_eq!(compared(&entered), ThumbprintVerdict::Equal, "{entered}");
        }
        assert_eq!(compared(" : "), ThumbprintVerdict::Empty);
    }

    #[test]
    fn the_first_differing_pair_is_named() {
        let different = |pair, entered: &str, ours: &str| ThumbprintVerdict::Different {
            pair,
            entered: entered.to_owned(),
            ours: ours.to_owned(),
        };
        assert_eq!(compared(&SHA1.replace("7C", "7B")), different(3, "7B", "7C"));
        assert_eq!(compared(&SHA1[..38]), different(20, "", "F7"));
        assert_eq!(compared(&SHA1[..39]), different(20, "", "F7"));
        assert_eq!(compared(&SHA1.replace("6A0", "7C0")), different(1, "7C", "6A"));
        assert_eq!(compared(&"AC".repeat(32)), different(1, "AC", "AB"));
        assert!(compared(&SHA1[..38]).says().contains("ends after 19 pairs"));
        let other = compared(&SHA1.replace("6A0", "7C0"));
        assert!(other.says().contains("pair 1 is `7C` there and `6A` here"));
    }

    #[test]
    fn what_is_no_thumbprint_is_said() {
        for (entered, says) in [
            ("3f9a11g0", "“G”"),
            (&*format!("{SHA1}00"), "here are 42"),
            ("7C", "here are 2"),
            ("6", "here is 1"),
            (&SHA1[2..], "here are 38"),
            (" 3f9a11d0-71c9-4a8e-b2d4-09f7c3e177be\n", "an ID, not a thumbprint"),
        ] {
            assert!(compared(entered).says().contains(says), "{entered}");
        }
    }
}
