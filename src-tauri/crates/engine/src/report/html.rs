//! The report as one HTML file: no script, nothing from outside, a strict content policy, and paper in mind.
//!
//! `maud` escapes every text; only the style sheet, which is ours, goes in as it is.

use base64::{Engine, prelude::BASE64_STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::{
    Paper, PaperChanges, PaperFinding, PaperLink, PaperRun, Place,
    look::{self, Look},
    marks::{Stretch, stretches},
};
use crate::{
    diagnosis::{Link, LinkState},
    words,
};

const STYLE: &str = include_str!("report.css");

pub(super) fn write(paper: &Paper) -> String {
    let (verdict, sentence) = look::conclusion(paper);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                meta name="color-scheme" content="light dark";
                title { (paper.subject.name) " – Gatehouse report" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    (head(paper, verdict, sentence))
                    (chain(&paper.links))
                    @if let Some(changed) = &paper.changed { (changes(changed)) }
                    @if !paper.findings.is_empty() { (findings(&paper.findings)) }
                    @if !paper.runs.is_empty() { (runs(&paper.runs)) }
                    (foot(paper))
                }
            }
        }
    };
    page.into_string() + "\n"
}

/// Nothing is loaded and nothing runs; the one style sheet is known by its hash.
fn policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn head(paper: &Paper, verdict: &str, sentence: &str) -> Markup {
    let look = look::of_verdict(paper.verdict);
    html! {
        header.head {
            p.brand { (mark()) "Gatehouse report" span.push.num { "Made " (words::moment(paper.made_at)) } }
            @if paper.subject.practice {
                p.practice { "Practice tenant: nothing in this report is real" }
            }
            h1 { (paper.subject.name) }
            p.verdict {
                span class={ "tag is-" (look.class) } { (icon(look)) (verdict) }
                span { (sentence) }
                span.push.faint.num {
                    @if let Some(at) = paper.checked_at { "Last checked " (words::moment(at)) }
                }
            }
            (particulars(paper))
        }
    }
}

fn particulars(paper: &Paper) -> Markup {
    let subject = &paper.subject;
    html! {
        dl.facts {
            @if let Some(tenant) = &subject.tenant { (fact("Tenant", &html! { (tenant) })) }
            @if let Some(id) = &subject.tenant_id {
                (fact("Directory (tenant) ID", &html! { span.mono { (id) } }))
            }
            @if let Some(id) = &subject.client_id {
                (fact("Application (client) ID", &html! { span.mono { (id) } }))
            }
            (fact("Cloud", &html! { (subject.cloud.unwrap_or("This computer")) }))
            (fact("Gateway profile", &html! { (subject.profile_name) }))
            @if let Some(credential) = paper.credential_words() {
                (fact("Credential", &html! { (credential) }))
            }
        }
    }
}

fn fact(label: &str, value: &Markup) -> Markup {
    html! { div { dt { (label) } dd { (value) } } }
}

