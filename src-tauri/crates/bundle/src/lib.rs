//! The gateway config and its sealed file: bytes in, bytes out.
//!
//! `gateway.json` tells one gateway how to reach its tenant in Microsoft Entra ID, what to read from Microsoft
//! Graph, and which groups give which role. `gateway.env` carries the same connection in the variables that the
//! Azure SDKs read. A sealed bundle carries these and other files to one gateway: [`seal`] makes it, [`open`] checks
//! and opens it, and the gateway answers with a [`Receipt`]. `FORMAT.md`, beside this crate's manifest, specifies
//! all of them for a vendor who reads them in another language.
//!
//! This crate opens no file and no connection, reads no clock and starts no thread. It draws no randomness itself; the
//! `age` library takes the key of each sealed file from the system. `gateway.json`, manifests and receipts name the
//! place or the label of a secret and never hold one.

mod access;
mod check;
mod config;
mod env_file;
mod gateway_name;
mod json;
mod problem;
mod receipt;
mod recipient;
mod schema;
mod sealed;
mod spelling;
mod text;

pub use access::{Access, AccessRule, AccessRules, Otherwise, Role, SeveralRoles};
pub use config::{
    CloudId, CredentialReference, GatewayConfig, GatewayFormat, Permission, PublicClientSetting, SyncSettings,
};
pub use env_file::gateway_env;
pub use gateway_name::GatewayName;
pub use json::MAX_BYTES;
pub use problem::ConfigProblem;
pub use receipt::{MAX_RECEIPT_BYTES, Receipt, ReceiptFormat, ReceiptProblem, SelfTest, verify_receipt};
pub use recipient::{KeyLine, KeyLineProblem, KeyLines, Recipient, RecipientKind, RecipientProblem};
pub use schema::json_schema;
pub use sealed::{
    AllowedSigners, BundleContent, BundleFile, BundleFormat, ConnectionIds, Expectations, FileMode,
    GatewayKey, GatewayKeyProblem, Inspection, MAX_ALL_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_SEALED_BYTES,
    Manifest, ManifestFile, MemberName, OpenProblem, OpenedBundle, SealedFor, SealedTo, SignerProblem,
    SigningKey, TarFault, UnprovenContent, VerifyingKey, inspect, look_inside, open, seal,
};
