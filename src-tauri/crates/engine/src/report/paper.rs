//! The document. Every text in it has been through redaction.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::Place;
use crate::{
    diagnosis::{Link, LinkState, Severity, Verdict},
    words,
};

/// A report, ready to be written. Texts hold the page's marks: `**names in the portal**`, `` `code` ``.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// When it was judged.
    pub made_at: Timestamp,
    /// Version of Gatehouse.
    pub gatehouse: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// What it all comes to.
    pub verdict: Verdict,
    /// When anything was tried last; none when nothing ever was.
    pub checked_at: Option<Timestamp>,
    /// The eight links, in order.
    pub links: Vec<PaperLink>,
    /// What was found, in chain order.
    pub findings: Vec<PaperFinding>,
    /// What is different from the last good run; none without one.
    pub changed: Option<PaperChanges>,
    /// Earlier runs, the newest first.
    pub runs: Vec<PaperRun>,
    /// What is not in it, as sentences.
    pub left_out: Vec<&'static str>,
}

impl Paper {
    /// `Secret, ends 19 May 2027`; none before there is a credential.
    pub(super) fn credential_words(&self) -> Option<String> {
        let (noun, ends_on) = self.subject.credential?;
        let today = self.made_at.to_zoned(TimeZone::UTC).date();
        Some(match ends_on {
            Some(day) if day <= today => format!("{noun}, ended {}", words::day(day)),
            Some(day) => format!("{noun}, ends {}", words::day(day)),
            None => noun.to_owned(),
        })
    }
}

/// The connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The admin's own name for it.
    pub name: String,
    /// It belongs to the practice tenant, and nothing in it is real.
    pub practice: bool,
    /// Tenant as entered.
    pub tenant: Option<String>,
    /// Directory (tenant) ID.
    pub tenant_id: Option<String>,
    /// Application (client) ID.
    pub client_id: Option<String>,
    /// Name of the cloud; none for endpoints on loopback.
    pub cloud: Option<&'static str>,
    /// Id of the gateway profile.
    pub profile: String,
    /// Name of the gateway profile.
    pub profile_name: String,
    /// `Secret` or `Certificate`, and the day it ends.
    pub credential: Option<(&'static str, Option<Date>)>,
}

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperLink {
    /// Which one.
    pub link: Link,
    /// How far it is proven.
    pub state: LinkState,
    /// One or two words for the chain.
    pub word: String,
    /// Why it is skipped or unknown.
    pub because: Option<String>,
    /// At most two short lines.
    pub evidence: Vec<String>,
    /// Where the evidence comes from.
    pub source: Option<&'static str>,
    /// When it was gathered.
    pub at: Option<Timestamp>,
}

/// One finding with its proof, its meaning and its fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperFinding {
    /// The check's id.
    pub id: &'static str,
    /// The link it belongs to.
    pub link: Link,
    /// How much it weighs.
    pub severity: Severity,
    /// What is true, as a sentence.
    pub title: String,
    /// Source and fact, one after the other.
    pub saw: Vec<(&'static str, String)>,
    /// The consequence.
    pub meaning: String,
    /// The way out, step by step.
    pub fix: Vec<String>,
    /// Who has to act.
    pub who: &'static str,
    /// Where it is mended.
    pub place: Option<Place>,
    /// What Microsoft gave with it.
    pub support: SupportIds,
}

/// Microsoft's own codes and ids of a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupportIds {
    /// The AADSTS number.
    pub aadsts: Option<u32>,
    /// Graph's error code.
    pub graph_code: Option<String>,
    /// Status of the answer.
    pub http_status: Option<u16>,
    /// Entra ID's trace id.
    pub trace_id: Option<String>,
    /// Entra ID's correlation id.
    pub correlation_id: Option<String>,
    /// Graph's id of the request.
    pub request_id: Option<String>,
    /// The service's time of the refusal.
    pub timestamp: Option<String>,
}

impl SupportIds {
    /// Labels and values of what is known, in the order in which support asks for them.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let code = |value: &Option<String>| value.clone();
        let all = [
            ("Code", self.aadsts.map(|number| format!("AADSTS{number}"))),
            ("Graph code", code(&self.graph_code)),
            ("HTTP status", self.http_status.map(|status| status.to_string())),
            ("Trace ID", code(&self.trace_id)),
            ("Correlation ID", code(&self.correlation_id)),
            ("Request ID", code(&self.request_id)),
            ("Time", code(&self.timestamp)),
        ];
        all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
    }
}

/// What is different from the last good run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperChanges {
    /// When the last good run began.
    pub since: Timestamp,
    /// When the newest run began.
    pub now: Timestamp,
    /// The kind of each change, and its words; empty when nothing changed.
    pub changes: Vec<(&'static str, String)>,
}

/// An earlier run.
#[derive(Clone, Debug, PartialEq)]
pub struct PaperRun {
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// What it came to.
    pub verdict: Verdict,
    /// The states of the eight links, in order.
    pub states: Vec<LinkState>,
    /// The link that the verdict comes from, and the word there.
    pub decided_by: Option<(Link, String)>,
}
