//! What hands sealed bundles out to many gateways, for an engine that the admin already has: Ansible.
//!
//! Nothing here is secret. Each host gets its own sealed file and opens it with its own host key; the files written here
//! know names, addresses and public keys only.

mod address;
mod ansible;
#[cfg(test)]
mod tests;

use bundle::{GatewayName, Recipient};

pub use ansible::ansible;

use crate::outputs::InstallFolder;

/// The gateways that sealed bundles were written for.
#[derive(Clone, Copy, Debug)]
pub struct Fleet<'a> {
    /// The connection's name, for people.
    pub connection: &'a str,
    /// Whether the bundles were made against the practice tenant.
    pub practice: bool,
    /// Where bundles are installed.
    pub installed_in: &'a InstallFolder,
    /// The gateways, in any order.
    pub hosts: &'a [FleetHost<'a>],
}

/// One gateway that a sealed bundle was written for.
#[derive(Clone, Copy, Debug)]
pub struct FleetHost<'a> {
    /// Its name; the sealed file is [`GatewayName::file_name`] in the same folder.
    pub gateway: &'a GatewayName,
    /// The label that says where it is. `host`, `host:port` and `user@host` are used, other labels are left out.
    pub address: Option<&'a str>,
    /// The key that its bundle is sealed to.
    pub recipient: &'a Recipient,
}

/// One file to write beside the sealed bundles. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetFile {
    /// Its name in the folder of the sealed bundles.
    pub name: &'static str,
    /// Its bytes.
    pub content: Vec<u8>,
}
