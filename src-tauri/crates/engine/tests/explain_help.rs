//! The committed help pages are what the table and the catalogue say. `UPDATE_SNAPSHOTS=1` rewrites them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

use std::{collections::BTreeMap, fs, path::Path};

use engine::{
    diagnosis::{Check, Link, checks},
    explain::help,
};

const CHECKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnosis/checks");
const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/checks");

/// The first paragraph of the file of a check, which says what it goes by.
fn told(check: &Check) -> Option<String> {
    let name = check.id.replace('-', "_");
    let twin = format!("{CHECKS}/directory_{name}.rs");
    let file = if check.link == Link::Directory && Path::new(&twin).exists() {
        twin
    } else {
        format!("{CHECKS}/{name}.rs")
    };
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let paragraph: Vec<&str> =
        lines.take_while(|line| !line.is_empty() && !line.starts_with("Source:")).collect();
    (!paragraph.is_empty()).then(|| paragraph.join(" "))
}

fn fresh() -> BTreeMap<String, String> {
    let pages = help::pages(&told).into_iter().map(|page| (format!("{}.md", page.id), page.markdown));
    pages.chain([("README.md".to_owned(), help::index())]).collect()
}

fn committed() -> BTreeMap<String, String> {
    let Ok(folder) = fs::read_dir(PAGES) else { return BTreeMap::new() };
    folder
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).unwrap().replace("\r\n", "\n");
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch for whoever runs the test by hand, and the files it writes"
)]
fn the_help_pages_are_up_to_date() {
    let fresh = fresh();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(PAGES).unwrap();
        for stray in committed().keys().filter(|name| !fresh.contains_key(*name)) {
            fs::remove_file(Path::new(PAGES).join(stray)).unwrap();
        }
        for (name, text) in &fresh {
            fs::write(Path::new(PAGES).join(name), text).unwrap();
        }
    }
    let committed = committed();
    let stale: Vec<&String> = fresh
        .keys()
        .chain(committed.keys())
        .filter(|name| fresh.get(*name) != committed.get(*name))
        .collect();
    assert!(stale.is_empty(), "run again with UPDATE_SNAPSHOTS=1: {stale:?}");
}

#[test]
fn every_check_has_a_section_and_every_page_is_in_the_index() {
    let pages = help::pages(&told);
    let index = help::index();
    for check in checks::TABLE {
        let page = pages.iter().find(|page| page.id == check.id).unwrap();
        assert!(page.markdown.contains(&format!("| Link | {} |", check.link.name())), "{}", check.id);
        assert!(index.contains(&format!("[`{0}`]({0}.md)", check.id)), "{}", check.id);
    }
    for page in &pages {
        assert!(!page.markdown.contains(['{', '}']), "{}: {}", page.id, page.markdown);
        assert!(page.markdown.contains("**How to fix it**"));
    }
    let expired = pages.iter().find(|page| page.id == "secret-expired").unwrap();
    assert!(expired.markdown.contains("AADSTS7000222 `InvalidClientSecretExpiredKeysProvided`"));
}
