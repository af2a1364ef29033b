//! What the tests start from: keys that guard nothing, and one small bundle.

use bundle::{
    AllowedSigners, BundleContent, BundleFile, ConnectionIds, Expectations, FileMode, GatewayKey,
    GatewayName, MemberName, OpenProblem, OpenedBundle, Recipient, SigningKey,
};
use jiff::Timestamp;
use secrecy::SecretSlice;
use uuid::Uuid;

pub(crate) const SECRET: &[u8] = b"AZURE_CLIENT_SECRET=canary-0f4b\n";

/// The day at whose beginning the small bundle ends.
pub(crate) const ENDS_ON: &str = "2027-05-19";

/// A key pair in `tests/sealed/keys`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) name: &'static str,
    pub(crate) private: &'static str,
    pub(crate) public: &'static str,
}

macro_rules! pair {
    ($name:literal) => {
        Pair {
            name: $name,
            private: include_str!(concat!("keys/", $name)),
            public: include_str!(concat!("keys/", $name, ".pub")),
        }
    };
}

pub(crate) const ED25519: Pair = pair!("ed25519");
pub(crate) const OTHER: Pair = pair!("ed25519_other");
pub(crate) const RSA: Pair = pair!("rsa");
pub(crate) const RSA_PEM: Pair = pair!("rsa_pem");
pub(crate) const X25519: Pair = pair!("x25519");
pub(crate) const ALL: [Pair; 4] = [ED25519, RSA, RSA_PEM, X25519];

impl Pair {
    pub(crate) fn key(self) -> GatewayKey {
        GatewayKey::from_text(&self.private.into()).unwrap()
    }

    pub(crate) fn recipient(self) -> Recipient {
        Recipient::from_line(self.public).unwrap()
    }
}

pub(crate) fn signer() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

pub(crate) fn name(text: &str) -> GatewayName {
    GatewayName::new(text).unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn file(name: &str, mode: FileMode, content: &[u8]) -> BundleFile {
    BundleFile { name: MemberName::new(name).unwrap(), mode, content: SecretSlice::from(content.to_vec()) }
}

pub(crate) fn content() -> BundleContent {
    BundleContent {
        gateway: name("plant-3"),
        practice: true,
        connection: ConnectionIds {
            name: "Contoso print".to_owned(),
            tenant_id: Uuid::from_u128(0x5e0b_6f3a_0000_4000_8000_0000_0000_0001),
            client_id: Uuid::from_u128(0x5e0b_6f3a_0000_4000_8000_0000_0000_0002),
        },
        credential_id: "key 7c9e6679-7425-40de-944b-e07fc1f90ae7".to_owned(),
        sequence: 7,
        created_at: time("2026-11-20T14:34:00Z"),
        ends_at: time(&format!("{ENDS_ON}T00:00:00Z")),
        files: vec![
            file("systemd/gatehouse.conf", FileMode::Public, b"[Service]\n"),
            file("gateway.env", FileMode::Private, SECRET),
            file("gateway.json", FileMode::Group, b"{}\n"),
        ],
    }
}

pub(crate) fn sealed(to: Pair) -> Vec<u8> {
    bundle::seal(&content(), &to.recipient(), &signer()).unwrap()
}

pub(crate) fn signers() -> AllowedSigners {
    AllowedSigners::from(signer().verifying_key())
}

/// What the small bundle fits.
pub(crate) fn expected(signers: &AllowedSigners) -> Expectations<'_> {
    Expectations { signers, gateway: None, installed: Some(6), now: time("2026-11-21T08:00:00Z") }
}

pub(crate) fn open(sealed: &[u8], with: &GatewayKey) -> Result<OpenedBundle, OpenProblem> {
    bundle::open(sealed, with, &expected(&signers()))
}

/// SplitMix64: the same numbers in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }
}
