use std::{fmt, iter};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};

use super::{
    hex::sha256_hex,
    manifest::{BundleFormat, ConnectionIds, FileMode, Manifest, ManifestFile},
    member_name::{MANIFEST, MemberName, SIGNATURE, SUMS},
    signers::SigningKey,
    tar,
};
use crate::{gateway_name::GatewayName, problem::ConfigProblem, recipient::Recipient};

/// What a bundle is to hold, before it is sealed.
#[derive(Clone, Debug)]
pub struct BundleContent {
    /// The gateway that it is for.
    pub gateway: GatewayName,
    /// Whether it was made against the practice tenant.
    pub practice: bool,
    /// The connection that the files configure.
    pub connection: ConnectionIds,
    /// A label of the credential inside, 1 to 128 characters; never the secret.
    pub credential_id: String,
    /// Greater than that of every earlier bundle for the gateway; 1 to 2^53 - 1.
    pub sequence: u64,
    /// The present moment.
    pub created_at: Timestamp,
    /// When the bundle ends, at the latest with its credential.
    pub ends_at: Timestamp,
    /// The files, in any order: 1 to 64, 1 MiB each, 4 MiB together.
    pub files: Vec<BundleFile>,
}

/// One file of a bundle. Its content is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct BundleFile {
    /// Its name, perhaps with folders.
    pub name: MemberName,
    /// The mode it is installed with.
    pub mode: FileMode,
    /// Its bytes.
    pub content: SecretSlice<u8>,
}

impl fmt::Debug for BundleFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BundleFile")
            .field("name", &self.name)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl BundleContent {
    /// The manifest that [`seal`] puts into the bundle for this recipient: its SHA-256 is how a receipt names the bundle.
    pub fn manifest(&self, recipient: &Recipient) -> Manifest {
        manifest(self, &self.sorted(), recipient)
    }

    fn sorted(&self) -> Vec<&BundleFile> {
        let mut files: Vec<&BundleFile> = self.files.iter().collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files
    }
}

/// Makes the sealed file for one gateway.
///
/// The inside is the same for the same content; the outside differs every time, because age draws a fresh key from the
/// system's randomness for each file. The random bytes of the signing key come with the key.
///
/// # Errors
/// A [`ConfigProblem`] that names the field when the content breaks a rule of `FORMAT.md`.
pub fn seal(
    content: &BundleContent,
    recipient: &Recipient,
    signer: &SigningKey,
) -> Result<Vec<u8>, ConfigProblem> {
    let files = content.sorted();
    let manifest = manifest(content, &files, recipient);
    manifest.check()?;
    let (description, sums) = (manifest.to_json(), manifest.sums());
    let signature = signer.sign(&description)?;
    let own =
        [(MANIFEST, description.as_slice()), (SIGNATURE, signature.as_bytes()), (SUMS, sums.as_bytes())];
    let others = files.iter().map(|file| (file.name.as_str(), file.content.expose_secret()));
    let members: Vec<(&str, &[u8])> = own.into_iter().chain(others).collect();
    encrypt(&members, recipient).ok_or_else(|| {
        ConfigProblem::new(
            "recipient",
            "is a key that age could not seal to",
            "Make a new host key with ssh-keygen -A.",
        )
    })
}

/// Writes the members straight into the encryption: no copy of a secret is made here.
fn encrypt(members: &[(&str, &[u8])], recipient: &Recipient) -> Option<Vec<u8>> {
    let room = members.iter().map(|(_, content)| content.len() + 1_024).sum::<usize>() + 2_048;
    let encryptor = age::Encryptor::with_recipients(iter::once(recipient.as_age())).ok()?;
    let mut writer = encryptor.wrap_output(Vec::with_capacity(room)).ok()?;
    for (name, content) in members {
        tar::append(name, content, &mut writer).ok()?;
    }
    tar::finish(&mut writer).ok()?;
    writer.finish().ok()
}

fn manifest(content: &BundleContent, files: &[&BundleFile], recipient: &Recipient) -> Manifest {
    let describe = |file: &&BundleFile| ManifestFile {
        name: file.name.clone(),
        bytes: file.content.expose_secret().len(),
        sha256: sha256_hex(file.content.expose_secret()),
        mode: file.mode,
    };
    let mut manifest = Manifest {
        format: BundleFormat,
        practice: content.practice,
        gateway: content.gateway.clone(),
        recipient: recipient.fingerprint().to_owned(),
        connection: content.connection.clone(),
        credential_id: content.credential_id.clone(),
        sequence: content.sequence,
        created_at: content.created_at,
        ends_at: content.ends_at,
        sha256sums: String::new(),
        files: files.iter().map(describe).collect(),
    };
    manifest.sha256sums = sha256_hex(manifest.sums().as_bytes());
    manifest
}
