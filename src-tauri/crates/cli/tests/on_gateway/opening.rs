//! What stands in the folder after bundles were opened into it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use bundle::{BundleContent, FileMode};

use crate::{
    gateway::{Gateway, code, errors, everything, json, text},
    given::{ED25519, RSA, X25519, file, numbered, seal},
};

/// The names below the folder, in order; without what the files hold.
fn listing(gateway: &Gateway) -> Vec<String> {
    let root = gateway.root();
    let all = everything(&root);
    let line = |(path, (mode, holds)): (&std::path::PathBuf, &(u32, Vec<u8>))| {
        let name = path.strip_prefix(&root).unwrap().display();
        if path.is_symlink() {
            format!("{name} -> {}", String::from_utf8_lossy(holds))
        } else {
            format!("{mode:04o} {name}")
        }
    };
    all.iter().map(line).collect()
}

#[test]
fn the_files_are_there_with_their_modes_and_nobody_else_may_look() {
    for pair in [ED25519, RSA, X25519] {
        let gateway = Gateway::new();
        gateway.give_key(pair);
        gateway.receive(&seal(&numbered(7), pair));
        let output = gateway.open(&[]);
        assert_eq!(code(&output), 0, "{}", errors(&output));
        assert_eq!(
            listing(&gateway),
            [
                "0600 .lock",
                "current -> releases/7",
                "0700 releases",
                "0700 releases/7",
                "0600 releases/7/.opened.json",
                "0600 releases/7/SHA256SUMS",
                "0600 releases/7/gateway.env",
                "0640 releases/7/gateway.json",
                "0600 releases/7/manifest.json",
                "0600 releases/7/manifest.json.sig",
                "0700 releases/7/systemd",
                "0644 releases/7/systemd/gatehouse.conf",
            ]
        );
        let mode = fs::metadata(gateway.root()).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o755, "others may pass, as to the policy in /etc/gatehouse");
        assert_eq!(gateway.current("gateway.env"), "AZURE_CLIENT_SECRET=canary-7\n");
        assert!(!text(&output).contains("canary") && !errors(&output).contains("canary"));
    }
}

