use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::problem::ConfigProblem;

/// A gateway's name: the label of its bundles and receipts, part of their files' names, and the principal in
/// `allowed_signers`. 1 to 64 letters, digits, dots, hyphens and underscores (ASCII); it starts and ends with a letter
/// or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct GatewayName(String);

impl GatewayName {
    /// Takes a name as it is.
    ///
    /// # Errors
    /// A [`ConfigProblem`] for the field `gateway` when it breaks the rule.
    pub fn new(text: impl Into<String>) -> Result<Self, ConfigProblem> {
        let text = text.into();
        if is_name(&text) {
            return Ok(Self(text));
        }
        Err(ConfigProblem::new(
            "gateway",
            "is not a gateway's name",
            "Write it like plant-3, with at most 64 letters, digits, dots, hyphens and underscores.",
        ))
    }

    /// The name in `plant-3.tar.age`, with or without folders before it; none for another file name.
    pub fn from_file_name(path: &str) -> Option<Self> {
        let file = path.rsplit(['/', '\\']).next()?;
        Self::new(file.strip_suffix(".tar.age")?).ok()
    }

    /// The name of the file that holds this gateway's bundle: `plant-3.tar.age`.
    pub fn file_name(&self) -> String {
        format!("{self}.tar.age")
    }

    /// The name of the file that holds this gateway's receipt: `plant-3.gatehouse.receipt`.
    pub fn receipt_file_name(&self) -> String {
        format!("{self}.gatehouse.receipt")
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for GatewayName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for GatewayName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(|problem| D::Error::custom(problem.what))
    }
}

fn is_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let outer = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 64 && text.bytes().all(inner) && outer(text.bytes().next()) && outer(text.bytes().last())
}
