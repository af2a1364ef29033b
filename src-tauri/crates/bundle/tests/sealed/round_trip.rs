//! What is sealed opens again, and only so.

use bundle::{
    Expectations, FileMode, GatewayKey, GatewayKeyProblem, GatewayName, OpenProblem, SealedFor, SealedTo,
};
use secrecy::{ExposeSecret, SecretSlice};

use crate::{
    archive::{self, decrypt},
    given::{
        self, ALL, ED25519, OTHER, RSA, SECRET, X25519, content, expected, file, name, open, sealed, signer,
        signers,
    },
};

#[test]
fn a_bundle_opens_with_the_key_it_was_sealed_to() {
    for pair in ALL {
        let opened = open(&sealed(pair), &pair.key()).unwrap();
        let manifest = opened.manifest();
        assert_eq!(manifest.recipient, pair.recipient().fingerprint(), "{}", pair.name);
        assert_eq!((manifest.gateway.as_str(), manifest.sequence, manifest.practice), ("plant-3", 7, true));
        assert_eq!(manifest.connection, content().connection);
        assert_eq!(manifest.credential_id, content().credential_id);
        assert_eq!(opened.manifest_sha256(), archive::sha256(opened.manifest_json()));
        let files: Vec<(&str, FileMode, &[u8])> = opened
            .files()
            .iter()
            .map(|file| (file.name.as_str(), file.mode, file.content.expose_secret()))
            .collect();
        let expected: [(&str, FileMode, &[u8]); 3] = [
            ("gateway.env", FileMode::Private, SECRET),
            ("gateway.json", FileMode::Group, b"{}\n"),
            ("systemd/gatehouse.conf", FileMode::Public, b"[Service]\n"),
        ];
        assert_eq!(files, expected);
        assert_eq!(files[2].1.bits(), 0o644);
    }
}

#[test]
fn the_inside_is_the_same_every_time_and_the_outside_never() {
    let (one, two) = (sealed(ED25519), sealed(ED25519));
    assert_ne!(one, two);
    assert_eq!(decrypt(&one, ED25519), decrypt(&two, ED25519));
}

#[test]
fn another_key_is_told_for_whom_the_bundle_is() {
    let (signers, plant_3) = (signers(), name("plant-3"));
    let expected = Expectations { gateway: Some(&plant_3), ..expected(&signers) };
    let problem = bundle::open(&sealed(ED25519), &OTHER.key(), &expected).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "recipient: Sealed for plant-3 (SHA256:D3fMs…); yours is \
         SHA256:e5jGgz090MisTseuHEpluu02qshyiZedf17FpsCt4zg. Take this gateway's own bundle; after a change of its \
         host key, update the key in Gatehouse and export again."
    );
    assert!(ED25519.recipient().fingerprint().starts_with("SHA256:D3fMs"));
    for (to, with) in [(ED25519, RSA), (RSA, ED25519), (ED25519, X25519), (X25519, ED25519), (RSA, X25519)] {
        let problem = open(&sealed(to), &with.key()).unwrap_err();
        assert!(matches!(problem, OpenProblem::WrongRecipient { .. }), "{} {} {problem}", to.name, with.name);
    }
}

#[test]
fn a_header_tells_for_which_ssh_key_it_is() {
    for pair in ALL {
        let sealed = sealed(pair);
        let inspection = bundle::inspect(&sealed).unwrap();
        assert_eq!((inspection.bytes, inspection.sealed_to.len()), (sealed.len(), 1));
        let own = if pair.name == "x25519" { SealedFor::CannotTell } else { SealedFor::ThisKey };
        assert_eq!(inspection.sealed_for(&pair.recipient()), own, "{}", pair.name);
        assert_eq!(inspection.sealed_for(&OTHER.recipient()), SealedFor::AnotherKey);
        if let SealedTo::Ssh { kind, .. } = inspection.sealed_to[0] {
            assert_eq!(kind, pair.recipient().kind());
            let start = inspection.fingerprint_start().unwrap();
            assert!(pair.recipient().fingerprint().starts_with(start.trim_end_matches('…')), "{start}");
        }
    }
}

