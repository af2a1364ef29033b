//! The script that opens a bundle on a host, against everything that it has to refuse.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
};

use bundle::{BundleContent, SigningKey};

use crate::{
    given::{Gateway, Has, SEQUENCE, programs, run, seal, text, write},
    host::{Host, Run},
};

#[test]
fn what_is_wrong_is_refused_in_its_own_words_and_nothing_is_written() {
    let host = Host::new();
    let (own, other) = (&host.gateway, Gateway::new("plant-2", host.root.path()));
    let good = || own.content(SEQUENCE);
    assert_eq!(host.open(&seal(&good(), &own.recipient())), Ok("installed".to_owned()));

    let newer = |change: fn(&mut BundleContent)| {
        let mut content = own.content(SEQUENCE + 1);
        change(&mut content);
        seal(&content, &own.recipient())
    };
    let whole = newer(|_| ());
    let mut flipped = whole.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let stranger = SigningKey::from_seed(&[8; 32]);
    let not_own = "The bundle is not sealed to this host's key, or was changed.";
    let resealed = host.resealed(
        &seal(&Gateway { name: own.name.clone(), ..other.again() }.content(8), &other.recipient()),
        &other,
    );
    for (what, sealed, sentence) in [
        ("empty", Vec::new(), not_own),
        ("cut off", whole[..whole.len() - 1].to_vec(), not_own),
        ("one bit", flipped, not_own),
        ("for another", seal(&own.content(SEQUENCE + 1), &other.recipient()), not_own),
        ("huge", vec![0; 5_242_881], "The sealed file is larger than a bundle can be."),
        (
            "signed by another",
            bundle::seal(&own.content(SEQUENCE + 1), &own.recipient(), &stranger).unwrap(),
            "The bundle is not signed by a key in allowed_signers.",
        ),
        (
            "sealed again",
            resealed,
            &format!(
                "The bundle was sealed for {}; this host's key is {}.",
                other.recipient().fingerprint(),
                own.recipient().fingerprint()
            ),
        ),
        (
            "another's name",
            newer(|content| content.gateway = bundle::GatewayName::new("plant-2").unwrap()),
            "The bundle is for the gateway plant-2.",
        ),
        (
            "practice",
            newer(|content| content.practice = true),
            "A bundle of the practice tenant and a real gateway do not belong together.",
        ),
        (
            "ended",
            newer(|content| content.ends_at = "2026-11-20T14:34:01Z".parse().unwrap()),
            "The bundle ended at 2026-11-20T14:34:01Z;",
        ),
        (
            "older",
            seal(&own.content(SEQUENCE - 1), &own.recipient()),
            "The bundle has the number 6; number 7 is installed.",
        ),
        (
            "another with the same number",
            seal(&BundleContent { credential_id: "x".to_owned(), ..good() }, &own.recipient()),
            "Another bundle with the number 7 is installed.",
        ),
    ] {
        let before = host.everything();
        let said = host.open(&sealed).unwrap_err();
        assert!(said.contains(&format!("plant-1: {sentence}")), "{what}: {said}");
        assert!(said.trim_end().ends_with("Nothing was changed."), "{what}: {said}");
        assert!(host.everything() == before, "{what}: something was written");
    }
    assert_eq!(host.open(&whole), Ok("installed".to_owned()));
}

#[test]
fn a_bundle_that_is_there_is_left_alone_unless_it_was_altered() {
    let host = Host::new();
    let sealed = seal(&host.gateway.content(SEQUENCE), &host.gateway.recipient());
    assert_eq!(host.open(&sealed), Ok("installed".to_owned()));
    let before = host.everything();
    let again = seal(&host.gateway.content(SEQUENCE), &host.gateway.recipient());
    assert_eq!(host.open(&again), Ok("unchanged".to_owned()));
    assert!(host.everything() == before);

    let secret = host.folder().join("current/client-secret");
    fs::write(&secret, "altered").unwrap();
    assert_eq!(host.open(&sealed), Ok("installed".to_owned()));
    assert_eq!(fs::read_to_string(&secret).unwrap(), host.gateway.secret(SEQUENCE));
    assert_eq!(fs::read_link(host.folder().join("current")).unwrap(), Path::new("releases/7-2"));
    assert_eq!(fs::read_dir(host.folder().join("releases")).unwrap().count(), 1);
}

