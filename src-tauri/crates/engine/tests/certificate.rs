//! Certificates of step 3: made, imported, kept, had again after a restart, and accepted by the practice tenant.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use engine::{
    CertificateImport, CertificateOrder, CheckRequest, ClientCertificate, CredentialTry, CurrentCredential,
    Endpoints, FaultCode, Gatehouse, Keep, KeepKey, KeySize, NewConnection, Registration, SecretEntry, Setup,
    clock::SystemClock,
    connection::{Connection, Kept},
    diagnosis::{Link, LinkState, Unwatched},
    export::{Existing, SecretInEnv, WriteRequest},
    vault::{Vault, VaultFault, VaultState},
};
use practice::{Knobs, Options, Practice};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tempfile::TempDir;

/// A keychain that outlives the engines that use it.
#[derive(Clone, Default)]
struct Lasting(Arc<Mutex<BTreeMap<String, String>>>);

impl Vault for Lasting {
    fn state(&self) -> VaultState {
        VaultState { name: "lasting", unusable: None }
    }

    fn put(&self, name: &str, secret: &SecretString) -> Result<(), VaultFault> {
        self.0.lock().unwrap().insert(name.to_owned(), secret.expose_secret().to_owned());
        Ok(())
    }

    fn get(&self, name: &str) -> Result<Option<SecretString>, VaultFault> {
        Ok(self.0.lock().unwrap().get(name).cloned().map(SecretString::from))
    }

    fn remove(&self, name: &str) -> Result<(), VaultFault> {
        self.0.lock().unwrap().remove(name);
        Ok(())
    }
}

impl Lasting {
    fn names(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }
}

struct Bench {
    home: TempDir,
    keychain: Lasting,
    id: String,
}

impl Bench {
    /// A connection that leads nowhere.
    fn alone() -> Self {
        Self::leading_to(Endpoints::custom("https://localhost:1", "https://localhost:2").unwrap(), None)
    }

    fn of(practice: &Practice) -> Self {
        let facts = practice.facts();
        let endpoints = Endpoints::custom(&facts.authority, &facts.graph).unwrap();
        let bench = Self::leading_to(endpoints, Some(practice.ca_pem()));
        let name = "Contoso print".to_owned();
        let (tenant, client_id) = (facts.domain.clone(), facts.client_id.clone());
        bench.engine().save_registration(&bench.id, &Registration { tenant, client_id, name }).unwrap();
        bench
    }

    fn leading_to(endpoints: Endpoints, ca: Option<&str>) -> Self {
        let mut bench =
            Self { home: tempfile::tempdir().unwrap(), keychain: Lasting::default(), id: String::new() };
        let ca_file = ca.map(|pem| {
            let path = bench.path("ca.pem");
            fs::File::create(&path).unwrap().write_all(pem.as_bytes()).unwrap();
            path.to_string_lossy().into_owned()
        });
        let new = NewConnection { name: "Contoso print".to_owned(), endpoints, practice: true, ca_file };
        bench.id = bench.engine().create(new).unwrap().id;
        bench
    }

