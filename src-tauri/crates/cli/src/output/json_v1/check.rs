//! What a check found: the links of the chain and the findings.

use engine::{
    Fault, FaultCode, Report,
    diagnosis::{self, LinkState},
};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    clean,
    findings::{FindingV1, findings, verdict},
};
use crate::commands::seconds_between;

/// `gatehouse.check/1`.
#[derive(Serialize)]
pub(crate) struct Check {
    schema: &'static str,
    verdict: &'static str,
    links: Vec<Link>,
    findings: Vec<FindingV1>,
    profile: String,
    started_at: String,
    seconds: f64,
}

impl Check {
    pub(crate) fn of(report: &Report, started: Timestamp, ended: Timestamp) -> Self {
        Self {
            schema: "gatehouse.check/1",
            verdict: verdict(&report.chain),
            links: report.chain.links.iter().map(Link::of).collect(),
            findings: findings(&report.chain),
            profile: report.profile.id.clone(),
            started_at: started.to_string(),
            seconds: seconds_between(started, ended),
        }
    }
}

impl Check {
    /// Nothing could be tried: the keychain is locked, the secret is gone, a file cannot be read.
    pub(crate) fn impossible(profile: &str, fault: &Fault, started: Timestamp, ended: Timestamp) -> Self {
        let stuck = match fault.code {
            FaultCode::KeychainMissing
            | FaultCode::KeychainLocked
            | FaultCode::SecretGone
            | FaultCode::NotReady => diagnosis::Link::Credential,
            _ => diagnosis::Link::Network,
        };
        let link = |link: diagnosis::Link| {
            let here = link == stuck;
            let because = if here { fault.what.clone() } else { "could not be tried".to_owned() };
            let state = if here { "unknown" } else { "skipped" };
            Link { link: link.id(), state, because: Some(clean(&because)), evidence: None }
        };
        Self {
            schema: "gatehouse.check/1",
            verdict: "incomplete",
            links: diagnosis::Link::ALL.into_iter().map(link).collect(),
            findings: Vec::new(),
            profile: profile.to_owned(),
            started_at: started.to_string(),
            seconds: seconds_between(started, ended),
        }
    }
}

/// `gatehouse.check-all/1`.
#[derive(Serialize)]
pub(crate) struct CheckAll {
    schema: &'static str,
    connections: Vec<NamedCheck>,
}

#[derive(Serialize)]
struct NamedCheck {
    name: String,
    #[serde(flatten)]
    check: Check,
}

impl CheckAll {
    pub(crate) fn of(checked: Vec<(String, Check)>) -> Self {
        let connections = checked.into_iter().map(|(name, check)| NamedCheck { name, check }).collect();
        Self { schema: "gatehouse.check-all/1", connections }
    }
}

#[derive(Serialize)]
struct Link {
    link: &'static str,
    state: &'static str,
    because: Option<String>,
    evidence: Option<String>,
}

impl Link {
    fn of(report: &engine::diagnosis::LinkReport) -> Self {
        let state = match report.state {
            LinkState::Proven => "proven",
            LinkState::Attention => "attention",
            LinkState::Broken => "broken",
            LinkState::Unknown => "unknown",
            LinkState::Skipped | LinkState::NotTried => "skipped",
        };
        let untried = (report.state == LinkState::NotTried).then(|| "was not tried".to_owned());
        // The short lines of the chain, then the sentences.
        let mut seen = report.evidence.join(", ");
        if !report.details.is_empty() && !seen.is_empty() {
            seen.push_str(". ");
        }
        seen.push_str(&report.details.join(" "));
        Self {
            link: report.link.id(),
            state,
            because: report.because.clone().or(untried).map(|text| clean(&text)),
            evidence: (!seen.is_empty()).then(|| clean(&seen)),
        }
    }
}
