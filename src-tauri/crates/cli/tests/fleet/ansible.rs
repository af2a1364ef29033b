//! Twenty gateways, one `sshd` each, a practice tenant, and the playbook that export writes.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use bundle::{Receipt, SelfTest, SigningKey, verify_receipt};
use engine::{
    fleet::{self, Fleet, FleetHost},
    outputs::InstallFolder,
};
use practice::{Options, Practice};

use crate::{
    given::{
        Gateway, Has, SEQUENCE, allowed_signers, files_below, make_key, programs, run, seal, text, write,
    },
    sshd::Sshd,
};

const HOSTS: usize = 20;

/// The first half of the hosts has `gatehouse`; each half's last one has an RSA key.
#[tokio::test(flavor = "multi_thread")]
async fn each_host_tries_and_opens_its_own_bundle_and_answers() {
    let tenant = practice::start(Options::default()).await.unwrap();
    let yard = Yard::new(tenant);
    for gateway in &yard.gateways {
        yard.seal(gateway, gateway, SEQUENCE);
    }

    let first = yard.play(&[]);
    assert_eq!(first.hosts.len(), HOSTS);
    for (name, recap) in &first.hosts {
        assert!(recap.changed > 0 && recap.lost == 0, "{name}: {recap:?}\n{}", first.said);
    }
    for gateway in &yard.gateways {
        yard.holds(gateway, SEQUENCE);
        yard.answered(gateway, SEQUENCE, &SelfTest::Ok);
    }
    for file in files_below(&yard.export()) {
        let content = fs::read(&file).unwrap();
        let secret = yard.secret().as_bytes();
        let holds = content.windows(secret.len()).any(|window| window == secret);
        assert!(!holds, "{} holds a secret", file.display());
    }

    let second = yard.play(&[]);
    assert_eq!(second.hosts.len(), HOSTS);
    for (name, recap) in &second.hosts {
        assert_eq!((recap.changed, recap.lost), (0, 0), "{name} in the second run\n{}", second.said);
    }

    yard.some_get_what_is_not_theirs();
}

/// One run of the playbook.
struct Played {
    hosts: BTreeMap<String, Recap>,
    said: String,
}

/// What one host's line of the recap says.
#[derive(Debug)]
struct Recap {
    changed: u32,
    /// Failed or unreachable.
    lost: u32,
}

struct Yard {
    root: tempfile::TempDir,
    tenant: Practice,
    gateways: Vec<Gateway>,
    _sshds: Vec<Sshd>,
}

impl Yard {
    /// Keys, servers, and everything that export writes except the bundles.
    fn new(tenant: Practice) -> Self {
        let root = tempfile::Builder::new().prefix("gatehouse-fleet-").tempdir_in("/tmp").unwrap();
        let keys = root.path().join("keys");
        fs::create_dir(&keys).unwrap();
        make_key("ed25519", &keys.join("user"));
        let kind = |number| if number % (HOSTS / 2) == 0 { "rsa" } else { "ed25519" };
        let gateways: Vec<Gateway> = (1..=HOSTS)
            .map(|number| Gateway::with_key(kind(number), &format!("plant-{number}"), &keys))
            .collect();
        let start = |(index, gateway): (usize, &Gateway)| {
            let has = if index < HOSTS / 2 { Has::Gatehouse } else { Has::StockTools };
            Sshd::start(gateway, &programs(has, root.path()), &keys.join("user.pub"), &keys)
        };
        let sshds: Vec<Sshd> = gateways.iter().enumerate().map(start).collect();
        let yard = Self { root, tenant, gateways, _sshds: sshds };
        let keyed: Vec<_> = yard
            .gateways
            .iter()
            .zip(&yard._sshds)
            .map(|(gateway, sshd)| (&gateway.name, format!("127.0.0.1:{}", sshd.port), gateway.recipient()))
            .collect();
        let hosts: Vec<FleetHost<'_>> = keyed
            .iter()
            .map(|(gateway, address, recipient)| FleetHost { gateway, address: Some(address), recipient })
            .collect();
        let installed_in = &InstallFolder::default();
        let fleet = Fleet { connection: "Contoso", practice: true, installed_in, hosts: &hosts };
        for file in fleet::ansible(&fleet).unwrap() {
            yard.put(file.name, &file.content);
        }
        yard.put("allowed_signers", allowed_signers().as_bytes());
        for gateway in &yard.gateways {
            yard.put(&format!("host_vars/{}.yml", gateway.name), yard.on_this_machine(gateway).as_bytes());
        }
        yard
    }

