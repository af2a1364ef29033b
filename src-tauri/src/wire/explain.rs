//! A pasted error, explained.

use serde::Serialize;
use specta::Type;

use super::{LinkId, PageLink, SawLine};

/// What a pasted text says.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ExplanationView {
    /// What the text was taken for: `an error answer of Entra ID`.
    pub read_as: String,
    /// None when nothing was recognised.
    pub advice: Option<AdviceView>,
    /// What else the text mentions.
    pub others: Vec<MentionView>,
    /// The text with secrets, tokens and names of accounts taken out.
    pub shown: String,
    /// Said when only the beginning of the text was read.
    pub shortened: Option<String>,
    /// What can be pasted; said when nothing was recognised.
    pub hint: Option<String>,
}

/// What is true, what was seen, what it means and what to do.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct AdviceView {
    /// The check's id, where one stands behind the words.
    pub id: Option<String>,
    pub link: Option<LinkId>,
    /// Microsoft's code: `AADSTS7000215`, `Authorization_RequestDenied`.
    pub code: Option<String>,
    /// Other causes are possible; this is the likeliest.
    pub likeliest: bool,
    pub title: String,
    pub saw: Vec<SawLine>,
    pub meaning: String,
    pub fix: Vec<String>,
    pub who: Option<String>,
    pub page: Option<PageLink>,
    /// Where that page is, and its address when nothing is missing for it.
    pub place: Option<String>,
    pub address: Option<String>,
    /// Plain text, to paste into a ticket.
    pub details: String,
}

/// Something else that a pasted text mentions.
#[derive(Clone, Debug, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct MentionView {
    pub code: Option<String>,
    pub title: String,
}
