//! Round trip 1: the way to the hosts, and whether the tenant is there.

use std::time::Duration;

use entra::{Answered, Destination, FaultKind, NetworkPath, TenantRef};
use futures_util::future::join;
use jiff::Timestamp;

use super::{Probing, refused, seen};
use crate::{
    connection::Connection,
    diagnosis::aadsts,
    evidence::{Fact, HostAnswer, Source},
};

/// Asks the authority for the tenant.
pub(super) async fn authority(probing: Probing<'_>, connection: &mut Connection) {
    let tenant = connection.tenant_ref();
    // Without a tenant, any name shows that the authority answers: it refuses names that it does not know.
    let asked = tenant.clone().unwrap_or_else(|| TenantRef::Domain("example.com".to_owned()));
    let discovery = probing.entra().tenant(&asked).await;
    let now = probing.clock.now();
    let evidence = &mut connection.evidence;
    evidence.other_clouds = Vec::new();
    let authority_host = host_of(probing.entra.endpoints().authority());
    match discovery {
        Ok(answer) => {
            evidence.authority = host_answer(&answer, authority_host, now);
            evidence.tenant = match tenant {
                Some(_) => seen(answer.value, Source::TokenEndpoint, now, answer.took),
                None => Fact::NotTried,
            };
        }
        Err(fault) if fault.kind == FaultKind::Refused => {
            let host = HostAnswer { host: authority_host, clock_ahead_seconds: None };
            evidence.authority = seen(host, Source::Network, now, Duration::ZERO);
            evidence.tenant = match &tenant {
                Some(_) => refused(fault, Source::TokenEndpoint, now),
                None => Fact::NotTried,
            };
            let unknown = evidence.tenant.refusal().and_then(|refused| aadsts::finding(&refused.fault));
            if let (Some(tenant), Some("tenant-unknown")) = (&tenant, unknown) {
                evidence.other_clouds = probing.entra().other_clouds_knowing(tenant).await;
            }
        }
        Err(fault) => {
            evidence.authority = refused(fault, Source::Network, now);
            evidence.tenant = Fact::NotTried;
        }
    }
}

/// Asks Graph without a token.
pub(super) async fn graph(probing: Probing<'_>) -> Fact<HostAnswer> {
    let reached = probing.entra().reach_graph().await;
    let now = probing.clock.now();
    match reached {
        Ok(answer) => host_answer(&answer, host_of(probing.entra.endpoints().graph()), now),
        Err(fault) => refused(fault, Source::Network, now),
    }
}

/// Looks at names, connections, proxies and certificates on the way to both hosts.
pub(super) async fn ways(probing: Probing<'_>) -> (NetworkPath, NetworkPath) {
    let entra = probing.entra;
    join(entra.network_path(Destination::Authority), entra.network_path(Destination::Graph)).await
}

/// Looks for the hosts that say which certificates were revoked. None is asked for loopback endpoints.
pub(super) async fn revocation(probing: Probing<'_>) -> Vec<NetworkPath> {
    probing.entra.revocation_paths().await
}

fn host_answer<T>(answer: &Answered<T>, host: String, now: Timestamp) -> Fact<HostAnswer> {
    let clock_ahead_seconds = answer.server_time.map(|server| now.as_second() - server.as_second());
    seen(HostAnswer { host, clock_ahead_seconds }, Source::Network, now, answer.took)
}

fn host_of(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