    /// A program of its own over the same data and the same keychain.
    fn engine(&self) -> Gatehouse {
        let (home, keychain) = (self.path("data"), Arc::new(self.keychain.clone()));
        Gatehouse::new(Setup { home, keychain, clock: Arc::new(SystemClock), user_agent: "test".to_owned() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn make(&self, keep: KeepKey) -> Connection {
        let order = CertificateOrder { days: 365, key_size: KeySize::Rsa2048, keep };
        self.engine().make_certificate(&self.id, &order).unwrap()
    }

    /// The certificate and its key, as another program gets them.
    fn pem(&self) -> String {
        match self.engine().current_credential(&self.id).unwrap() {
            CurrentCredential::CertificatePem(pem) => pem.expose_secret().to_owned(),
            CurrentCredential::Secret(_) => panic!("a secret"),
        }
    }

    async fn credential_link(&self) -> LinkState {
        let engine = self.engine();
        let request = CheckRequest { through: Link::Credential, ..CheckRequest::default() };
        engine.check(&self.id, request, &Unwatched).await.unwrap();
        engine.report(&self.id).unwrap().chain.link(Link::Credential).state
    }
}

fn thumbprint(connection: &Connection) -> String {
    connection.credential.as_ref().unwrap().certificate().unwrap().thumbprint.clone()
}

#[test]
fn a_made_certificate_is_kept_in_the_keychain_and_outlives_the_program() {
    let bench = Bench::alone();
    let engine = bench.engine();
    let order = CertificateOrder { days: 365, key_size: KeySize::default(), keep: KeepKey::Keychain };
    let began = engine.now();
    let connection = engine.make_certificate(&bench.id, &order).unwrap();
    let credential = connection.credential.as_ref().unwrap();
    let look = credential.certificate().unwrap();
    assert_eq!((credential.kept, look.subject.as_str()), (Kept::Keychain, "CN=gatehouse-contoso-print"));
    assert_eq!(look.held.as_ref().unwrap().key_bits, 3072);
    assert_eq!(look.ends.duration_since(look.starts).as_hours(), 365 * 24);
    let back = began.duration_since(look.starts).as_secs();
    assert!((240..=300).contains(&back), "its validity begins {back} s before it was made");
    assert_eq!(bench.keychain.names(), ["contoso-print.key"]);

    let pem = bench.pem();
    let read = ClientCertificate::from_pem(pem.as_bytes(), None).unwrap();
    assert_eq!(read.sha1_thumbprint(), look.thumbprint);
    // What is saved of the connection holds the public half alone.
    let key = pem.split("-----BEGIN PRIVATE KEY-----\n").nth(1).unwrap();
    let saved = fs::read_to_string(bench.path("data/connections.json")).unwrap();
    // The first lines hold the modulus, which is in the certificate as well.
    let lines: Vec<&str> = key.lines().filter(|line| line.len() == 64).skip(12).collect();
    assert!(lines.len() > 20 && lines.iter().all(|line| !saved.contains(&line[8..56])));

    bench.engine().remove(&bench.id).unwrap();
    assert!(bench.keychain.names().is_empty(), "a removed connection leaves no key");
}

#[test]
fn days_outside_the_range_make_nothing() {
    let bench = Bench::alone();
    for days in [0, 731] {
        let order = CertificateOrder { days, key_size: KeySize::Rsa2048, keep: KeepKey::Keychain };
        let fault = bench.engine().make_certificate(&bench.id, &order).unwrap_err();
        assert_eq!((fault.code, fault.field), (FaultCode::InvalidInput, Some("days")));
    }
    assert!(bench.keychain.names().is_empty());
}

#[test]
fn one_credential_at_a_time_is_kept() {
    let bench = Bench::alone();
    let secret = || SecretEntry { secret: "s".into(), ends_on: None, keep: Keep::Keychain };
    bench.engine().save_secret(&bench.id, &secret()).unwrap();
    assert_eq!(bench.keychain.names(), ["contoso-print"]);
    let first = thumbprint(&bench.make(KeepKey::Keychain));
    assert_eq!(bench.keychain.names(), ["contoso-print.key"], "the secret is gone");
    assert_ne!(thumbprint(&bench.make(KeepKey::Keychain)), first);
    bench.make(KeepKey::Session);
    assert!(bench.keychain.names().is_empty(), "and so is the key that was replaced");
    let gone = bench.engine().current_credential(&bench.id).err().unwrap();
    assert_eq!(gone.code, FaultCode::NotReady, "a session’s key does not outlive it");
    bench.make(KeepKey::Keychain);
    bench.engine().save_secret(&bench.id, &secret()).unwrap();
    assert_eq!(bench.keychain.names(), ["contoso-print"]);
    assert!(matches!(bench.engine().current_credential(&bench.id).unwrap(), CurrentCredential::Secret(_)));
}

#[cfg(unix)]
#[test]
fn a_key_file_is_the_admins_and_is_looked_at_each_time() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::alone();
    let path = bench.path("gateway-key.pem");
    let first = bench.make(KeepKey::File(path.clone()));
    assert!(bench.keychain.names().is_empty());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&path).unwrap(), bench.pem());

    let order = CertificateOrder { days: 1, key_size: KeySize::Rsa2048, keep: KeepKey::File(path.clone()) };
    let taken = bench.engine().make_certificate(&bench.id, &order).unwrap_err();
    assert_eq!(taken.field, Some("keyFile"));
    assert_eq!(thumbprint(&bench.engine().connection(&bench.id).unwrap()), thumbprint(&first));

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(bench.engine().current_credential(&bench.id).err().unwrap().what.contains("Others than"));
    fs::rename(&path, bench.path("old.pem")).unwrap();
    assert!(bench.engine().current_credential(&bench.id).is_err());
    let other = Bench::alone();
    other.make(KeepKey::File(path.clone()));
    let swapped = bench.engine().current_credential(&bench.id).err().unwrap();
    assert!(swapped.what.contains("another certificate"), "{swapped}");
    bench.engine().remove(&bench.id).unwrap();
    assert!(path.exists(), "the file is the admin’s");
}

#[test]
fn an_import_is_kept_like_one_that_was_made() {
    let source = Bench::alone();
    source.make(KeepKey::Keychain);
    let pem = source.pem();
    let bench = Bench::alone();
    let import = |content: &[u8], password: Option<&str>| {
        let content = SecretSlice::from(content.to_vec());
        let password = password.map(SecretString::from);
        let import = CertificateImport { content, password, keep: KeepKey::Keychain };
        bench.engine().import_certificate(&bench.id, &import)
    };
    assert_eq!(
        thumbprint(&import(pem.as_bytes(), None).unwrap()),
        thumbprint(&source.engine().connection(&source.id).unwrap())
    );
    assert_eq!(bench.pem(), pem);
    let public = pem.split("-----BEGIN PRIVATE KEY-----").next().unwrap();
    let refused = import(public.as_bytes(), None).unwrap_err();
    assert_eq!(
        (refused.field, refused.what.as_str()),
        (Some("certificate"), "The file holds no private key.")
    );
    assert!(refused.fix.starts_with("A .cer or .crt file is only the public half"), "{}", refused.fix);
    let sealed = include_bytes!("../../entra/src/tests/credentials/aes.pfx");
    assert_eq!(import(sealed, None).unwrap_err().field, Some("password"));
    assert_eq!(import(sealed, Some("wrong")).unwrap_err().field, Some("password"));
    assert_eq!(bench.pem(), pem, "what cannot be used replaces nothing");
}

