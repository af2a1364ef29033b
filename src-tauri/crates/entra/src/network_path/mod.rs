//! What the way to one host looks like: its names and addresses, the proxy in force, the time of each stage, and the
//! certificate that is shown there.
//!
//! Nothing is asked of the host: the connection is closed when TLS stands. The client's own proxy rules, trust anchors
//! and connect deadline apply, so the way is the one that requests take.

mod connect;
mod names;
mod proxy;
mod revocation;
mod tls;
mod tunnel;
mod walk;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use url::{Host, Url};

pub use proxy::{ProxyInForce, ProxySource};
pub use tls::TlsSeen;

use crate::http::{HttpOptions, Proxies};
use crate::{Cloud, Endpoints, Entra, FaultKind};
use names::Names;
#[cfg(test)]
pub(crate) use names::{Chain, DeadEnd, TellNames};
use proxy::ProxySettings;
use tls::Trust;
use walk::Target;

/// A host that a connection has to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The authority, which gives tokens.
    Authority,
    /// Microsoft Graph.
    Graph,
}

/// The way to one host, as far as it could be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkPath {
    /// The host, as a name or an address.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// The proxy that requests to this host go through. Names, addresses and the first two times are then the proxy's:
    /// it alone looks the host up.
    pub proxy: Option<ProxyInForce>,
    /// The name that was looked up, then each CNAME to the last name.
    pub names: Vec<String>,
    /// Its addresses, in the order in which they are tried.
    pub addresses: Vec<IpAddr>,
    /// The name servers that this computer asks; empty where none was needed or they are not known.
    pub name_servers: Vec<IpAddr>,
    /// The address that answered.
    pub connected_to: Option<IpAddr>,
    /// Milliseconds of the name lookup; none where the way ended before. A stage that failed has its time too.
    pub resolve_ms: Option<u32>,
    /// Milliseconds until the TCP connection stood.
    pub connect_ms: Option<u32>,
    /// Milliseconds until the proxy had opened its tunnel; none without a proxy.
    pub tunnel_ms: Option<u32>,
    /// Milliseconds of the TLS handshake; none where only TCP was tried.
    pub tls_ms: Option<u32>,
    /// What TLS showed, trusted or not.
    pub tls: Option<TlsSeen>,
    /// Where the way ended, and why; none when it could be gone to its end.
    pub stopped_at: Option<Stop>,
}

/// The stage at which a way ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The stage that failed.
    pub stage: Stage,
    /// What happened, in the terms of a failed request.
    pub kind: FaultKind,
    /// A sentence of ours.
    pub detail: String,
}

/// A stage of the way, in the order in which they are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Looking up the name.
    Resolve,
    /// The TCP connection.
    Connect,
    /// The proxy's tunnel (`CONNECT`, RFC 9110, section 9.3.6).
    Tunnel,
    /// The TLS handshake.
    Tls,
}

impl Entra {
    /// Goes the way to a host up to a finished TLS handshake, within the connect deadline. Sends no request and needs
    /// no rights; a failure is part of the answer. No name server is asked about addresses and `localhost`.
    pub async fn network_path(&self, destination: Destination) -> NetworkPath {
        let origin = match destination {
            Destination::Authority => self.endpoints().authority(),
            Destination::Graph => self.endpoints().graph(),
        };
        // On the heap: name lookup, TCP and TLS together are a large future.
        Box::pin(walk::walk(&self.ways, &Target::tls(origin))).await
    }

    /// Opens and closes a TCP connection to each host that lists revoked certificates, port 80, side by side.
    /// Gatehouse itself does not ask them; a gateway whose TLS checks revocation does. Nothing is tried, and the list
    /// is empty, for loopback endpoints; through a proxy nothing can be told without a request, so nothing is tried.
    pub async fn revocation_paths(&self) -> Vec<NetworkPath> {
        let hosts = self.endpoints().cloud().map(revocation::hosts).unwrap_or_default();
        let targets: Vec<Target> = hosts.into_iter().map(Target::revocation).collect();
        futures_util::future::join_all(targets.iter().map(|target| walk::walk(&self.ways, target))).await
    }
}

/// What every way of one connection has in common.
#[derive(Clone)]
pub(crate) struct Ways {
    pub(crate) deadline: Duration,
    pub(super) user_agent: String,
    pub(super) names: Names,
    proxies: Arc<ProxySettings>,
    trust: Arc<OnceCell<Option<Trust>>>,
    anchors: Option<Vec<u8>>,
    cloud: Option<Cloud>,
}

impl Ways {
    pub(crate) fn new(endpoints: &Endpoints, options: &HttpOptions, proxies: &Proxies) -> Self {
        Self {
            deadline: options.connect_deadline,
            user_agent: options.user_agent.clone(),
            names: Names::System,
            proxies: Arc::new(ProxySettings::of(proxies)),
            trust: Arc::default(),
            anchors: options.ca_pem.clone(),
            cloud: endpoints.cloud(),
        }
    }

    #[cfg(test)]
    pub(crate) fn with_names(mut self, told: Arc<dyn TellNames>) -> Self {
        self.names = Names::Told(told);
        self
    }

    /// With these environment variables in place of the process's own.
    #[cfg(test)]
    pub(crate) fn with_variables(mut self, variable: &dyn Fn(&str) -> Option<String>) -> Self {
        self.proxies = Arc::new(ProxySettings::from_variables(variable));
        self
    }

    /// The client's trust anchors. Read once, away from the tasks that wait.
    async fn trust(&self) -> Option<Trust> {
        let load = || async {
            let (anchors, only_these) = (self.anchors.clone(), self.cloud.is_none());
            let loaded = tokio::task::spawn_blocking(move || Trust::load(anchors.as_deref(), only_these));
            loaded.await.ok().flatten()
        };
        self.trust.get_or_init(load).await.clone()
    }
}

impl fmt::Debug for Ways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ways").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl NetworkPath {
    fn to(host: String, port: u16) -> Self {
        Self {
            host,
            port,
            proxy: None,
            names: Vec::new(),
            addresses: Vec::new(),
            name_servers: Vec::new(),
            connected_to: None,
            resolve_ms: None,
            connect_ms: None,
            tunnel_ms: None,
            tls_ms: None,
            tls: None,
            stopped_at: None,
        }
    }
}

/// A URL's host without the brackets of an IPv6 address.
fn bare_host(url: &Url) -> String {
    match url.host() {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => String::new(),
    }
}
