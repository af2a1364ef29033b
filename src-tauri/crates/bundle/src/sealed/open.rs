use std::{
    collections::HashSet,
    io::{self, Read as _},
    iter,
};

use jiff::Timestamp;
use secrecy::SecretSlice;
use zeroize::Zeroizing;

use super::{
    age_file::{self, SealedFor},
    gateway_key::GatewayKey,
    hex::sha256_hex,
    limits::{
        MAX_ALL_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_MANIFEST_BYTES, MAX_SEALED_BYTES, MAX_SIGNATURE_BYTES,
    },
    manifest::Manifest,
    member_name::{MANIFEST, SIGNATURE, SUMS},
    problem::OpenProblem,
    seal::BundleFile,
    signers::AllowedSigners,
    sshsig::{self, SignatureFault},
    tar::{Entry, Reader},
};
use crate::gateway_name::GatewayName;

/// What a bundle has to fit, besides the gateway's key.
#[derive(Clone, Copy, Debug)]
pub struct Expectations<'a> {
    /// Who may have signed it.
    pub signers: &'a AllowedSigners,
    /// The gateway that it should be for, when that is known, such as from the file's name.
    pub gateway: Option<&'a GatewayName>,
    /// The sequence number of the bundle that is installed, if there is one.
    pub installed: Option<u64>,
    /// The present moment.
    pub now: Timestamp,
}

/// A bundle that passed every check of [`open`]; there is no other way to get one.
#[derive(Debug)]
pub struct OpenedBundle {
    manifest: Manifest,
    manifest_json: Vec<u8>,
    signature: Vec<u8>,
    files: Vec<BundleFile>,
}

/// What a bundle says of itself, to a key that may open it. Its hashes are right; nobody has vouched for the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnprovenContent {
    /// The manifest.
    pub manifest: Manifest,
    /// The fingerprint of the key that signed it, which may be anybody's; none when the signature is not good.
    pub signed_by: Option<String>,
}

impl OpenedBundle {
    /// The verified manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The manifest's own bytes.
    pub fn manifest_json(&self) -> &[u8] {
        &self.manifest_json
    }

    /// The member `manifest.json.sig`: the signature over these bytes as `ssh-keygen` writes it.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The SHA-256 of the manifest's bytes in lower-case hex, by which a receipt names the bundle.
    pub fn manifest_sha256(&self) -> String {
        sha256_hex(&self.manifest_json)
    }

    /// The files, sorted by name.
    pub fn files(&self) -> &[BundleFile] {
        &self.files
    }
}

/// Opens a sealed bundle, and hands it out only if everything about it holds.
///
/// It looks at the file, then the recipient, the encryption, the format's version, the archive, the hashes, the
/// signature, the recipient and the gateway in the manifest, the sequence number, and the end, in this order.
///
/// # Errors
/// The first [`OpenProblem`] in that order.
pub fn open(
    sealed: &[u8],
    key: &GatewayKey,
    expected: &Expectations<'_>,
) -> Result<OpenedBundle, OpenProblem> {
    let archive = decrypt(sealed, key, expected.gateway)?;
    let unpacked = unpack(&archive)?;
    let Unpacked { manifest_json, manifest, signature, .. } = &unpacked;
    check_signature(manifest_json, *signature, expected.signers)?;
    check_purpose(manifest, key, expected)?;
    let files = manifest.files.iter().zip(unpacked.files()).map(|(described, member)| BundleFile {
        name: described.name.clone(),
        mode: described.mode,
        content: SecretSlice::from(member.content.to_vec()),
    });
    Ok(OpenedBundle {
        files: files.collect(),
        manifest_json: manifest_json.to_vec(),
        signature: signature.unwrap_or_default().to_vec(),
        manifest: unpacked.manifest,
    })
}

