//! What the tests start from: keys that guard nothing, and one small bundle that does not end while the tests are run.

use bundle::{
    AllowedSigners, BundleContent, BundleFile, ConnectionIds, FileMode, GatewayName, MemberName, Recipient,
    SigningKey,
};
use secrecy::SecretSlice;
use uuid::Uuid;

/// The day at whose beginning the small bundle ends.
pub(crate) const ENDS_ON: &str = "9000-05-19";
pub(crate) const SECRET: &[u8] = b"AZURE_CLIENT_SECRET=canary-0f4b\n";

/// A key pair of the bundle crate's own tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) private: &'static str,
    pub(crate) public: &'static str,
}

macro_rules! pair {
    ($name:literal) => {
        Pair {
            private: include_str!(concat!("../../../bundle/tests/sealed/keys/", $name)),
            public: include_str!(concat!("../../../bundle/tests/sealed/keys/", $name, ".pub")),
        }
    };
}

pub(crate) const ED25519: Pair = pair!("ed25519");
pub(crate) const OTHER: Pair = pair!("ed25519_other");
pub(crate) const RSA: Pair = pair!("rsa");
pub(crate) const X25519: Pair = pair!("x25519");

impl Pair {
    pub(crate) fn recipient(self) -> Recipient {
        Recipient::from_line(self.public).unwrap()
    }
}

pub(crate) fn signer() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

pub(crate) fn signers() -> AllowedSigners {
    AllowedSigners::from(signer().verifying_key())
}

pub(crate) fn file(name: &str, mode: FileMode, content: &[u8]) -> BundleFile {
    BundleFile { name: MemberName::new(name).unwrap(), mode, content: SecretSlice::from(content.to_vec()) }
}

pub(crate) fn content() -> BundleContent {
    BundleContent {
        gateway: GatewayName::new("plant-3").unwrap(),
        practice: false,
        connection: ConnectionIds {
            name: "Contoso print".to_owned(),
            tenant_id: Uuid::from_u128(0x5e0b_6f3a_0000_4000_8000_0000_0000_0001),
            client_id: Uuid::from_u128(0x5e0b_6f3a_0000_4000_8000_0000_0000_0002),
        },
        credential_id: "key 7c9e6679-7425-40de-944b-e07fc1f90ae7".to_owned(),
        sequence: 7,
        created_at: "2026-11-20T14:34:00Z".parse().unwrap(),
        ends_at: format!("{ENDS_ON}T00:00:00Z").parse().unwrap(),
        files: vec![
            file("systemd/gatehouse.conf", FileMode::Public, b"[Service]\n"),
            file("gateway.env", FileMode::Private, SECRET),
            file("gateway.json", FileMode::Group, b"{}\n"),
        ],
    }
}

/// The small bundle, sealed to a key.
pub(crate) fn sealed(to: Pair) -> Vec<u8> {
    seal(&content(), to)
}

/// The small bundle with another number, and with its number in `gateway.env`.
pub(crate) fn numbered(sequence: u64) -> BundleContent {
    let mut content = content();
    content.sequence = sequence;
    content.files[1] =
        file("gateway.env", FileMode::Private, format!("AZURE_CLIENT_SECRET=canary-{sequence}\n").as_bytes());
    content
}

pub(crate) fn seal(content: &BundleContent, to: Pair) -> Vec<u8> {
    bundle::seal(content, &to.recipient(), &signer()).unwrap()
}
