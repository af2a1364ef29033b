//! The JSON that scripts read, version 1. Converted once from the engine's types; names are frozen.

use std::path::Path;

use engine::{
    Fault, FaultCode, Report,
    diagnosis::{self, Chain, Finding, LinkState, Severity, Verdict},
    evidence::{Changes, Held, SyncMode, SyncRecord, Tally, WrittenConfig},
    portal::PortalPage,
    sync::Forecast,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::commands::seconds_between;

/// The longest text that is passed on from a service or a file name, in characters.
const TEXT_AT_MOST: usize = 2_000;

/// One object on one line, without control characters.
pub(crate) fn to_line(object: &impl Serialize) -> String {
    serde_json::to_string(object).unwrap_or_else(|_| "{}".to_owned())
}

/// A text without control characters, of bounded length.
fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_AT_MOST).collect()
}

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
            FaultCode::KeychainMissing | FaultCode::KeychainLocked | FaultCode::NotReady => {
                diagnosis::Link::Credential
            }
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

fn verdict(chain: &Chain) -> &'static str {
    match chain.verdict {
        Verdict::Proven => "proven",
        Verdict::Attention => "attention",
        Verdict::Incomplete => "incomplete",
        Verdict::Broken => "broken",
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

#[derive(Serialize)]
pub(crate) struct FindingV1 {
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

/// What this sync itself shows; the earlier links were proven or not by another run.
fn of_directory(chain: &Chain) -> Vec<FindingV1> {
    chain.findings.iter().filter(|found| found.link == diagnosis::Link::Directory).map(finding).collect()
}

fn findings(chain: &Chain) -> Vec<FindingV1> {
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

/// `gatehouse.sync/1`.
#[derive(Serialize)]
pub(crate) struct Sync {
    schema: &'static str,
    complete: bool,
    /// `full` or `delta`, as it was read in the end.
    mode: Option<SyncMode>,
    resumed: bool,
    users: Counted,
    groups: Counted,
    memberships: Counted,
    /// A first read has nothing to compare with, and a partial one is compared with nothing.
    changes: Option<Changes>,
    /// Read to the end, and not taken over: too much would go.
    held: Option<Held>,
    forecast: Option<ForecastV1>,
    requests: u64,
    throttled: u64,
    resource_units: f64,
    seconds: f64,
    findings: Vec<FindingV1>,
}

#[derive(Serialize)]
struct ForecastV1 {
    objects: u64,
    memberships_guessed: bool,
    requests: u64,
    resource_units: u64,
    /// Resource units per 10 seconds.
    quota: u64,
    seconds: f64,
    /// Share of the app's quota in this tenant, 0 to 1.
    share: f64,
}

#[derive(Serialize)]
struct Counted {
    read: u64,
    counted: Option<u64>,
}

impl From<Tally> for Counted {
    fn from(tally: Tally) -> Self {
        Self { read: tally.read, counted: tally.counted }
    }
}

impl Sync {
    pub(crate) fn of(record: &SyncRecord, report: &Report) -> Self {
        Self {
            complete: record.complete,
            mode: Some(record.mode),
            resumed: record.resumed,
            users: record.users.into(),
            groups: record.groups.into(),
            memberships: record.memberships.into(),
            changes: record.changes,
            held: record.held.clone(),
            requests: record.requests,
            throttled: record.throttled,
            resource_units: record.resource_units,
            seconds: record.seconds,
            findings: of_directory(&report.chain),
            ..Self::nothing()
        }
    }

    /// Nothing could be read: the findings say why, if there is a chain that can.
    pub(crate) fn refused(report: Option<&Report>) -> Self {
        let findings = report.map(|report| findings(&report.chain)).unwrap_or_default();
        Self { findings, ..Self::nothing() }
    }

    /// What a sync will cost; nothing was read.
    pub(crate) fn forecast(forecast: &Forecast) -> Self {
        let forecast = ForecastV1 {
            objects: forecast.objects,
            memberships_guessed: forecast.guessed,
            requests: forecast.requests,
            resource_units: forecast.resource_units,
            quota: forecast.quota,
            seconds: forecast.time.as_secs_f64(),
            share: forecast.share,
        };
        Self { forecast: Some(forecast), ..Self::nothing() }
    }

    fn nothing() -> Self {
        Self {
            schema: "gatehouse.sync/1",
            complete: false,
            mode: None,
            resumed: false,
            users: Tally::default().into(),
            groups: Tally::default().into(),
            memberships: Tally::default().into(),
            changes: None,
            held: None,
            forecast: None,
            requests: 0,
            throttled: 0,
            resource_units: 0.0,
            seconds: 0.0,
            findings: Vec::new(),
        }
    }
}

/// `gatehouse.export/1`.
#[derive(Serialize)]
pub(crate) struct Export {
    schema: &'static str,
    folder: String,
    reads_back: bool,
    files: Vec<ExportedFile>,
}

#[derive(Serialize)]
struct ExportedFile {
    name: String,
    bytes: u64,
    sha256: String,
    holds_secret: bool,
}

impl Export {
    pub(crate) fn of(written: &WrittenConfig) -> Self {
        Self {
            schema: "gatehouse.export/1",
            folder: written.folder.clone(),
            reads_back: written.unreadable.is_none(),
            files: written
                .files
                .iter()
                .map(|file| ExportedFile {
                    name: file.name.clone(),
                    bytes: file.bytes,
                    sha256: file.sha256.clone(),
                    holds_secret: file.holds_secret,
                })
                .collect(),
        }
    }
}

/// `gatehouse.connections/1`.
#[derive(Serialize)]
pub(crate) struct Connections {
    schema: &'static str,
    connections: Vec<SavedConnection>,
}

#[derive(Serialize)]
struct SavedConnection {
    id: String,
    name: String,
    tenant: Option<String>,
    client_id: Option<String>,
    profile: String,
    practice: bool,
    verdict: &'static str,
    checked_at: Option<String>,
    secret_ends_on: Option<String>,
}

impl Connections {
    pub(crate) fn of(reports: &[Report]) -> Self {
        let connections = reports
            .iter()
            .map(|report| {
                let known = &report.connection;
                SavedConnection {
                    id: known.id.clone(),
                    name: clean(&known.name),
                    tenant: known.tenant.as_ref().map(|tenant| tenant.text.clone()),
                    client_id: known.client_id.clone(),
                    profile: known.profile.clone(),
                    practice: known.practice,
                    verdict: verdict(&report.chain),
                    checked_at: known.checked_at.map(|at| at.to_string()),
                    secret_ends_on: known
                        .credential
                        .as_ref()
                        .and_then(|credential| credential.ends_on)
                        .map(|day| day.to_string()),
                }
            })
            .collect();
        Self { schema: "gatehouse.connections/1", connections }
    }
}

/// The first line of `gatehouse practice --json`.
#[derive(Serialize)]
pub(crate) struct Practice<'a> {
    #[serde(flatten)]
    facts: &'a practice::Facts,
    ca_file: String,
    scenario: practice::Scenario,
}

impl<'a> Practice<'a> {
    pub(crate) fn of(tenant: &'a practice::Practice, ca_file: &Path) -> Self {
        Self {
            facts: tenant.facts(),
            ca_file: ca_file.to_string_lossy().into_owned(),
            scenario: tenant.scenario(),
        }
    }
}