    /// All hosts are one machine here, so each has its own folders on it; which Python it has is not what is tested.
    fn on_this_machine(&self, gateway: &Gateway) -> String {
        format!(
            "gatehouse_folder: {}\ngatehouse_key: {}\nansible_python_interpreter: {}\n",
            self.installed_in(gateway).display(),
            gateway.key_file.display(),
            venv("python3").display()
        )
    }

    fn secret(&self) -> &str {
        &self.tenant.facts().client_secret
    }

    /// The bundle of `of` with this number and the tenant's secret, under the name of `at`.
    fn seal(&self, of: &Gateway, at: &Gateway, sequence: u64) {
        let content = of.content_for(&self.tenant, sequence, self.secret());
        self.put(&at.name.file_name(), &seal(&content, &of.recipient()));
    }

    fn export(&self) -> PathBuf {
        self.root.path().join("export of bundles")
    }

    fn put(&self, name: &str, content: &[u8]) {
        write(&self.export().join(name), content, 0o600);
    }

    fn installed_in(&self, gateway: &Gateway) -> PathBuf {
        self.root.path().join("hosts").join(gateway.name.as_str())
    }

    /// `ansible-playbook gatehouse.yml` in the export's folder, as an admin runs it.
    fn play(&self, arguments: &[&str]) -> Played {
        let at = |name: &str| self.root.path().join(name);
        let played = run(Command::new(venv("ansible-playbook"))
            .arg("gatehouse.yml")
            .args(arguments)
            .current_dir(self.export())
            .env("HOME", at("home"))
            .env("ANSIBLE_NOCOLOR", "1")
            .env("ANSIBLE_LOCAL_TEMP", at("l"))
            .env("ANSIBLE_REMOTE_TEMP", at("r"))
            .env("ANSIBLE_SSH_CONTROL_PATH_DIR", at("c"))
            .env("ANSIBLE_PRIVATE_KEY_FILE", at("keys/user"))
            .env("ANSIBLE_REMOTE_USER", user())
            .env("ANSIBLE_BECOME_USER", user())
            .env("ANSIBLE_SSH_ARGS", "-F /dev/null -o ControlMaster=auto -o ControlPersist=5s"));
        let said = text(&played);
        assert!(!said.contains("canary-of-") && !said.contains(self.secret()), "Ansible shows a secret");
        let recap = said.split("PLAY RECAP").nth(1).unwrap_or_else(|| panic!("no recap: {said}"));
        let hosts: BTreeMap<String, Recap> = recap.lines().filter_map(read_recap).collect();
        let lost: u32 = hosts.values().map(|recap| recap.lost).sum();
        assert_eq!(played.status.success(), lost == 0, "{said}");
        Played { hosts, said }
    }

