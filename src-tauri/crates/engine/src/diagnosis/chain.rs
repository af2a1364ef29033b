//! The chain of proof: checks in, eight links out. Pure.

use jiff::Timestamp;

use super::{Case, Finding, Link, Outcome, Severity, checks, proof};
use crate::evidence::Source;

/// The judged chain.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Eight links, in order.
    pub links: Vec<LinkReport>,
    /// Findings in chain order.
    pub findings: Vec<Finding>,
    /// What it all comes to.
    pub verdict: Verdict,
}

impl Chain {
    /// One link's report.
    pub fn link(&self, link: Link) -> &LinkReport {
        &self.links[link as usize]
    }
}

/// One link, judged.
#[derive(Clone, Debug)]
pub struct LinkReport {
    /// Which one.
    pub link: Link,
    /// How far it is proven.
    pub state: LinkState,
    /// One or two words for the chain.
    pub word: String,
    /// At most two short lines of evidence.
    pub evidence: Vec<String>,
    /// What else was seen about it, for whoever wants to know: for the network, the way to each host.
    pub details: Vec<String>,
    /// Why it is skipped or unknown.
    pub because: Option<String>,
    /// When the evidence was gathered.
    pub at: Option<Timestamp>,
    /// Where the evidence comes from.
    pub source: Option<Source>,
}

/// How far a link is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Nobody has looked yet.
    NotTried,
    /// Seen for real.
    Proven,
    /// Works, but.
    Attention,
    /// Nothing gets through.
    Broken,
    /// Waits for another link, or cannot be told and need not be.
    Skipped,
    /// Should have been told and could not.
    Unknown,
}

/// What the chain comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every required link is proven.
    Proven,
    /// Everything works and something needs attention.
    Attention,
    /// A required link could not be told, or was not tried.
    Incomplete,
    /// A link is broken.
    Broken,
}

/// Judges a case: runs the table of checks and puts their outcomes on the chain.
pub fn judge(case: &Case<'_>) -> Chain {
    let mut links: Vec<LinkReport> = Vec::with_capacity(Link::ALL.len());
    let mut findings: Vec<Finding> = Vec::new();
    let mut stopped_at: Option<Link> = None;
    for link in Link::ALL {
        let report = match stopped_at {
            Some(earlier) => waits_for(link, earlier),
            None => judge_link(case, link, &mut findings),
        };
        if stopped_at.is_none() && matches!(report.state, LinkState::Broken | LinkState::Unknown) {
            stopped_at = Some(link);
        }
        links.push(report);
    }
    let verdict = verdict(&links);
    Chain { links, findings, verdict }
}

fn judge_link(case: &Case<'_>, link: Link, findings: &mut Vec<Finding>) -> LinkReport {
    let first = findings.len();
    let mut untold: Option<String> = None;
    for check in checks::TABLE.iter().filter(|check| check.link == link) {
        if broken_since(findings, first) {
            break;
        }
        match (check.run)(case) {
            Outcome::Pass | Outcome::Skipped => {}
            Outcome::CouldNotTell(because) => untold = untold.or(Some(because)),
            Outcome::Problem(problem) => findings.push(Finding::of(check, *problem, case)),
        }
    }
    let own = &findings[first..];
    let proof = proof::of(case, link);
    let worst = own
        .iter()
        .find(|finding| finding.severity == Severity::Broken)
        .or_else(|| own.iter().find(|finding| finding.severity == Severity::Unknown).or_else(|| own.first()));
    let mut report = match proof {
        proof::Proof::Proven { word, evidence, at, source } => LinkReport {
            link,
            state: LinkState::Proven,
            word,
            evidence,
            details: Vec::new(),
            because: None,
            at: Some(at),
            source: Some(source),
        },
        proof::Proof::Skipped(because) => LinkReport {
            state: LinkState::Skipped,
            word: "Not yet".to_owned(),
            because: Some(because),
            ..LinkReport::untried(link)
        },
        proof::Proof::NotTried => LinkReport::untried(link),
    };
    if link == Link::Network {
        report.details = case.evidence.network.lines();
    }
    if let Some(finding) = worst {
        let (state, word) = match finding.severity {
            Severity::Broken => (LinkState::Broken, "Broken"),
            Severity::Unknown => (LinkState::Unknown, "Could not tell"),
            Severity::Attention if report.state == LinkState::NotTried => (LinkState::NotTried, "Not tried"),
            Severity::Attention => (LinkState::Attention, "Works, but…"),
        };
        report.state = state;
        report.word = finding.word.clone().unwrap_or_else(|| word.to_owned());
        report.source = finding.saw.first().map(|saw| saw.source).or(report.source);
        if state == LinkState::Unknown {
            report.because = Some(finding.title.clone());
        }
        if matches!(state, LinkState::Broken | LinkState::Unknown) {
            report.evidence = vec![finding.title.clone()];
            report.at = report.at.or(case.connection.checked_at);
        }
    } else if let Some(because) = untold {
        report.state = LinkState::Unknown;
        report.word = "Could not tell".to_owned();
        report.because = Some(because);
    }
    report
}

impl LinkReport {
    fn untried(link: Link) -> Self {
        Self {
            link,
            state: LinkState::NotTried,
            word: "Not tried".to_owned(),
            evidence: Vec::new(),
            details: Vec::new(),
            because: None,
            at: None,
            source: None,
        }
    }
}

fn waits_for(link: Link, earlier: Link) -> LinkReport {
    let because = format!("waits for {}", earlier.name());
    LinkReport {
        state: LinkState::Skipped,
        word: "Not tried".to_owned(),
        evidence: vec![because.clone()],
        because: Some(because),
        ..LinkReport::untried(link)
    }
}

fn broken_since(findings: &[Finding], first: usize) -> bool {
    findings[first..].iter().any(|finding| finding.severity == Severity::Broken)
}

fn verdict(links: &[LinkReport]) -> Verdict {
    let required = || links.iter().filter(|report| report.link != Link::Gateway);
    if links.iter().any(|report| report.state == LinkState::Broken) {
        Verdict::Broken
    } else if required().any(|report| matches!(report.state, LinkState::Unknown | LinkState::NotTried)) {
        Verdict::Incomplete
    } else if links.iter().any(|report| report.state == LinkState::Attention) {
        Verdict::Attention
    } else {
        Verdict::Proven
    }
}
