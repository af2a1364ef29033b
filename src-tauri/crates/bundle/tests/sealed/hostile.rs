//! Hostile bundles by name: each is refused with its own text, and all texts stand in `tests/sealed/hostile.txt`.
//!
//! `UPDATE_SNAPSHOTS=1` rewrites that list.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use bundle::{Expectations, OpenProblem, TarFault};

use crate::{
    archive::{encrypt, members, resealed, tar},
    given::{ED25519, ENDS_ON, OTHER, expected, name, open, sealed, signers, time},
    vectors::{self, Met, Vector},
};

#[test]
fn every_hostile_bundle_is_refused_with_its_own_text() {
    let mut list = String::new();
    let mut names = BTreeSet::new();
    for vector in vectors::all() {
        let (name, problem) = (vector.name, problem(&vector));
        assert!(names.insert(name), "{name} twice");
        writeln!(list, "{name} ({})\n    {problem}", problem.code()).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sealed/hostile.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &list).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (now, before) in list.lines().zip(committed.lines()) {
        assert_eq!(now, before, "UPDATE_SNAPSHOTS=1 rewrites the list");
    }
    assert_eq!(list.lines().count(), committed.lines().count(), "UPDATE_SNAPSHOTS=1 rewrites the list");
    assert!(!list.contains("canary"));
    let codes: BTreeSet<&str> =
        list.lines().filter_map(|line| line.split_once(" (")?.1.strip_suffix(')')).collect();
    assert_eq!(codes.len(), 35, "kinds of problems: {codes:?}");
}

fn refused(sealed: &[u8]) -> OpenProblem {
    open(sealed, &ED25519.key()).unwrap_err()
}

/// What the gateway says that meets it.
fn problem(vector: &Vector) -> OpenProblem {
    let signers = vectors::believed(vector.met);
    let plant_2 = name("plant-2");
    let usual = expected(&signers);
    let (key, expected) = match vector.met {
        Met::Usual | Met::BelievingAnother => (ED25519, usual),
        Met::WithAnotherKey => (OTHER, usual),
        Met::AsPlant2 => (ED25519, Expectations { gateway: Some(&plant_2), ..usual }),
        Met::Having(installed) => (ED25519, Expectations { installed: Some(installed), ..usual }),
        Met::AtItsEnd => (ED25519, Expectations { now: time(&format!("{ENDS_ON}T00:00:00Z")), ..usual }),
    };
    bundle::open(&vector.sealed, &key.key(), &expected).unwrap_err()
}

#[test]
fn the_last_moment_and_the_first_bundle_are_good() {
    let (good, signers) = (sealed(ED25519), signers());
    let last = Expectations { now: time("2027-05-18T23:59:59.999Z"), ..expected(&signers) };
    bundle::open(&good, &ED25519.key(), &last).unwrap();
    let first = Expectations { installed: None, ..expected(&signers) };
    bundle::open(&good, &ED25519.key(), &first).unwrap();
    let named = Expectations { gateway: Some(&name("plant-3")), ..expected(&signers) };
    bundle::open(&good, &ED25519.key(), &named).unwrap();
    bundle::open(&resealed(&members()), &ED25519.key(), &expected(&signers)).unwrap();
    let mut filled = tar(&members());
    filled.resize(10_240, 0);
    open(&encrypt(&filled, ED25519), &ED25519.key()).unwrap();

    let half_block = refused(&encrypt(&filled[..filled.len() - 1], ED25519));
    assert_eq!(half_block, OpenProblem::Tar(TarFault::CutOff));
}
