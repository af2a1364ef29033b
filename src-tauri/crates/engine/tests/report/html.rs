//! One file, no powers, nothing that a service said becomes markup.

use base64::{Engine, prelude::BASE64_STANDARD};
use engine::report::{Format, Ids, Names, Past, ReportOptions, of};
use sha2::{Digest, Sha256};

use crate::fixture::{directory_forbidden, healthy, judged, paper, secret_expired};

const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&`<b>**<i>x</i>**";

#[test]
fn hostile_texts_become_text() {
    let mut paper = paper(secret_expired());
    paper.subject.name = HOSTILE.to_owned();
    paper.subject.tenant = Some(HOSTILE.to_owned());
    paper.links[0].word = HOSTILE.to_owned();
    paper.links[0].evidence = vec![HOSTILE.to_owned()];
    paper.links[5].because = Some(HOSTILE.to_owned());
    let finding = &mut paper.findings[0];
    finding.title = HOSTILE.to_owned();
    finding.saw = vec![("Token", HOSTILE.to_owned())];
    finding.meaning = HOSTILE.to_owned();
    finding.fix = vec![HOSTILE.to_owned()];
    finding.support.graph_code = Some(HOSTILE.to_owned());
    let page = paper.write(Format::Html);
    for markup in ["<script", "<img", "onerror=alert(1)>", "<i>x", "<b><"] {
        assert!(!page.contains(markup), "{markup} got through");
    }
    assert!(page.matches("&lt;script&gt;alert(1)").count() >= 9);
}

#[test]
fn it_has_no_powers_and_needs_nothing_from_outside() {
    let page = paper(secret_expired()).write(Format::Html);
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = BASE64_STANDARD.encode(Sha256::digest(style.as_bytes()));
    let policy = format!(
        "default-src &#39;none&#39;; style-src &#39;sha256-{hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"
    );
    let written = page.replace('\'', "&#39;");
    assert!(written.contains(&policy), "the policy allows this style sheet alone");
    for power in [
        "<script",
        "<link",
        "<iframe",
        "<form",
        "<base",
        " style=",
        " src=",
        "@import",
        "url(",
        "javascript:",
    ] {
        assert!(!page.contains(power), "{power}");
    }
    let links: Vec<&str> =
        page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(!links.is_empty());
    assert!(links.iter().all(|link| link.starts_with("https://entra.microsoft.com/")), "{links:?}");
}

#[test]
fn the_chain_is_cut_after_the_first_broken_link() {
    let page = paper(secret_expired()).write(Format::Html);
    assert_eq!(page.matches("link is-broken cut").count(), 1);
    assert_eq!(page.matches("link is-proven joined").count(), 3);
    assert_eq!(page.matches("link is-idle").count(), 4);
    assert!(page.contains("waits for Credential"));
    let whole = paper(healthy()).write(Format::Html);
    assert_eq!(whole.matches("link is-proven joined").count(), 7);
    assert!(!whole.contains("<h2>Findings</h2>"));
}

#[test]
fn what_microsoft_asks_for_is_whole_and_names_are_told_only_when_chosen() {
    let report = judged(directory_forbidden("Insufficient privileges for Alice Smith."));
    let masked = of(&report, &Past::default(), ReportOptions::default()).write(Format::Html);
    assert!(masked.contains(crate::fixture::TRACE_ID) && masked.contains("Authorization_RequestDenied"));
    assert!(!masked.contains("Alice Smith") && masked.contains("[left out]"));
    let options = ReportOptions { names: Names::Shown, ids: Ids::Short };
    assert!(of(&report, &Past::default(), options).write(Format::Html).contains("Alice Smith"));
}

/// The report carries its own copies of the colours; they are those of the window.
#[test]
fn its_colours_are_those_of_the_window() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let tokens = std::fs::read_to_string(root.join("../../../ui/src/styles/tokens.css")).unwrap();
    let report = std::fs::read_to_string(root.join("src/report/report.css")).unwrap();
    let (light, dark) = tokens
        .split_once("[data-theme=\"dark\"]")
        .or_else(|| tokens.split_once("[data-theme='dark']"))
        .unwrap();
    let (report_light, rest) = report.split_once("@media screen and (prefers-color-scheme: dark)").unwrap();
    let report_dark = rest.split_once(".is-proven").unwrap().0;
    for (ours, theirs) in [(report_light, light), (report_dark, dark)] {
        let colours = values(ours);
        assert!(colours.len() > 20);
        for (name, value) in colours {
            assert!(values(theirs).contains(&(name.clone(), value.clone())), "{name}: {value}");
        }
    }
}

/// Custom properties that are colours, in lower case.
fn values(css: &str) -> Vec<(String, String)> {
    css.lines()
        .flat_map(|line| line.split(';'))
        .filter_map(|part| part.trim().trim_start_matches("/*").trim().split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_ascii_lowercase()))
        .filter(|(name, value)| name.starts_with("--") && value.starts_with('#'))
        .collect()
}
