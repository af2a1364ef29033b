//! What a command on a gateway is given: the sealed file, the gateway's private key, the keys that may sign.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use bundle::{AllowedSigners, GatewayKey, GatewayName, MAX_SEALED_BYTES, SealedFor};
use secrecy::{SecretSlice, SecretString, zeroize::Zeroize as _};

use crate::{
    fault::{Fault, FaultCode},
    settings::{Environment, names},
};

/// The most that is read of a key or of a list of signers, in bytes.
const TEXT_AT_MOST: u64 = 256 * 1024;

/// A sealed file as it was read.
#[derive(Clone, Debug)]
pub struct SealedFile {
    /// Where it was read from.
    pub path: PathBuf,
    /// Its bytes, one more than a bundle may have at most.
    pub bytes: Vec<u8>,
}

impl SealedFile {
    /// Reads a sealed file, as far as a bundle can go.
    ///
    /// # Errors
    /// It is not there or cannot be read.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let limit = u64::try_from(MAX_SEALED_BYTES).unwrap_or(u64::MAX);
        Ok(Self { path: path.to_path_buf(), bytes: read_at_most(path, limit)? })
    }

    /// The gateway that the file's name speaks of.
    pub fn named_for(&self) -> Option<GatewayName> {
        GatewayName::from_file_name(&self.path.to_string_lossy())
    }
}

/// Where the host keys of this computer's SSH server are: Ed25519 first, then RSA.
pub fn host_keys(environment: &dyn Environment) -> [PathBuf; 2] {
    let folder = if cfg!(windows) {
        let data = environment.get(names::PROGRAM_DATA).unwrap_or_else(|| r"C:\ProgramData".to_owned());
        PathBuf::from(data).join("ssh")
    } else {
        PathBuf::from("/etc/ssh")
    };
    ["ssh_host_ed25519_key", "ssh_host_rsa_key"].map(|name| folder.join(name))
}

/// The gateway's private key: the one in `named`, or else the host key that `fits`, or else the first host key.
///
/// # Errors
/// No key can be read, or what was read is no private key that opens bundles.
pub fn gateway_key(
    named: Option<&Path>,
    environment: &dyn Environment,
    fits: impl Fn(&GatewayKey) -> bool,
) -> Result<GatewayKey, Fault> {
    if let Some(path) = named {
        return read_key(path);
    }
    let files = host_keys(environment);
    let (mut first, mut fault) = (None, None);
    for path in files.iter().filter(|path| path.exists()) {
        match read_key(path) {
            Ok(key) if fits(&key) => return Ok(key),
            Ok(key) => first = first.or(Some(key)),
            Err(found) => fault = fault.or(Some(found)),
        }
    }
    first.ok_or_else(|| {
        fault.unwrap_or_else(|| {
            let [ed25519, rsa] = files.map(|path| path.display().to_string());
            Fault::new(
                FaultCode::InvalidInput,
                format!("There is no host key here: neither {ed25519} nor {rsa}."),
                "Name the gateway's private key.",
            )
        })
    })
}

/// As [`gateway_key`], for the host key that a sealed file names.
///
/// # Errors
/// As [`gateway_key`].
pub fn key_for(
    sealed: &SealedFile,
    named: Option<&Path>,
    environment: &dyn Environment,
) -> Result<GatewayKey, Fault> {
    let told = bundle::inspect(&sealed.bytes).ok();
    let fits = |key: &GatewayKey| {
        told.as_ref().is_some_and(|told| told.sealed_for(key.recipient()) == SealedFor::ThisKey)
    };
    gateway_key(named, environment, fits)
}

/// Reads a private key.
///
/// # Errors
/// It cannot be read, or is no private key that opens bundles.
pub fn read_key(path: &Path) -> Result<GatewayKey, Fault> {
    let bytes = read_at_most(path, TEXT_AT_MOST)?;
    let text = String::from_utf8(bytes).map(SecretString::from).unwrap_or_else(|error| {
        error.into_bytes().zeroize();
        SecretString::default()
    });
    GatewayKey::from_text(&text).map_err(|problem| unusable(path, &problem.to_string()))
}

/// Reads a file `allowed_signers`.
///
/// # Errors
/// It cannot be read, or holds something else than the keys that may sign bundles.
pub fn read_signers(path: &Path) -> Result<AllowedSigners, Fault> {
    let bytes = read_at_most(path, TEXT_AT_MOST)?;
    AllowedSigners::from_text(&String::from_utf8_lossy(&bytes))
        .map_err(|problem| unusable(path, &problem.to_string()))
}

/// A file with a secret, of at most so many bytes.
pub(super) fn read_secret(path: &Path, at_most: u64) -> Result<SecretSlice<u8>, Fault> {
    read_at_most(path, at_most).map(SecretSlice::from)
}

fn unusable(path: &Path, problem: &str) -> Fault {
    let (what, fix) = problem.split_once(". ").unwrap_or((problem, "Choose another file."));
    Fault::new(FaultCode::InvalidInput, format!("{}: {what}.", path.display()), fix)
}

fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        if file.metadata()?.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        file.take(limit + 1).read_to_end(&mut bytes)
    });
    read.map(|_| bytes).map_err(|error| {
        let fix = match error.kind() {
            io::ErrorKind::NotFound => "Check the path.",
            io::ErrorKind::PermissionDenied if cfg!(windows) => "Run this as an administrator.",
            io::ErrorKind::PermissionDenied => "Run this as an account that may read it, such as root.",
            _ => "Choose a file that can be read.",
        };
        Fault::new(FaultCode::StorageFailed, format!("{} cannot be read: {error}.", path.display()), fix)
    })
}
