//! One key with several gateways: each of them opens what is sealed for the others. Pure.

use std::collections::BTreeMap;

use bundle::GatewayName;

use super::Gateway;
use crate::words;

/// Gateways that have one and the same key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedKey {
    /// The key's fingerprint.
    pub fingerprint: String,
    /// The gateways, two or more, by name.
    pub gateways: Vec<GatewayName>,
}

impl SharedKey {
    /// What that means, as a sentence.
    pub fn says(&self) -> String {
        let names: Vec<String> = self.gateways.iter().map(ToString::to_string).collect();
        let can = match names.len() {
            0..=2 => "either of them can open what is sealed for the other",
            _ => "each of them can open what is sealed for the others",
        };
        format!("{} have the same key: {can}.", words::names(&names))
    }
}

/// The keys that one of these gateways has in common with others.
pub(crate) fn shared_keys(gateways: &[Gateway], of: impl Fn(&GatewayName) -> bool) -> Vec<SharedKey> {
    let mut holders: BTreeMap<&str, Vec<&Gateway>> = BTreeMap::new();
    for gateway in gateways {
        if let Some(line) = &gateway.recipient {
            holders.entry(line).or_default().push(gateway);
        }
    }
    let shared = holders
        .into_values()
        .filter(|holders| holders.len() > 1 && holders.iter().any(|gateway| of(&gateway.name)));
    let shared = shared.filter_map(|holders| {
        let fingerprint = holders.first()?.key()?.fingerprint().to_owned();
        let mut gateways: Vec<GatewayName> = holders.iter().map(|gateway| gateway.name.clone()).collect();
        gateways.sort();
        Some(SharedKey { fingerprint, gateways })
    });
    let mut shared: Vec<SharedKey> = shared.collect();
    shared.sort_by(|one, other| one.gateways.cmp(&other.gateways));
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateways::sample;

    #[test]
    fn gateways_with_one_key_are_named_together() {
        let list = [("c", 1), ("a", 1), ("b", 2), ("d", 2), ("e", 3), ("f", 2)];
        let gateways = list.map(|(name, key)| sample::gateway(name, key, &[]));
        let said = |names: &[&str]| -> Vec<String> {
            let shared = shared_keys(&gateways, |name| names.contains(&name.as_str()));
            shared.iter().map(SharedKey::says).collect()
        };
        assert_eq!(
            said(&["a"]),
            ["a and c have the same key: either of them can open what is sealed for the other."]
        );
        assert_eq!(
            said(&["a", "f", "e"])[1],
            "b, d and f have the same key: each of them can open what is sealed for the others."
        );
        assert!(said(&["e"]).is_empty(), "nobody else has that key");
    }
}
