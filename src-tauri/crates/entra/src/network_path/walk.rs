//! Going the way, stage by stage, under one deadline.

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::names::{self, Chain};
use super::proxy::OnTheWay;
use super::tls::Witness;
use super::tunnel::{self, Ask};
use super::{NetworkPath, Stage, Stop, Ways, bare_host};
use crate::FaultKind;
use crate::unreachable::{SILENT, classify_socket};

/// How long the chain of names may take beyond the way itself.
const CHAIN_GRACE: Duration = Duration::from_millis(400);
/// What the client offers; some proxies decide by it.
const CLIENT_PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// For a host that nothing depends on.
const REVOCATION_DEADLINE: Duration = Duration::from_secs(2);

/// A host, and how far to go.
pub(super) struct Target {
    host: String,
    port: u16,
    tls: bool,
}

impl Target {
    /// An HTTPS origin, gone to until TLS stands.
    pub(super) fn tls(origin: &Url) -> Self {
        Self { host: bare_host(origin), port: origin.port_or_known_default().unwrap_or(443), tls: true }
    }

    /// Port 80 of a host, TCP only.
    pub(super) fn revocation(host: &str) -> Self {
        Self { host: host.to_owned(), port: 80, tls: false }
    }

    fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

pub(super) async fn walk(ways: &Ways, target: &Target) -> NetworkPath {
    let mut path = NetworkPath::to(target.host.clone(), target.port);
    let authority = target.authority();
    let proxy =
        if target.tls { ways.proxies.for_https(&authority) } else { ways.proxies.for_http(&authority) };
    path.proxy = proxy.as_ref().map(OnTheWay::in_force);
    if proxy.is_some() && !target.tls {
        return path;
    }
    let first = proxy.as_ref().map_or(target.host.as_str(), OnTheWay::host).to_owned();
    path.names.push(first.clone());
    if !target.tls || names::known(&first).is_some() {
        path.stopped_at = stages(ways, target, proxy.as_ref(), &mut path).await.err();
        return path;
    }
    let (outcome, chain) = {
        let chain = pin!(ways.names.chain(&first));
        let stages = pin!(stages(ways, target, proxy.as_ref(), &mut path));
        match select(chain, stages).await {
            Either::Left((chain, stages)) => (stages.await, Some(chain)),
            Either::Right((outcome, chain)) => (outcome, timeout(CHAIN_GRACE, chain).await.ok()),
        }
    };
    path.stopped_at = tell_names(&mut path, outcome, chain).err();
    path
}

/// Adds the chain, and what it knows better than the failed lookup.
fn tell_names(path: &mut NetworkPath, outcome: Result<(), Stop>, chain: Option<Chain>) -> Result<(), Stop> {
    let Some(chain) = chain else { return outcome };
    path.names.extend(chain.further);
    path.name_servers = chain.servers;
    outcome.map_err(|stop| match (stop.stage, chain.end, path.names.last()) {
        (Stage::Resolve, Some(end), Some(last)) => Stop { detail: end.sentence(last), ..stop },
        _ => stop,
    })
}

async fn stages(
    ways: &Ways,
    target: &Target,
    proxy: Option<&OnTheWay>,
    path: &mut NetworkPath,
) -> Result<(), Stop> {
    let patience = if target.tls { ways.deadline } else { ways.deadline.min(REVOCATION_DEADLINE) };
    let deadline = Instant::now() + patience;
    let unreached = |stop: Stop| if proxy.is_some() { stop.at_the_proxy() } else { stop };
    let (host, port) = proxy.map_or((target.host.as_str(), target.port), |it| (it.host(), it.port()));
    if proxy.is_some_and(|proxy| !proxy.speaks_http()) {
        let detail = "The proxy’s address is not that of an HTTP proxy, and no other kind can be used.";
        return Err(Stop::new(Stage::Connect, FaultKind::ProxyRefused, detail));
    }
    path.addresses = resolve(ways, host, deadline, &mut path.resolve_ms).await.map_err(unreached)?;
    let connect = super::connect::connect(&path.addresses, port, deadline);
    let stream = match timed(deadline, &mut path.connect_ms, connect).await {
        Some(Ok(stream)) => stream,
        Some(Err(error)) => return Err(unreached(Stop::of(Stage::Connect, &error))),
        None => return Err(unreached(Stop::silent(Stage::Connect))),
    };
    path.connected_to = stream.peer_addr().ok().map(|peer| peer.ip());
    let mut stream: Box<dyn Connection> = Box::new(stream);
    if !target.tls {
        return Ok(());
    }
    if let Some(proxy) = proxy {
        let tunnel = through(ways, target, proxy, stream);
        let (answer, opened) = match timed(deadline, &mut path.tunnel_ms, tunnel).await {
            Some(told) => told,
            None => (None, Err(Stop::refused("The proxy did not answer within the connect deadline."))),
        };
        if let (Some(shown), Some(answer)) = (&mut path.proxy, answer) {
            (shown.status, shown.asks_for) = (Some(answer.status), answer.asks_for);
        }
        stream = opened?;
    }
    let Some(trust) = ways.trust().await else {
        let detail = "The system’s trust store could not be loaded.";
        return Err(Stop::new(Stage::Tls, FaultKind::Setup, detail));
    };
    let witness = Witness::with(&trust);
    let handshake =
        timed(deadline, &mut path.tls_ms, witness.handshake(&target.host, stream, &CLIENT_PROTOCOLS)).await;
    path.tls = witness.seen();
    match handshake {
        Some(Ok(mut stream)) => {
            // Closed in good manners; nobody waits for the other side's answer.
            let _ = timeout_at(deadline, stream.shutdown()).await;
            Ok(())
        }
        Some(Err(error)) => Err(Stop::of(Stage::Tls, &error)),
        None => Err(Stop::silent(Stage::Tls)),
    }
}

async fn resolve(
    ways: &Ways,
    host: &str,
    deadline: Instant,
    took: &mut Option<u32>,
) -> Result<Vec<IpAddr>, Stop> {
    if let Some(addresses) = names::known(host) {
        *took = Some(0);
        return Ok(addresses);
    }
    let unresolved = |detail| Stop::new(Stage::Resolve, FaultKind::HostUnresolved, detail);
    match timed(deadline, took, ways.names.addresses(host)).await {
        Some(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Some(_) => Err(unresolved("The name has no address.")),
        None => Err(unresolved("The name was not resolved within the connect deadline.")),
    }
}

/// The stream behind the proxy, and what the proxy answered.
async fn through(
    ways: &Ways,
    target: &Target,
    proxy: &OnTheWay,
    stream: Box<dyn Connection>,
) -> (Option<tunnel::Told>, Result<Box<dyn Connection>, Stop>) {
    let mut stream = stream;
    if proxy.speaks_tls() {
        let Some(trust) = ways.trust().await else {
            return (None, Err(Stop::refused("The system’s trust store could not be loaded.")));
        };
        stream = match Witness::with(&trust).handshake(proxy.host(), stream, &[]).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return (None, Err(Stop::refused("TLS with the proxy itself failed."))),
        };
    }
    let to = target.authority();
    let ask = Ask { to: &to, authorization: proxy.authorization(), user_agent: &ways.user_agent };
    match tunnel::open(&mut stream, &ask).await {
        Ok(told) => {
            let opened = match told.status {
                200 => Ok(stream),
                407 => {
                    Err(Stop::new(Stage::Tunnel, FaultKind::ProxyRequired, "The proxy asks for a sign-in."))
                }
                _ => Err(Stop::refused("The proxy did not open a tunnel.")),
            };
            (Some(told), opened)
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            (None, Err(Stop::refused("Something other than an HTTP proxy answered.")))
        }
        Err(_) => (None, Err(Stop::refused("The proxy ended the connection."))),
    }
}

/// None at the deadline. The stage's time is noted either way.
async fn timed<T>(deadline: Instant, took: &mut Option<u32>, stage: impl Future<Output = T>) -> Option<T> {
    let began = Instant::now();
    let outcome = timeout_at(deadline, stage).await.ok();
    *took = Some(u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX));
    outcome
}

impl Stop {
    fn new(stage: Stage, kind: FaultKind, detail: &str) -> Self {
        Self { stage, kind, detail: detail.to_owned() }
    }

    fn of(stage: Stage, error: &io::Error) -> Self {
        let (kind, detail) = classify_socket(error);
        Self::new(stage, kind, detail)
    }

    fn silent(stage: Stage) -> Self {
        Self::new(stage, SILENT.0, SILENT.1)
    }

    fn refused(detail: &str) -> Self {
        Self::new(Stage::Tunnel, FaultKind::ProxyRefused, detail)
    }

    /// The same failure, met on the way to the proxy.
    fn at_the_proxy(self) -> Self {
        let detail = match self.stage {
            Stage::Resolve => "The proxy’s own name has no address.",
            _ => "The proxy itself cannot be reached.",
        };
        Self { kind: FaultKind::ProxyRefused, detail: detail.to_owned(), ..self }
    }
}