/// Opens a sealed bundle only far enough to tell what it says of itself. It hands out no file, and proves nothing but
/// that the archive is whole: the signature may be anybody's, the number old and the end past.
///
/// # Errors
/// The first [`OpenProblem`] with the file, the recipient, the encryption, the version, the archive or a hash.
pub fn look_inside(sealed: &[u8], key: &GatewayKey) -> Result<UnprovenContent, OpenProblem> {
    let archive = decrypt(sealed, key, None)?;
    let Unpacked { manifest_json, manifest, signature, .. } = unpack(&archive)?;
    let signed_by = signature.and_then(|signature| sshsig::signer(signature, manifest_json, sshsig::BUNDLE));
    Ok(UnprovenContent { manifest, signed_by })
}

/// An archive whose members are exactly those of its manifest.
struct Unpacked<'tar> {
    manifest_json: &'tar [u8],
    manifest: Manifest,
    signature: Option<&'tar [u8]>,
    /// The hashes, then the files.
    members: Vec<Entry<'tar>>,
}

impl<'tar> Unpacked<'tar> {
    fn files(&self) -> impl Iterator<Item = &Entry<'tar>> {
        self.members.iter().skip(1)
    }
}

fn unpack(archive: &[u8]) -> Result<Unpacked<'_>, OpenProblem> {
    let mut reader = Reader::new(archive);
    let manifest_json = first_member(&mut reader)?;
    Manifest::check_version(manifest_json)?;
    let mut members = other_members(&mut reader)?;
    let manifest = Manifest::from_json(manifest_json)?;
    let signed = members.first().is_some_and(|first| first.name == SIGNATURE);
    let signature = signed.then(|| members.remove(0).content);
    check_members(&manifest, &members)?;
    Ok(Unpacked { manifest_json, manifest, signature, members })
}

fn decrypt(
    sealed: &[u8],
    key: &GatewayKey,
    gateway: Option<&GatewayName>,
) -> Result<Zeroizing<Vec<u8>>, OpenProblem> {
    let inspection = age_file::inspect(sealed)?;
    let wrong_recipient = || OpenProblem::WrongRecipient {
        gateway: gateway.cloned(),
        sealed_for: inspection.fingerprint_start(),
        yours: key.recipient().fingerprint().to_owned(),
    };
    if inspection.sealed_for(key.recipient()) == SealedFor::AnotherKey {
        return Err(wrong_recipient());
    }
    let problem = |error: age::DecryptError| match error {
        age::DecryptError::NoMatchingKeys => wrong_recipient(),
        age::DecryptError::Io(error) => unreadable(&error),
        _ => OpenProblem::Altered,
    };
    let decryptor = age::Decryptor::new_buffered(sealed).map_err(problem)?;
    let mut reader = decryptor.decrypt(iter::once(key.as_age())).map_err(problem)?;
    // What was sealed is smaller than the sealed file, so the vector never grows and leaves no copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    let limit = MAX_SEALED_BYTES.try_into().unwrap_or(u64::MAX);
    reader.by_ref().take(limit).read_to_end(&mut plain).map_err(|error| unreadable(&error))?;
    Ok(plain)
}

fn unreadable(error: &io::Error) -> OpenProblem {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => OpenProblem::Truncated,
        _ => OpenProblem::Altered,
    }
}

fn first_member<'tar>(reader: &mut Reader<'tar>) -> Result<&'tar [u8], OpenProblem> {
    match reader.next(largest)? {
        Some(Entry { name: MANIFEST, content }) => Ok(content),
        _ => Err(OpenProblem::ManifestMissing),
    }
}

