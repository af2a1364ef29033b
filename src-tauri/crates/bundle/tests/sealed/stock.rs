//! The commands in `FORMAT.md`, run as they stand there by the programs they name.
//!
//! A test whose program is not installed says so loudly and checks nothing. Debian packages: age, openssh-client, tar,
//! coreutils.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use bundle::{SelfTest, verify_receipt};
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};

use crate::{
    archive::{Member, decrypt, members, resealed, sha256, signature},
    given::{ALL, ED25519, Pair, RSA, RSA_PEM, SECRET, X25519, content, name, open, sealed, signer},
    receipts::receipt,
};

const OPEN: usize = 0;
const LOOK: usize = 1;
const MAKE: usize = 2;
const SIGN_RECEIPT: usize = 3;
const CHECK_RECEIPT: usize = 4;

#[test]
fn stock_programs_open_what_was_sealed() {
    if missing(&["age", "tar", "ssh-keygen", "sha256sum"]) {
        return;
    }
    for pair in ALL {
        let folder = gateway(pair, &sealed(pair));
        let output = run(&folder, OPEN);
        assert!(output.status.success(), "{}: {}", pair.name, text(&output));
        assert!(text(&output).contains("Good \"gatehouse-bundle\" signature for gatehouse with ED25519 key"));
        let inside = folder.path().join("plant-3");
        assert_eq!(fs::read(inside.join("gateway.env")).unwrap(), SECRET);
        assert_eq!(fs::read(inside.join("systemd/gatehouse.conf")).unwrap(), b"[Service]\n");
        let mode = fs::metadata(inside.join("gateway.env")).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        let mut names: Vec<_> = fs::read_dir(&inside)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected =
            ["SHA256SUMS", "gateway.env", "gateway.json", "manifest.json", "manifest.json.sig", "systemd"];
        assert_eq!(names, expected);
    }
    let folder = gateway(ED25519, &sealed(ED25519));
    assert!(run(&folder, OPEN).status.success());
    let looked = text(&run_in(&folder.path().join("plant-3"), &folder, LOOK));
    for line in
        ["\"sequence\": 7,", "\"ends_at\": \"2027-05-19T00:00:00Z\",", ED25519.recipient().fingerprint()]
    {
        assert!(looked.contains(line), "{looked}");
    }
    assert_eq!(looked.matches(ED25519.recipient().fingerprint()).count(), 2, "{looked}");
}

#[test]
fn stock_programs_refuse_what_was_changed() {
    if missing(&["age", "tar", "ssh-keygen", "sha256sum"]) {
        return;
    }
    let refused = |change: fn(&mut Vec<Member>)| {
        let mut members = members();
        change(&mut members);
        let folder = gateway(ED25519, &resealed(&members));
        let output = run(&folder, OPEN);
        assert!(!output.status.success(), "{}", text(&output));
        let env = folder.path().join("plant-3/gateway.env");
        (text(&output), env.exists())
    };
    let (output, unpacked) = refused(|members| members[0].content.push(b' '));
    assert!(output.contains("Could not verify signature") && !unpacked, "{output}");
    let (output, unpacked) =
        refused(|members| members[1].content = signature(&members[0].content, "gatehouse-bundle", &[8; 32]));
    assert!(output.contains("Could not verify signature") && !unpacked, "{output}");
    let (output, unpacked) =
        refused(|members| members[1].content = signature(&members[0].content, "gatehouse-receipt", &[7; 32]));
    assert!(output.contains("Could not verify signature") && !unpacked, "{output}");
    let (_, unpacked) = refused(|members| {
        let sums = String::from_utf8(members[2].content.clone()).unwrap();
        members[3].content[0] ^= 1;
        let changed = sums.replace(&sums[..64], &sha256(&members[3].content));
        members[2].content = changed.into_bytes();
    });
    assert!(!unpacked);
    let (output, _) = refused(|members| members[3].content[0] ^= 1);
    assert!(output.contains("gateway.env: FAILED"), "{output}");
    let mut one_bit = sealed(ED25519);
    let last = one_bit.len() - 1;
    one_bit[last] ^= 1;
    assert!(!run(&gateway(ED25519, &one_bit), OPEN).status.success());

    let mut extra = members();
    extra.push(Member::new("zzz", b"not signed"));
    let folder = gateway(ED25519, &resealed(&extra));
    assert!(run(&folder, OPEN).status.success());
    assert!(!folder.path().join("plant-3/zzz").exists(), "a file that was not signed is unpacked");
}

