//! What a file in a bundle may be called.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::problem::ConfigProblem;

/// The name of a file in a bundle, perhaps with folders: `gateway.json`, `systemd/gatehouse.conf`.
///
/// At most 100 bytes and 8 parts between slashes. Each part is made of ASCII letters, digits, `.`, `_` and `-`, starts
/// with a letter, a digit or `_`, does not end with a dot, and is no device of Windows. So the same name means the same
/// file on every system, and none outside the folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MemberName(String);

/// The signed description of the bundle, its first member.
pub(crate) const MANIFEST: &str = "manifest.json";
/// The signature over the manifest, the second member.
pub(crate) const SIGNATURE: &str = "manifest.json.sig";
/// The hashes in the form that `sha256sum -c` reads, the third member.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameFault {
    Absolute,
    Traversal,
    Reserved,
    Other,
}

impl MemberName {
    /// Takes a name as it is.
    ///
    /// # Errors
    /// A [`ConfigProblem`] for the field `files` when it breaks the rule, or is one of the members that every bundle
    /// has: `manifest.json`, `manifest.json.sig`, `SHA256SUMS`.
    pub fn new(text: impl Into<String>) -> Result<Self, ConfigProblem> {
        let text = text.into();
        match fault(&text) {
            None => Ok(Self(text)),
            Some(NameFault::Reserved) => Err(ConfigProblem::new(
                "files",
                "has a name that every bundle uses itself",
                "Give the file another name than manifest.json, manifest.json.sig and SHA256SUMS.",
            )),
            Some(_) => Err(ConfigProblem::new(
                "files",
                "has a name that is not safe on every system",
                "Write it like gateway.json or systemd/gatehouse.conf: letters, digits, dots, hyphens and underscores, \
                 at most 100 characters.",
            )),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two names must not share: case is ignored by Windows and macOS.
    pub(crate) fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for MemberName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MemberName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(|problem| D::Error::custom(problem.what))
    }
}

/// What is wrong with the name of a member that is not one of the bundle's own.
pub(crate) fn fault(name: &str) -> Option<NameFault> {
    let drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if name.starts_with(['/', '\\']) || drive {
        return Some(NameFault::Absolute);
    }
    if name.split(['/', '\\']).any(|part| part == ".." || part == ".") {
        return Some(NameFault::Traversal);
    }
    let own = [MANIFEST, SIGNATURE, SUMS];
    if own.iter().any(|own| {
        let mut first = name.split('/');
        first.next().is_some_and(|part| part.eq_ignore_ascii_case(own))
    }) {
        return Some(NameFault::Reserved);
    }
    let good = name.len() <= 100 && name.split('/').count() <= 8 && name.split('/').all(is_part);
    (!good).then_some(NameFault::Other)
}

fn is_part(part: &str) -> bool {
    let first = part.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let all = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    first && all && !part.ends_with('.') && !is_device(part)
}

/// The names that Windows keeps for devices, whatever follows the first dot.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered =
        |start: &str| stem.strip_prefix(start).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::{NameFault, fault};

    #[test]
    fn names_are_judged_by_their_worst_fault() {
        for good in
            ["gateway.json", "systemd/gatehouse.conf", "a/b/c/d/e/f/g/h", "_x", "console.txt", "com10"]
        {
            assert_eq!(fault(good), None, "{good}");
        }
        for (name, expected) in [
            ("/etc/passwd", NameFault::Absolute),
            ("\\\\host\\share", NameFault::Absolute),
            ("C:windows", NameFault::Absolute),
            ("..", NameFault::Traversal),
            ("a/../../b", NameFault::Traversal),
            ("a\\..\\b", NameFault::Traversal),
            ("./a", NameFault::Traversal),
            ("manifest.json", NameFault::Reserved),
            ("Sha256Sums", NameFault::Reserved),
            ("manifest.json/x", NameFault::Reserved),
            ("", NameFault::Other),
            ("a//b", NameFault::Other),
            ("a/", NameFault::Other),
            ("-rf", NameFault::Other),
            (".ssh", NameFault::Other),
            ("a.", NameFault::Other),
            ("a b", NameFault::Other),
            ("a\nb", NameFault::Other),
            ("nul.txt", NameFault::Other),
            ("x/LPT1", NameFault::Other),
            ("ä", NameFault::Other),
            ("a/b/c/d/e/f/g/h/i", NameFault::Other),
        ] {
            assert_eq!(fault(name), Some(expected), "{name}");
        }
        assert_eq!(fault(&"a".repeat(100)), None);
        assert_eq!(fault(&"a".repeat(101)), Some(NameFault::Other));
    }
}
