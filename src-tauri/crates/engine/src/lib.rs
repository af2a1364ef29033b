//! What Gatehouse knows: the journey, the diagnosis, the sync and the export. It knows no window and no terminal.
//!
//! Read [`Gatehouse`] first: it is the whole surface. Everything else here is data it hands out.
//!
//! - [`journey`] the ten steps as a table, and a pure function from evidence to the state of each;
//! - [`diagnosis`] evidence is gathered, then judged by one pure check per finding;
//! - [`sync`] and [`access`] read the directory into a file, and say what access rules mean in people;
//! - [`export`] writes the gateway config;
//! - [`vault`] keeps secrets in the keychain, or in memory.

pub mod access;
pub mod bundle;
pub mod catalogue;
pub mod clock;
pub mod connection;
pub mod consent_callback;
pub mod diagnosis;
pub mod evidence;
pub mod explain;
pub mod export;
mod fault;
pub mod fleet;
mod gatehouse;
pub mod gateways;
pub mod hand_off;
pub mod history;
pub mod input;
pub mod journey;
pub mod on_gateway;
pub mod outputs;
pub mod portal;
pub mod profile;
pub mod reminders;
pub mod report;
pub mod rotation;
pub mod schedule;
pub mod settings;
mod sign_in_key;
mod store;
pub mod sync;
mod unique;
pub mod vault;
pub mod words;

pub use entra::{CertificateField, CertificateProblem, ClientCertificate, Cloud, Endpoints, KeySize};
pub use fault::{Fault, FaultCode};
pub use gatehouse::{
    CERTIFICATE_DAYS, CertificateImport, CertificateOrder, CheckRequest, CredentialTry, CurrentCredential,
    DirectorySummary, Gatehouse, GatewayList, GatewaysRemoved, Keep, KeepKey, NewConnection, NewCredential,
    Registration, Report, RotationTrial, SecretEntry, Setup, SyncRequest,
};
pub use store::SetAside;
