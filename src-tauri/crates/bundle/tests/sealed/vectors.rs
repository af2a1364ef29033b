//! Hostile bundles by name, as bytes. What each is refused with stands in `tests/sealed/hostile.txt`.

use bundle::{AllowedSigners, SigningKey};

use crate::{
    archive::{Member, decrypt, encrypt, members, resealed, sha256, signature, tar, with_manifest},
    given::{ED25519, ENDS_ON, OTHER, X25519, sealed, signers},
};

/// A bundle that has to be refused.
pub(crate) struct Vector {
    pub(crate) name: &'static str,
    pub(crate) sealed: Vec<u8>,
    pub(crate) met: Met,
}

/// How the gateway stands when it meets a hostile bundle. The bundles that were made well have number 7, for plant-3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// It has number 6, and believes the one key that Gatehouse signs with.
    Usual,
    /// Its key is another one than the bundle was made for.
    WithAnotherKey,
    /// It is plant-2.
    AsPlant2,
    /// It has this number.
    Having(u64),
    /// The bundle's end has come.
    AtItsEnd,
    /// It believes another key only.
    BelievingAnother,
}

/// Every hostile bundle.
pub(crate) fn all() -> Vec<Vector> {
    let usual = outside().into_iter().chain(inside()).chain(signed());
    usual.map(|(name, sealed)| Vector { name, sealed, met: Met::Usual }).chain(purpose()).collect()
}

/// Who may sign, for a gateway that stands so.
pub(crate) fn believed(met: Met) -> AllowedSigners {
    match met {
        Met::BelievingAnother => AllowedSigners::from(SigningKey::from_seed(&[9; 32]).verifying_key()),
        _ => signers(),
    }
}

/// What is wrong before anything is decrypted, or with the encryption itself.
fn outside() -> Vec<(&'static str, Vec<u8>)> {
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
        ("empty", Vec::new()),
        ("a_text", b"{}\n".to_vec()),
        ("a_tar_that_is_not_sealed", decrypt(&good, ED25519)),
        ("armored", armored),
        ("age_of_another_version", other_age),
        ("sealed_with_a_passphrase", passphrase),
        ("larger_than_a_bundle_can_be", vec![b'a'; bundle::MAX_SEALED_BYTES + 1]),
        ("endless_header", long_header),
        ("wrong_recipient", sealed(OTHER)),
        ("wrong_recipient_of_another_kind", sealed(X25519)),
        ("truncated_in_the_first_line", good[..10].to_vec()),
        ("truncated_in_the_header", good[..60].to_vec()),
        ("truncated_after_the_header", good[..payload + 48].to_vec()),
        ("truncated_in_the_payload", good[..good.len() - 1].to_vec()),
        ("bit_flipped_in_the_wrapped_key", flipped(100)),
        ("bit_flipped_in_the_header_code", flipped(payload + 10)),
        ("bit_flipped_in_the_payload", flipped(good.len() - 400)),
        ("bytes_after_the_end", trailing),
    ]
}

/// What is wrong with the archive, sealed properly.
fn inside() -> Vec<(&'static str, Vec<u8>)> {
    let with = |extra: Member| {
        let mut members = members();
        members.push(extra);
        resealed(&members)
    };
    let patched = |at: usize, bytes: &[u8]| {
        let mut members = members();
        members[3].patches.push((at, bytes.to_vec()));
        resealed(&members)
    };
    let of_kind = |kind: u8, name: &str| with(Member { kind, ..Member::new(name, b"") });
    let whole = tar(&members());
    let sealed_as = |bytes: &[u8]| encrypt(bytes, ED25519);
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
        ("no_manifest", resealed(&members()[2..])),
        ("manifest_not_first", resealed(&first_swapped)),
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
        ("too_many_files", resealed(&[members(), many].concat())),
        ("huge_file", with(Member::new("x", &vec![0; bundle::MAX_FILE_BYTES + 1]))),
        ("huge_size_in_the_header", patched(124, b"77777777777\0")),
        ("huge_size_in_base_256", patched(124, b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff")),
        ("huge_manifest", {
            let mut members = members();
            members[0].content.resize(70_000, b' ');
            resealed(&members)
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
fn signed() -> Vec<(&'static str, Vec<u8>)> {
    let changed = |change: fn(&mut Vec<Member>)| {
        let mut members = members();
        change(&mut members);
        resealed(&members)
    };
    let manifest = |from: &str, to: &str| {
        let mut members = members();
        with_manifest(&mut members, |text| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        });
        resealed(&members)
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
            resealed(&members)
        }),
        ("manifest_mode_with_setuid", manifest("\"0600\"", "\"4755\"")),
        ("manifest_name_with_traversal", manifest("\"gateway.env\"", "\"../gateway.env\"")),
        ("manifest_hash_not_hex", manifest("\"sha256\": \"", "\"sha256\": \"X")),
        ("manifest_ends_before_it_begins", manifest(ENDS_ON, "2000-05-19")),
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
    let opened_and_sealed_again = encrypt(&decrypt(&good, ED25519), OTHER);
    let met = |name, met| Vector { name, sealed: good.clone(), met };
    vec![
        Vector {
            name: "sealed_again_for_another",
            sealed: opened_and_sealed_again,
            met: Met::WithAnotherKey,
        },
        met("bundle_of_another_gateway", Met::AsPlant2),
        met("replayed", Met::Having(7)),
        met("older_than_installed", Met::Having(8)),
        met("ended", Met::AtItsEnd),
        met("signer_not_allowed", Met::BelievingAnother),
    ]
}
