//! Host names as `known_hosts` and `ssh-keyscan` write them.

use bundle::GatewayName;

use super::super::{Gateway, gateway_name};

/// `host` or `host:port` for `host`, `[host]:22` and `[host]:2222`.
pub(super) fn address(written: &str) -> String {
    let (host, port) = split(written);
    match port {
        None | Some("22") => host.to_owned(),
        Some(port) if host.contains(':') => format!("[{host}]:{port}"),
        Some(port) => format!("{host}:{port}"),
    }
}

/// Whether a host's written name is this gateway: its name, or its address.
pub(super) fn is_of(written: &str, gateway: &Gateway) -> bool {
    let host = address(written);
    let own = gateway.address.as_deref().map(|own| address(own.rsplit('@').next().unwrap_or(own)));
    own.is_some_and(|own| own.eq_ignore_ascii_case(&host))
        || host.eq_ignore_ascii_case(gateway.name.as_str())
        || name_from(written).is_some_and(|name| name.as_str().eq_ignore_ascii_case(gateway.name.as_str()))
}

/// A name for a new gateway: the host's, with hyphens for what a gateway's name cannot have.
pub(super) fn name_from(written: &str) -> Option<GatewayName> {
    let plain = address(written).replace(['[', ']'], "").replace(':', "-");
    gateway_name(plain.trim_matches('-')).ok()
}

/// Host and port of `[host]:port`, `host:port` and `host`; an IPv6 address without brackets has no port.
fn split(written: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = written.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':').filter(|port| !port.is_empty()));
    }
    match written.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (written, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_become_addresses_and_names() {
        for (written, expected, name) in [
            ("plant-3", "plant-3", "plant-3"),
            ("plant-3.contoso.com", "plant-3.contoso.com", "plant-3.contoso.com"),
            ("[10.0.0.5]:2222", "10.0.0.5:2222", "10.0.0.5-2222"),
            ("[10.0.0.5]:22", "10.0.0.5", "10.0.0.5"),
            ("10.0.0.5:2222", "10.0.0.5:2222", "10.0.0.5-2222"),
            ("fd00::5", "fd00::5", "fd00--5"),
            ("[fd00::5]:2222", "[fd00::5]:2222", "fd00--5-2222"),
        ] {
            assert_eq!(address(written), expected);
            assert_eq!(name_from(written).unwrap().as_str(), name);
        }
        assert_eq!(name_from("*"), None);
        assert_eq!(name_from("con"), None, "no file on Windows can be called so");
    }

    #[test]
    fn the_account_in_an_address_is_not_the_host() {
        let mut gateway = Gateway::named(GatewayName::new("plant-3").unwrap());
        gateway.address = Some("admin@10.0.0.5:2222".to_owned());
        assert!(is_of("[10.0.0.5]:2222", &gateway) && !is_of("admin", &gateway));
    }

    #[test]
    fn a_gateway_is_known_by_name_and_by_address() {
        let mut gateway = Gateway::named(GatewayName::new("plant-3").unwrap());
        gateway.address = Some("10.0.0.5:2222".to_owned());
        for written in ["plant-3", "PLANT-3", "[10.0.0.5]:2222", "10.0.0.5:2222"] {
            assert!(is_of(written, &gateway), "{written}");
        }
        for written in ["plant-30", "10.0.0.5", "[10.0.0.5]:2223"] {
            assert!(!is_of(written, &gateway), "{written}");
        }
    }
}
