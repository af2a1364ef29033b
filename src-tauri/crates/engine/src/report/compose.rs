//! A judged connection becomes a document.

use super::{
    Ids, Names, Paper, PaperChanges, PaperFinding, PaperLink, PaperRun, Past, Place, Redaction,
    ReportOptions, Subject, SupportIds,
};
use crate::{
    diagnosis::{Finding, LinkReport},
    gatehouse::Report,
    history::{Comparison, Run},
};

/// The report about a judged connection and its past. Pure.
pub fn of(report: &Report, past: &Past, options: ReportOptions) -> Paper {
    let redaction = Redaction::of(&report.connection, options.names, options.ids);
    Paper {
        made_at: report.now,
        gatehouse: env!("CARGO_PKG_VERSION"),
        subject: subject(report, &redaction),
        verdict: report.chain.verdict,
        checked_at: report.connection.checked_at,
        links: report.chain.links.iter().map(|found| link(found, &redaction)).collect(),
        findings: report
            .chain
            .findings
            .iter()
            .map(|found| finding(found, report, options.ids, &redaction))
            .collect(),
        changed: past.changed.as_ref().map(|changed| changes(changed, &redaction)),
        runs: past.runs.iter().map(|kept| run(kept, &redaction)).collect(),
        left_out: left_out(options),
    }
}

fn subject(report: &Report, redaction: &Redaction) -> Subject {
    let connection = &report.connection;
    Subject {
        name: redaction.text(&connection.name),
        practice: connection.practice,
        tenant: connection.tenant.as_ref().map(|tenant| redaction.text(&tenant.text)),
        tenant_id: connection.tenant_id().map(|id| redaction.text(&id)),
        client_id: connection.client_id.as_deref().map(|id| redaction.text(id)),
        cloud: connection.cloud().map(entra::Cloud::name),
        profile: report.profile.id.clone(),
        profile_name: redaction.text(&report.profile.name),
        credential: connection.credential.as_ref().map(|credential| (credential.noun(), credential.ends_on)),
    }
}

fn link(report: &LinkReport, redaction: &Redaction) -> PaperLink {
    PaperLink {
        link: report.link,
        state: report.state,
        word: redaction.text(&report.word),
        because: report.because.as_deref().map(|because| redaction.text(because)),
        evidence: report.evidence.iter().map(|line| redaction.text(line)).collect(),
        source: report.source.map(|source| source.words()),
        at: report.at,
    }
}

fn finding(finding: &Finding, report: &Report, ids: Ids, redaction: &Redaction) -> PaperFinding {
    PaperFinding {
        id: finding.id,
        link: finding.link,
        severity: finding.severity,
        title: redaction.text(&finding.title),
        saw: finding.saw.iter().map(|saw| (saw.source.words(), redaction.text(&saw.text))).collect(),
        meaning: redaction.text(&finding.meaning),
        fix: finding.fix.iter().map(|step| redaction.text(step)).collect(),
        who: finding.who.words(),
        place: finding.page.map(|page| Place::of(&report.connection, page, ids)),
        support: finding.fault.as_ref().map(|fault| support(fault, redaction)).unwrap_or_default(),
    }
}

fn support(fault: &entra::Fault, redaction: &Redaction) -> SupportIds {
    let id = |id: &Option<String>| id.as_deref().map(|id| redaction.support_id(id));
    SupportIds {
        aadsts: fault.aadsts,
        graph_code: id(&fault.graph_code),
        http_status: fault.http_status,
        trace_id: id(&fault.trace_id),
        correlation_id: id(&fault.correlation_id),
        request_id: id(&fault.request_id),
        timestamp: id(&fault.timestamp),
    }
}

fn changes(comparison: &Comparison, redaction: &Redaction) -> PaperChanges {
    PaperChanges {
        since: comparison.since,
        now: comparison.now,
        changes: comparison
            .changes
            .iter()
            .map(|change| (change.id(), redaction.text(&change.words())))
            .collect(),
    }
}

fn run(run: &Run, redaction: &Redaction) -> PaperRun {
    PaperRun {
        started_at: run.record.started_at,
        seconds: run.record.seconds,
        verdict: run.record.verdict,
        states: run.record.links.iter().map(|link| link.state).collect(),
        decided_by: run.record.decided_by().map(|link| (link.link, redaction.text(&link.word))),
    }
}

fn left_out(options: ReportOptions) -> Vec<&'static str> {
    let mut sentences = vec!["Secrets, tokens and keys are never in a report."];
    if options.names == Names::Masked {
        sentences.push(
            "People, groups, folders and what services said in their own words are left out; \
             the connection’s own name is as you gave it.",
        );
    }
    if options.ids == Ids::Short {
        sentences.push("Tenant, client and object IDs are shortened; IDs for Microsoft’s support are whole.");
    }
    sentences
}
