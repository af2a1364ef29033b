//! The script that opens a bundle on a host, against everything that it has to refuse.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use bundle::{BundleContent, SigningKey};
use engine::{
    fleet::{self, Fleet},
    outputs::InstallFolder,
};

use crate::given::{Gateway, SEQUENCE, allowed_signers, files_below, run, seal, text, write};

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

/// One host with nothing on it but the script.
struct Host {
    root: tempfile::TempDir,
    gateway: Gateway,
}

impl Host {
    fn new() -> Self {
        let root = tempfile::Builder::new().prefix("gatehouse-host-").tempdir().unwrap();
        let gateway = Gateway::new("plant-1", root.path());
        let fleet = Fleet {
            connection: "Contoso",
            practice: false,
            installed_in: &InstallFolder::default(),
            hosts: &[],
        };
        let files = fleet::ansible(&fleet).unwrap();
        let script = files.iter().find(|file| file.name == "open-bundle.sh").unwrap();
        write(&root.path().join("open-bundle.sh"), &script.content, 0o700);
        let host = Self { root, gateway };
        write(&host.folder().join("incoming/allowed_signers"), allowed_signers(), 0o600);
        host
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("etc gatehouse")
    }

    /// The last line of the script; when it fails, all that it said.
    fn open(&self, sealed: &[u8]) -> Result<String, String> {
        write(&self.folder().join("incoming").join(self.gateway.name.file_name()), sealed, 0o600);
        let opened = run(Command::new("sh")
            .arg(self.root.path().join("open-bundle.sh"))
            .arg(self.gateway.name.as_str())
            .arg(&self.gateway.key_file)
            .arg(self.folder())
            .arg("real"));
        let said = text(&opened);
        assert!(!said.contains("canary-of-"), "{said}");
        if opened.status.success() { Ok(said.lines().last().unwrap().to_owned()) } else { Err(said) }
    }

    /// Somebody opens a bundle that was sealed to `from`, and seals it to this host.
    fn resealed(&self, sealed: &[u8], from: &Gateway) -> Vec<u8> {
        let (input, output) = (self.root.path().join("input.age"), self.root.path().join("output.age"));
        write(&input, sealed, 0o600);
        let pipe = "age -d -i \"$1\" \"$2\" | age -R \"$3\" -o \"$4\"";
        let made = Command::new("sh")
            .args(["-eu", "-c", pipe, "sh"])
            .args([&from.key_file, &input, &self.gateway.key_file.with_extension("host_key.pub"), &output])
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success());
        fs::read(output).unwrap()
    }

    /// All files of the host with their content, except the sealed one and the lock.
    fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files_below(&self.folder())
            .into_iter()
            .filter(|path| !path.ends_with(self.gateway.name.file_name()) && !path.ends_with(".lock"))
            .map(|path| (path.clone(), fs::read(&path).unwrap()))
            .collect()
    }
}
