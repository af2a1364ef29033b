//! Sealed bundles: a tar inside an age file, described by a signed manifest.

mod age_file;
mod gateway_key;
mod hex;
mod limits;
mod manifest;
mod member_name;
mod open;
mod problem;
mod seal;
mod signers;
pub(crate) mod sshsig;
mod tar;

pub use age_file::{Inspection, SealedFor, SealedTo, inspect};
pub use gateway_key::{GatewayKey, GatewayKeyProblem};
pub use limits::{MAX_ALL_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_SEALED_BYTES};
pub use manifest::{BundleFormat, ConnectionIds, FileMode, Manifest, ManifestFile};
pub use member_name::MemberName;
pub use open::{Expectations, OpenedBundle, UnprovenContent, look_inside, open};
pub use problem::{OpenProblem, TarFault};
pub use seal::{BundleContent, BundleFile, seal};
pub use signers::{AllowedSigners, SignerProblem, SigningKey, VerifyingKey};

pub(crate) use hex::is_sha256;