#[test]
fn limits_are_the_ones_that_are_documented() {
    let seal =
        |files| bundle::seal(&bundle::BundleContent { files, ..content() }, &ED25519.recipient(), &signer());
    let big = |index: usize, size: usize| file(&format!("f{index:02}"), FileMode::Private, &vec![b'x'; size]);
    let most: Vec<_> = (0..4).map(|index| big(index, bundle::MAX_FILE_BYTES)).collect();
    let whole = seal(most.clone()).unwrap();
    assert!(whole.len() <= bundle::MAX_SEALED_BYTES);
    assert_eq!(open(&whole, &ED25519.key()).unwrap().files().len(), 4);
    let many = |count| (0..count).map(|index| big(index, 65_536)).collect::<Vec<_>>();
    let whole = seal(many(64)).unwrap();
    assert!(whole.len() <= bundle::MAX_SEALED_BYTES, "{}", whole.len());
    open(&whole, &ED25519.key()).unwrap();
    let texts = [
        seal(vec![big(0, bundle::MAX_FILE_BYTES + 1)]),
        seal([most, vec![big(9, 1)]].concat()),
        seal((0..65).map(|index| big(index, 1)).collect()),
        seal(Vec::new()),
        seal(vec![big(0, 1), big(0, 1)]),
        seal(vec![file("a", FileMode::Private, b""), file("a/b", FileMode::Private, b"")]),
        seal(vec![file("a", FileMode::Private, b""), file("A", FileMode::Private, b"")]),
    ]
    .map(|result| result.unwrap_err().to_string());
    assert_eq!(
        texts,
        [
            "files[0]: is larger than 1 MiB. Leave it out, or make it smaller.",
            "files: are larger than 4 MiB together. Leave some out.",
            "files: are 65, and a bundle holds 1 to 64. Put fewer files into the bundle.",
            "files: are 0, and a bundle holds 1 to 64. Put fewer files into the bundle.",
            "files[1]: is not in order. Sort the files by the bytes of their names, each name once.",
            "files[0]: has the same place as another file. Give it a name that differs in more than case, and is no \
             other file's folder.",
            "files[0]: has the same place as another file. Give it a name that differs in more than case, and is no \
             other file's folder.",
        ]
    );
}

#[test]
fn a_content_that_no_gateway_would_take_is_not_sealed() {
    let seal = |change: fn(&mut bundle::BundleContent)| {
        let mut content = content();
        change(&mut content);
        bundle::seal(&content, &ED25519.recipient(), &signer()).unwrap_err().field
    };
    assert_eq!(seal(|content| content.sequence = 0), "sequence");
    assert_eq!(seal(|content| content.sequence = 1 << 53), "sequence");
    assert_eq!(seal(|content| content.ends_at = content.created_at), "ends_at");
    assert_eq!(seal(|content| content.credential_id = "a\nb".to_owned()), "credential_id");
    assert_eq!(seal(|content| content.connection.name = String::new()), "connection.name");
}

#[test]
fn empty_files_and_all_bytes_survive() {
    let all: Vec<u8> = (0..=255).collect();
    let files = vec![file("empty", FileMode::Private, b""), file("all", FileMode::Private, &all)];
    let sealed =
        bundle::seal(&bundle::BundleContent { files, ..content() }, &RSA.recipient(), &signer()).unwrap();
    let opened = open(&sealed, &RSA.key()).unwrap();
    assert_eq!(opened.files()[0].content.expose_secret(), all);
    assert!(opened.files()[1].content.expose_secret().is_empty());
}

#[test]
fn gateway_names_and_file_names_are_one() {
    assert_eq!(name("plant-3").file_name(), "plant-3.tar.age");
    for path in ["plant-3.tar.age", "a/b/plant-3.tar.age", "C:\\x\\plant-3.tar.age"] {
        assert_eq!(GatewayName::from_file_name(path), Some(name("plant-3")), "{path}");
    }
    for bad in ["", "a b", "-a", "a-", ".", "a/b", "ä", "*", &"a".repeat(65)] {
        assert!(GatewayName::new(bad).is_err(), "{bad}");
    }
    assert_eq!(GatewayName::from_file_name("plant-3.age"), None);
}

