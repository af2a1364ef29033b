//! One release: a folder with everything that a bundle held.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
};

use bundle::{Manifest, OpenedBundle, SelfTest};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::readers::Readers;
use crate::store::atomic;

pub(super) const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.json.sig";
const SUMS: &str = "SHA256SUMS";
/// No file of a bundle can have this name, because theirs do not begin with a dot.
const OPENED: &str = ".opened.json";
/// The most that a manifest may hold, in bytes.
const MANIFEST_AT_MOST: u64 = 64 * 1024;

/// When a release was opened, and what its test said. Kept beside the files for the receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenedRecord {
    format: Format,
    /// When, by the gateway's clock, in whole seconds.
    pub(super) opened_at: Timestamp,
    /// When that test had this outcome first, in whole seconds; none where none was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tested_at: Option<Timestamp>,
    /// The last test with this release.
    pub(super) self_test: SelfTest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Format {
    #[serde(rename = "gatehouse.opened/1")]
    One,
}

impl OpenedRecord {
    /// A release that nobody has tried.
    pub(super) fn untested(opened_at: Timestamp) -> Self {
        Self { format: Format::One, opened_at, tested_at: None, self_test: SelfTest::NotRun }
    }

    /// The same after a test. One with the same outcome as the last is no news.
    pub(super) fn tested(self, tested_at: Timestamp, self_test: SelfTest) -> Self {
        if self.self_test == self_test {
            return self;
        }
        let tested_at = (self_test != SelfTest::NotRun).then_some(tested_at);
        Self { tested_at, self_test, ..self }
    }

    pub(super) fn write(&self, release: &Path) -> io::Result<()> {
        atomic::write_private(&release.join(OPENED), &serde_json::to_vec(self).map_err(io::Error::other)?)
    }

    /// None when there is none, as after opening with stock tools.
    pub(super) fn read(release: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(release.join(OPENED)).ok()?).ok()
    }
}

/// Writes everything into a new folder, and makes sure that it is on the disk. Nobody but `readers` can read it.
///
/// # Errors
/// Any failure of the file system, also when the folder is there already. The folder is then incomplete.
pub(super) fn write(folder: &Path, bundle: &OpenedBundle, readers: Readers) -> io::Result<()> {
    make_private(folder)?;
    let mut folders = vec![folder.to_path_buf()];
    let mut written = vec![
        write_file(&folder.join(MANIFEST), bundle.manifest_json(), 0o600)?,
        write_file(&folder.join(SIGNATURE), bundle.signature(), 0o600)?,
        write_file(&folder.join(SUMS), bundle.manifest().sums().as_bytes(), 0o600)?,
    ];
    for file in bundle.files() {
        let mut place = folder.to_path_buf();
        let mut parts = file.name.as_str().split('/').peekable();
        while let Some(part) = parts.next() {
            place.push(part);
            if parts.peek().is_some() && !place.is_dir() {
                make_private(&place)?;
                folders.push(place.clone());
            }
        }
        let written_file = write_file(&place, file.content.expose_secret(), file.mode.bits())?;
        readers.let_in(&place, file.mode.bits())?;
        written.push(written_file);
    }
    folders.iter().try_for_each(|folder| readers.let_in(folder, 0o700))?;
    // All are written before the first is waited for: one commit of the file system's journal then serves them all.
    written.iter().try_for_each(File::sync_all)?;
    sync_all_folders(folder, bundle.manifest())
}

/// Reads a release's manifest, with its bytes.
///
/// # Errors
/// It is not there, or is not a manifest in its one spelling.
pub(super) fn manifest(release: &Path) -> io::Result<(Manifest, Vec<u8>)> {
    let mut bytes = Vec::new();
    File::open(release.join(MANIFEST))?.take(MANIFEST_AT_MOST + 1).read_to_end(&mut bytes)?;
    let manifest = Manifest::from_json(&bytes)
        .map_err(|problem| io::Error::new(io::ErrorKind::InvalidData, problem.to_string()))?;
    Ok((manifest, bytes))
}

/// The first file of a release that is not as it was signed.
pub(super) fn altered(release: &Path, manifest: &Manifest) -> Option<String> {
    let as_signed = |name: &str, bytes: usize, sha256: &str| {
        let path = release.join(name);
        let plain = fs::symlink_metadata(&path)
            .is_ok_and(|found| found.is_file() && usize::try_from(found.len()) == Ok(bytes));
        plain
            && fs::read(&path)
                .map(SecretSlice::from)
                .is_ok_and(|content| self::sha256(content.expose_secret()) == sha256)
    };
    manifest
        .files
        .iter()
        .find(|file| !as_signed(file.name.as_str(), file.bytes, &file.sha256))
        .map(|file| file.name.to_string())
}

/// The SHA-256 in lower-case hex; that of a manifest's bytes is what a receipt names the bundle by.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(unix)]
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

/// The folder takes over who may read it from the one that it is in.
#[cfg(not(unix))]
pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

/// The file has its mode from its first moment on or a stricter one.
fn write_file(path: &Path, content: &[u8], mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    set_mode(&file, mode)?;
    Ok(file)
}

/// A file that is made with these options is its owner's alone.
#[cfg(unix)]
pub(super) fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
pub(super) fn private(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

fn sync_all_folders(release: &Path, manifest: &Manifest) -> io::Result<()> {
    for file in &manifest.files {
        let inner = Path::new(file.name.as_str()).ancestors().skip(1);
        for folder in inner.filter(|folder| !folder.as_os_str().is_empty()) {
            atomic::sync_folder(&release.join(folder))?;
        }
    }
    atomic::sync_folder(release)
}
