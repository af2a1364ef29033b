//! Findings, as `gatehouse.check/1` and `gatehouse.sync/1` have them.

use engine::{
    diagnosis::{self, Chain, Finding, Severity, Verdict},
    portal::PortalPage,
};
use serde::Serialize;

use super::clean;

#[derive(Serialize)]
pub(super) struct FindingV1 {
    id: &'static str,
    link: &'static str,
    severity: &'static str,
    title: String,
    evidence: Vec<Evidence>,
    meaning: String,
    fix: Vec<String>,
    who: &'static str,
    /// The way to the portal's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'static str>,
    /// Commands to copy, one on each line.
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aadsts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
}

#[derive(Serialize)]
struct Evidence {
    source: &'static str,
    text: String,
}

pub(super) fn verdict(chain: &Chain) -> &'static str {
    match chain.verdict {
        Verdict::Proven => "proven",
        Verdict::Attention => "attention",
        Verdict::Incomplete => "incomplete",
        Verdict::Broken => "broken",
    }
}

/// What this sync itself shows; the earlier links were proven or not by another run.
pub(super) fn of_directory(chain: &Chain) -> Vec<FindingV1> {
    chain.findings.iter().filter(|found| found.link == diagnosis::Link::Directory).map(finding).collect()
}

pub(super) fn findings(chain: &Chain) -> Vec<FindingV1> {
    chain.findings.iter().map(finding).collect()
}

fn finding(finding: &Finding) -> FindingV1 {
    let fault = finding.fault.as_ref();
    let text = |value: Option<&String>| value.map(|value| clean(value));
    FindingV1 {
        id: finding.id,
        link: finding.link.id(),
        severity: match finding.severity {
            Severity::Broken => "broken",
            Severity::Attention => "attention",
            Severity::Unknown => "unknown",
        },
        title: clean(&finding.title),
        evidence: finding
            .saw
            .iter()
            .map(|saw| Evidence { source: saw.source.words(), text: clean(&saw.text) })
            .collect(),
        meaning: clean(&finding.meaning),
        fix: finding.fix.iter().map(|step| clean(step)).collect(),
        who: finding.who.words(),
        page: finding.page.map(PortalPage::words),
        script: finding.script.clone(),
        aadsts: fault.and_then(|fault| fault.aadsts),
        graph_code: text(fault.and_then(|fault| fault.graph_code.as_ref())),
        http_status: fault.and_then(|fault| fault.http_status),
        trace_id: text(fault.and_then(|fault| fault.trace_id.as_ref())),
        correlation_id: text(fault.and_then(|fault| fault.correlation_id.as_ref())),
        request_id: text(fault.and_then(|fault| fault.request_id.as_ref())),
        timestamp: text(fault.and_then(|fault| fault.timestamp.as_ref())),
    }
}
