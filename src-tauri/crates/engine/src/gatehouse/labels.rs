//! The label of a client secret tells when it was entered first: entered again, it keeps it, so that a gateway that has it
//! is not taken for one with another.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Gatehouse;
use crate::{
    connection::{Connection, Credential, Kept},
    sign_in_key::SignInKey,
};

impl Gatehouse {
    /// When this secret was entered first, if it is one of the connection's, or the one that was given up last.
    pub(super) fn known_since(&self, id: &str, secret: &SecretString) -> Option<Timestamp> {
        let connection = self.connection(id).ok()?;
        let beside = connection.rotation.as_ref().map(|rotation| &rotation.other);
        let mut known = connection.credential.iter().chain(beside);
        let same = known.find(|known| self.is_same(&connection, known, secret));
        same.map(|known| known.entered_at).or_else(|| self.given_up_since(id, secret))
    }

    /// Whether a kept credential is this very secret.
    fn is_same(&self, connection: &Connection, known: &Credential, secret: &SecretString) -> bool {
        let kept = self.kept_secret(connection, known);
        kept.is_some_and(|kept| {
            kept.expose_secret().as_bytes().ct_eq(secret.expose_secret().as_bytes()).into()
        })
    }

    fn kept_secret(&self, connection: &Connection, known: &Credential) -> Option<SecretString> {
        known.secret()?;
        let holding = Connection { credential: Some(known.clone()), ..connection.clone() };
        match self.key(&holding).ok()?? {
            SignInKey::Secret(secret) => Some(secret),
            SignInKey::Certificate(_) => None,
        }
    }

    /// Remembers a secret that gateways may have and that is about to be forgotten here: its label and its SHA-256, in the
    /// vault that it was kept in. A vault that refuses costs no more than another label.
    pub(super) fn remember_given_up(&self, connection: &Connection, given_up: &Credential) {
        let Some(secret) = self.kept_secret(connection, given_up) else { return };
        let note = format!("{} {}", given_up.entered_at, digest(&secret));
        self.vault_of(given_up.kept).put(&given_up_name(&connection.id), &note.into()).ok();
    }

    fn given_up_since(&self, id: &str, secret: &SecretString) -> Option<Timestamp> {
        [Kept::Keychain, Kept::Session].into_iter().find_map(|kept| {
            let note = self.vault_of(kept).get(&given_up_name(id)).ok()??;
            let (since, known) = note.expose_secret().split_once(' ')?;
            let same: bool = known.as_bytes().ct_eq(digest(secret).as_bytes()).into();
            same.then(|| since.parse().ok())?
        })
    }
}

/// The name of that note in a vault.
pub(super) fn given_up_name(id: &str) -> String {
    format!("{id}.given-up")
}

fn digest(secret: &SecretString) -> String {
    Sha256::digest(secret.expose_secret().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
