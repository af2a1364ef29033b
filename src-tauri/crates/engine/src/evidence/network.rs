//! What the ways to the connection's hosts look like.

use entra::{NetworkPath, ProxySource};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::words;

/// The ways to the hosts, as they were gone beside the first requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkSeen {
    /// To the authority; absent when nobody has looked.
    pub authority: Option<NetworkPath>,
    /// To Microsoft Graph; absent when nobody has looked.
    pub graph: Option<NetworkPath>,
    /// To the hosts that list revoked certificates, port 80, TCP only. Empty for loopback endpoints.
    pub revocation: Vec<NetworkPath>,
}

impl NetworkSeen {
    /// The way to a host, which is named as a fault names it: with the port when it is not 443.
    pub fn way_to(&self, host: &str) -> Option<&NetworkPath> {
        [&self.authority, &self.graph].into_iter().flatten().find(|path| host_of(path) == host)
    }

    /// Some request goes through a proxy.
    pub fn is_proxied(&self) -> bool {
        [&self.authority, &self.graph].into_iter().flatten().any(|path| path.proxy.is_some())
    }

    /// The ways in words, with `` `code` `` around names and addresses: one line for each host, and one for those that
    /// list revoked certificates.
    pub fn lines(&self) -> Vec<String> {
        let hosts = [&self.authority, &self.graph].into_iter().flatten().map(line);
        hosts.chain(self.revocation_line()).collect()
    }

    fn revocation_line(&self) -> Option<String> {
        let tried: Vec<&NetworkPath> = self.revocation.iter().filter(|path| path.proxy.is_none()).collect();
        let blocked: Vec<String> = tried
            .iter()
            .filter(|path| path.stopped_at.is_some())
            .map(|path| format!("`{}`", path.host))
            .collect();
        let open = tried.len() - blocked.len();
        let mut line =
            format!("{open} of {} hosts that list revoked certificates answer on port 80", tried.len());
        if !blocked.is_empty() {
            line.push_str(&format!("; not {}", blocked.join(", ")));
        }
        (!tried.is_empty()).then(|| format!("{line}."))
    }
}

fn line(path: &NetworkPath) -> String {
    let mut parts = Vec::new();
    if let Some(proxy) = &path.proxy {
        let source = match &proxy.source {
            ProxySource::Variable(name) => format!("`{name}`"),
            ProxySource::System | ProxySource::Caller => proxy.source.to_string(),
        };
        parts.push(format!("through the proxy `{}` of {source}", proxy.address));
    }
    let further = path.names.iter().filter(|name| **name != path.host).map(|name| format!("`{name}`"));
    let named: Vec<String> = further.chain(path.connected_to.map(|address| format!("`{address}`"))).collect();
    if !named.is_empty() {
        parts.push(named.join(", "));
    }
    let version = path.tls.as_ref().and_then(|tls| tls.version.as_deref()).unwrap_or("TLS");
    for (stage, took) in [
        ("name", path.resolve_ms),
        ("connection", path.connect_ms),
        ("tunnel", path.tunnel_ms),
        (version, path.tls_ms),
    ] {
        parts.extend(took.map(|took| format!("{stage} {} ms", words::number(took.into()))));
    }
    if let Some(tls) = &path.tls {
        let until = tls.not_after.map(|until| words::day(until.to_zoned(TimeZone::UTC).date()));
        let until = until.map_or_else(String::new, |day| format!(" until {day}"));
        parts.push(format!("certificate by `{}`{until}", tls.issuer));
    }
    if let Some(stop) = &path.stopped_at {
        parts.push(stop.detail.trim_end_matches('.').to_owned());
    }
    format!("`{}`: {}.", host_of(path), parts.join("; "))
}

/// The host as people and faults write it: with the port when it is not 443.
pub fn host_of(path: &NetworkPath) -> String {
    let host = if path.host.contains(':') { format!("[{}]", path.host) } else { path.host.clone() };
    if path.port == 443 { host } else { format!("{host}:{}", path.port) }
}

