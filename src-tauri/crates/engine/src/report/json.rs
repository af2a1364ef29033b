//! `gatehouse.report/1`: links and findings as in `gatehouse.check/1`. Names are frozen.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Paper, PaperFinding, PaperLink};
use crate::diagnosis::{LinkState, Severity, Verdict};

pub(super) fn write(paper: &Paper) -> String {
    let text = serde_json::to_string_pretty(&Report::of(paper)).unwrap_or_else(|_| "{}".to_owned());
    text + "\n"
}

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    made_at: String,
    gatehouse: &'a str,
    connection: Value,
    verdict: &'static str,
    checked_at: Option<String>,
    links: Vec<Value>,
    findings: Vec<Finding<'a>>,
    changed_since_last_good: Option<Value>,
    runs: Vec<Value>,
    left_out: &'a [&'static str],
}

impl<'a> Report<'a> {
    fn of(paper: &'a Paper) -> Self {
        let subject = &paper.subject;
        Self {
            schema: "gatehouse.report/1",
            made_at: paper.made_at.to_string(),
            gatehouse: paper.gatehouse,
            connection: json!({
                "name": subject.name,
                "practice": subject.practice,
                "tenant": subject.tenant,
                "tenant_id": subject.tenant_id,
                "client_id": subject.client_id,
                "cloud": subject.cloud,
                "profile": subject.profile,
                "credential": subject.credential.map(|(kind, ends_on)| {
                    json!({ "kind": kind.to_ascii_lowercase(), "ends_on": ends_on })
                }),
            }),
            verdict: verdict(paper.verdict),
            checked_at: paper.checked_at.map(|at| at.to_string()),
            links: paper.links.iter().map(link).collect(),
            findings: paper.findings.iter().map(Finding::of).collect(),
            changed_since_last_good: paper.changed.as_ref().map(|changed| {
                let changes = changed.changes.iter().map(|(id, text)| json!({ "id": id, "text": text }));
                json!({
                    "since": changed.since,
                    "now": changed.now,
                    "changes": changes.collect::<Vec<_>>(),
                })
            }),
            runs: paper
                .runs
                .iter()
                .map(|run| {
                    json!({
                        "started_at": run.started_at,
                        "seconds": run.seconds,
                        "verdict": verdict(run.verdict),
                        "decided_by": run.decided_by.as_ref().map(|(link, _)| link.id()),
                    })
                })
                .collect(),
            left_out: &paper.left_out,
        }
    }
}

fn link(link: &PaperLink) -> Value {
    let evidence = (!link.evidence.is_empty()).then(|| link.evidence.join(", "));
    let untried = (link.state == LinkState::NotTried).then(|| "was not tried".to_owned());
    json!({
        "link": link.link.id(),
        "state": state(link.state),
        "word": link.word,
        "because": link.because.clone().or(untried),
        "evidence": evidence,
        "source": link.source,
        "at": link.at,
    })
}

#[derive(Serialize)]
struct Finding<'a> {
    id: &'a str,
    link: &'a str,
    severity: &'a str,
    title: &'a str,
    evidence: Vec<Value>,
    meaning: &'a str,
    fix: &'a [String],
    who: &'a str,
    portal: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aadsts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<&'a str>,
}

impl<'a> Finding<'a> {
    fn of(finding: &'a PaperFinding) -> Self {
        let support = &finding.support;
        Self {
            id: finding.id,
            link: finding.link.id(),
            severity: severity(finding.severity),
            title: &finding.title,
            evidence: finding
                .saw
                .iter()
                .map(|(source, text)| json!({ "source": source, "text": text }))
                .collect(),
            meaning: &finding.meaning,
            fix: &finding.fix,
            who: finding.who,
            portal: finding
                .place
                .as_ref()
                .map(|place| json!({ "page": place.name, "address": place.address })),
            aadsts: support.aadsts,
            graph_code: support.graph_code.as_deref(),
            http_status: support.http_status,
            trace_id: support.trace_id.as_deref(),
            correlation_id: support.correlation_id.as_deref(),
            request_id: support.request_id.as_deref(),
            timestamp: support.timestamp.as_deref(),
        }
    }
}

fn state(state: LinkState) -> &'static str {
    match state {
        LinkState::Proven => "proven",
        LinkState::Attention => "attention",
        LinkState::Broken => "broken",
        LinkState::Unknown => "unknown",
        LinkState::Skipped | LinkState::NotTried => "skipped",
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Broken => "broken",
        Severity::Attention => "attention",
        Severity::Unknown => "unknown",
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Proven => "proven",
        Verdict::Attention => "attention",
        Verdict::Incomplete => "incomplete",
        Verdict::Broken => "broken",
    }
}
