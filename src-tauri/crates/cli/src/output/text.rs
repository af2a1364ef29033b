//! What people read. Colours on a terminal only, and not with `NO_COLOR`.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
    sync::OnceLock,
};

use anstyle::{AnsiColor, Style};
use engine::{
    Report,
    connection::Connection,
    diagnosis::{Finding, LinkReport, LinkState, Severity, Verdict},
    evidence::{Changed, SyncRecord, Tally, WrittenConfig},
    journey::STEPS,
    portal,
    sync::Forecast,
    words,
};

/// Why a line of the result did not arrive.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// Prints a line on standard output. A reader that has gone away ends nothing; a full disk is told by [`lost`].
pub(crate) fn line(text: &str) {
    if let Err(error) = writeln!(anstream::stdout(), "{text}")
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        LOST.get_or_init(|| error);
    }
}

/// Why the result did not arrive, when somebody waits for it: a full disk, for one.
pub(crate) fn lost() -> Option<&'static io::Error> {
    LOST.get()
}

/// Says something beside the result, on standard error.
pub(crate) fn note(text: &str) {
    writeln!(anstream::stderr(), "{text}").ok();
}

/// Says what cannot be done, on standard error.
pub(crate) fn complain(text: &str) {
    let red = Style::new().fg_color(Some(AnsiColor::Red.into())).bold();
    writeln!(anstream::stderr(), "{red}gatehouse:{red:#} {}", plain(text)).ok();
}

/// Whether a person sits at the keyboard.
pub(crate) fn has_keyboard() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The chain and its findings.
pub(crate) fn report(report: &Report) {
    line(&format!("{} · {}", report.connection.name, report.profile.name));
    for link in &report.chain.links {
        line(&link_line(link));
    }
    for found in &report.chain.findings {
        line("");
        finding_of(found, Some(&report.connection));
    }
    line("");
    line(match report.chain.verdict {
        Verdict::Proven if report.connection.evidence.sync.is_none() => {
            "Proven: every link was tried for real, the directory by its first entries. `gatehouse sync` reads it whole."
        }
        Verdict::Proven => "Proven: every link was tried for real.",
        Verdict::Attention => "It works, and something needs attention.",
        Verdict::Incomplete => "Not everything could be checked.",
        Verdict::Broken => "Broken. The first broken link is the one to mend.",
    });
}

fn link_line(link: &LinkReport) -> String {
    let (glyph, style) = match link.state {
        LinkState::Proven => ("✓", colour(AnsiColor::Green)),
        LinkState::Attention => ("!", colour(AnsiColor::Yellow)),
        LinkState::Broken => ("×", colour(AnsiColor::Red).bold()),
        LinkState::Unknown => ("?", colour(AnsiColor::Yellow)),
        LinkState::Skipped | LinkState::NotTried => ("–", Style::new().dimmed()),
    };
    let detail = match &link.because {
        Some(because) => because.clone(),
        None => link.evidence.join(", "),
    };
    format!("  {style}{glyph}{style:#} {:<10} {style}{}{style:#}  {detail}", link.link.name(), link.word)
}

fn colour(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(colour.into()))
}

/// One finding, in the order: what we saw, what it means, how to fix it, who.
pub(crate) fn finding(finding: &Finding) {
    finding_of(finding, None);
}

/// The same, with addresses made of the connection's ids.
fn finding_of(finding: &Finding, connection: Option<&Connection>) {
    let bold = Style::new().bold();
    let severity = match finding.severity {
        Severity::Broken => "Broken",
        Severity::Attention => "Works, but…",
        Severity::Unknown => "Could not tell",
    };
    line(&format!("{bold}{}{bold:#}", plain(&finding.title)));
    line(&format!("  {severity} · {} · {}", finding.link.name(), finding.id));
    for saw in &finding.saw {
        line(&format!("  What we saw    {}: {}", saw.source.words(), plain(&saw.text)));
    }
    line(&format!("  What it means  {}", plain(&finding.meaning)));
    for (index, step) in finding.fix.iter().enumerate() {
        let label = if index == 0 { "How to fix it" } else { "" };
        line(&format!("  {label:<14} {}. {}", index + 1, plain(step)));
    }
    line(&format!("  Who            {}", finding.who.words()));
    if let Some(page) = finding.page {
        line(&format!("  Where          {}", page.words()));
        if let Some(address) = connection.and_then(|connection| portal::address(connection, page)) {
            line(&format!("                 {address}"));
        }
    }
    for (index, command) in finding.script.iter().flat_map(|script| script.lines()).enumerate() {
        let label = if index == 0 { "With a script" } else { "" };
        line(&format!("  {label:<14} {command}"));
    }
    if let Some(fault) = &finding.fault {
        let ids = [
            ("trace", &fault.trace_id),
            ("correlation", &fault.correlation_id),
            ("request", &fault.request_id),
        ];
        let ids: Vec<String> =
            ids.iter().filter_map(|(name, id)| id.as_ref().map(|id| format!("{name} {id}"))).collect();
        if !ids.is_empty() {
            line(&format!("  For support    {}", plain(&ids.join(" · "))));
        }
    }
}

