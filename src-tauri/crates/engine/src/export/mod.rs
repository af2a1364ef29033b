//! Settings in, gateway config out: `gateway.json`, `gateway.env` and the schema, written whole and read back.

mod config;
mod files;

use sha2::{Digest, Sha256};

use crate::connection::Connection;

pub use config::gateway_config;
pub use files::{Existing, SecretInEnv, WriteRequest};
pub(crate) use files::{read_back, usable, write};

/// A fingerprint of everything that a gateway config is made from: when it changes, written configs are outdated.
pub fn fingerprint(connection: &Connection) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text.as_bytes());
    };
    part(connection.endpoints.authority().as_str());
    part(connection.endpoints.graph().as_str());
    part(&connection.tenant_id().unwrap_or_default());
    part(connection.client_id.as_deref().unwrap_or_default());
    part(&connection.name);
    part(&connection.profile);
    connection.custom_permissions.iter().for_each(|permission| part(permission));
    if let Some(credential) = &connection.credential {
        part(&credential.entered_at.to_string());
        part(&credential.ends_on.map(|day| day.to_string()).unwrap_or_default());
    }
    for rule in &connection.access {
        part(&rule.group_id);
        part(&rule.role);
    }
    hex(&hash.finalize())
}

/// The first twelve digits of a text's SHA-256: a name for something that has none.
pub(crate) fn short_hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..6])
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
