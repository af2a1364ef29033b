//! An engine with one connection and many gateways, each with a key of its own.

use std::{path::Path, sync::Arc};

use bundle::Recipient;
use engine::{
    Cloud, Endpoints, Gatehouse, Keep, NewConnection, Registration, SecretEntry, Setup,
    clock::SystemClock,
    export::Existing,
    gateways::{
        FleetFiles, KeyRequest, NewGateways, SealFor, SealRequest, SealWatcher, SigningKeyFrom, Unproven,
    },
    vault::MemoryVault,
};
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};

use crate::Problem;

pub(super) struct OneConnection {
    engine: Gatehouse,
    id: String,
    keys: Vec<PrivateKey>,
    pub(super) recipients: Vec<Recipient>,
}

struct Quiet;

impl SealWatcher for Quiet {
    fn sealed(&self, _: usize, _: usize) {}
}

impl OneConnection {
    /// A connection with everything entered and nothing asked over the network, so nothing is proven either.
    pub(super) fn start(home: &Path, gateways: usize) -> Result<Self, Problem> {
        let engine = Gatehouse::new(Setup {
            home: home.to_owned(),
            keychain: Arc::new(MemoryVault::default()),
            clock: Arc::new(SystemClock),
            user_agent: "bench".to_owned(),
        });
        let new = NewConnection {
            name: "Contoso print".to_owned(),
            endpoints: Endpoints::of(Cloud::Global),
            practice: false,
            ca_file: None,
        };
        let id = engine.create(new)?.id;
        let entered = Registration {
            tenant: "7d3f1c52-9a40-4b8e-8d21-0c5be1f4a611".to_owned(),
            client_id: "5e0b6f3a-61c7-4f0e-9b2d-3a7714d08a62".to_owned(),
            name: String::new(),
        };
        engine.save_registration(&id, &entered)?;
        let secret = "Abc8Q~a-secret-that-opens-nothing-0123456".to_owned().into();
        engine.save_secret(&id, &SecretEntry { secret, ends_on: None, keep: Keep::Session })?;
        let keys: Vec<PrivateKey> = (0..gateways).map(key).collect();
        let mut text = String::new();
        let mut recipients = Vec::with_capacity(gateways);
        for (number, key) in keys.iter().enumerate() {
            let line = key.public_key().to_openssh()?;
            recipients.push(Recipient::from_line(&line)?);
            text += &format!("plant-{number} {line}\n");
        }
        let request = KeyRequest { text, gateway: None, new: NewGateways::Make, confirmed: Vec::new() };
        engine.give_keys(&id, &request)?;
        Ok(Self { engine, id, keys, recipients })
    }

    /// A bundle for every gateway, as `gatehouse export --sealed --force` writes them.
    pub(super) fn export(&self, to: &Path) -> Result<(), Problem> {
        let request = SealRequest {
            gateways: SealFor::All,
            folder: to.to_owned(),
            existing: Existing::Replace,
            ends_at: None,
            signing_key: SigningKeyFrom::Keychain,
            unproven: Unproven::SealAnyway,
            fleet: FleetFiles::None,
        };
        let sealed = self.engine.seal(&self.id, &request, &Quiet)?;
        if sealed.files.len() == self.keys.len() {
            return Ok(());
        }
        Err(format!("{} bundles were sealed for {} gateways.", sealed.files.len(), self.keys.len()).into())
    }

    pub(super) fn age_recipients(&self) -> Result<Vec<age::ssh::Recipient>, Problem> {
        let lines = self.recipients.iter().map(Recipient::to_line);
        lines.map(|line| line.parse().map_err(|_| format!("age does not take {line}.").into())).collect()
    }

    pub(super) fn private_key(&self, number: usize) -> Result<String, Problem> {
        let key = self.keys.get(number).ok_or("There is no such gateway.")?;
        Ok(key.to_openssh(LineEnding::LF)?.to_string())
    }

    /// Writes the first gateway's key as sshd keeps it.
    pub(super) fn write_key(&self, file: &Path) -> Result<(), Problem> {
        engine::report::save(file, self.private_key(0)?, Existing::Keep)?;
        Ok(())
    }
}

fn key(number: usize) -> PrivateKey {
    let mut seed = [1; 32];
    seed[..8].copy_from_slice(&(number as u64).to_le_bytes());
    PrivateKey::from(Ed25519Keypair::from_seed(&seed))
}
