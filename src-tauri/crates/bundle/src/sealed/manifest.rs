//! `manifest.json`: whose bundle it is, and what stands in it.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

use super::{
    hex,
    limits::{MAX_ALL_BYTES, MAX_FILE_BYTES, MAX_FILES},
    member_name::MemberName,
    problem::OpenProblem,
};
use crate::{gateway_name::GatewayName, problem::ConfigProblem, spelling, text};

/// The content of `manifest.json`, version 1. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Names the format and its version.
    pub format: BundleFormat,
    /// True when the bundle was made against the practice tenant. A gateway in production refuses it.
    pub practice: bool,
    /// The gateway that the bundle is for.
    pub gateway: GatewayName,
    /// The fingerprint of the key that the bundle is sealed to: `SHA256:…`, or an age recipient as it is.
    pub recipient: String,
    /// The connection that the files configure.
    pub connection: ConnectionIds,
    /// A label of the credential inside, such as a secret's key id or a certificate's thumbprint; never the secret.
    pub credential_id: String,
    /// Grows with every bundle for the gateway, 1 to 2^53 - 1.
    pub sequence: u64,
    /// When the bundle was made.
    #[serde(with = "spelling::time")]
    pub created_at: Timestamp,
    /// The first moment at which the bundle is no longer good. Later than `created_at`.
    #[serde(with = "spelling::time")]
    pub ends_at: Timestamp,
    /// The SHA-256 of the member `SHA256SUMS`, 64 lower-case hex digits.
    pub sha256sums: String,
    /// The files, sorted by the bytes of their names.
    pub files: Vec<ManifestFile>,
}

/// A connection to a tenant, as people and programs name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionIds {
    /// The connection's name, for people. 1 to 100 characters.
    pub name: String,
    /// Directory (tenant) ID.
    #[serde(with = "spelling::guid")]
    pub tenant_id: Uuid,
    /// Application (client) ID.
    #[serde(with = "spelling::guid")]
    pub client_id: Uuid,
}

/// One file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestFile {
    /// Its name, perhaps with folders.
    pub name: MemberName,
    /// Its size in bytes, at most 1 MiB.
    pub bytes: usize,
    /// Its SHA-256, 64 lower-case hex digits.
    pub sha256: String,
    /// The mode it is installed with. In the archive every file has 0600.
    pub mode: FileMode,
}

/// The mode that a file is installed with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FileMode {
    /// Its owner reads and writes it: `0600`. The mode for everything secret.
    #[default]
    #[serde(rename = "0600")]
    Private,
    /// Its group reads it too: `0640`.
    #[serde(rename = "0640")]
    Group,
    /// Everybody reads it: `0644`.
    #[serde(rename = "0644")]
    Public,
    /// Its owner runs it: `0700`.
    #[serde(rename = "0700")]
    PrivateProgram,
    /// Everybody runs it: `0755`.
    #[serde(rename = "0755")]
    PublicProgram,
}

impl FileMode {
    /// The mode as a number, such as `0o600`.
    pub fn bits(self) -> u32 {
        match self {
            Self::Private => 0o600,
            Self::Group => 0o640,
            Self::Public => 0o644,
            Self::PrivateProgram => 0o700,
            Self::PublicProgram => 0o755,
        }
    }
}

/// The value of `format` in version 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BundleFormat;

impl BundleFormat {
    /// The text in the file.
    pub const ID: &str = "gatehouse.bundle/1";
}

impl Serialize for BundleFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::ID)
    }
}

impl<'de> Deserialize<'de> for BundleFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let good = String::deserialize(deserializer)? == Self::ID;
        good.then_some(Self).ok_or_else(|| D::Error::custom("another format"))
    }
}

