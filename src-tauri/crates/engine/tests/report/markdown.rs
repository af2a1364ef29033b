//! The exact text of one broken connection. `UPDATE_SNAPSHOTS=1` rewrites it.

use std::{io::Write, path::Path};

use engine::{
    diagnosis::Severity,
    report::{Format, Ids, Names, Past, ReportOptions, of},
};

use crate::fixture::{CLIENT_ID, TENANT_ID, engine_at, healthy, judged, now, paper, save, secret_expired};

#[test]
fn a_broken_connection_reads_exactly_like_this() {
    let home = tempfile::tempdir().unwrap();
    let earlier = engine_at(home.path(), "2026-11-18T08:00:00Z".parse().unwrap());
    let mut good = healthy();
    good.credential = secret_expired().credential;
    good.evidence.sync = None;
    save(&earlier, &good);
    earlier.record_run(&earlier.report("contoso").unwrap(), 0.8).unwrap();
    let engine = engine_at(home.path(), now());
    save(&engine, &secret_expired());
    let report = engine.report("contoso").unwrap();
    engine.record_run(&report, 0.4).unwrap();
    let text = engine.paper(&report, ReportOptions::default()).unwrap().write(Format::Markdown);
    compare("broken.md", &text);
}

#[test]
fn a_connection_that_was_never_checked_says_so() {
    let mut connection = healthy();
    connection.evidence = engine::evidence::Evidence::default();
    connection.checked_at = None;
    let text = paper(connection).write(Format::Markdown);
    assert!(text.contains("**Never checked.** Nothing was tried yet"), "{text}");
    assert!(!text.contains("Last checked") && !text.contains("## Findings"), "{text}");
}

#[test]
fn ids_are_whole_only_when_chosen() {
    let report = judged(secret_expired());
    let short = of(&report, &Past::default(), ReportOptions::default()).write(Format::Markdown);
    assert!(!short.contains(TENANT_ID) && !short.contains(CLIENT_ID), "{short}");
    assert!(short.contains("22222222-…-222222222222"), "{short}");
    let options = ReportOptions { names: Names::Masked, ids: Ids::Full };
    let full = of(&report, &Past::default(), options).write(Format::Markdown);
    assert!(full.contains(TENANT_ID) && full.contains(CLIENT_ID), "{full}");
    assert!(full.contains(&format!("ApplicationMenuBlade/~/Credentials/appId/{CLIENT_ID}")), "{full}");
}

#[test]
fn hostile_texts_stay_one_sentence_in_one_place() {
    let mut paper = paper(secret_expired());
    let hostile = "# <script>x</script> [a](https://evil.example) | b\n\n* c ![i](x) www.evil.example `d";
    paper.findings[0].title = hostile.replace('\n', " ");
    paper.links[0].word = "a | b".to_owned();
    paper.findings[0].severity = Severity::Attention;
    let text = paper.write(Format::Markdown);
    let title = text.lines().find(|line| line.starts_with("### ")).unwrap();
    assert_eq!(
        title,
        "### \\# &lt;script&gt;x&lt;/script&gt; \\[a\\](https\\://evil.example) \\| b  \\* c !\\[i\\](x) www\\.evil.example \\`d"
    );
    assert!(text.contains("| ✓ | Network | a \\| b"), "{text}");
    assert_eq!(paper.made_at, now());
}

fn compare(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report").join(name);
    #[expect(clippy::disallowed_methods, reason = "asked for by whoever runs the test")]
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::File::create(&path).unwrap().write_all(actual.as_bytes()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, actual, "{name} is stale; run again with UPDATE_SNAPSHOTS=1");
}
