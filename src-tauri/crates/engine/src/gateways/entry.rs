//! What an admin enters about one gateway, checked.

use bundle::GatewayName;

use super::{Gateway, find_mut, gateway_name};
use crate::{fault::Fault, outputs::Output};

/// The longest address, in characters: a user, a host name of 253 and a port.
const MAX_ADDRESS: usize = 300;

/// What is entered about one gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatewayEntry {
    /// Its name; one that is in the list already is changed.
    pub name: String,
    /// Where it is, such as `host`, `host:port` or `user@host`; empty for none.
    pub address: String,
    /// Id of the profile it is meant for; empty for the connection's.
    pub profile: String,
    /// What its bundles hold besides what all hold; empty for what the profile says.
    pub outputs: Vec<Output>,
}

/// An entry whose fields can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CheckedEntry {
    pub(super) name: GatewayName,
    pub(super) address: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) outputs: Vec<Output>,
}

/// # Errors
/// The first field that cannot be used.
pub(crate) fn checked_entry(entry: &GatewayEntry, connection_profile: &str) -> Result<CheckedEntry, Fault> {
    Ok(CheckedEntry {
        name: gateway_name(&entry.name)?,
        address: address(&entry.address)?,
        profile: profile(&entry.profile, connection_profile)?,
        outputs: sorted(&entry.outputs),
    })
}

/// Adds the gateway, or changes the one of this name.
pub(crate) fn enter(gateways: &mut Vec<Gateway>, entry: CheckedEntry) -> Gateway {
    let CheckedEntry { name, address, profile, outputs } = entry;
    if let Some(known) = find_mut(gateways, name.as_str()) {
        (known.address, known.profile, known.outputs) = (address, profile, outputs);
        return known.clone();
    }
    let made = Gateway { address, profile, outputs, ..Gateway::named(name) };
    gateways.push(made.clone());
    made
}

/// A label for people. Inventories use what looks like `host`, `host:port` or `user@host`.
pub(super) fn address(text: &str) -> Result<Option<String>, Fault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if text.chars().count() <= MAX_ADDRESS && !text.chars().any(char::is_control) {
        return Ok(Some(text.to_owned()));
    }
    let what = "This address is too long, or has a line break in it.";
    Err(Fault::field("address", what, "Write it like plant-3.contoso.com or 10.0.0.5:2222, or leave it out."))
}

/// One connection proves one profile, so a gateway with another one needs another connection.
pub(super) fn profile(text: &str, of_connection: &str) -> Result<Option<String>, Fault> {
    match text.trim() {
        "" => Ok(None),
        same if same == of_connection => Ok(Some(same.to_owned())),
        other => Err(Fault::field(
            "profile",
            format!("This connection proves the profile {of_connection}, not {other}."),
            "Leave the profile out, or make a connection of its own for this gateway.",
        )),
    }
}

pub(super) fn sorted(outputs: &[Output]) -> Vec<Output> {
    let mut outputs = outputs.to_vec();
    outputs.sort();
    outputs.dedup();
    outputs
}