/// Without the marks for the page, and without control characters.
fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "").chars().filter(|c| !c.is_control()).collect()
}

/// The result of a sync.
pub(crate) fn synced(record: &SyncRecord, report: &Report) {
    let tally = |name: &str, tally: Tally| {
        let counted = tally
            .counted
            .map_or_else(|| "not counted".to_owned(), |n| format!("{} counted", words::number(n)));
        line(&format!("  {name:<12} {:>10} read, {counted}", words::number(tally.read)));
    };
    line(if record.complete {
        "The directory was read to the end."
    } else if record.cancelled {
        "The sync was cancelled. What was read is partial."
    } else {
        "The directory was read in part only."
    });
    tally("Users", record.users);
    tally("Groups", record.groups);
    tally("Memberships", record.memberships);
    line(&format!(
        "  {} requests, {} answered 429, {:.0} resource units, {:.1} s",
        words::number(record.requests),
        words::number(record.throttled),
        record.resource_units,
        record.seconds
    ));
    if let Some(changes) = record.changes {
        let changed = |name: &str, of: Changed| {
            let [added, updated, removed] = [of.added, of.updated, of.removed].map(words::number);
            line(&format!("  {name:<12} {added} added, {updated} updated, {removed} removed"));
        };
        line(&match changes.since {
            Some(since) => format!("Since the last complete sync, {}:", words::moment(since)),
            None => "Since the last complete sync:".to_owned(),
        });
        changed("Users", changes.users);
        changed("Groups", changes.groups);
        changed("Memberships", changes.memberships);
    }
    if let Some(held) = &record.held {
        line("Held back: what is known stays as it was.");
        for reason in &held.reasons {
            line(&format!("  {reason}"));
        }
        if held.may_be_accepted {
            let removals = held.removals;
            line(&format!("  To agree, run the same with --resume --accept-removals {removals}."));
        }
    }
    for found in &report.chain.findings {
        line("");
        finding(found);
    }
}

/// What a full sync will cost.
pub(crate) fn forecast(forecast: &Forecast) {
    let guessed = if forecast.guessed { ", memberships guessed" } else { "" };
    line("A full sync will read about");
    line(&format!("  {:>10} objects{guessed}", words::number(forecast.objects)));
    line(&format!("  {:>10} requests", words::number(forecast.requests)));
    line(&format!(
        "  {:>10} resource units; the app may use {} in 10 s here",
        words::number(forecast.resource_units),
        words::number(forecast.quota)
    ));
    line(&format!(
        "  {:>10.1} s, with {:.0} % of what the app may use in that time",
        forecast.time.as_secs_f64(),
        forecast.share * 100.0
    ));
}

/// The written files.
pub(crate) fn written(written: &WrittenConfig) {
    line(&format!("Written to {} and read back:", written.folder));
    for file in &written.files {
        let secret = if file.holds_secret { "  holds the client secret" } else { "" };
        line(&format!("  {:<20} {:>7} bytes  SHA-256 {}{secret}", file.name, file.bytes, file.sha256));
    }
    if !written.files.iter().any(|file| file.holds_secret) {
        line("The client secret is in none of them.");
    }
    if let Some(because) = &written.unreadable {
        complain(&format!("The config does not read back: {because}."));
    }
}

/// The saved connections.
pub(crate) fn connections(reports: &[Report]) {
    if reports.is_empty() {
        line("No connection is saved yet. Begin with `gatehouse onboard`.");
    }
    for report in reports {
        let known = &report.connection;
        let tenant = known.tenant.as_ref().map_or("–", |tenant| tenant.text.as_str());
        let done = report.steps.iter().filter(|step| step.state == engine::journey::StepState::Done).count();
        let checked = known.checked_at.map_or_else(|| "never checked".to_owned(), words::moment);
        line(&format!("{:<24} {:<32} {done} of {} steps done · {checked}", known.id, tenant, STEPS.len()));
    }
}

/// Where the practice tenant is, and how to use it.
pub(crate) fn practice(tenant: &practice::Practice, ca_file: &Path) {
    let facts = tenant.facts();
    line(&format!("Practice tenant, scenario {}: {}", tenant.scenario(), tenant.scenario().story()));
    for (label, value) in [
        ("Sign-in", facts.authority.as_str()),
        ("Microsoft Graph", &facts.graph),
        ("Pages", &facts.pages),
        ("Tenant ID", &facts.tenant_id),
        ("Domain", &facts.domain),
        ("Client ID", &facts.client_id),
        ("Client secret", &facts.client_secret),
    ] {
        line(&format!("  {label:<16} {value}"));
    }
    line(&format!("  {:<16} {}", "CA file", ca_file.display()));
    line(&format!(
        "  {} users, {} groups, {} memberships. Stop it with Ctrl-C.",
        words::number(facts.users),
        words::number(facts.groups),
        words::number(facts.memberships)
    ));
}