impl Manifest {
    /// The file's bytes: UTF-8, keys in the order of the fields, two spaces per level, a line break at the end.
    pub fn to_json(&self) -> Vec<u8> {
        #[expect(
            clippy::expect_used,
            reason = "string keys only, written to memory: there is nothing to fail"
        )]
        let mut bytes = serde_json::to_vec_pretty(self).expect("a manifest is always representable");
        bytes.push(b'\n');
        bytes
    }

    /// The member `SHA256SUMS`: a line for every file, as `sha256sum` prints it.
    pub fn sums(&self) -> String {
        self.files.iter().fold(String::new(), |mut text, file| {
            let _ = writeln!(text, "{}  {}", file.sha256, file.name);
            text
        })
    }

    /// Refuses what another version may have written, before anything else is looked at.
    pub(crate) fn check_version(bytes: &[u8]) -> Result<(), OpenProblem> {
        #[derive(Deserialize)]
        struct Head {
            format: String,
        }
        match serde_json::from_slice::<Head>(bytes) {
            Ok(Head { format }) if format != BundleFormat::ID => Err(OpenProblem::UnknownVersion),
            _ => Ok(()),
        }
    }

    /// Reads exactly the bytes that [`to_json`](Self::to_json) writes, and nothing that only means the same. It tells
    /// nothing about who wrote them.
    ///
    /// # Errors
    /// [`OpenProblem::Manifest`] with the field that breaks a rule of the format.
    pub fn from_json(bytes: &[u8]) -> Result<Self, OpenProblem> {
        let problem = |field: String, what: &str| OpenProblem::Manifest { field, what: what.to_owned() };
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let manifest: Self = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let field = error.path().to_string();
            if error.inner().is_data() && field != "." {
                problem(field, "is not a value that this format has")
            } else {
                problem(String::new(), "is not the JSON object that this format has")
            }
        })?;
        manifest.check().map_err(|found| problem(found.field, &found.what))?;
        if manifest.to_json() != bytes {
            return Err(problem(String::new(), "is not written in the one spelling that this format has"));
        }
        Ok(manifest)
    }

    /// Refuses what breaks a rule of the format.
    pub(crate) fn check(&self) -> Result<(), ConfigProblem> {
        text::check_name("connection.name", &self.connection.name, 100)?;
        text::check_name("credential_id", &self.credential_id, 128)?;
        text::check_name("recipient", &self.recipient, 100)?;
        if !(1..=9_007_199_254_740_991).contains(&self.sequence) {
            return Err(ConfigProblem::new(
                "sequence",
                "is not between 1 and 9007199254740991",
                "Use a whole number in that range.",
            ));
        }
        if self.ends_at <= self.created_at {
            return Err(ConfigProblem::new(
                "ends_at",
                "is not later than created_at",
                "Renew the credential first; a bundle ends with it.",
            ));
        }
        if !hex::is_sha256(&self.sha256sums) {
            return Err(ConfigProblem::new(
                "sha256sums",
                "is not a SHA-256",
                "Write 64 lower-case hex digits.",
            ));
        }
        check_files(&self.files)
    }
}

fn check_files(files: &[ManifestFile]) -> Result<(), ConfigProblem> {
    let field = |index: usize| format!("files[{index}]");
    if files.is_empty() || files.len() > MAX_FILES {
        return Err(ConfigProblem::new(
            "files",
            format!("are {}, and a bundle holds 1 to {MAX_FILES}", files.len()),
            "Put fewer files into the bundle.",
        ));
    }
    for (index, file) in files.iter().enumerate() {
        if file.bytes > MAX_FILE_BYTES {
            let fix = "Leave it out, or make it smaller.";
            return Err(ConfigProblem::new(field(index), "is larger than 1 MiB", fix));
        }
        if !hex::is_sha256(&file.sha256) {
            return Err(ConfigProblem::new(
                field(index),
                "has no SHA-256",
                "Write 64 lower-case hex digits.",
            ));
        }
    }
    if files.iter().map(|file| file.bytes).sum::<usize>() > MAX_ALL_BYTES {
        return Err(ConfigProblem::new("files", "are larger than 4 MiB together", "Leave some out."));
    }
    if let Some(index) = files.windows(2).position(|pair| matches!(pair, [a, b] if a.name >= b.name)) {
        let fix = "Sort the files by the bytes of their names, each name once.";
        return Err(ConfigProblem::new(field(index + 1), "is not in order", fix));
    }
    let names: Vec<String> = files.iter().map(|file| file.name.folded()).collect();
    for (index, name) in names.iter().enumerate() {
        let clashes = |(other, earlier): (usize, &String)| {
            other != index
                && (earlier == name
                    || earlier.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/')))
        };
        if names.iter().enumerate().any(clashes) {
            let fix = "Give it a name that differs in more than case, and is no other file's folder.";
            return Err(ConfigProblem::new(field(index), "has the same place as another file", fix));
        }
    }
    Ok(())
}
