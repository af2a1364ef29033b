//! The gateway config: bytes in, bytes out.
//!
//! `gateway.json` tells one gateway how to reach its tenant in Microsoft Entra ID, what to read from Microsoft
//! Graph, and which groups give which role. `gateway.env` carries the same connection in the variables that the
//! Azure SDKs read. `FORMAT.md`, beside this crate's manifest, specifies both for a vendor who reads them in
//! another language.
//!
//! This crate opens no file and no connection, reads no clock and starts no thread. A secret passes through
//! [`gateway_env`] only; `gateway.json` names the place of a secret and never holds one.

mod access;
mod check;
mod config;
mod env_file;
mod json;
mod problem;
mod schema;
mod spelling;
mod text;

pub use access::{Access, AccessRule, AccessRules, Otherwise, Role, SeveralRoles};
pub use config::{
    CloudId, CredentialReference, GatewayConfig, GatewayFormat, Permission, PublicClientSetting, SyncSettings,
};
pub use env_file::gateway_env;
pub use json::MAX_BYTES;
pub use problem::ConfigProblem;
pub use schema::json_schema;