#[cfg(test)]
mod tests {
    use entra::{FaultKind, ProxyInForce, Stage, Stop, TlsSeen};

    use super::*;

    fn path(host: &str, port: u16) -> NetworkPath {
        serde_json::from_value(serde_json::json!({
            "host": host, "port": port, "proxy": null, "names": [host], "addresses": [], "name_servers": [],
            "connected_to": null, "resolve_ms": 1, "connect_ms": null, "tunnel_ms": null, "tls_ms": null,
            "tls": null, "stopped_at": null,
        }))
        .unwrap()
    }

    #[test]
    fn a_way_is_found_by_the_host_of_a_fault() {
        let seen = NetworkSeen {
            authority: Some(path("login.microsoftonline.com", 443)),
            graph: Some(path("::1", 8_443)),
            revocation: Vec::new(),
        };
        assert!(seen.way_to("login.microsoftonline.com").is_some());
        assert_eq!(seen.way_to("[::1]:8443").unwrap().port, 8_443);
        assert!(seen.way_to("login.microsoftonline.com:8443").is_none());
        assert!(!seen.is_proxied());
    }

    #[test]
    fn the_ways_are_put_in_words() {
        let mut authority = path("login.microsoftonline.com", 443);
        authority.names.push("tm.example".to_owned());
        authority.connected_to = Some("192.0.2.10".parse().unwrap());
        (authority.resolve_ms, authority.connect_ms, authority.tls_ms) = (Some(1), Some(20), Some(1_041));
        authority.tls = Some(TlsSeen {
            version: Some("TLS 1.3".to_owned()),
            issuer: "DigiCert TLS CA1, DigiCert Inc".to_owned(),
            issuers_above: Vec::new(),
            subject: "login.microsoftonline.com".to_owned(),
            names: Vec::new(),
            not_before: None,
            not_after: Some("2027-02-01T00:00:00Z".parse().unwrap()),
            trusted: true,
            key_sha256: "0".repeat(64),
        });
        let mut graph = path("graph.microsoft.com", 443);
        graph.names = vec!["proxy.example".to_owned()];
        graph.proxy = Some(ProxyInForce {
            address: "http://proxy.example:3128".to_owned(),
            source: ProxySource::Variable("HTTPS_PROXY".to_owned()),
            holds_sign_in: false,
            status: None,
            asks_for: Vec::new(),
        });
        let blocked = |detail: &str| {
            Some(Stop { stage: Stage::Connect, kind: FaultKind::PortBlocked, detail: detail.to_owned() })
        };
        graph.stopped_at = blocked("The proxy itself cannot be reached.");
        let mut closed = path("crl.microsoft.com", 80);
        closed.stopped_at = blocked("The connection was refused.");
        let revocation = vec![closed, path("ocsp.digicert.com", 80)];
        let seen = NetworkSeen { authority: Some(authority), graph: Some(graph), revocation };
        assert!(seen.is_proxied());
        assert_eq!(
            seen.lines(),
            [
                "`login.microsoftonline.com`: `tm.example`, `192.0.2.10`; name 1 ms; connection 20 ms; TLS 1.3 1,041 ms; certificate by `DigiCert TLS CA1, DigiCert Inc` until 1 Feb 2027.",
                "`graph.microsoft.com`: through the proxy `http://proxy.example:3128` of `HTTPS_PROXY`; `proxy.example`; name 1 ms; The proxy itself cannot be reached.",
                "1 of 2 hosts that list revoked certificates answer on port 80; not `crl.microsoft.com`.",
            ]
        );
        assert!(NetworkSeen::default().lines().is_empty());
    }

    #[test]
    fn evidence_from_before_reads_without_ways() {
        assert_eq!(serde_json::from_str::<NetworkSeen>("{}").unwrap(), NetworkSeen::default());
        let evidence: crate::evidence::Evidence = serde_json::from_str("{}").unwrap();
        assert_eq!(evidence.network, NetworkSeen::default());
        assert!(evidence.other_clouds.is_empty());
    }
}