#[test]
fn the_two_before_the_newest_are_not_kept() {
    let host = Host::new();
    for sequence in [7, 8, 9] {
        let sealed = seal(&host.gateway.content(sequence), &host.gateway.recipient());
        assert_eq!(host.open(&sealed), Ok("installed".to_owned()));
    }
    let mut kept: Vec<String> = fs::read_dir(host.folder().join("releases"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    assert_eq!(kept, ["8", "9"]);
    assert_eq!(fs::read_link(host.folder().join("previous")).unwrap(), Path::new("releases/8"));
}

#[test]
fn what_somebody_else_keeps_there_stays() {
    let host = Host::new();
    let opened = |sequence| host.open(&seal(&host.gateway.content(sequence), &host.gateway.recipient()));
    assert_eq!(opened(6), Ok("installed".to_owned()));
    let releases = host.folder().join("releases");
    fs::create_dir(releases.join("mine")).unwrap();
    fs::write(releases.join("5"), "a file").unwrap();
    fs::create_dir(releases.join("5 of mine")).unwrap();
    assert_eq!((opened(7), opened(8)), (Ok("installed".to_owned()), Ok("installed".to_owned())));
    let mut left: Vec<_> = fs::read_dir(&releases)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["5", "5 of mine", "7", "8", "mine"]);
}

#[test]
fn without_knowing_what_is_installed_nothing_is() {
    let host = Host::new();
    let sealed = seal(&host.gateway.content(SEQUENCE), &host.gateway.recipient());
    let current = host.folder().join("current");
    let cannot_tell = |what: &str| {
        let said = host.open(&sealed).unwrap_err();
        assert!(said.contains("Which bundle is installed cannot be told: look at"), "{what}: {said}");
        assert_eq!(fs::read_dir(host.folder().join("releases")).unwrap().count(), 0, "{what}");
    };
    symlink("releases/9", &current).unwrap();
    cannot_tell("a link that leads nowhere");
    fs::remove_file(&current).unwrap();
    fs::create_dir(&current).unwrap();
    cannot_tell("a folder");
    fs::write(current.join("manifest.json"), "  \"sequence\": 1,\n").unwrap();
    cannot_tell("a folder with a manifest");
    fs::remove_dir_all(&current).unwrap();
    let previous = host.folder().join("previous");
    symlink("releases/9", &previous).unwrap();
    cannot_tell("an earlier one, and no current one");
    fs::remove_file(&previous).unwrap();
    assert_eq!(host.open(&sealed), Ok("installed".to_owned()));
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let host = Host::new();
    let sealed = seal(&host.gateway.content(SEQUENCE), &host.gateway.recipient());
    for mode in [0o777, 0o1777, 0o770] {
        fs::set_permissions(host.folder(), fs::Permissions::from_mode(mode)).unwrap();
        let said = host.open(&sealed).unwrap_err();
        assert!(said.contains("Other accounts may write to"), "{said}");
        assert!(!host.folder().join("current").exists());
    }
    fs::set_permissions(host.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(host.open(&sealed), Ok("installed".to_owned()));
}

/// The signed members, and a link in place of one of the files that they stand for.
#[test]
fn a_link_in_the_archive_is_refused() {
    let host = Host::new();
    let sealed = seal(&host.gateway.content(SEQUENCE), &host.gateway.recipient());
    let with_a_link = host.repacked(
        &sealed,
        "mkdir elsewhere; mv gateway.json elsewhere/; ln -s \"$PWD/elsewhere/gateway.json\" gateway.json",
    );
    let said = host.open(&with_a_link).unwrap_err();
    assert!(said.contains("A file in the bundle is a link."), "{said}");
    let hard =
        host.repacked(&sealed, "cp gateway.json x; rm gateway.json; ln x gateway.json; mv x systemd/x");
    assert!(host.open(&hard).is_err() || !host.folder().join("current/systemd/x").exists());
}

#[test]
fn whoever_may_read_the_folder_of_releases_may_read_each_release() {
    let host = Host::new();
    let releases = host.folder().join("releases");
    fs::create_dir(&releases).unwrap();
    fs::set_permissions(&releases, fs::Permissions::from_mode(0o750)).unwrap();
    let others = std::os::unix::fs::chown(&releases, None, Some(23_456)).is_ok();
    let group = fs::metadata(&releases).unwrap().gid();
    assert_eq!(group == 23_456, others);
    let sealed = seal(&host.gateway.content(SEQUENCE), &host.gateway.recipient());
    assert_eq!(host.open(&sealed), Ok("installed".to_owned()));
    for (name, mode) in [
        ("", 0o750),
        ("systemd", 0o750),
        ("client-secret", 0o640),
        ("systemd/encrypt-credential.sh", 0o750),
        ("gateway.schema.json", 0o644),
    ] {
        let found = fs::metadata(host.folder().join("current").join(name)).unwrap();
        assert_eq!((found.mode() & 0o7777, found.gid()), (mode, group), "{name}");
    }
    let manifest = fs::metadata(host.folder().join("current/manifest.json")).unwrap();
    assert_eq!(manifest.mode() & 0o777, 0o600);
}

/// A program in the place of rm that cannot take one release away.
#[test]
fn an_earlier_release_that_stays_is_told_and_the_bundle_is_installed_and_answered_for() {
    let host = Host::new();
    for sequence in [5, 6] {
        let sealed = seal(&host.gateway.content(sequence), &host.gateway.recipient());
        assert_eq!(host.open(&sealed), Ok("installed".to_owned()));
    }
    let rm =
        "#!/bin/sh\ncase \"$*\" in *releases/5) echo stuck >&2; exit 1 ;; esac\nexec /usr/bin/rm \"$@\"\n";
    write(&programs(Has::StockTools, host.root.path()).join("rm"), rm, 0o755);
    host.receive(&seal(&host.gateway.content(7), &host.gateway.recipient()));
    let opened = run(&mut host.command(&Run::default()));
    let said = text(&opened);
    assert!(
        opened.status.success() && said.contains("\ninstalled\n") | said.starts_with("installed\n"),
        "{said}"
    );
    assert!(said.contains("releases/5 may hold an earlier credential"), "{said}");
    let receipt = fs::read(host.folder().join(host.gateway.name.receipt_file_name())).unwrap();
    let receipt = bundle::verify_receipt(&receipt, &host.gateway.recipient()).unwrap();
    assert_eq!(receipt.bundle_sequence, 7);
}