fn other_members<'tar>(reader: &mut Reader<'tar>) -> Result<Vec<Entry<'tar>>, OpenProblem> {
    let mut members: Vec<Entry<'tar>> = Vec::new();
    let mut names = HashSet::from([MANIFEST.to_owned()]);
    let mut all_bytes = 0;
    while let Some(member) = reader.next(largest)? {
        if !names.insert(member.name.to_ascii_lowercase()) {
            return Err(OpenProblem::duplicate_name(member.name));
        }
        let own = [SIGNATURE, SUMS].contains(&member.name);
        all_bytes += if own { 0 } else { member.content.len() };
        if all_bytes > MAX_ALL_BYTES {
            return Err(OpenProblem::AllTooLarge);
        }
        members.push(member);
        if members.len() > MAX_FILES + 2 {
            return Err(OpenProblem::TooManyFiles);
        }
    }
    Ok(members)
}

fn largest(name: &str) -> usize {
    match name {
        MANIFEST | SUMS => MAX_MANIFEST_BYTES,
        SIGNATURE => MAX_SIGNATURE_BYTES,
        _ => MAX_FILE_BYTES,
    }
}

/// `members` are the hashes and the files: exactly those of the manifest, in its order.
fn check_members(manifest: &Manifest, members: &[Entry<'_>]) -> Result<(), OpenProblem> {
    let described: Vec<&str> =
        iter::once(SUMS).chain(manifest.files.iter().map(|file| file.name.as_str())).collect();
    if let Some(name) = described.iter().find(|name| members.iter().all(|member| member.name != **name)) {
        return Err(OpenProblem::FileMissing { name: (*name).to_owned() });
    }
    let misplaced = |(index, member): &(usize, &Entry<'_>)| described.get(*index) != Some(&member.name);
    if let Some((_, member)) = members.iter().enumerate().find(misplaced) {
        return Err(OpenProblem::file_extra(member.name));
    }
    let altered = |name: &str| OpenProblem::FileAltered { name: name.to_owned() };
    let Some((sums, files)) = members.split_first() else {
        return Err(OpenProblem::FileMissing { name: SUMS.to_owned() });
    };
    if manifest.sums().as_bytes() != sums.content || sha256_hex(sums.content) != manifest.sha256sums {
        return Err(altered(SUMS));
    }
    for (file, member) in manifest.files.iter().zip(files) {
        if file.bytes != member.content.len() || file.sha256 != sha256_hex(member.content) {
            return Err(altered(member.name));
        }
    }
    Ok(())
}

fn check_signature(
    manifest: &[u8],
    signature: Option<&[u8]>,
    signers: &AllowedSigners,
) -> Result<(), OpenProblem> {
    let signature = signature.ok_or(OpenProblem::SignatureMissing)?;
    sshsig::verify(signature, manifest, sshsig::BUNDLE, signers.keys()).map_err(|fault| match fault {
        SignatureFault::Unreadable => OpenProblem::SignatureUnreadable,
        SignatureFault::WrongKey { fingerprint } => OpenProblem::UnknownSigner { fingerprint },
        SignatureFault::WrongNamespace => OpenProblem::WrongNamespace,
        SignatureFault::Wrong => OpenProblem::SignatureWrong,
    })
}

/// Whether the bundle is for this gateway, newer than what it has, and still good.
fn check_purpose(
    manifest: &Manifest,
    key: &GatewayKey,
    expected: &Expectations<'_>,
) -> Result<(), OpenProblem> {
    if manifest.recipient != key.recipient().fingerprint() {
        return Err(OpenProblem::OtherRecipient {
            gateway: manifest.gateway.clone(),
            sealed_for: manifest.recipient.clone(),
            yours: key.recipient().fingerprint().to_owned(),
        });
    }
    if let Some(name) = expected.gateway.filter(|name| **name != manifest.gateway) {
        return Err(OpenProblem::OtherGateway { gateway: manifest.gateway.clone(), expected: name.clone() });
    }
    if let Some(installed) = expected.installed.filter(|installed| manifest.sequence <= *installed) {
        return Err(OpenProblem::Replayed { sequence: manifest.sequence, installed });
    }
    if expected.now >= manifest.ends_at {
        return Err(OpenProblem::Ended { ends_at: manifest.ends_at });
    }
    Ok(())
}
