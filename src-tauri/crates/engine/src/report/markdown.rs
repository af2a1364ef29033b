//! The report as Markdown, for a ticket or a wiki.

use std::fmt::{self, Write};

use super::{
    Paper, PaperFinding, look,
    marks::{Stretch, stretches},
};
use crate::{diagnosis::LinkState, words};

pub(super) fn write(paper: &Paper) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    paper_into(&mut text, paper).unwrap_or_default();
    text
}

fn paper_into(text: &mut String, paper: &Paper) -> fmt::Result {
    let (verdict, sentence) = look::conclusion(paper);
    let full_stop = if verdict.ends_with('…') { "" } else { "." };
    writeln!(text, "# {}\n\n**{verdict}{full_stop}** {sentence}", rich(&paper.subject.name))?;
    if let Some(at) = paper.checked_at {
        writeln!(text, "Last checked {}.", words::moment(at))?;
    }
    writeln!(text)?;
    subject(text, paper)?;
    chain(text, paper)?;
    if !paper.findings.is_empty() {
        writeln!(text, "## Findings\n")?;
        paper.findings.iter().try_for_each(|found| finding(text, found))?;
    }
    changes(text, paper)?;
    runs(text, paper)?;
    writeln!(text, "---\n")?;
    writeln!(
        text,
        "Made by Gatehouse {} on {}. {}",
        paper.gatehouse,
        words::moment(paper.made_at),
        paper.left_out.join(" ")
    )
}

fn subject(text: &mut String, paper: &Paper) -> fmt::Result {
    let subject = &paper.subject;
    if subject.practice {
        writeln!(text, "> Practice tenant: nothing in this report is real.\n")?;
    }
    let profile = format!("{} (`{}`)", subject.profile_name, subject.profile);
    let code = |value: &Option<String>| value.as_ref().map(|value| format!("`{value}`"));
    let rows = [
        ("Tenant", code(&subject.tenant)),
        ("Directory (tenant) ID", code(&subject.tenant_id)),
        ("Application (client) ID", code(&subject.client_id)),
        ("Cloud", subject.cloud.map(str::to_owned)),
        ("Gateway profile", Some(profile)),
        ("Credential", paper.credential_words()),
    ];
    for (label, value) in rows {
        if let Some(value) = value {
            writeln!(text, "- {label}: {}", rich(&value))?;
        }
    }
    writeln!(text)
}

fn chain(text: &mut String, paper: &Paper) -> fmt::Result {
    writeln!(text, "## Chain of proof\n\n| | Link | State | Evidence |\n|---|---|---|---|")?;
    for link in &paper.links {
        let mut said = link.evidence.join(", ");
        if let Some(because) = link.because.as_ref().filter(|because| !said.contains(because.as_str())) {
            said = if said.is_empty() { because.clone() } else { format!("{said} ({because})") };
        }
        let seen = link.at.filter(|_| link.state == LinkState::Proven);
        let at = seen.map(|at| format!(" · {}", words::moment(at))).unwrap_or_default();
        let glyph = look::of_state(link.state).glyph;
        writeln!(text, "| {glyph} | {} | {}{at} | {} |", link.link.name(), rich(&link.word), rich(&said))?;
    }
    writeln!(text)
}

fn finding(text: &mut String, finding: &PaperFinding) -> fmt::Result {
    let severity = look::of_severity(finding.severity).word;
    writeln!(text, "### {}\n", rich(&finding.title))?;
    writeln!(text, "{severity} · {} · `{}`\n", finding.link.name(), finding.id)?;
    writeln!(text, "**What we saw**\n")?;
    for (source, fact) in &finding.saw {
        writeln!(text, "- {}: {}", rich(source), rich(fact))?;
    }
    writeln!(text, "\n**What it means**\n\n{}\n\n**How to fix it**\n", rich(&finding.meaning))?;
    for (index, step) in finding.fix.iter().enumerate() {
        writeln!(text, "{}. {}", index + 1, rich(step))?;
    }
    writeln!(text, "\n**Who:** {}\n", rich(finding.who))?;
    if let Some(place) = &finding.place {
        let address = place.address.as_ref().map(|address| format!(": <{address}>")).unwrap_or_default();
        writeln!(text, "**Where:** {}{address}\n", rich(place.name))?;
    }
    let ids = finding.support.lines();
    if !ids.is_empty() {
        let ids: Vec<String> = ids.iter().map(|(label, id)| format!("{label} {}", code(id))).collect();
        writeln!(text, "**For Microsoft’s support:** {}\n", ids.join(" · "))?;
    }
    Ok(())
}

fn changes(text: &mut String, paper: &Paper) -> fmt::Result {
    let Some(changed) = &paper.changed else { return Ok(()) };
    writeln!(text, "## What changed since the last good run, {}\n", words::moment(changed.since))?;
    for (_, change) in &changed.changes {
        writeln!(text, "- {}", rich(change))?;
    }
    if changed.changes.is_empty() {
        writeln!(text, "Nothing that Gatehouse compares.")?;
    }
    writeln!(text)
}

fn runs(text: &mut String, paper: &Paper) -> fmt::Result {
    if paper.runs.is_empty() {
        return Ok(());
    }
    writeln!(text, "## Earlier runs\n\n| Began | | Where | Took |\n|---|---|---|---:|")?;
    for run in &paper.runs {
        let place = run.decided_by.as_ref().map(|(link, word)| format!("{}: {word}", link.name()));
        writeln!(
            text,
            "| {} | {} | {} | {:.1} s |",
            words::moment(run.started_at),
            look::of_verdict(run.verdict).word,
            rich(&place.unwrap_or_default()),
            run.seconds
        )?;
    }
    writeln!(text)
}

/// A sentence with its marks kept and everything else escaped, so that it stays one sentence in one place.
fn rich(text: &str) -> String {
    let written = stretches(text).into_iter().map(|stretch| match stretch {
        Stretch::Plain(text) => plain(text),
        Stretch::Bold(text) => format!("**{}**", plain(text)),
        Stretch::Code(text) => code(text),
    });
    let written: String = written.collect();
    // What begins a heading, a list or a quotation at the start of a line.
    match written.chars().next() {
        Some('#' | '+' | '-' | '=' | ':') => format!("\\{written}"),
        Some(first) if first.is_ascii_digit() => written.replacen(". ", "\\. ", 1),
        _ => written,
    }
}

fn plain(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' => written.extend(['\\', character]),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '&' if rest.peek().is_some_and(|next| *next == '#' || next.is_ascii_alphanumeric()) => {
                written.push_str("&amp;");
            }
            _ => written.push(character),
        }
    }
    // Neither an address nor a host becomes a link by itself.
    written.replace("://", "\\://").replace("www.", "www\\.").replace('@', "\\@")
}

/// In code nothing is a mark but the backtick, and in a table the bar.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}
