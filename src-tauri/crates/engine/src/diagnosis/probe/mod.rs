//! Gathers evidence: the only part of the diagnosis that waits for anything.
//!
//! At most four round trips deep: discovery beside Graph; a token; the registration, the service principal, the
//! public-client probe, the sign-in account and the first reads; one group's members.

mod account;
mod aside;
mod directory;
mod hosts;
mod registration;
mod tokens;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use entra::{Entra, Fault};
use jiff::Timestamp;
use tokio::time::Instant;

use super::Link;
use crate::{
    clock::Clock,
    connection::Connection,
    evidence::{Fact, HostAnswer, NetworkSeen, Refused, Seen, Source},
    sign_in_key::SignInKey,
};

pub use account::{AccountSignIn, DeviceCodeShown};
use aside::Aside;

/// How to look.
#[derive(Clone, Debug)]
pub struct ProbeOptions {
    /// The last link that has to be looked at.
    pub through: Link,
    /// How long everything may take, but for the time that is waited on purpose.
    pub deadline: Duration,
    /// How long to go on asking for fresh tokens while roles are missing.
    pub consent_wait: Duration,
    /// Names of the application permissions that the gateway must hold.
    pub required: Vec<String>,
    /// The sign-in account, for a profile whose gateway uses one.
    pub account: Option<AccountSignIn>,
}

/// A fresh token while roles are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentTry {
    /// 1 for the first.
    pub number: u32,
    /// When.
    pub at: Timestamp,
    /// Required roles that are in this token.
    pub arrived: Vec<String>,
    /// Required roles that are not.
    pub missing: Vec<String>,
    /// Until the next try; none after the last.
    pub next_in: Option<Duration>,
}

/// Hears how a probe goes on.
pub trait ProbeWatcher: Send + Sync {
    /// A link is being looked at.
    fn looking_at(&self, link: Link) {
        let _ = link;
    }

    /// The evidence has grown.
    fn seen(&self, connection: &Connection) {
        let _ = connection;
    }

    /// Somebody has to enter this code in a browser, so that the sign-in account can be tried.
    fn device_code(&self, shown: &DeviceCodeShown) {
        let _ = shown;
    }

    /// The service does not know a fresh credential yet; it is tried again after this pause.
    fn not_yet(&self, next_in: Duration) {
        let _ = next_in;
    }

    /// A fresh token was read while waiting for roles.
    fn consent_try(&self, attempt: &ConsentTry) {
        let _ = attempt;
    }
}

/// A watcher that watches nothing.
pub struct Unwatched;

impl ProbeWatcher for Unwatched {}

/// What every part of a probe is given.
#[derive(Clone, Copy)]
struct Probing<'a> {
    entra: &'a Entra,
    options: &'a ProbeOptions,
    clock: &'a dyn Clock,
    watcher: &'a dyn ProbeWatcher,
    deadline: &'a Deadline,
}

impl Probing<'_> {
    /// The connection to ask with now: everything together has one deadline.
    fn entra(&self) -> Entra {
        self.entra.until(self.deadline.instant())
    }
}

/// When the last answer has to be there. Waiting on purpose, for roles to arrive, puts it off.
struct Deadline {
    began: Instant,
    after: Duration,
    waited_ms: AtomicU64,
}

impl Deadline {
    fn begins_now(after: Duration) -> Self {
        Self { began: Instant::now(), after, waited_ms: AtomicU64::new(0) }
    }

    fn instant(&self) -> Instant {
        self.began + self.after + Duration::from_millis(self.waited_ms.load(Ordering::Relaxed))
    }

    fn put_off(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.waited_ms.fetch_add(by, Ordering::Relaxed);
    }
}

/// Looks at everything up to a link and puts what was seen into the connection's evidence.
///
/// The tenant, the token and the directory follow one another; Graph's own answer and the ways to the hosts are looked
/// at beside them, so that none of these holds up the others.
pub(crate) async fn probe(
    entra: &Entra,
    connection: &mut Connection,
    key: Option<&SignInKey>,
    options: &ProbeOptions,
    clock: &dyn Clock,
    watcher: &dyn ProbeWatcher,
) {
    let deadline = Deadline::begins_now(options.deadline);
    connection.evidence.network = NetworkSeen::default();
    let probing = Probing { entra, options, clock, watcher, deadline: &deadline };
    let mut graph = Aside::new(hosts::graph(probing));
    let mut ways = Aside::new(hosts::ways(probing));
    let mut revocation = Aside::new(hosts::revocation(probing));
    {
        let main = Box::pin(along_the_chain(probing, connection, key, &mut graph));
        revocation.along(ways.along(main)).await;
    }
    connection.evidence.graph = graph.result().await;
    let reached =
        connection.evidence.authority.value().is_some() && connection.evidence.graph.value().is_some();
    // Where something did not answer, the way there says why; where all is well, it is worth a moment at most.
    let patience = if reached { WAYS_PATIENCE.min(options.deadline) } else { options.deadline };
    if let Some((authority, graph)) = ways.within(patience).await {
        connection.evidence.network.authority = Some(authority);
        connection.evidence.network.graph = Some(graph);
    }
    if let Some(paths) = revocation.within(REVOCATION_PATIENCE.min(options.deadline)).await {
        connection.evidence.network.revocation = paths;
    }
    connection.checked_at = Some(clock.now());
    watcher.seen(connection);
}

/// How long slow name servers may hold up the result of a healthy connection.
const WAYS_PATIENCE: Duration = Duration::from_millis(300);
/// How long blocked hosts of certificate revocation may hold up the result.
const REVOCATION_PATIENCE: Duration = Duration::from_secs(2);

async fn along_the_chain(
    probing: Probing<'_>,
    connection: &mut Connection,
    key: Option<&SignInKey>,
    graph: &mut Aside<'_, Fact<HostAnswer>>,
) {
    let Probing { options, watcher, .. } = probing;
    watcher.looking_at(Link::Network);
    graph.along(hosts::authority(probing, connection)).await;
    if let Some(answer) = graph.so_far() {
        connection.evidence.graph = answer.clone();
    }
    watcher.seen(connection);
    let reached = connection.evidence.tenant.value().is_some();
    let (true, Some(key)) = (reached && options.through >= Link::App, key) else { return };
    watcher.looking_at(Link::App);
    let token = graph.along(tokens::fetch(probing, connection, key)).await;
    if let Some(answer) = graph.so_far() {
        connection.evidence.graph = answer.clone();
    }
    watcher.seen(connection);
    if options.through >= Link::Credential {
        watcher.looking_at(if token.is_some() { Link::Directory } else { Link::App });
        graph.along(Box::pin(directory::look(probing, connection, token.as_ref()))).await;
    }
}

fn seen<T>(value: T, source: Source, at: Timestamp, took: Duration) -> Fact<T> {
    Fact::Seen(Seen { value, source, at, took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX) })
}

fn refused<T>(fault: Fault, source: Source, at: Timestamp) -> Fact<T> {
    Fact::Refused(Refused { fault, source, at })
}
