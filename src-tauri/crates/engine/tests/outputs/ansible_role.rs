//! The role in a bundle, run by `ansible-playbook` on hosts that `gatehouse bundle open` knows too.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use bundle::{
    AllowedSigners, BundleContent, ConnectionIds, GatewayConfig, GatewayKey, GatewayName, SigningKey,
};
use engine::{
    clock::SystemClock,
    on_gateway::{
        self, OpenRequest, PracticeBundles, SealedFile, Standing, Stopped, TestPlan, Trust, roll_back,
    },
    outputs::{self, InstallFolder, Output, OutputCredential, OutputSource},
};
use secrecy::SecretString;

use crate::given::{HOSTILE, config, run, text, venv};

#[tokio::test]
async fn the_role_installs_the_files_once() {
    let yard = Yard::new();
    let first = yard.play(&yard.opened(3).await).unwrap();
    assert!(first.contains("failed=0") && !first.contains("changed=0"), "{first}");
    assert!(!first.contains("lookup("), "Ansible shows the secret");
    assert_eq!(yard.secret("current"), Yard::secret_of(3));
    for (name, mode) in [
        ("", 0o755),
        ("releases", 0o700),
        ("current", 0o700),
        ("current/client-secret", 0o600),
        ("current/gateway.env", 0o600),
        ("current/gateway.json", 0o640),
        ("current/systemd", 0o700),
        ("current/systemd/gatehouse-gateway.conf", 0o644),
        ("current/systemd/encrypt-credential.sh", 0o700),
    ] {
        assert_eq!(yard.mode(name), mode, "{name}");
    }
    let second = yard.play(&yard.opened(3).await).unwrap();
    assert!(second.contains("changed=0") && second.contains("failed=0"), "{second}");
    fs::write(yard.host().join("current/client-secret"), "altered").unwrap();
    yard.play(&yard.opened(3).await).unwrap();
    assert_eq!(yard.secret("current"), Yard::secret_of(3), "the same bundle again mends what was altered");

    yard.play(&yard.opened(4).await).unwrap();
    assert_eq!((yard.secret("current"), yard.secret("previous")), (Yard::secret_of(4), Yard::secret_of(3)));
}

#[tokio::test]
async fn the_role_and_the_program_go_on_from_each_other() {
    let yard = Yard::new();
    yard.play(&yard.opened(3).await).unwrap();
    let again = yard.open(3, &yard.host()).await.unwrap();
    assert_eq!(again, Standing::AlreadyThere, "the role left what the program leaves");
    assert!(
        matches!(yard.open(1, &yard.host()).await, Err(Stopped::Refused(refusal)) if refusal.code == "replayed")
    );
    on_gateway::receipt(&yard.host(), &key(), "2026-11-21T08:00:00Z".parse().unwrap()).unwrap();

    assert_eq!(yard.open(4, &yard.host()).await.unwrap(), Standing::Installed);
    let older = yard.play(&yard.opened(3).await).unwrap_err();
    assert!(older.contains("The bundle has the number 3; number 4 is installed."), "{older}");
    assert_eq!(yard.secret("current"), Yard::secret_of(4));
    yard.play(&yard.opened(5).await).unwrap();
    let back = roll_back(&yard.host(), "2026-11-21T08:00:00Z".parse().unwrap()).unwrap();
    assert_eq!((back.manifest.sequence, yard.secret("current")), (4, Yard::secret_of(4)));
}

#[tokio::test]
async fn the_role_takes_a_folder_that_nobody_can_read_for_no_empty_one() {
    let cases: [fn(&Path); 5] = [
        |host| fs::create_dir(host.join("current")).unwrap(),
        |host| symlink("releases/9", host.join("current")).unwrap(),
        |host| symlink("/etc", host.join("current")).unwrap(),
        |host| symlink("releases/9", host.join("previous")).unwrap(),
        |host| {
            fs::create_dir_all(host.join("releases/9")).unwrap();
            fs::write(host.join("releases/9/client-secret"), "no manifest").unwrap();
            symlink("releases/9", host.join("current")).unwrap();
        },
    ];
    for case in cases {
        let yard = Yard::new();
        fs::create_dir(yard.host()).unwrap();
        case(&yard.host());
        let said = yard.play(&yard.opened(3).await).unwrap_err();
        assert!(said.contains("Which bundle is installed cannot be told: look at"), "{said}");
        assert!(!yard.host().join("releases/3").exists());
    }
}

