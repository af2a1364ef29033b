//! Gateways against the practice tenant: sealed for each one's key, opened, answered, told apart.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "../bench/mod.rs"]
mod bench;
mod listed;
mod made_anew;
mod many;
mod proof;
mod receipts;
mod sealing;
mod signing;
mod strangers_files;
mod told_apart;

use std::{
    fs,
    path::{Path, PathBuf},
};

use bench::Bench;
use bundle::{AllowedSigners, Expectations, GatewayKey, GatewayName, OpenedBundle, Receipt, SelfTest};
use engine::{
    Endpoints, Fault, Gatehouse, NewConnection,
    clock::SystemClock,
    export::Existing,
    gateways::{
        FleetFiles, GatewayStanding, KeyRequest, KeysOutcome, NewGateways, SealFor, SealRequest, SealWatcher,
        Sealed, SigningKeyFrom, Unproven,
    },
};
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};

struct Quiet;

impl SealWatcher for Quiet {
    fn sealed(&self, _: usize, _: usize) {}
}

/// What these tests do with the connection's gateways.
trait Gateways {
    fn add(&self, count: usize);
    fn request(&self) -> SealRequest;
    fn folder(&self) -> PathBuf;
    fn seal(&self, request: &SealRequest) -> Result<Sealed, Fault>;
    fn standing(&self, name: &str) -> GatewayStanding;
}

impl Gateways for Bench {
    /// Makes gateways `plant-0` and on, each with a key of its own.
    fn add(&self, count: usize) {
        let lines =
            (0..count).map(|number| format!("plant-{number} {}\n", key(number).recipient().to_line()));
        let outcome = self.engine.give_keys(&self.id, &keys(&lines.collect::<String>())).unwrap();
        assert!(matches!(outcome, KeysOutcome::Applied(applied) if applied.made.len() == count));
    }

    fn request(&self) -> SealRequest {
        SealRequest {
            gateways: SealFor::All,
            folder: self.folder(),
            existing: Existing::Keep,
            ends_at: None,
            signing_key: SigningKeyFrom::Keychain,
            unproven: Unproven::Refuse,
            fleet: FleetFiles::None,
        }
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("bundles")
    }

    fn seal(&self, request: &SealRequest) -> Result<Sealed, Fault> {
        self.engine.seal(&self.id, request, &Quiet)
    }

    fn standing(&self, name: &str) -> GatewayStanding {
        let (connection, gateway) = self.engine.gateway(&self.id, name).unwrap();
        gateway.standing(&connection)
    }
}

fn key(number: usize) -> GatewayKey {
    GatewayKey::from_text(&ssh_private_key(number).into()).unwrap()
}

fn ssh_private_key(number: usize) -> String {
    let mut seed = [7; 32];
    seed[..8].copy_from_slice(&(number as u64).to_le_bytes());
    PrivateKey::from(Ed25519Keypair::from_seed(&seed)).to_openssh(LineEnding::LF).unwrap().to_string()
}

fn keys(text: &str) -> KeyRequest {
    KeyRequest { text: text.to_owned(), gateway: None, new: NewGateways::Make, confirmed: Vec::new() }
}

fn open(folder: &Path, number: usize) -> OpenedBundle {
    let name = GatewayName::new(format!("plant-{number}")).unwrap();
    let signers =
        AllowedSigners::from_text(&fs::read_to_string(folder.join("allowed_signers")).unwrap()).unwrap();
    let now = engine::clock::Clock::now(&SystemClock);
    let expected = Expectations { signers: &signers, gateway: Some(&name), installed: None, now };
    bundle::open(&fs::read(folder.join(name.file_name())).unwrap(), &key(number), &expected).unwrap()
}

fn receipt(opened: &OpenedBundle, number: usize, self_test: SelfTest) -> Vec<u8> {
    Receipt::of(opened, engine_now(), self_test).sign(&key(number)).unwrap()
}

fn engine_now() -> jiff::Timestamp {
    engine::clock::Clock::now(&SystemClock)
}

fn names_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn real_connection(engine: &Gatehouse) -> String {
    let endpoints = Endpoints::of(engine::Cloud::Global);
    let new = NewConnection { name: "Contoso".to_owned(), endpoints, practice: false, ca_file: None };
    engine.create(new).unwrap().id
}