fn chain(links: &[PaperLink]) -> Markup {
    html! {
        section.card aria-label="Chain of proof" {
            ol.chain {
                @for (at, link) in links.iter().enumerate() {
                    @let look = look::of_state(link.state);
                    li class={ "link is-" (look.class) " " (bar(link.state, links.get(at + 1))) } {
                        (shape(look, 46, 28))
                        span.link-text {
                            span.link-name { (link.link.name()) }
                            span.link-word {
                                (link.word)
                                @if let Some(at) = link.at.filter(|_| link.state == LinkState::Proven) {
                                    " " span.nowrap { (at.strftime("%H:%M")) }
                                }
                            }
                            @let seen = link.evidence.join(", ");
                            @if !seen.is_empty() {
                                span.link-seen { (breakable(&seen)) }
                            }
                            @if let Some(because) = link.because.as_ref().filter(|why| !seen.contains(*why)) {
                                span.link-seen { (breakable(because)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The bar to the next link: whole between good links, cut after a broken one.
fn bar(state: LinkState, next: Option<&PaperLink>) -> &'static str {
    let good = |state| matches!(state, LinkState::Proven | LinkState::Attention);
    match (state, next.map(|link| link.state)) {
        (_, None) => "",
        (LinkState::Broken, _) => "cut",
        (state, Some(next)) if good(state) && (good(next) || next == LinkState::Broken) => "joined",
        _ => "",
    }
}

fn findings(findings: &[PaperFinding]) -> Markup {
    html! {
        section {
            h2 { "Findings" }
            @for found in findings { (finding(found)) }
        }
    }
}

fn finding(found: &PaperFinding) -> Markup {
    let look = look::of_severity(found.severity);
    let support = found.support.lines();
    html! {
        article class={ "finding is-" (look.class) } {
            header.finding-head {
                (shape(look, 34, 21))
                div {
                    h3 { (rich(&found.title)) }
                    p.finding-sub { (look.word) " · " (found.link.name()) " · " span.mono { (found.id) } }
                }
            }
            dl.finding-body {
                dt { "What we saw" }
                dd {
                    dl.saw {
                        @for (source, fact) in &found.saw { dt { (source) } dd { (rich(fact)) } }
                    }
                }
                dt { "What it means" }
                dd { (rich(&found.meaning)) }
                dt { "How to fix it" }
                dd { ol.steps { @for step in &found.fix { li { span { (rich(step)) } } } } }
                dt { "Who" }
                dd { (found.who) }
                @if let Some(place) = &found.place { dt { "Where" } dd { (place_link(place)) } }
                @if !support.is_empty() {
                    dt { "For Microsoft’s support" }
                    dd {
                        dl.saw {
                            @for (label, id) in &support { dt { (label) } dd { span.mono { (id) } } }
                        }
                    }
                }
            }
        }
    }
}

fn place_link(place: &Place) -> Markup {
    html! {
        @match &place.address {
            Some(address) => a href=(address) rel="noopener noreferrer" { (place.name) },
            None => (place.name),
        }
    }
}

fn changes(changed: &PaperChanges) -> Markup {
    html! {
        section {
            h2 { "What changed" }
            div.note {
                p.faint.num {
                    "Since the last good run, " (words::moment(changed.since)) ", until "
                    (words::moment(changed.now))
                }
                @if changed.changes.is_empty() {
                    p { "Nothing that Gatehouse compares." }
                } @else {
                    ul { @for (_, change) in &changed.changes { li { (rich(change)) } } }
                }
            }
        }
    }
}

fn runs(runs: &[PaperRun]) -> Markup {
    html! {
        section {
            h2 { "Earlier runs" }
            div.card {
                table {
                    thead {
                        tr {
                            th { "Began" }
                            th { "Network to Gateway" }
                            th { "Came to" }
                            th.n { "Took" }
                        }
                    }
                    tbody { @for run in runs { (run_row(run)) } }
                }
            }
        }
    }
}

fn run_row(run: &PaperRun) -> Markup {
    let look = look::of_verdict(run.verdict);
    html! {
        tr {
            td.num.nowrap { (words::moment(run.started_at)) }
            td { span.cells aria-hidden="true" {
                @for state in &run.states { i class={ "is-" (look::of_state(*state).class) } {} }
            } }
            td {
                div class={ "came is-" (look.class) } {
                    (icon(look)) b { (look.word) }
                    @if let Some((link, word)) = &run.decided_by {
                        span { "· " (stopped(*link, word, look.word)) }
                    }
                }
            }
            td.n.num { (format!("{:.1} s", run.seconds)) }
        }
    }
}

/// The link, and its word when it says more than the verdict.
fn stopped(link: Link, word: &str, verdict: &str) -> String {
    if word == verdict { link.name().to_owned() } else { format!("{}: {word}", link.name()) }
}

fn foot(paper: &Paper) -> Markup {
    html! {
        footer {
            @for sentence in &paper.left_out { p { (sentence) } }
            p { "Made by Gatehouse " (paper.gatehouse) ". Times are UTC." }
        }
    }
}

/// A sentence with its marks.
fn rich(text: &str) -> Markup {
    html! {
        @for stretch in stretches(text) {
            @match stretch {
                Stretch::Plain(text) => (text),
                Stretch::Bold(text) => b { (text) },
                Stretch::Code(text) => span.mono { (text) },
            }
        }
    }
}

/// A short line that may break inside a shortened id, and nowhere else in it.
fn breakable(text: &str) -> Markup {
    html! { @for part in text.split_inclusive("…-") { (rich(part)) @if part.ends_with("…-") { wbr; } } }
}

/// A link of the chain, seen flat: the outline with the state's sign in it.
fn shape(look: &Look, width: u8, height: u8) -> Markup {
    html! {
        span class={ "mark is-" (look.class) } {
            svg.shape viewBox={ "0 0 " (width) " " (height) } aria-hidden="true" {
                rect x="1.5" y="1.5" width=(width - 3) height=(height - 3)
                    rx=(f32::from(height - 3) / 2.0) pathLength="100" {}
            }
            (icon(look))
        }
    }
}

fn icon(look: &Look) -> Markup {
    html! {
        svg.i viewBox="0 0 24 24" aria-hidden="true" { @for path in look.paths { path d=(path) {} } }
    }
}

/// The arch of the brand.
fn mark() -> Markup {
    html! {
        svg.arch viewBox="0 0 24 24" aria-hidden="true" {
            path.ring d="M1 23V12a11 11 0 0 1 22 0v11h-2.5V12a8.5 8.5 0 0 0-17 0v11z" {}
            path.door d="M5.5 23V12a6.5 6.5 0 0 1 13 0v11z" {}
            path.tick d="M9 15l2.2 2.2 3.9-4.6" {}
        }
    }
}
