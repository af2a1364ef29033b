//! Keys from pasted text: which gateway each one belongs to, and what giving it would change. Pure.

mod hosts;

use std::collections::{BTreeMap, BTreeSet};

use bundle::{GatewayName, KeyLine, KeyLines, Recipient, RecipientKind};

use super::{Gateway, SharedKey, find, find_mut, gateway_name, shared_keys};
use crate::fault::Fault;

/// The keys to give, as text: one line, a `.pub` file, `known_hosts`, or what `ssh-keyscan` prints.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// The text.
    pub text: String,
    /// The gateway that all of it is about; without it, the host names in the text decide.
    pub gateway: Option<String>,
    /// Whether hosts that are no gateways yet become some.
    pub new: NewGateways,
    /// Fingerprints of the new keys that may take the place of an earlier one.
    pub confirmed: Vec<String>,
}

/// What to do about hosts that are no gateways yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewGateways {
    /// Each becomes a gateway.
    Make,
    /// They are passed over.
    Leave,
}

/// What a text of keys holds, before anything is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPreview {
    /// The keys, in the order of the text.
    pub found: Vec<FoundKey>,
    /// Lines that are neither a usable key nor a remark.
    pub problems: Vec<KeyProblem>,
    /// Keys that several gateways would have in common.
    pub shared: Vec<SharedKey>,
}

/// One key of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundKey {
    /// The line's number, from 1.
    pub line: usize,
    /// The host's names as they are written there.
    pub hosts: Vec<String>,
    /// The key.
    pub recipient: Recipient,
    /// What would become of it.
    pub target: KeyTarget,
}

/// What would become of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyTarget {
    /// A gateway that has no key yet gets it.
    Gives(GatewayName),
    /// The gateway has this key already.
    Has(GatewayName),
    /// It takes the place of the gateway's key; this has to be confirmed.
    Changes(KeyChange),
    /// A new gateway is made for it.
    Makes {
        /// The new gateway's name.
        gateway: GatewayName,
        /// Where it is, as `host` or `host:port`.
        address: String,
    },
    /// Another key of the same gateway is preferred: its present one, else an Ed25519 key.
    Spare(GatewayName),
    /// The text has several keys of this kind for one gateway, and nothing tells which is right.
    Ambiguous(GatewayName),
    /// The line names no host that could be a gateway.
    Nameless,
}

/// A gateway's key that would be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The gateway.
    pub gateway: GatewayName,
    /// Fingerprint of its present key.
    pub from: String,
    /// Fingerprint of the new one.
    pub to: String,
}

/// A line that is no usable key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProblem {
    /// The line's number, from 1.
    pub line: usize,
    /// The host's names, as far as the line tells.
    pub hosts: Vec<String>,
    /// What is the matter, and what to do.
    pub what: String,
}

/// What came of giving keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysOutcome {
    /// They were given.
    Applied(KeysApplied),
    /// Nothing was changed: these changes have to be confirmed first.
    Asks(Vec<KeyChange>),
}

/// Which gateways got a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeysApplied {
    /// New gateways.
    pub made: Vec<GatewayName>,
    /// Gateways that had no key.
    pub given: Vec<GatewayName>,
    /// Gateways whose key was replaced.
    pub changed: Vec<GatewayName>,
    /// Gateways that had the key already.
    pub same: Vec<GatewayName>,
    /// Keys that several gateways have in common since, or had before.
    pub shared: Vec<SharedKey>,
}

/// What the text holds, and what would become of it.
///
/// # Errors
/// The gateway that it is about has a name that breaks the rules.
pub(crate) fn preview(gateways: &[Gateway], request: &KeyRequest) -> Result<KeyPreview, Fault> {
    let named = request.gateway.as_deref().map(gateway_name).transpose()?;
    let KeyLines { found, problems } = KeyLines::read(&request.text);
    let places: Vec<Option<Place>> =
        found.iter().map(|key| Place::of(key, named.as_ref(), gateways)).collect();
    let chosen = choose(&found, &places, gateways);
    let found = found.into_iter().zip(places).enumerate().map(|(index, (key, place))| FoundKey {
        line: key.line,
        target: target(index, &key, place, &chosen, gateways),
        hosts: key.hosts,
        recipient: key.recipient,
    });
    let problems = problems.into_iter().map(|problem| KeyProblem {
        line: problem.line,
        hosts: problem.hosts,
        what: problem.problem.to_string(),
    });
    let mut preview = KeyPreview { found: found.collect(), problems: problems.collect(), shared: Vec::new() };
    preview.shared = give(&mut gateways.to_vec(), &preview.found, request.new).shared;
    Ok(preview)
}

/// Gives the keys of the text to their gateways. When one of them would replace a key and that was not confirmed,
/// nothing is changed.
///
/// # Errors
/// As [`preview`].
pub(crate) fn apply(gateways: &mut Vec<Gateway>, request: &KeyRequest) -> Result<KeysOutcome, Fault> {
    let preview = preview(gateways, request)?;
    let asks: Vec<KeyChange> = preview
        .found
        .iter()
        .filter_map(|key| match &key.target {
            KeyTarget::Changes(change) if !request.confirmed.contains(&change.to) => Some(change.clone()),
            _ => None,
        })
        .collect();
    if !asks.is_empty() {
        return Ok(KeysOutcome::Asks(asks));
    }
    Ok(KeysOutcome::Applied(give(gateways, &preview.found, request.new)))
}