#[tokio::test]
async fn whoever_may_read_releases_may_read_what_the_role_installs() {
    let yard = Yard::new();
    fs::create_dir_all(yard.host().join("releases")).unwrap();
    fs::set_permissions(yard.host().join("releases"), fs::Permissions::from_mode(0o750)).unwrap();
    let group = fs::metadata(yard.host().join("releases")).unwrap().gid();
    yard.play(&yard.opened(3).await).unwrap();
    for (name, mode) in [
        ("current", 0o750),
        ("current/systemd", 0o750),
        ("current/client-secret", 0o640),
        ("current/systemd/encrypt-credential.sh", 0o750),
        ("current/gateway.schema.json", 0o644),
        ("current/manifest.json", 0o600),
    ] {
        assert_eq!(yard.mode(name), mode, "{name}");
        assert_eq!(fs::metadata(yard.host().join(name)).unwrap().gid(), group, "{name}");
    }
}

fn key() -> GatewayKey {
    GatewayKey::from_text(&include_str!("../../../bundle/tests/sealed/keys/ed25519").into()).unwrap()
}

/// The computer that runs Ansible, with opened bundles, and one host.
struct Yard(tempfile::TempDir);

impl Yard {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix("gatehouse-role-").tempdir().unwrap())
    }

    fn host(&self) -> PathBuf {
        self.0.path().join("host")
    }

    /// A secret that somebody's quoting would break, and that no other number has.
    fn secret_of(sequence: u64) -> String {
        format!("{} {sequence}", HOSTILE[3])
    }

    fn secret(&self, pointer: &str) -> String {
        fs::read_to_string(self.host().join(pointer).join("client-secret")).unwrap()
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.host().join(name)).unwrap().permissions().mode() & 0o7777
    }

    /// A bundle with this number, opened on the computer that runs Ansible.
    async fn opened(&self, sequence: u64) -> PathBuf {
        let into = self.0.path().join(format!("opened-{sequence}"));
        self.open(sequence, &into).await.unwrap();
        into.join("current")
    }

    async fn open(&self, sequence: u64, into: &Path) -> Result<Standing, Stopped> {
        let (config, secret) =
            (GatewayConfig { sequence, ..config() }, SecretString::from(Self::secret_of(sequence)));
        let source = OutputSource {
            gateway: "plant-3",
            config: &config,
            credential: OutputCredential::Secret(&secret),
            ca_pem: None,
            installed_in: &InstallFolder::default(),
        };
        let content = BundleContent {
            gateway: GatewayName::new("plant-3").unwrap(),
            practice: config.practice,
            connection: ConnectionIds {
                name: "{{ lookup('env','HOME') }}".to_owned(),
                tenant_id: config.tenant_id,
                client_id: config.client_id,
            },
            credential_id: "key".to_owned(),
            sequence,
            created_at: "2026-11-20T14:34:00Z".parse().unwrap(),
            ends_at: "9000-01-01T00:00:00Z".parse().unwrap(),
            files: outputs::files(&source, &[Output::Systemd, Output::AnsibleRole]).unwrap(),
        };
        let signer = SigningKey::from_seed(&[7; 32]);
        let signers = AllowedSigners::from(signer.verifying_key());
        let key = key();
        let bytes = bundle::seal(&content, key.recipient(), &signer).unwrap();
        let sealed = SealedFile { path: self.0.path().join("plant-3.tar.age"), bytes };
        let trust = Trust { signers: &signers, gateway: None, practice: PracticeBundles::Take };
        let request = OpenRequest { sealed: &sealed, key: &key, trust, into, test: TestPlan::Skip };
        on_gateway::open(&request, &SystemClock).await.map(|installation| installation.standing)
    }

    /// What the playbook says; an error when it fails.
    fn play(&self, opened: &Path) -> Result<String, String> {
        let playbook = self.0.path().join("site.yml");
        let play = format!(
            "- hosts: localhost\n  connection: local\n  gather_facts: false\n  roles:\n    - role: {}\n      vars:\n        \
             gatehouse_folder: {}\n        ansible_python_interpreter: {}\n",
            opened.join("ansible/gatehouse_gateway").display(),
            self.host().display(),
            venv("python3").display()
        );
        fs::write(&playbook, play).unwrap();
        let played = run(Command::new(venv("ansible-playbook"))
            .args(["-i", "localhost,"])
            .arg(&playbook)
            .env("HOME", self.0.path())
            .env("ANSIBLE_NOCOLOR", "1")
            .env("ANSIBLE_LOCAL_TEMP", self.0.path().join("l"))
            .env("ANSIBLE_REMOTE_TEMP", self.0.path().join("r")));
        let said = text(&played);
        if played.status.success() { Ok(said) } else { Err(said) }
    }
}
