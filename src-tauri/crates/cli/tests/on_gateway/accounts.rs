//! Who runs `gatehouse bundle open`, with which mask, at the same time as whom, and into whose folder.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt, chown, symlink},
        process::CommandExt,
    },
    process::{Command, Stdio},
};

use bundle::FileMode;

use crate::{
    gateway::{Gateway, code, errors, everything, json},
    given::{ED25519, file, numbered, seal},
};

/// An account that nobody has.
const SOMEBODY: u32 = 12_345;

/// Only root can act as another account.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

#[test]
fn neither_the_mask_nor_a_missing_home_opens_anything_to_others() {
    for mask in ["000", "077"] {
        let gateway = Gateway::new();
        gateway.receive(&seal(&numbered(7), ED25519));
        let into = gateway.path("not/there/yet");
        let command = "umask \"$1\"; shift; exec \"$@\"";
        let output = Command::new("sh")
            .args(["-c", command, "sh", mask, env!("CARGO_BIN_EXE_gatehouse"), "bundle", "open"])
            .arg(gateway.path("plant-3.tar.age"))
            .args(["--key".as_ref(), gateway.path("key").as_os_str()])
            .args(["--signers".as_ref(), gateway.path("allowed_signers").as_os_str()])
            .args(["--to".as_ref(), into.as_os_str()])
            .args(["--receipt".as_ref(), gateway.path("receipt").as_os_str()])
            .env_clear()
            .output()
            .unwrap();
        assert_eq!(code(&output), 0, "{}", errors(&output));
        let made = everything(&gateway.path("not"));
        assert!(made.len() > 8);
        for (path, (mode, _)) in made.iter().filter(|(path, _)| !path.is_symlink()) {
            assert_eq!(mode & 0o022, 0, "{mode:o} {}", path.display());
        }
        assert_eq!(fs::metadata(&into).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::metadata(into.join("releases")).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(gateway.path("not")).unwrap().permissions().mode() & 0o022, 0);
        assert_eq!(fs::metadata(gateway.path("receipt")).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_folder_of_another_account_is_refused_before_anything_is_written() {
    if !is_root() {
        return;
    }
    let gateway = Gateway::new();
    gateway.receive(&seal(&numbered(7), ED25519));
    fs::create_dir(gateway.path("theirs")).unwrap();
    chown(gateway.path("theirs"), Some(SOMEBODY), None).unwrap();
    symlink(gateway.path("theirs"), gateway.path("link")).unwrap();
    for into in ["theirs", "theirs/gatehouse", "theirs/not/there/yet", "link", "link/gatehouse"] {
        let mut command = gateway.command("open");
        let output = command.arg("--to").arg(gateway.path(into)).output().unwrap();
        assert_eq!(code(&output), 2, "{into}: {}", errors(&output));
        assert!(errors(&output).contains("belongs to another account (number 12345)"), "{}", errors(&output));
        assert!(everything(&gateway.path("theirs")).is_empty(), "{into}");
    }
    chown(gateway.path("theirs"), Some(0), None).unwrap();
    fs::create_dir(gateway.path("theirs/releases")).unwrap();
    chown(gateway.path("theirs/releases"), Some(SOMEBODY), None).unwrap();
    let output = gateway.command("open").arg("--to").arg(gateway.path("theirs")).output().unwrap();
    assert_eq!(code(&output), 2, "{}", errors(&output));
}

#[test]
fn an_account_that_is_not_root_opens_into_its_own_folder_and_into_no_other() {
    if !is_root() {
        return;
    }
    let gateway = Gateway::new();
    gateway.receive(&seal(&numbered(7), ED25519));
    // The way is open; the key is theirs.
    fs::set_permissions(gateway.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    chown(gateway.path("key"), Some(SOMEBODY), None).unwrap();
    let home = std::path::Path::new(env!("CARGO_BIN_EXE_gatehouse"));
    let program = gateway.path("gatehouse");
    fs::copy(home, &program).unwrap();
    for (into, owner, wanted) in [("roots", 0, 2), ("own", SOMEBODY, 0)] {
        fs::create_dir(gateway.path(into)).unwrap();
        chown(gateway.path(into), Some(owner), None).unwrap();
        let output = Command::new(&program)
            .args(["bundle", "open"])
            .arg(gateway.path("plant-3.tar.age"))
            .args(["--key".as_ref(), gateway.path("key").as_os_str()])
            .args(["--signers".as_ref(), gateway.path("allowed_signers").as_os_str()])
            .args(["--to".as_ref(), gateway.path(into).as_os_str()])
            .env_clear()
            .stdin(Stdio::null())
            .uid(SOMEBODY)
            .gid(SOMEBODY)
            .output()
            .unwrap();
        assert_eq!(code(&output), wanted, "{into}: {}", errors(&output));
        assert_eq!(gateway.path(into).join("current").exists(), wanted == 0);
    }
}

#[test]
fn of_many_at_once_each_is_through_or_is_told_to_wait() {
    let gateway = Gateway::having(&numbered(7));
    let files: Vec<_> = (8..16)
        .map(|number| {
            let file = gateway.path(&format!("{number}.tar.age"));
            fs::write(&file, seal(&numbered(number), ED25519)).unwrap();
            file
        })
        .collect();
    let running: Vec<_> = files
        .iter()
        .map(|file| {
            let mut command = gateway.program(&["bundle", "open"]);
            command.arg(file).arg("--key").arg(gateway.path("key"));
            command.arg("--signers").arg(gateway.path("allowed_signers")).arg("--to").arg(gateway.root());
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut highest = 7;
    for (number, one) in (8..).zip(running) {
        let output = one.wait_with_output().unwrap();
        let said = errors(&output);
        match code(&output) {
            0 => highest = highest.max(number),
            1 => assert!(said.contains("is installed already"), "{said}"),
            3 => assert!(said.contains("Another program is installing"), "{said}"),
            other => unreachable!("{other}: {said}"),
        }
    }
    assert!(highest > 7, "the first of them is in nobody's way");
    let current = format!("AZURE_CLIENT_SECRET=canary-{highest}\n");
    assert_eq!(gateway.current("gateway.env"), current, "the highest that went through stays");
    let left = fs::read_dir(gateway.root().join("releases")).unwrap().count();
    assert_eq!(left, 2, "current and previous");
}

#[test]
fn mending_an_altered_bundle_keeps_the_one_before_it() {
    let gateway = Gateway::having(&numbered(6));
    gateway.receive(&seal(&numbered(7), ED25519));
    assert_eq!(code(&gateway.open(&[])), 0);
    fs::write(gateway.root().join("current/gateway.env"), "altered").unwrap();
    assert_eq!(code(&gateway.open(&[])), 0);
    assert_eq!(gateway.current("gateway.env"), "AZURE_CLIENT_SECRET=canary-7\n");
    let back = gateway.program(&["bundle", "rollback", "--to"]).arg(gateway.root()).output().unwrap();
    assert_eq!(code(&back), 0, "{}", errors(&back));
    assert_eq!(gateway.current("gateway.env"), "AZURE_CLIENT_SECRET=canary-6\n");
}

/// What another account, with this group, can read of a file.
fn reads(file: &std::path::Path, group: u32) -> bool {
    let output =
        Command::new("cat").arg(file).uid(SOMEBODY).gid(group).stdin(Stdio::null()).output().unwrap();
    output.status.success()
}

#[test]
fn the_policy_beside_the_releases_stays_readable_and_the_releases_do_not_become_so() {
    if !is_root() {
        return;
    }
    let gateway = Gateway::having(&numbered(7));
    fs::set_permissions(gateway.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(gateway.root().join("policy.json"), "{}").unwrap();
    fs::set_permissions(gateway.root().join("policy.json"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(reads(&gateway.root().join("policy.json"), SOMEBODY));
    for name in ["gateway.env", "gateway.json", "systemd/gatehouse.conf", "manifest.json"] {
        assert!(!reads(&gateway.root().join("current").join(name), SOMEBODY), "{name}");
    }
}

#[test]
fn the_group_that_may_read_releases_reads_this_one_and_every_later_one() {
    const GROUP: u32 = 23_456;
    if !is_root() {
        return;
    }
    let mut content = numbered(6);
    content.files.push(file(
        "oauth2-proxy/oauth2-proxy.cfg",
        FileMode::Public,
        b"client_secret_file = \"x\"\n",
    ));
    let gateway = Gateway::new();
    gateway.receive(&seal(&content, ED25519));
    fs::set_permissions(gateway.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    let told = json(&gateway.open(&["--json"]));
    let note = told["notes"][0].as_str().unwrap();
    let (_, advice) = note.split_once("later ones: ").unwrap();
    // The advice is what an administrator runs.
    let command = advice.replace("GROUP", &GROUP.to_string());
    assert!(Command::new("sh").args(["-ec", &command]).status().unwrap().success(), "{command}");
    let check = |number: u64| {
        let current = gateway.root().join("current");
        assert_eq!(gateway.current("gateway.env"), format!("AZURE_CLIENT_SECRET=canary-{number}\n"));
        for name in ["gateway.env", "gateway.json", "systemd/gatehouse.conf"] {
            assert!(reads(&current.join(name), GROUP), "{number} {name}");
            assert!(!reads(&current.join(name), SOMEBODY), "{number} {name}");
        }
    };
    check(6);
    for number in [7, 8] {
        let files = content.files.split_off(3);
        content = numbered(number);
        content.files.extend(files);
        gateway.receive(&seal(&content, ED25519));
        let told = json(&gateway.open(&["--json"]));
        assert_eq!(told["notes"].as_array().unwrap().len(), 0, "{told}");
        check(number);
        for (path, (mode, _)) in everything(&gateway.root()).iter().filter(|(path, _)| !path.is_symlink()) {
            assert_eq!(mode & 0o022, 0, "{mode:o} {}", path.display());
        }
    }
}

#[test]
fn an_earlier_release_that_stays_is_told_and_the_bundle_is_installed_and_answered_for() {
    let gateway = Gateway::new();
    let root = is_root();
    fs::set_permissions(gateway.path(""), fs::Permissions::from_mode(0o777)).unwrap();
    let program = gateway.path("gatehouse");
    fs::copy(env!("CARGO_BIN_EXE_gatehouse"), &program).unwrap();
    fs::set_permissions(gateway.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(gateway.root()).unwrap();
    if root {
        chown(gateway.path("key"), Some(SOMEBODY), None).unwrap();
        chown(gateway.root(), Some(SOMEBODY), None).unwrap();
    }
    let open = |number: u64| {
        gateway.receive(&seal(&numbered(number), ED25519));
        let mut command = Command::new(&program);
        command.args(["bundle", "open"]).arg(gateway.path("plant-3.tar.age"));
        command.arg("--key").arg(gateway.path("key")).arg("--signers").arg(gateway.path("allowed_signers"));
        command.arg("--to").arg(gateway.root()).arg("--receipt").arg(gateway.root().join("receipt"));
        command.arg("--json").env_clear().stdin(Stdio::null());
        if root {
            // Root takes away everything; another account does not.
            command.uid(SOMEBODY).gid(SOMEBODY);
        }
        command.output().unwrap()
    };
    assert_eq!((code(&open(5)), code(&open(6))), (0, 0));
    let stuck = gateway.root().join("releases/5/systemd");
    fs::set_permissions(&stuck, fs::Permissions::from_mode(0o500)).unwrap();
    for expected in ["installed", "already-installed"] {
        let output = open(7);
        assert_eq!(code(&output), 0, "{}", errors(&output));
        let told = json(&output);
        assert_eq!(told["outcome"], expected);
        let note = told["notes"][0].as_str().unwrap();
        assert!(note.contains("releases/5 could not be taken away: "), "{note}");
        let receipt = fs::read(gateway.root().join("receipt")).unwrap();
        let receipt = bundle::verify_receipt(&receipt, &ED25519.recipient()).unwrap();
        assert_eq!(receipt.bundle_sequence, 7);
    }
    assert_eq!(gateway.current("gateway.env"), "AZURE_CLIENT_SECRET=canary-7\n");
    fs::set_permissions(&stuck, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(json(&open(7))["notes"].as_array().unwrap().len(), 0);
    assert!(!gateway.root().join("releases/5").exists());
}
