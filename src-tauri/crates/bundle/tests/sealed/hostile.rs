//! Hostile bundles by name: each is refused with its own text, and all texts stand in `tests/sealed/hostile.txt`.
//!
//! `UPDATE_SNAPSHOTS=1` rewrites that list.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use bundle::{AllowedSigners, Expectations, OpenProblem, SigningKey, TarFault};

use crate::{
    archive::{Member, decrypt, encrypt, members, resealed, sha256, signature, tar, with_manifest},
    given::{ED25519, OTHER, X25519, expected, name, open, sealed, signers, time},
};

#[test]
fn every_hostile_bundle_is_refused_with_its_own_text() {
    let mut list = String::new();
    let mut names = BTreeSet::new();
    for (name, problem) in outside().into_iter().chain(inside()).chain(signed()).chain(purpose()) {
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

type Vector = (&'static str, OpenProblem);

fn refused(sealed: &[u8]) -> OpenProblem {
    open(sealed, &ED25519.key()).unwrap_err()
}

/// What is wrong before anything is decrypted, or with the encryption itself.
fn outside() -> Vec<Vector> {
    let good = sealed(ED25519);
    let payload = 1 + good.windows(5).position(|window| window == b"\n--- ").unwrap();
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut trailing = good.clone();
    trailing.push(0);
    let other_age = [b"age-encryption.org/v9\n", &good[22..]].concat();
    let armored = b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n".to_vec();
    let passphrase = b"age-encryption.org/v1\n-> scrypt c2FsdHNhbHRzYWx0c2FsdA 10\nbody\n--- mac\n".to_vec();
    let long_header = [b"age-encryption.org/v1\n".to_vec(), b"-> x\n\n".repeat(10_000)].concat();
    vec![
        ("empty", refused(b"")),
        ("a_text", refused(b"{}\n")),
        ("a_tar_that_is_not_sealed", refused(&decrypt(&good, ED25519))),
        ("armored", refused(&armored)),
        ("age_of_another_version", refused(&other_age)),
        ("sealed_with_a_passphrase", refused(&passphrase)),
        ("larger_than_a_bundle_can_be", refused(&vec![b'a'; bundle::MAX_SEALED_BYTES + 1])),
        ("endless_header", refused(&long_header)),
        ("wrong_recipient", refused(&sealed(OTHER))),
        ("wrong_recipient_of_another_kind", refused(&sealed(X25519))),
        ("truncated_in_the_first_line", refused(&good[..10])),
        ("truncated_in_the_header", refused(&good[..60])),
        ("truncated_after_the_header", refused(&good[..payload + 48])),
        ("truncated_in_the_payload", refused(&good[..good.len() - 1])),
        ("bit_flipped_in_the_wrapped_key", refused(&flipped(100))),
        ("bit_flipped_in_the_header_code", refused(&flipped(payload + 10))),
        ("bit_flipped_in_the_payload", refused(&flipped(good.len() - 400))),
        ("bytes_after_the_end", refused(&trailing)),
    ]
}

/// What is wrong with the archive, sealed properly.
fn inside() -> Vec<Vector> {
    let with = |extra: Member| {
        let mut members = members();
        members.push(extra);
        refused(&resealed(&members))
    };
    let patched = |at: usize, bytes: &[u8]| {
        let mut members = members();
        members[3].patches.push((at, bytes.to_vec()));
        refused(&resealed(&members))
    };
    let of_kind = |kind: u8, name: &str| with(Member { kind, ..Member::new(name, b"") });
    let whole = tar(&members());
    let sealed_as = |bytes: &[u8]| refused(&encrypt(bytes, ED25519));
    let mut filled = whole.clone();
    filled[whole.len() - 1024 - 1] = 1;
    let mut after_end = whole.clone();
    after_end.extend([1; 512]);
    let mut first_swapped = members();
    first_swapped.swap(0, 2);
    let many = (0..70).map(|index| Member::new(&format!("x{index}"), b"")).collect::<Vec<_>>();
    let mebibyte = vec![0; bundle::MAX_FILE_BYTES];
    let large = (0..5).map(|index| Member::new(&format!("x{index}"), &mebibyte)).collect::<Vec<_>>();
    let large = [members(), large].concat();
    let mut small_overhead = tar(&large);
    small_overhead.truncate(bundle::MAX_SEALED_BYTES - 4_096);
    let mut link = Member { kind: b'2', ..Member::new("gateway.env", b"") };
    link.patches.push((157, b"/etc/shadow".to_vec()));
    vec![
        ("empty_payload", sealed_as(b"")),
        ("payload_is_no_tar", sealed_as(&[b'x'; 2048])),
        ("tar_truncated_in_a_member", sealed_as(&whole[..whole.len() - 2048])),
        ("tar_without_its_end", sealed_as(&whole[..whole.len() - 1024])),
        ("tar_with_half_its_end", sealed_as(&whole[..whole.len() - 512])),
        ("bytes_in_the_filling", sealed_as(&filled)),
        ("bytes_after_the_tar", sealed_as(&after_end)),
        ("no_manifest", refused(&resealed(&members()[2..]))),
        ("manifest_not_first", refused(&resealed(&first_swapped))),
        ("path_traversal", with(Member::new("../../etc/cron.d/x", b"* * * * *"))),
        ("path_traversal_inside", with(Member::new("systemd/../../x", b""))),
        ("path_traversal_by_the_prefix_field", patched(345, b"../..")),
        ("absolute_path", with(Member::new("/etc/passwd", b"root"))),
        ("absolute_path_of_windows", with(Member::new("C:\\Windows\\x", b""))),
        ("absolute_path_by_the_prefix_field", patched(345, b"/etc")),
        ("harmless_prefix_field", patched(345, b"folder")),
        ("symbolic_link", with(link)),
        ("hard_link", of_kind(b'1', "x")),
        ("device", of_kind(b'3', "x")),
        ("folder", of_kind(b'5', "x/")),
        ("pipe", of_kind(b'6', "x")),
        ("pax_header", of_kind(b'x', "PaxHeaders/x")),
        ("gnu_long_name", of_kind(b'L', "././@LongLink")),
        ("sparse_file", of_kind(b'S', "x")),
        ("old_file_kind", of_kind(0, "x")),
        ("name_with_control_characters", with(Member::new("a\u{1b}[2Jb\n", b""))),
        ("name_not_utf_8", with(Member { name: b"a\xff".to_vec(), ..Member::new("", b"") })),
        ("name_empty", with(Member::new("", b""))),
        ("name_hidden", with(Member::new(".ssh/authorized_keys", b""))),
        ("name_like_an_option", with(Member::new("--checkpoint-action=x", b""))),
        ("name_of_a_device", with(Member::new("NUL.txt", b""))),
        ("name_of_the_manifest_in_capitals", with(Member::new("MANIFEST.JSON", b"{}"))),
        ("duplicate_name", with(Member::new("gateway.env", b"x"))),
        ("duplicate_name_in_capitals", with(Member::new("GATEWAY.ENV", b"x"))),
        ("duplicate_manifest", with(Member::new("manifest.json", b"{}"))),
        ("too_many_files", refused(&resealed(&[members(), many].concat()))),
        ("huge_file", with(Member::new("x", &vec![0; bundle::MAX_FILE_BYTES + 1]))),
        ("huge_size_in_the_header", patched(124, b"77777777777\0")),
        ("huge_size_in_base_256", patched(124, b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff")),
        ("huge_manifest", {
            let mut members = members();
            members[0].content.resize(70_000, b' ');
            refused(&resealed(&members))
        }),
        ("huge_altogether", sealed_as(&small_overhead)),
        ("mode_with_setuid", patched(100, b"0004755\0")),
        ("owner", patched(108, b"0001750\0")),
        ("owner_by_name", patched(265, b"root")),
        ("time", patched(136, b"14732341234\0")),
        ("size_with_spaces", patched(124, b"         32 ")),
        ("bytes_after_the_header", patched(505, b"x")),
        ("gnu_magic", patched(257, b"ustar  \0")),
    ]
}

/// What is wrong with manifest, hashes and signature. Where the text allows it, the rest is signed and right.
fn signed() -> Vec<Vector> {
    let changed = |change: fn(&mut Vec<Member>)| {
        let mut members = members();
        change(&mut members);
        refused(&resealed(&members))
    };
    let manifest = |from: &str, to: &str| {
        let mut members = members();
        with_manifest(&mut members, |text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        refused(&resealed(&members))
    };
    vec![
        ("unknown_version", manifest("gatehouse.bundle/1", "gatehouse.bundle/2")),
        ("another_format", manifest("gatehouse.bundle/1", "gatehouse.gateway/1")),
        ("manifest_not_json", changed(|members| members[0].content = b"x\n".to_vec())),
        ("manifest_field_unknown", manifest("\"practice\"", "\"secret\": \"canary\",\n  \"practice\"")),
        ("manifest_field_twice", manifest("\"sequence\": 7,", "\"sequence\": 7,\n  \"sequence\": 8,")),
        ("manifest_field_of_another_type", manifest("\"sequence\": 7", "\"sequence\": \"7\"")),
        ("manifest_spelled_otherwise", manifest("\"sequence\": 7", "\"sequence\":  7")),
        ("manifest_with_an_escape", manifest("Contoso", "\\u0043ontoso")),
        ("manifest_without_its_line_break", {
            let mut members = members();
            with_manifest(&mut members, |text| text.trim_end().to_owned());
            refused(&resealed(&members))
        }),
        ("manifest_mode_with_setuid", manifest("\"0600\"", "\"4755\"")),
        ("manifest_name_with_traversal", manifest("\"gateway.env\"", "\"../gateway.env\"")),
        ("manifest_hash_not_hex", manifest("\"sha256\": \"", "\"sha256\": \"X")),
        ("manifest_ends_before_it_begins", manifest("2027-05-19", "2020-05-19")),
        ("manifest_gateway_with_spaces", manifest("\"plant-3\"", "\"plant 3\"")),
        ("file_missing", changed(|members| drop(members.remove(3)))),
        ("sums_missing", changed(|members| drop(members.remove(2)))),
        ("file_extra", changed(|members| members.push(Member::new("zzz", b"")))),
        ("files_in_another_order", changed(|members| members.swap(3, 4))),
        (
            "files_swapped",
            changed(|members| {
                let (env, json) = (members[3].content.clone(), members[4].content.clone());
                members[3].content = json;
                members[4].content = env;
            }),
        ),
        ("file_altered_in_place", changed(|members| members[3].content[0] ^= 1)),
        (
            "file_altered_with_its_sum",
            changed(|members| {
                let before = sha256(&members[3].content);
                members[3].content[0] ^= 1;
                let after = sha256(&members[3].content);
                let sums = String::from_utf8(members[2].content.clone()).unwrap();
                members[2].content = sums.replace(&before, &after).into_bytes();
            }),
        ),
        (
            "file_altered_with_its_sum_and_manifest",
            changed(|members| {
                let before = [sha256(&members[3].content), sha256(&members[2].content)];
                members[3].content[0] ^= 1;
                let file = sha256(&members[3].content);
                let sums = String::from_utf8(members[2].content.clone()).unwrap().replace(&before[0], &file);
                let manifest = String::from_utf8(members[0].content.clone()).unwrap();
                members[0].content = manifest
                    .replace(&before[0], &file)
                    .replace(&before[1], &sha256(sums.as_bytes()))
                    .into_bytes();
                members[2].content = sums.into_bytes();
            }),
        ),
        ("signature_missing", changed(|members| drop(members.remove(1)))),
        (
            "signature_not_second",
            changed(|members| {
                let signature = members.remove(1);
                members.push(signature);
            }),
        ),
        ("signature_empty", changed(|members| members[1].content.clear())),
        ("signature_spelled_otherwise", changed(|members| members[1].content.push(b'\n'))),
        (
            "signature_of_another_version",
            changed(|members| {
                let text = String::from_utf8(members[1].content.clone()).unwrap();
                // The bytes 6 to 9 are the version, and the signature does not cover them.
                assert!(text.contains("U1NIU0lHAAAAAQ"));
                members[1].content = text.replace("U1NIU0lHAAAAAQ", "U1NIU0lHAAAAAA").into_bytes();
            }),
        ),
        (
            "signature_of_another_manifest",
            changed(|members| {
                members[1].content = signature(b"{}\n", "gatehouse-bundle", &[7; 32]);
            }),
        ),
        (
            "signed_by_another",
            changed(|members| {
                members[1].content = signature(&members[0].content, "gatehouse-bundle", &[8; 32]);
            }),
        ),
        (
            "wrong_namespace",
            changed(|members| {
                members[1].content = signature(&members[0].content, "gatehouse-receipt", &[7; 32]);
            }),
        ),
    ]
}

/// Good bundles in the wrong place or at the wrong time.
fn purpose() -> Vec<Vector> {
    let good = sealed(ED25519);
    let signers = signers();
    let with = |expected: Expectations<'_>| bundle::open(&good, &ED25519.key(), &expected).unwrap_err();
    let plant_2 = name("plant-2");
    let opened_and_sealed_again = encrypt(&decrypt(&good, ED25519), OTHER);
    let nobody = AllowedSigners::from(SigningKey::from_seed(&[9; 32]).verifying_key());
    vec![
        ("sealed_again_for_another", open(&opened_and_sealed_again, &OTHER.key()).unwrap_err()),
        ("bundle_of_another_gateway", with(Expectations { gateway: Some(&plant_2), ..expected(&signers) })),
        ("replayed", with(Expectations { installed: Some(7), ..expected(&signers) })),
        ("older_than_installed", with(Expectations { installed: Some(8), ..expected(&signers) })),
        ("ended", with(Expectations { now: time("2027-05-19T00:00:00Z"), ..expected(&signers) })),
        ("signer_not_allowed", with(expected(&nobody))),
    ]
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