#[test]
fn what_stock_programs_sealed_is_opened() {
    if missing(&["age", "tar", "ssh-keygen"]) {
        return;
    }
    for pair in ALL {
        let folder = gateway(pair, b"");
        let inside = folder.path().join("plant-3");
        let signing = PrivateKey::from(Ed25519Keypair::from_seed(&[7; 32]));
        write(&folder.path().join("signing_key"), signing.to_openssh(LineEnding::LF).unwrap().as_bytes());
        fs::remove_file(folder.path().join("plant-3.tar.age")).unwrap();
        let plain = {
            let mut members = members();
            let manifest = String::from_utf8(members[0].content.clone()).unwrap();
            let (old, new) = (ED25519.recipient(), pair.recipient());
            members[0].content = manifest.replace(old.fingerprint(), new.fingerprint()).into_bytes();
            members
        };
        for member in plain.iter().filter(|member| member.name != b"manifest.json.sig") {
            let path = inside.join(String::from_utf8(member.name.clone()).unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            write(&path, &member.content);
        }
        let output = run_in(&inside, &folder, MAKE);
        assert!(output.status.success(), "{}: {}", pair.name, text(&output));
        let made = fs::read(folder.path().join("plant-3.tar.age")).unwrap();
        let opened = open(&made, &pair.key()).unwrap();
        assert_eq!((opened.manifest().sequence, opened.files().len()), (7, 3));
        if pair.name == ED25519.name {
            let tar = fs::read(folder.path().join("bundle.tar")).unwrap();
            assert!(tar == decrypt(&sealed(ED25519), ED25519), "GNU tar and ssh-keygen write other bytes");
        }
    }
}

#[test]
fn ssh_keygen_checks_receipts_and_makes_them() {
    if missing(&["ssh-keygen", "head", "tail"]) {
        return;
    }
    for pair in [ED25519, RSA, RSA_PEM] {
        let folder = gateway(pair, b"");
        let line = pair.recipient().receipt_signer_line(&name("plant-3")).unwrap();
        write(&folder.path().join("gateways"), format!("{line}\n").as_bytes());
        let receipt = bundle::Receipt { self_test: SelfTest::Ok, ..receipt(pair) };
        let signed = receipt.sign(&pair.key()).unwrap();
        let path = folder.path().join("plant-3.gatehouse.receipt");
        write(&path, &signed);
        let output = run(&folder, CHECK_RECEIPT);
        assert!(output.status.success(), "{}: {}", pair.name, text(&output));
        assert!(text(&output).contains("Good \"gatehouse-receipt\" signature for plant-3 with"));

        fs::remove_file(&path).unwrap();
        fs::remove_file(folder.path().join("receipt.json.sig")).unwrap();
        let output = run(&folder, SIGN_RECEIPT);
        assert!(output.status.success(), "{}: {}", pair.name, text(&output));
        let made = fs::read(&path).unwrap();
        assert_eq!(verify_receipt(&made, &pair.recipient()).unwrap(), receipt);
        assert!(made == signed, "ssh-keygen writes other bytes");

        write(&path, String::from_utf8(signed).unwrap().replace("\":7,", "\":8,").as_bytes());
        assert!(!run(&folder, CHECK_RECEIPT).status.success());
    }
    assert_eq!(X25519.recipient().receipt_signer_line(&name("plant-3")), None);
}

#[test]
fn fingerprints_are_those_of_ssh_keygen() {
    if missing(&["ssh-keygen"]) {
        return;
    }
    let key = ED25519.public.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let hosts = format!(
        "{key}\n{}{}{}plant-3,10.0.0.3 {key}\n[10.0.0.4]:2222 {key} two  words\n\
         |1|e+EJSSt8rfpKJdWeR9a3ml00SWI=|yadY5f08RK7lClAPfV1BMW9wDXU= {key}\n",
        ED25519.public, RSA.public, RSA_PEM.public
    );
    let folder = Folder::new();
    let path = folder.path().join("known_hosts");
    write(&path, hosts.as_bytes());
    let output = Command::new("ssh-keygen").arg("-lf").arg(&path).output().unwrap();
    let ours = bundle::KeyLines::read(&hosts);
    let ours: Vec<String> = ours.found.iter().map(|found| found.recipient.fingerprint_line()).collect();
    let theirs = String::from_utf8(output.stdout).unwrap();
    assert_eq!(ours, theirs.lines().collect::<Vec<_>>());
    assert_eq!(ours.len(), 7);
}

/// The manifest that `FORMAT.md` shows is the one of this test's bundle, with one file instead of three.
#[test]
fn the_page_shows_a_real_manifest() {
    let opened = open(&sealed(ED25519), &ED25519.key()).unwrap();
    let page = include_str!("../../FORMAT.md");
    for line in
        std::str::from_utf8(opened.manifest_json()).unwrap().lines().take_while(|line| *line != "    },")
    {
        let shown = line.replace("key 7c9e", "7c9e").replace("\"practice\": true", "\"practice\": false");
        assert!(page.contains(&format!("\n{shown}\n")), "{shown}");
    }
    assert_eq!(content().files.len(), 3);
    let line = signer().verifying_key().allowed_signers_line();
    assert!(page.contains(line.split_once(" AAAA").unwrap().0));
}

/// Whether a program is not there; then the test has nothing to say, and says that.
fn missing(programs: &[&str]) -> bool {
    let absent: Vec<&&str> = programs
        .iter()
        .filter(|program| {
            let found =
                Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            found.is_err()
        })
        .collect();
    if !absent.is_empty() {
        let _ = writeln!(
            std::io::stderr(),
            "\n*** NOT CHECKED: {absent:?} not installed. Install the packages age and openssh-client. ***\n"
        );
    }
    !absent.is_empty()
}

/// A folder of its own below the build's, removed when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("sealed-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A folder as a gateway's administrator has it: the bundle, the list of signers, and the host key.
fn gateway(pair: Pair, sealed: &[u8]) -> Folder {
    let folder = Folder::new();
    let put = |name: &str, bytes: &[u8]| write(&folder.path().join(name), bytes);
    put("host_key", pair.private.as_bytes());
    put("host_key.pub", pair.public.as_bytes());
    put("plant-3.pub", pair.public.as_bytes());
    put("plant-3.tar.age", sealed);
    put("allowed_signers", format!("{}\n", signer().verifying_key().allowed_signers_line()).as_bytes());
    folder
}

fn write(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn run(folder: &Folder, block: usize) -> Output {
    run_in(folder.path(), folder, block)
}

/// Runs one of the page's blocks of commands with this folder's host key.
fn run_in(at: &Path, folder: &Folder, block: usize) -> Output {
    let page = include_str!("../../FORMAT.md").replace("\r\n", "\n");
    let blocks: Vec<&str> =
        page.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 5, "blocks of commands");
    let key = folder.path().join("host_key");
    let script = blocks[block].replace("/etc/ssh/ssh_host_ed25519_key", key.to_str().unwrap());
    Command::new("sh").arg("-c").arg(script).current_dir(at).stdin(Stdio::null()).output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