#[test]
fn stock_tools_find_what_was_installed_as_it_was_signed() {
    let gateway = Gateway::having(&numbered(7));
    let check = "sha256sum --strict --quiet -c SHA256SUMS && ssh-keygen -Y verify -f ../../../allowed_signers -I gatehouse \
                 -n gatehouse-bundle -s manifest.json.sig < manifest.json";
    let output = Command::new("sh")
        .args(["-ec", check])
        .current_dir(gateway.root().join("current"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", text(&output), errors(&output));
    assert!(text(&output).contains("Good \"gatehouse-bundle\" signature"));
}

#[test]
fn the_earlier_one_is_kept_and_the_one_before_that_goes() {
    let gateway = Gateway::having(&numbered(5));
    for number in [6, 7] {
        gateway.receive(&seal(&numbered(number), ED25519));
        let told = json(&gateway.open(&["--json"]));
        assert_eq!(
            (told["outcome"].as_str(), told["replaced"].as_u64()),
            (Some("installed"), Some(number - 1))
        );
    }
    let names = listing(&gateway);
    assert!(names.contains(&"current -> releases/7".to_owned()), "{names:?}");
    assert!(names.contains(&"previous -> releases/6".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("releases/5")), "{names:?}");
}

#[test]
fn the_same_bundle_again_changes_nothing() {
    let gateway = Gateway::having(&numbered(7));
    let before = everything(&gateway.root());
    let output = gateway.open(&["--json"]);
    assert_eq!((code(&output), json(&output)["outcome"].as_str()), (0, Some("already-installed")));
    assert!(everything(&gateway.root()) == before);
}

#[test]
fn the_same_bundle_again_mends_what_was_altered() {
    let gateway = Gateway::having(&numbered(7));
    fs::write(gateway.root().join("current/gateway.env"), "altered").unwrap();
    let output = gateway.open(&[]);
    assert!(text(&output).contains("Number 7 is installed in"), "{}", text(&output));
    assert!(text(&output).contains("are as they were signed again.") && !text(&output).contains("is kept"));
    assert_eq!(gateway.current("gateway.env"), "AZURE_CLIENT_SECRET=canary-7\n");
    assert!(listing(&gateway).contains(&"current -> releases/7-2".to_owned()));
}

#[test]
fn the_earlier_one_comes_back_and_goes_again() {
    let gateway = Gateway::having(&numbered(6));
    gateway.receive(&seal(&numbered(7), ED25519));
    assert_eq!(code(&gateway.open(&[])), 0);
    let back = || gateway.program(&["bundle", "rollback", "--to"]).arg(gateway.root()).output().unwrap();
    let output = back();
    assert_eq!(code(&output), 0, "{}", errors(&output));
    assert!(text(&output).contains("Number 6 is installed again."));
    assert_eq!(gateway.current("gateway.env"), "AZURE_CLIENT_SECRET=canary-6\n");
    let told = json(&gateway.open(&["--json"]));
    assert_eq!((told["outcome"].as_str(), told["replaced"].as_u64()), (Some("installed"), Some(6)));
    assert_eq!(gateway.current("gateway.env"), "AZURE_CLIENT_SECRET=canary-7\n");
    assert_eq!(code(&back()), 0);
    assert_eq!(code(&back()), 0);
    assert_eq!(gateway.current("gateway.env"), "AZURE_CLIENT_SECRET=canary-7\n");
}

#[test]
fn there_is_nothing_before_the_first_one() {
    let gateway = Gateway::having(&numbered(7));
    let output = gateway.program(&["bundle", "rollback", "--to"]).arg(gateway.root()).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(errors(&output).contains("holds no earlier bundle"), "{}", errors(&output));
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let gateway = Gateway::new();
    gateway.receive(&seal(&numbered(7), ED25519));
    fs::create_dir(gateway.root()).unwrap();
    for mode in [0o777, 0o1777, 0o770] {
        fs::set_permissions(gateway.root(), fs::Permissions::from_mode(mode)).unwrap();
        let output = gateway.open(&[]);
        assert_eq!(code(&output), 2);
        assert!(errors(&output).contains("Other accounts may write to"), "{}", errors(&output));
        assert!(listing(&gateway).is_empty());
    }
    fs::set_permissions(gateway.root(), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("/", gateway.root().join("releases")).unwrap();
    assert_eq!(code(&gateway.open(&[])), 2);
    assert_eq!(listing(&gateway), ["releases -> /"]);
}

#[test]
fn a_folder_whose_current_is_somebody_elses_is_left_alone() {
    let gateway = Gateway::new();
    gateway.receive(&seal(&numbered(7), ED25519));
    fs::create_dir_all(gateway.root().join("current")).unwrap();
    let before = everything(&gateway.root());
    let output = gateway.open(&[]);
    assert_eq!(code(&output), 2);
    assert!(errors(&output).contains("current cannot be read"), "{}", errors(&output));
    assert!(everything(&gateway.root()) == before);
}

#[test]
fn an_earlier_one_without_a_current_one_is_no_empty_folder() {
    let gateway = Gateway::having(&numbered(6));
    gateway.receive(&seal(&numbered(7), ED25519));
    assert_eq!(code(&gateway.open(&[])), 0);
    fs::remove_file(gateway.root().join("current")).unwrap();
    gateway.receive(&seal(&numbered(5), ED25519));
    let output = gateway.open(&[]);
    assert_eq!(code(&output), 2);
    assert!(errors(&output).contains("Which bundle is installed cannot be told."), "{}", errors(&output));
    assert!(!gateway.root().join("current").exists());
}

#[test]
fn two_at_once_do_not_mix() {
    let gateway = Gateway::having(&numbered(7));
    let lock = fs::File::options().write(true).open(gateway.root().join(".lock")).unwrap();
    lock.lock().unwrap();
    gateway.receive(&seal(&numbered(8), ED25519));
    let output = gateway.open(&[]);
    assert_eq!(code(&output), 3);
    assert!(errors(&output).contains("Another program is installing into"), "{}", errors(&output));
    drop(lock);
    assert_eq!(code(&gateway.open(&[])), 0);
}

#[test]
fn it_is_said_when_the_files_lie_elsewhere_than_they_say() {
    let mut content = numbered(7);
    content.files.push(file("gateway-ca.pem", FileMode::Public, b"pem"));
    let environment = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]
        .map(|variable| format!("{variable}=/etc/gatehouse/current/gateway-ca.pem\n"))
        .concat();
    content.files[1] = file("gateway.env", FileMode::Private, environment.as_bytes());
    let gateway = Gateway::having(&BundleContent { ..content });
    let told = json(&gateway.open(&["--json"]));
    assert_eq!(told["notes"].as_array().unwrap().len(), 1, "one file, one sentence: {told}");
    let note = told["notes"][0].as_str().unwrap();
    let here = gateway.root().join("current/gateway-ca.pem");
    assert!(
        note.contains(
            "/etc/gatehouse/current/gateway-ca.pem (SSL_CERT_FILE, REQUESTS_CA_BUNDLE), and the file is"
        ) && note.contains(&*here.to_string_lossy()),
        "{note}"
    );
}