#[test]
fn the_public_part_is_the_certificate_in_der_and_nothing_else() {
    let bench = Bench::alone();
    let path = bench.path("gatehouse.cer");
    assert_eq!(bench.engine().save_public_part(&bench.id, &path).unwrap_err().code, FaultCode::NotReady);
    bench.make(KeepKey::Session);
    // The public part needs no key, so another program can save it as well.
    bench.engine().save_public_part(&bench.id, &path).unwrap();
    let der = fs::read(&path).unwrap();
    assert_eq!(der[0], 0x30);
    let practice_reads = || async {
        let practice = practice::start(Options::default()).await.unwrap();
        upload(&practice, &path).await
    };
    let answer = tokio::runtime::Runtime::new().unwrap().block_on(practice_reads());
    assert!(answer.contains(&thumbprint(&bench.engine().connection(&bench.id).unwrap())), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_closes_when_the_certificate_was_uploaded() {
    let requested = ["User.Read.All", "GroupMember.Read.All", "Application.Read.All"].map(str::to_owned);
    let practice =
        practice::start(Options { requested: requested.to_vec(), ..Options::default() }).await.unwrap();
    let bench = Bench::of(&practice);
    bench.make(KeepKey::Keychain);
    assert_eq!(bench.credential_link().await, LinkState::Broken);
    let chain = bench.engine().report(&bench.id).unwrap().chain;
    assert!(chain.findings.iter().any(|finding| finding.id == "certificate-unknown"));

    let tried = async || bench.engine().try_credential(&bench.id).await.unwrap();
    assert_eq!(tried().await, CredentialTry::NotYet);
    let cer = bench.path("gatehouse.cer");
    bench.engine().save_public_part(&bench.id, &cer).unwrap();
    upload(&practice, &cer).await;
    assert_eq!(tried().await, CredentialTry::Accepted);
    let play = |scenario: &str| {
        let scenario = Some(scenario.parse().unwrap());
        practice.set(&Knobs { scenario, ..Knobs::default() }).unwrap();
    };
    play("certificate-expired");
    let finding = "certificate-expired".to_owned();
    assert_eq!(tried().await, CredentialTry::Refused { finding });
    play("port-blocked");
    practice.settled().await;
    assert_eq!(tried().await, CredentialTry::Unreached);
    assert_eq!(
        bench.engine().report(&bench.id).unwrap().chain.link(Link::Credential).state,
        LinkState::Broken
    );
    play("healthy");
    practice.settled().await;
    assert_eq!(bench.credential_link().await, LinkState::Proven);

    bench.engine().check(&bench.id, CheckRequest::default(), &Unwatched).await.unwrap();
    let connection = bench.engine().connection(&bench.id).unwrap();
    let registered =
        |connection: &Connection| connection.credential.as_ref().unwrap().is_registered(&connection.evidence);
    assert_eq!(registered(&connection), Some(true), "and Graph lists it");
    let folder = bench.path("gateway");
    let request = |secret| WriteRequest { folder: folder.clone(), secret, existing: Existing::Replace };
    bench.engine().write_config(&bench.id, &request(SecretInEnv::LeaveOut)).unwrap();
    assert!(!folder.join("client-certificate.pem").exists());
    bench.engine().write_config(&bench.id, &request(SecretInEnv::Include)).unwrap();
    assert_eq!(fs::read_to_string(folder.join("client-certificate.pem")).unwrap(), bench.pem());
    let config = fs::read_to_string(folder.join("gateway.json")).unwrap();
    assert!(config.contains("file:client-certificate.pem") && !config.contains("PRIVATE KEY"));
}

/// What **Upload certificate** does.
async fn upload(practice: &Practice, cer: &Path) -> String {
    practice.upload_certificate(&fs::read(cer).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_near_end_does_not_stand_for_the_reason_of_a_refusal() {
    let practice = practice::start(Options::default()).await.unwrap();
    let bench = Bench::of(&practice);
    let order = CertificateOrder { days: 20, key_size: KeySize::Rsa2048, keep: KeepKey::Keychain };
    bench.engine().make_certificate(&bench.id, &order).unwrap();
    assert_eq!(bench.engine().try_credential(&bench.id).await.unwrap(), CredentialTry::NotYet);
}
