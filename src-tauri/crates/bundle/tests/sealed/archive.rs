//! A maker of archives that knows nothing of the crate's own: it writes whatever a test asks for.

use std::io::{Read as _, Write as _};

use bundle::SigningKey;
use sha2::{Digest as _, Sha256};
use ssh_key::{HashAlg, LineEnding, PrivateKey, private::Ed25519Keypair};

use crate::given::{ED25519, Pair, sealed};

/// One member with every field of its header that the tests change.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) kind: u8,
    /// Overwrites the header at these places before the checksum is made.
    pub(crate) patches: Vec<(usize, Vec<u8>)>,
}

impl Member {
    pub(crate) fn new(name: &str, content: &[u8]) -> Self {
        Self { name: name.into(), content: content.to_vec(), kind: b'0', patches: Vec::new() }
    }
}

pub(crate) fn tar(members: &[Member]) -> Vec<u8> {
    let mut tar = Vec::new();
    for member in members {
        let mut header = vec![0; 512];
        let size = format!("{:011o}\0", member.content.len());
        let fields: [(usize, &[u8]); 10] = [
            (0, &member.name),
            (100, b"0000600\x000000000\x000000000\0"),
            (124, size.as_bytes()),
            (136, b"00000000000\0"),
            (148, b"        "),
            (156, &[member.kind]),
            (257, b"ustar\x0000"),
            (329, b"0000000\x000000000\0"),
            (345, b""),
            (500, b""),
        ];
        let patches = member.patches.iter().map(|(at, bytes)| (*at, bytes.as_slice()));
        for (at, bytes) in fields.into_iter().chain(patches) {
            header[at..at + bytes.len()].copy_from_slice(bytes);
        }
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend(header);
        tar.extend(&member.content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// Reads an archive as loosely as it can.
pub(crate) fn untar(tar: &[u8]) -> Vec<Member> {
    let mut members = Vec::new();
    let mut at = 0;
    while tar[at] != 0 {
        let name = tar[at..at + 100].split(|byte| *byte == 0).next().unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&tar[at + 124..at + 135]).unwrap(), 8).unwrap();
        members.push(Member::new(std::str::from_utf8(name).unwrap(), &tar[at + 512..at + 512 + size]));
        at += 512 + size.next_multiple_of(512);
    }
    members
}

pub(crate) fn encrypt(plain: &[u8], to: Pair) -> Vec<u8> {
    let ssh = to.public.parse::<age::ssh::Recipient>().ok();
    let native = to.public.trim().parse::<age::x25519::Recipient>().ok();
    let recipient: &dyn age::Recipient =
        ssh.as_ref().map_or_else(|| native.as_ref().unwrap() as _, |key| key as _);
    let mut sealed = Vec::new();
    let mut writer = age::Encryptor::with_recipients(std::iter::once(recipient))
        .unwrap()
        .wrap_output(&mut sealed)
        .unwrap();
    writer.write_all(plain).unwrap();
    writer.finish().unwrap();
    sealed
}

pub(crate) fn decrypt(sealed: &[u8], with: Pair) -> Vec<u8> {
    let key = age::ssh::Identity::from_buffer(with.private.as_bytes(), None).unwrap();
    let mut plain = Vec::new();
    let decryptor = age::Decryptor::new(sealed).unwrap();
    decryptor.decrypt(std::iter::once(&key as _)).unwrap().read_to_end(&mut plain).unwrap();
    plain
}

/// The members of the small bundle, in their order.
pub(crate) fn members() -> Vec<Member> {
    untar(&decrypt(&sealed(ED25519), ED25519))
}

/// Seals members as they are, to the same gateway.
pub(crate) fn resealed(members: &[Member]) -> Vec<u8> {
    encrypt(&tar(members), ED25519)
}

/// Replaces texts in the manifest, makes the hashes of the sums right again if asked to, and signs it anew.
pub(crate) fn with_manifest(members: &mut [Member], change: impl FnOnce(String) -> String) {
    let manifest = String::from_utf8(members[0].content.clone()).unwrap();
    members[0].content = change(manifest).into_bytes();
    members[1].content = signature(&members[0].content, "gatehouse-bundle", &[7; 32]);
}

pub(crate) fn signature(message: &[u8], namespace: &str, seed: &[u8; 32]) -> Vec<u8> {
    let key = PrivateKey::from(Ed25519Keypair::from_seed(seed));
    let text = key.sign(namespace, HashAlg::Sha512, message).unwrap().to_pem(LineEnding::LF).unwrap();
    format!("{}\n", text.trim_end()).into_bytes()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn both_archives_are_the_same_bytes() {
    let plain = decrypt(&sealed(ED25519), ED25519);
    assert_eq!(tar(&untar(&plain)), plain);
    let line = SigningKey::from_seed(&[7; 32]).verifying_key().allowed_signers_line();
    assert!(line.contains(&PrivateKey::from(Ed25519Keypair::from_seed(&[7; 32])).public_key().to_string()));
}
