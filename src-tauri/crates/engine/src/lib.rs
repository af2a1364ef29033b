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
pub mod clock;
pub mod connection;
pub mod diagnosis;
pub mod evidence;
pub mod export;
mod fault;
mod gatehouse;
pub mod hand_off;
pub mod input;
pub mod journey;
pub mod portal;
pub mod profile;
pub mod settings;
mod store;
pub mod sync;
pub mod vault;
pub mod words;

pub use entra::{Cloud, Endpoints};
pub use fault::{Fault, FaultCode};
pub use gatehouse::{CheckRequest, Gatehouse, Keep, NewConnection, Registration, Report, SecretEntry, Setup};
pub use store::SetAside;
