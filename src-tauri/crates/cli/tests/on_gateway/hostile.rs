//! Every hostile bundle of the bundle crate, by its name, through the program: its own sentence, 1, nothing written.

use std::{collections::HashMap, fs};

use bundle::{BundleContent, ConnectionIds};

use crate::{
    gateway::{Gateway, code, errors, everything, json},
    given::{ED25519, OTHER, numbered, seal},
    vectors::{self, Met, Vector},
};

/// The sentences of the bundle crate's own list, by the vector's name: code and sentence.
fn sentences() -> HashMap<&'static str, (&'static str, &'static str)> {
    let list = include_str!("../../../bundle/tests/sealed/hostile.txt");
    let lines: Vec<&str> = list.lines().collect();
    let pairs = lines.chunks_exact(2).map(|pair| {
        let (name, code) = pair[0].split_once(" (").unwrap();
        (name, (code.trim_end_matches(')'), pair[1].trim()))
    });
    pairs.collect()
}

/// What a gateway has, when it is not the bundle at hand.
fn installed(sequence: u64) -> BundleContent {
    let content = numbered(sequence);
    let connection = ConnectionIds { name: "Earlier".to_owned(), ..content.connection.clone() };
    BundleContent { connection, ..content }
}

/// A gateway as the vector meets it, with the vector before it and the program's flags for it.
fn meeting(vector: &Vector) -> (Gateway, Vec<&'static str>) {
    let number = if let Met::Having(number) = vector.met { number } else { 6 };
    let gateway = Gateway::having(&installed(number));
    gateway.believe(&vectors::believed(vector.met));
    gateway.receive(&match vector.met {
        Met::AtItsEnd => seal(
            &BundleContent {
                created_at: "2020-01-01T00:00:00Z".parse().unwrap(),
                ends_at: "2020-05-19T00:00:00Z".parse().unwrap(),
                ..numbered(7)
            },
            ED25519,
        ),
        _ => vector.sealed.clone(),
    });
    if vector.met == Met::WithAnotherKey {
        gateway.give_key(OTHER);
    }
    let flags = if vector.met == Met::AsPlant2 { vec!["--gateway", "plant-2"] } else { Vec::new() };
    (gateway, flags)
}

#[test]
fn every_hostile_bundle_is_refused_with_its_sentence_and_nothing_is_written() {
    let sentences = sentences();
    let all = vectors::all();
    assert_eq!(all.len(), sentences.len());
    for vector in &all {
        let (name, (id, sentence)) = (vector.name, sentences[vector.name]);
        let (gateway, flags) = meeting(vector);
        let before = everything(gateway.path("").as_path());

        let output = gateway.open(&flags);
        assert_eq!(code(&output), 1, "{name}: {}", errors(&output));
        let said = errors(&output);
        match (vector.met, id) {
            (Met::AtItsEnd, _) => {
                assert!(said.contains("ends_at: was 2020-05-19T00:00:00Z. "), "{name}: {said}");
            }
            // The file's name tells for whom it is.
            (_, "wrong-recipient") => assert!(
                said.contains("recipient: Sealed for plant-3")
                    && said.contains("; yours is SHA256:D3fMsP5a8"),
                "{name}: {said}"
            ),
            _ => assert!(said.contains(sentence), "{name}: {said}"),
        }
        assert_eq!(said.lines().count(), 1, "{name}: {said}");
        assert!(!said.contains("canary"));

        let mut verify = gateway.command("verify");
        let output = verify.args(&flags).arg("--to").arg(gateway.root()).arg("--json").output().unwrap();
        assert_eq!(code(&output), 1, "{name}");
        let told = json(&output);
        assert_eq!(
            (told["outcome"].as_str(), told["refused"]["code"].as_str()),
            (Some("refused"), Some(id)),
            "{name}"
        );
        assert!(everything(gateway.path("").as_path()) == before, "{name}: something was written");
    }
}

#[test]
fn a_refused_bundle_does_not_even_make_the_folder() {
    let gateway = Gateway::new();
    gateway.receive(b"age-encryption.org/v1\n");
    let output = gateway.open(&["--receipt", &gateway.path("receipt").to_string_lossy()]);
    assert_eq!(code(&output), 1);
    assert!(!gateway.root().exists() && !gateway.path("receipt").exists());
    assert_eq!(fs::read_dir(gateway.path("")).unwrap().count(), 3);
}

#[test]
fn a_practice_bundle_needs_to_be_asked_for() {
    let gateway = Gateway::new();
    gateway.receive(&seal(&BundleContent { practice: true, ..numbered(7) }, ED25519));
    let output = gateway.open(&[]);
    assert_eq!(code(&output), 1);
    assert!(errors(&output).contains("practice: is true, so this bundle was made with the practice tenant"));
    assert!(errors(&output).contains("add --practice"), "{}", errors(&output));
    assert!(!gateway.root().exists());
    assert_eq!(code(&gateway.open(&["--practice"])), 0);
}
