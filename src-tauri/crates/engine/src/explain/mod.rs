//! Explains what somebody pastes: a finding's id, a number, an error, a log, a redirect address, a token. Offline, and
//! pure.
//!
//! [`explain`] never decides by the text of a description, only by ids, numbers, codes and claims. What it hands back
//! to be shown has secrets, tokens and names of accounts taken out.

mod advice;
mod callback;
pub mod help;
mod ids;
mod mentions;
mod paste;
mod place;
mod redact;
mod redact_shapes;
mod token;

use jiff::Timestamp;
use url::Url;

use crate::{
    catalogue::Category,
    diagnosis::{Claims, Link, Who},
    portal::PortalPage,
};

pub use ids::SupportIds;
pub use paste::INPUT_AT_MOST;
pub use redact::SHOWN_AT_MOST;

/// Explains a text. `now` is the time that a token's dates are compared with.
pub fn explain(text: &str, now: Timestamp) -> Explanation {
    let paste = paste::Paste::of(text);
    let read = paste.read(now);
    let mut ids = ids::find(&paste.text);
    if let Some(decoded) = &read.decoded {
        ids = ids.or(ids::find(decoded));
    }
    Explanation {
        read_as: read.read_as,
        advice: read.advice,
        token: read.token,
        ids,
        shown: redact::shown(&paste.text),
        shortened: paste.shortened,
    }
}

/// What a pasted text says.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What the text was taken for.
    pub read_as: ReadAs,
    /// What it means, the most telling first; empty when nothing was recognised.
    pub advice: Vec<Advice>,
    /// The claims, when the text is or holds an access token.
    pub token: Option<Box<Claims>>,
    /// What Microsoft's support asks for.
    pub ids: SupportIds,
    /// The text with secrets, tokens and names of accounts taken out, at most [`SHOWN_AT_MOST`] characters.
    pub shown: String,
    /// The text was longer than [`INPUT_AT_MOST`], and only its beginning was read.
    pub shortened: bool,
}

impl Explanation {
    /// Whether anything was recognised.
    pub fn is_explained(&self) -> bool {
        !self.advice.is_empty()
    }
}

/// What a text was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadAs {
    /// The id of a finding.
    FindingId,
    /// An AADSTS number.
    EntraNumber,
    /// A value of OAuth's field `error`.
    OauthError,
    /// A code of Microsoft Graph.
    GraphCode,
    /// An error answer of Entra ID.
    EntraAnswer,
    /// An error answer of Microsoft Graph.
    GraphAnswer,
    /// The address that the admin consent page came back to.
    ConsentCallback,
    /// The address that a sign-in came back to.
    SignInCallback,
    /// An access token, or an answer with one.
    AccessToken,
    /// A log or an exception's text.
    Log,
    /// Nothing that is known.
    Unrecognised,
}

impl ReadAs {
    /// The id in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::FindingId => "finding-id",
            Self::EntraNumber => "entra-number",
            Self::OauthError => "oauth-error",
            Self::GraphCode => "graph-code",
            Self::EntraAnswer => "entra-answer",
            Self::GraphAnswer => "graph-answer",
            Self::ConsentCallback => "consent-callback",
            Self::SignInCallback => "sign-in-callback",
            Self::AccessToken => "access-token",
            Self::Log => "log",
            Self::Unrecognised => "unrecognised",
        }
    }

    /// In words, to stand after "Read as".
    pub fn words(self) -> &'static str {
        match self {
            Self::FindingId => "a finding of Gatehouse",
            Self::EntraNumber => "a number of Entra ID",
            Self::OauthError => "an OAuth error",
            Self::GraphCode => "a code of Microsoft Graph",
            Self::EntraAnswer => "an error answer of Entra ID",
            Self::GraphAnswer => "an error answer of Microsoft Graph",
            Self::ConsentCallback => "the address that a consent page came back to",
            Self::SignInCallback => "the address that a sign-in came back to",
            Self::AccessToken => "an access token",
            Self::Log => "a log or an exception",
            Self::Unrecognised => "nothing that Gatehouse knows",
        }
    }
}

/// What can be pasted, to be said when nothing was recognised.
pub const WHAT_CAN_BE_PASTED: &str = "Paste one of these: a finding’s id such as secret-expired, a number such as \
     AADSTS7000215, a code of Microsoft Graph, an error answer as JSON, a log or an exception with one of these in it, \
     the address that a consent page came back to, or an access token.";

/// One explanation: what is true, what was seen, what it means, what to do.
#[derive(Clone, Debug)]
pub struct Advice {
    /// What it is about.
    pub about: About,
    /// The finding, when a check stands behind the words, or is the likeliest cause.
    pub finding: Option<FindingRef>,
    /// What is true, as a sentence without a full stop.
    pub title: String,
    /// The bare facts, with `` `code` `` around what Microsoft's services wrote.
    pub saw: Vec<String>,
    /// The consequence.
    pub meaning: String,
    /// The way out, step by step.
    pub fix: Vec<String>,
    /// Who has to act.
    pub who: Option<Who>,
    /// Where it is mended.
    pub place: Option<Place>,
}

/// A finding by its id and its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingRef {
    /// The id.
    pub id: &'static str,
    /// The link of the chain.
    pub link: Link,
    /// The code says exactly this, or this is its likeliest cause.
    pub certainty: crate::catalogue::Certainty,
}

/// What an [`Advice`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A finding by its id.
    Finding,
    /// An AADSTS number.
    Entra {
        /// The number.
        number: u32,
        /// Microsoft's name for it.
        name: Option<&'static str>,
        /// What it concerns; for an unknown number, what its family mostly concerns.
        category: Option<Category>,
        /// Whether the catalogue knows it.
        known: bool,
    },
    /// A code of Microsoft Graph, as Microsoft writes it, or as it was pasted when it is not known.
    Graph(String),
    /// A value of OAuth's field `error`.
    Oauth(&'static str),
    /// What a program writes when a request did not get through.
    Symptom(&'static str),
    /// A token's claims.
    Token,
    /// The address of a callback.
    Callback,
}

/// A page of the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which one.
    pub page: PortalPage,
    /// Where it is, for people: `App registrations › your app › Certificates & secrets`.
    pub name: &'static str,
    /// Its address, when nothing is missing for it.
    pub address: Option<Url>,
}

/// The first AADSTS number in a text of Entra ID's, as advice: nothing may depend on it.
pub(crate) fn first_entra_number(text: &str) -> Option<u32> {
    mentions::find(text).into_iter().find_map(|mention| match mention {
        mentions::Mention::Entra(number) => Some(number),
        _ => None,
    })
}
