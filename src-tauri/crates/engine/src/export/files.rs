//! The files of a written config.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bundle::GatewayConfig;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::hex;
use crate::{
    evidence::{WrittenConfig, WrittenFile},
    fault::{Fault, FaultCode},
    gatehouse::CurrentCredential,
    store::atomic,
};

/// What to write, and where.
#[derive(Clone, Debug)]
pub struct WriteRequest {
    /// The folder; it is made when it is not there.
    pub folder: PathBuf,
    /// Whether `gateway.env` holds the client secret, or the certificate and its key lie beside it.
    pub secret: SecretInEnv,
    /// What to do with files that are there already.
    pub existing: Existing,
}

/// Whether `gateway.env` holds the client secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretInEnv {
    /// The gateway gets it another way.
    LeaveOut,
    /// The admin asked for it in so many words.
    Include,
}

/// What to do with files that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave them, and say so.
    Keep,
    /// Replace them.
    Replace,
}

const CONFIG: &str = "gateway.json";
const ENVIRONMENT: &str = "gateway.env";
const SCHEMA: &str = "gateway.schema.json";
const TRUST: &str = "gateway-ca.pem";
/// The certificate and its key, to which the config refers by this name.
const CERTIFICATE: &str = "client-certificate.pem";

/// Writes all files, each one whole or not at all, then reads the config back.
pub(crate) fn write(
    config: &GatewayConfig,
    request: &WriteRequest,
    credential: Option<&CurrentCredential>,
    ca_pem: Option<&[u8]>,
    settings: String,
    now: Timestamp,
) -> Result<WrittenConfig, Fault> {
    let folder = usable(&request.folder)?;
    let (secret, certificate) = match credential {
        Some(CurrentCredential::Secret(secret)) => (Some(secret), None),
        Some(CurrentCredential::CertificatePem(pem)) => (None, Some(pem)),
        None => (None, None),
    };
    let trust = ca_pem.map(|_| folder.join(TRUST));
    let trust_text = trust.as_ref().map(|path| path.to_string_lossy().into_owned());
    let environment = bundle::gateway_env(config, secret, trust_text.as_deref()).map_err(|problem| {
        Fault::field(
            "folder",
            format!("{ENVIRONMENT} cannot be written: {problem}"),
            "Mend the value, then write again.",
        )
    })?;
    let json = config.to_json();
    let schema = bundle::json_schema();
    let mut files: Vec<(&str, &[u8], bool)> = vec![
        (CONFIG, &json, false),
        (ENVIRONMENT, environment.expose_secret().as_bytes(), secret.is_some()),
        (SCHEMA, schema.as_bytes(), false),
    ];
    if let Some(pem) = ca_pem {
        files.push((TRUST, pem, false));
    }
    if let Some(pem) = certificate {
        files.push((CERTIFICATE, pem.expose_secret().as_bytes(), true));
    }
    if request.existing == Existing::Keep
        && let Some((name, ..)) = files.iter().find(|(name, ..)| folder.join(name).exists())
    {
        return Err(Fault {
            code: FaultCode::AlreadyThere,
            field: Some("folder"),
            what: format!("{name} is there already, in {}.", folder.display()),
            fix: "Choose another folder, or say that it may be replaced.".to_owned(),
        });
    }
    let mut written = Vec::with_capacity(files.len());
    for (name, bytes, holds_secret) in files {
        let path = folder.join(name);
        atomic::write_private(&path, bytes)
            .map_err(|error| Fault::storage("Could not write", &path, &error))?;
        written.push(WrittenFile {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
            holds_secret,
        });
    }
    let folder = folder.to_string_lossy().into_owned();
    let mut config = WrittenConfig { written_at: now, folder, files: written, settings, unreadable: None };
    config.unreadable = changed_on_the_way(&config).or_else(|| read_back(&config));
    Ok(config)
}

/// The first file that is not on disk as it was written.
fn changed_on_the_way(written: &WrittenConfig) -> Option<String> {
    let folder = Path::new(&written.folder);
    written.files.iter().find_map(|file| match fs::read(folder.join(&file.name)) {
        Ok(bytes) if hex(&Sha256::digest(&bytes)) == file.sha256 => None,
        Ok(_) => Some(format!("{} is not as it was written", file.name)),
        Err(error) => Some(format!("{}: {error}", file.name)),
    })
}

/// Why the config on disk does not read back, if it does not.
pub(crate) fn read_back(written: &WrittenConfig) -> Option<String> {
    let folder = Path::new(&written.folder);
    for file in &written.files {
        let bytes = match fs::read(folder.join(&file.name)) {
            Ok(bytes) => bytes,
            // The secret's file is moved to the gateway; only the config itself has to stay readable here.
            Err(error) if error.kind() == io::ErrorKind::NotFound && file.name != CONFIG => continue,
            Err(error) => return Some(format!("{}: {error}", file.name)),
        };
        if file.name == CONFIG {
            if let Err(problem) = GatewayConfig::from_json(&bytes) {
                return Some(format!("{}: {problem}", file.name));
            }
            if hex(&Sha256::digest(&bytes)) != file.sha256 {
                return Some(format!("{} was changed after it was written", file.name));
            }
        }
    }
    None
}

pub(crate) fn usable(folder: &Path) -> Result<PathBuf, Fault> {
    if folder.as_os_str().is_empty() {
        return Err(Fault::field("folder", "No folder was given.", "Choose the folder to write to."));
    }
    if !folder.is_absolute() {
        return Err(Fault::field(
            "folder",
            format!("{} is not a whole path.", folder.display()),
            "Give the path from the root on.",
        ));
    }
    if folder.exists() && !folder.is_dir() {
        return Err(Fault::field("folder", format!("{} is a file.", folder.display()), "Choose a folder."));
    }
    Ok(folder.to_path_buf())
}
