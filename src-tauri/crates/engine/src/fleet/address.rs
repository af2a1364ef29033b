//! What a gateway's address label tells an engine that goes there.

use std::net::{IpAddr, Ipv6Addr};

/// Where to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) user: Option<String>,
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

/// Reads `host`, `host:port`, `[address]:port` or an IPv6 address, with `user@` before it or without. A label that is
/// none of these is a note for people.
pub(super) fn read(label: &str) -> Option<Address> {
    let label = label.trim();
    let (user, place) = match label.split_once('@') {
        Some((user, place)) if is_user(user) => (Some(user.to_owned()), place),
        Some(_) => return None,
        None => (None, label),
    };
    if place.parse::<Ipv6Addr>().is_ok() {
        return Some(Address { user, host: place.to_owned(), port: None });
    }
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok().filter(|port| *port > 0)?)),
        None => (place, None),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let good = match bare {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4()) || is_host_name(host),
    };
    good.then(|| Address { user, host: bare.unwrap_or(host).to_owned(), port })
}

fn is_host_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// As useradd(8) takes them.
fn is_user(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn labels_that_are_addresses_are_read() {
        for (label, expected) in [
            ("plant-3.example", (None, "plant-3.example", None)),
            (" plant-3.example:2222 ", (None, "plant-3.example", Some(2222))),
            ("10.0.0.3", (None, "10.0.0.3", None)),
            ("admin@10.0.0.3:22", (Some("admin"), "10.0.0.3", Some(22))),
            ("2001:db8::3", (None, "2001:db8::3", None)),
            ("[2001:db8::3]:2222", (None, "2001:db8::3", Some(2222))),
        ] {
            let found = read(label).unwrap();
            assert_eq!((found.user.as_deref(), found.host.as_str(), found.port), expected, "{label}");
        }
    }

    #[test]
    fn other_labels_are_notes_for_people() {
        for label in [
            "",
            "Building 4, second floor",
            "host:0",
            "host:65536",
            "host:port",
            "a:b:c",
            "[10.0.0.3]:22",
            "-oProxyCommand=id",
            "-x@host",
            "host/path",
            "{{ lookup('env','HOME') }}",
            "{{x}}:22",
            "host name",
            "h\u{f6}st",
            "a..b",
            "user@",
            "@host",
        ] {
            assert_eq!(read(label), None, "{label}");
        }
    }
}
