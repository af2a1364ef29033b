//! Every file in `tests/gateway/hostile_files` is refused, with exactly the text in `tests/gateway/hostile_files/expected.txt`.
//!
//! `UPDATE_SNAPSHOTS=1` rewrites that list.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use bundle::{GatewayConfig, MAX_BYTES};

use crate::committed;

#[test]
fn every_hostile_file_is_refused_with_its_own_text() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/hostile_files");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut list = String::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let name = file.file_stem().unwrap().to_string_lossy();
        match GatewayConfig::from_json(&std::fs::read(file).unwrap()) {
            Ok(_) => panic!("{name} was read without a complaint"),
            Err(problem) => writeln!(list, "{name}\n    {problem}").unwrap(),
        }
    }
    assert!(list.lines().count() > 100, "the hostile files were not found");
    committed::assert_same_as_file(&folder.join("expected.txt"), &list);
}

#[test]
fn no_problem_repeats_a_value_from_the_file() {
    let expected = include_str!("hostile_files/expected.txt");
    assert!(!expected.contains("canary"), "a pasted secret is repeated");
    let texts: BTreeSet<&str> = expected.lines().filter(|line| line.starts_with(' ')).collect();
    assert!(texts.len() > 60, "too many different faults share one text: {}", texts.len());
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let mut bytes = committed::EXAMPLE.as_bytes().to_vec();
    bytes.resize(MAX_BYTES, b' ');
    GatewayConfig::from_json(&bytes).unwrap();
    bytes.push(b' ');
    let problem = GatewayConfig::from_json(&bytes).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "gateway.json: is larger than 1 MiB. Check that it is the file that Gatehouse wrote; a real one is far smaller."
    );
}

#[test]
fn every_cut_of_the_example_is_refused() {
    let bytes = committed::EXAMPLE.trim_end().as_bytes();
    for length in 0..bytes.len() {
        assert!(GatewayConfig::from_json(&bytes[..length]).is_err(), "read after {length} bytes");
    }
}