    /// The host has its own bundle, and nothing of anybody else's.
    fn holds(&self, gateway: &Gateway, sequence: u64) {
        let folder = self.installed_in(gateway);
        let current = folder.join("current");
        assert_eq!(fs::read_link(&current).unwrap(), Path::new(&format!("releases/{sequence}")));
        assert_eq!(fs::read_to_string(current.join("client-secret")).unwrap(), self.secret());
        for file in files_below(&folder) {
            let content = fs::read(&file).unwrap();
            let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
            let own = self.secret().as_bytes();
            let holds = content.windows(own.len()).any(|window| window == own);
            assert!(!holds || mode == 0o600, "{} has mode {mode:o}", file.display());
        }
        for (name, expected) in [("", 0o755), ("incoming", 0o700), ("releases", 0o700), ("current", 0o700)] {
            let mode = fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, expected, "{}: {name}", gateway.name);
        }
        for manifest in bundle::open(
            &fs::read(folder.join("incoming").join(gateway.name.file_name())).unwrap(),
            &gateway.key(),
            &expectations(),
        )
        .iter()
        {
            for file in &manifest.manifest().files {
                let mode = fs::metadata(current.join(file.name.as_str())).unwrap().permissions().mode();
                assert_eq!(mode & 0o777, file.mode.bits(), "{}", file.name);
            }
        }
    }

    fn answered(&self, gateway: &Gateway, sequence: u64, self_test: &SelfTest) {
        let path = self.export().join("receipts").join(gateway.name.receipt_file_name());
        let receipt: Receipt = verify_receipt(&fs::read(path).unwrap(), &gateway.recipient()).unwrap();
        assert_eq!((&receipt.gateway, receipt.bundle_sequence), (&gateway.name, sequence));
        assert_eq!(receipt.credential_id, format!("secret \"of\" {}", gateway.name));
        assert_eq!(&receipt.self_test, self_test, "{}", gateway.name);
    }

    /// In each half one gets a newer bundle; of the others each gets a bundle that it has to refuse, or that does not
    /// work.
    fn some_get_what_is_not_theirs(&self) {
        let mut chosen = Vec::new();
        for half in self.gateways.chunks(HOSTS / 2) {
            let [newer, swapped, older, forged, dead, ..] = half else { unreachable!() };
            self.seal(newer, newer, SEQUENCE + 1);
            self.seal(older, swapped, SEQUENCE);
            self.seal(older, older, SEQUENCE - 1);
            let stranger = SigningKey::from_seed(&[8; 32]);
            let content = forged.content_for(&self.tenant, SEQUENCE + 1, self.secret());
            let made = bundle::seal(&content, &forged.recipient(), &stranger).unwrap();
            self.put(&forged.name.file_name(), &made);
            let wrong = dead.content_for(&self.tenant, SEQUENCE + 1, &dead.secret(SEQUENCE + 1));
            self.put(&dead.name.file_name(), &seal(&wrong, &dead.recipient()));
            chosen.extend(half[..5].iter().map(|gateway| gateway.name.as_str()));
        }
        let Played { hosts, said } = self.play(&["--limit", &chosen.join(",")]);
        let lost: Vec<u32> = chosen.iter().map(|name| hosts[*name].lost).collect();
        assert_eq!(lost, [0, 1, 1, 1, 1, 0, 1, 1, 1, 1], "{said}");
        for half in self.gateways.chunks(HOSTS / 2) {
            let (newer, dead) = (&half[0], &half[4]);
            self.holds(newer, SEQUENCE + 1);
            self.answered(newer, SEQUENCE + 1, &SelfTest::Ok);
            let previous = fs::read_link(self.installed_in(newer).join("previous")).unwrap();
            assert_eq!(previous, Path::new(&format!("releases/{SEQUENCE}")));
            for gateway in &half[1..5] {
                let current = fs::read_link(self.installed_in(gateway).join("current")).unwrap();
                assert_eq!(current, Path::new(&format!("releases/{SEQUENCE}")), "{}", gateway.name);
            }
            self.answered(
                dead,
                SEQUENCE + 1,
                &SelfTest::Failed { code: "held-back.AADSTS7000215".to_owned() },
            );
        }
        for sentence in [
            "Number 8 did not pass its self-test and was not installed; number 7 stays.",
            "gatehouse: Refused, and nothing was written. recipient: Sealed for plant-2",
            "gatehouse: Refused, and nothing was written. sequence: is 6, and 7 is installed already.",
            "gatehouse: Refused, and nothing was written. manifest.json.sig: was made by",
            "plant-12: The bundle is not sealed to this host's key, or was changed. Nothing was changed.",
            "plant-13: The bundle has the number 6; number 7 is installed. Nothing was changed.",
            "plant-14: The bundle is not signed by a key in allowed_signers. Nothing was changed.",
            "plant-15: The bundle did not pass its self-test (AADSTS7000215) and was not installed. Nothing was changed.",
        ] {
            assert!(said.contains(sentence), "{sentence}\n{said}");
        }
    }
}

fn expectations() -> bundle::Expectations<'static> {
    use std::sync::LazyLock;
    static SIGNERS: LazyLock<bundle::AllowedSigners> =
        LazyLock::new(|| bundle::AllowedSigners::from(crate::given::signer().verifying_key()));
    bundle::Expectations {
        signers: &SIGNERS,
        gateway: None,
        installed: None,
        now: "2026-11-21T08:00:00Z".parse().unwrap(),
    }
}

fn read_recap(line: &str) -> Option<(String, Recap)> {
    let (name, counts) = line.split_once(" : ")?;
    let count = |wanted: &str| {
        counts.split_whitespace().find_map(|part| part.strip_prefix(wanted)?.strip_prefix('=')?.parse().ok())
    };
    let lost = count("failed")? + count("unreachable")?;
    Some((name.trim().to_owned(), Recap { changed: count("changed")?, lost }))
}

/// A program of the Python packages in `tests/strangers`.
pub(crate) fn venv(program: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/strangers/.venv/bin").join(program)
}

fn user() -> String {
    let named = run(Command::new("id").arg("-un"));
    text(&named).trim().to_owned()
}