#[test]
fn nothing_secret_is_shown() {
    let opened = open(&sealed(ED25519), &ED25519.key()).unwrap();
    let shown = format!("{opened:?} {:?} {:?} {:?}", content(), signer(), ED25519.key());
    assert!(!shown.contains("canary"), "{shown}");
    assert!(!shown.contains(&format!("{:?}", &SECRET[..4])), "{shown}");
    assert!(!shown.contains("[7, 7"), "{shown}");
    let _: &SecretSlice<u8> = &opened.files()[0].content;
}

#[test]
fn what_is_no_usable_private_key_is_refused() {
    let refused = |text: &str| GatewayKey::from_text(&text.into()).unwrap_err();
    assert_eq!(refused(include_str!("keys/ed25519_locked")), GatewayKeyProblem::Encrypted);
    assert_eq!(refused(include_str!("keys/ecdsa")), GatewayKeyProblem::Unsupported);
    assert_eq!(refused(given::ED25519.public), GatewayKeyProblem::PublicKey);
    assert_eq!(refused(given::X25519.public), GatewayKeyProblem::PublicKey);
    assert_eq!(refused(""), GatewayKeyProblem::NotAPrivateKey);
    for pair in [ED25519, RSA, given::RSA_PEM] {
        assert_eq!(
            refused(&pair.private[..pair.private.len() / 2]),
            GatewayKeyProblem::Damaged,
            "{}",
            pair.name
        );
    }
    let mut random = given::Random(1);
    for _ in 0..300 {
        let pair = ALL[random.below(ALL.len())];
        let mut bytes = pair.private.as_bytes().to_vec();
        let at = random.below(bytes.len());
        bytes[at] = b"Ax+/= \n-"[random.below(8)];
        if let Ok(key) = GatewayKey::from_text(&String::from_utf8(bytes).unwrap().into()) {
            let _ = open(&sealed(ED25519), &key);
        }
    }
}

#[test]
fn what_a_bundle_says_of_itself_is_told_without_trusting_it() {
    let inside = bundle::look_inside(&sealed(ED25519), &ED25519.key()).unwrap();
    assert_eq!((inside.manifest.gateway.as_str(), inside.manifest.sequence), ("plant-3", 7));
    assert_eq!(inside.signed_by, Some(signer().verifying_key().fingerprint()));

    let mut members = archive::members();
    members[1].content = archive::signature(&members[0].content, "gatehouse-bundle", &[8; 32]);
    let by_another = bundle::look_inside(&archive::resealed(&members), &ED25519.key()).unwrap();
    assert_eq!(by_another.signed_by.as_deref(), Some("SHA256:RFGPmv0HqTEFgFwzM49kDpWeoM4LSFeh+oNnj0R89WQ"));
    members[1].content = archive::signature(b"{}\n", "gatehouse-bundle", &[7; 32]);
    let for_another = bundle::look_inside(&archive::resealed(&members), &ED25519.key()).unwrap();
    assert_eq!(for_another.signed_by, None);
    members.remove(1);
    let unsigned = bundle::look_inside(&archive::resealed(&members), &ED25519.key()).unwrap();
    assert_eq!(unsigned.signed_by, None);
    members[2].content[0] ^= 1;
    let altered = bundle::look_inside(&archive::resealed(&members), &ED25519.key()).unwrap_err();
    assert_eq!(altered, OpenProblem::FileAltered { name: "gateway.env".to_owned() });
}

#[test]
fn the_signature_of_an_opened_bundle_is_the_member() {
    let opened = open(&sealed(ED25519), &ED25519.key()).unwrap();
    assert_eq!(opened.signature(), archive::members()[1].content);
    assert_eq!(bundle::Manifest::from_json(opened.manifest_json()).unwrap(), *opened.manifest());
}
