//! Gateways for tests.

use bundle::{GatewayKey, GatewayName};
use ssh_key::{LineEnding, PrivateKey, private::Ed25519Keypair};

use super::{Gateway, Issued};

/// An RSA host key with a comment.
pub(crate) const RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCbULrN4fMsQkunX3z3C+pKbwtHo98RHbuiNcb7w9hWJX5K/Fqb4TKExjB1QQu/tHNeSxhMdfov+HwcAjyzXjAzlRvj2Iko4bQHUwPVvjR7+25y8AGJ3GhuTXZc8i5/zz1pD0qbMVQ57DuXOWRRYoDqVy0/WplCz2ivcuXt/mMZWKJSR/FDfeiR5tZa/QYSYhSAJMk2pj+xWk/cHSoGBhb42i3GViGZIkmZAp4SMPP7iGRd5V7eSYFXCrmPlIAYXwHupfY91mGExuFqLkY/ypI/xsVWWZP9BDzw9nwqXr3MJSr1uSXN/lb1ocHmIKlXD9U238EhA9XPLnTFKoTshNbx root@plant-1";

/// The same Ed25519 host key for the same number.
pub(crate) fn private_key(number: u8) -> GatewayKey {
    let pair = Ed25519Keypair::from_seed(&[number; 32]);
    let text = PrivateKey::from(pair).to_openssh(LineEnding::LF).unwrap().to_string();
    GatewayKey::from_text(&text.into()).unwrap()
}

/// Its public half, as one line.
pub(crate) fn key(number: u8) -> String {
    private_key(number).recipient().to_line()
}

/// A gateway with that key and, perhaps, bundles with these credentials inside.
pub(crate) fn gateway(name: &str, number: u8, credentials: &[&str]) -> Gateway {
    let mut gateway = Gateway::named(GatewayName::new(name).unwrap());
    gateway.give_key(private_key(number).recipient());
    for (sequence, credential) in (1..).zip(credentials) {
        gateway.sequence = sequence;
        gateway.remember(Issued {
            sequence,
            manifest_sha256: format!("{sequence:064x}"),
            credential_id: (*credential).to_owned(),
            sealed_at: "2026-11-20T14:00:00Z".parse().unwrap(),
            ends_at: "2027-05-19T00:00:00Z".parse().unwrap(),
            recipient: private_key(number).recipient().fingerprint().to_owned(),
            file: format!("/tmp/{name}.tar.age"),
            answered_at: None,
        });
    }
    gateway
}
