//! Gateways of these connections: a key, a bundle, a receipt.

use bundle::{AllowedSigners, Expectations, GatewayKey, GatewayName, Receipt, SelfTest};
use engine::{
    Endpoints, NewConnection, Registration,
    clock::{Clock, SystemClock},
    export::Existing,
    gateways::{
        FleetFiles, KeyRequest, NewGateways, SealFor, SealRequest, SealWatcher, SigningKeyFrom, Unproven,
    },
};
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};

use super::rotating::{Bench, entry};

struct Quiet;

impl SealWatcher for Quiet {
    fn sealed(&self, _: usize, _: usize) {}
}

fn private_key(number: u8) -> String {
    let key = PrivateKey::from(Ed25519Keypair::from_seed(&[number; 32]));
    key.to_openssh(LineEnding::LF).unwrap().to_string()
}

fn key(number: u8) -> GatewayKey {
    GatewayKey::from_text(&private_key(number).into()).unwrap()
}

impl Bench {
    /// Another connection of the same app that signs in with this secret.
    pub(crate) fn another_connection(&self, name: &str, secret: &str) -> String {
        let facts = self.practice.facts();
        let new = NewConnection {
            name: name.to_owned(),
            endpoints: Endpoints::custom(&facts.authority, &facts.graph).unwrap(),
            practice: false,
            ca_file: Some(self.home.path().join("ca.pem").to_string_lossy().into_owned()),
        };
        let id = self.engine.create(new).unwrap().id;
        let (tenant, client_id) = (facts.tenant_id.clone(), facts.client_id.clone());
        self.engine.save_registration(&id, &Registration { tenant, client_id, name: String::new() }).unwrap();
        self.engine.save_secret(&id, &entry(secret)).unwrap();
        id
    }

    /// Lists a gateway with this key, or gives it another one.
    pub(crate) fn lists(&self, id: &str, name: &str, number: u8) {
        let request = KeyRequest {
            text: format!("{name} {}\n", key(number).recipient().to_line()),
            gateway: None,
            new: NewGateways::Make,
            confirmed: vec![key(number).recipient().fingerprint().to_owned()],
        };
        self.engine.give_keys(id, &request).unwrap();
    }

    /// Seals for all gateways of a connection.
    pub(crate) fn seals(&self, id: &str) {
        let file = self.home.path().join("signing");
        engine::report::save(&file, private_key(99), Existing::Replace).unwrap();
        let request = SealRequest {
            gateways: SealFor::All,
            folder: self.home.path().join("bundles"),
            existing: Existing::Replace,
            ends_at: None,
            signing_key: SigningKeyFrom::File(file),
            unproven: Unproven::SealAnyway,
            fleet: FleetFiles::None,
        };
        self.engine.seal(id, &request, &Quiet).unwrap();
    }

    /// The gateway opens its newest bundle and answers that it works.
    pub(crate) fn answers(&self, id: &str, name: &str, number: u8) {
        let folder = self.home.path().join("bundles");
        let signers = std::fs::read_to_string(folder.join("allowed_signers")).unwrap();
        let signers = AllowedSigners::from_text(&signers).unwrap();
        let file = GatewayName::new(name.to_owned()).unwrap().file_name();
        let now = SystemClock.now();
        let expected = Expectations { signers: &signers, gateway: None, installed: None, now };
        let sealed = std::fs::read(folder.join(file)).unwrap();
        let opened = bundle::open(&sealed, &key(number), &expected).unwrap();
        let receipt = Receipt::of(&opened, now, SelfTest::Ok).sign(&key(number)).unwrap();
        self.engine.receive(id, &receipt).unwrap();
    }

    /// A new secret is proven, and about to be handed out.
    pub(crate) async fn hands_out(&self) {
        self.begin(&self.new_secret(0)).unwrap();
        let trial = self.engine.prove_rotation(&self.id, &engine::diagnosis::Unwatched).await.unwrap();
        assert!(trial.proven);
    }

    pub(crate) fn locked(&self) -> Option<engine::rotation::Locked> {
        self.engine.rotation(&self.id).unwrap().unwrap().locked
    }
}