fn give(gateways: &mut Vec<Gateway>, found: &[FoundKey], new: NewGateways) -> KeysApplied {
    let mut applied = KeysApplied::default();
    let mut touched = BTreeSet::new();
    for FoundKey { recipient, target, .. } in found {
        let (name, list) = match target.clone() {
            KeyTarget::Gives(name) => (name, &mut applied.given),
            KeyTarget::Changes(change) => (change.gateway, &mut applied.changed),
            KeyTarget::Has(name) => (name, &mut applied.same),
            KeyTarget::Makes { gateway, address } if new == NewGateways::Make => {
                let address = Some(address).filter(|address| !address.is_empty());
                gateways.push(Gateway { address, ..Gateway::named(gateway.clone()) });
                (gateway, &mut applied.made)
            }
            _ => continue,
        };
        if let Some(gateway) = find_mut(gateways, name.as_str()) {
            gateway.give_key(recipient);
        }
        touched.insert(folded(&name));
        list.push(name);
    }
    applied.shared = shared_keys(gateways, |name| touched.contains(&folded(name)));
    applied
}

/// The gateway that a key belongs to.
struct Place {
    gateway: GatewayName,
    address: String,
}

impl Place {
    fn of(key: &KeyLine, named: Option<&GatewayName>, gateways: &[Gateway]) -> Option<Self> {
        let address = key.hosts.first().map(|host| hosts::address(host)).unwrap_or_default();
        if let Some(name) = named {
            let gateway = find(gateways, name.as_str()).map_or(name, |known| &known.name).clone();
            return Some(Self { gateway, address });
        }
        let known = gateways.iter().find(|gateway| key.hosts.iter().any(|host| hosts::is_of(host, gateway)));
        if let Some(known) = known {
            return Some(Self { gateway: known.name.clone(), address });
        }
        let proposed = key.hosts.iter().find_map(|host| hosts::name_from(host));
        let proposed = proposed.map(|gateway| Self { gateway, address });
        proposed.or_else(|| {
            // A host key's comment is root@ and the host's name.
            let host = key.hosts.is_empty().then(|| key.recipient.comment().split_once('@')).flatten()?.1;
            let gateway =
                find(gateways, host).map(|known| known.name.clone()).or_else(|| hosts::name_from(host))?;
            Some(Self { gateway, address: host.to_owned() })
        })
    }
}

/// For each gateway, the key that it would have, or that nothing tells which.
enum Chosen {
    Key(usize),
    Ambiguous(RecipientKind),
}

fn choose(found: &[KeyLine], places: &[Option<Place>], gateways: &[Gateway]) -> BTreeMap<String, Chosen> {
    let mut chosen: BTreeMap<String, Chosen> = BTreeMap::new();
    for (index, (key, place)) in found.iter().zip(places).enumerate() {
        let Some(place) = place else { continue };
        let present = find(gateways, place.gateway.as_str()).and_then(Gateway::key);
        let weight = |key: &Recipient| (present.as_ref() == Some(key), preference(key.kind()));
        let best = match chosen.get(&folded(&place.gateway)) {
            None => Chosen::Key(index),
            Some(Chosen::Ambiguous(kind)) if preference(key.recipient.kind()) <= preference(*kind) => {
                continue;
            }
            Some(Chosen::Ambiguous(_)) => Chosen::Key(index),
            Some(Chosen::Key(other)) => {
                let other = &found[*other].recipient;
                match weight(&key.recipient).cmp(&weight(other)) {
                    std::cmp::Ordering::Greater => Chosen::Key(index),
                    std::cmp::Ordering::Equal if *other != key.recipient => Chosen::Ambiguous(other.kind()),
                    _ => continue,
                }
            }
        };
        chosen.insert(folded(&place.gateway), best);
    }
    chosen
}

/// Ed25519 keys are short and sign fast; age keys cannot sign receipts.
fn preference(kind: RecipientKind) -> u8 {
    match kind {
        RecipientKind::SshEd25519 => 2,
        RecipientKind::SshRsa => 1,
        RecipientKind::X25519 => 0,
    }
}

fn target(
    index: usize,
    key: &KeyLine,
    place: Option<Place>,
    chosen: &BTreeMap<String, Chosen>,
    gateways: &[Gateway],
) -> KeyTarget {
    let Some(Place { gateway, address }) = place else { return KeyTarget::Nameless };
    match chosen.get(&folded(&gateway)) {
        Some(Chosen::Key(best)) if *best == index => {}
        Some(Chosen::Ambiguous(kind)) if *kind == key.recipient.kind() => {
            return KeyTarget::Ambiguous(gateway);
        }
        _ => return KeyTarget::Spare(gateway),
    }
    match find(gateways, gateway.as_str()) {
        None => KeyTarget::Makes { gateway, address },
        Some(known) => match known.key() {
            None => KeyTarget::Gives(gateway),
            Some(present) if present == key.recipient => KeyTarget::Has(gateway),
            Some(present) => KeyTarget::Changes(KeyChange {
                gateway,
                from: present.fingerprint().to_owned(),
                to: key.recipient.fingerprint().to_owned(),
            }),
        },
    }
}

fn folded(name: &GatewayName) -> String {
    name.as_str().to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
