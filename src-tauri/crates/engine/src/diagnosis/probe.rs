//! Gathers evidence: the only part of the diagnosis that waits for anything.
//!
//! At most four round trips deep: discovery beside Graph; a token; the registration, the service principal, the
//! public-client probe and the first reads; one group's members.

use std::time::Duration;

use entra::{AccessKind, AccessToken, Answered, Entra, Fault, FaultKind, GRAPH_APP_ID, Graph, TenantRef};
use futures_util::future::{join, join4};
use jiff::Timestamp;
use secrecy::SecretString;

use super::Link;
use crate::{
    clock::Clock,
    connection::{Connection, SecretShape},
    evidence::{
        ConsentWatch, CouldNotTell, DirectorySample, Fact, HostAnswer, Principal, PublicClient, Refused,
        Registration, SecretSeen, Seen, Source, TokenRead,
    },
    profile,
};

/// How to look.
#[derive(Clone, Copy, Debug)]
pub struct ProbeOptions {
    /// The last link that has to be looked at.
    pub through: Link,
    /// How long to go on asking for fresh tokens while roles are missing.
    pub consent_wait: Duration,
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

    /// A fresh token was read while waiting for roles.
    fn consent_try(&self, attempt: &ConsentTry) {
        let _ = attempt;
    }
}

/// A watcher that watches nothing.
pub struct Unwatched;

impl ProbeWatcher for Unwatched {}

/// Seconds between fresh tokens while roles are missing; the last one repeats, and the very last try is made when the
/// wait is over.
const CONSENT_DELAYS: [u64; 7] = [2, 3, 5, 8, 13, 20, 30];

/// Looks at everything up to a link and puts what was seen into the connection's evidence.
pub(crate) async fn probe(
    entra: &Entra,
    connection: &mut Connection,
    secret: Option<&SecretString>,
    options: ProbeOptions,
    clock: &dyn Clock,
    watcher: &dyn ProbeWatcher,
) {
    watcher.looking_at(Link::Network);
    hosts(entra, connection, clock).await;
    watcher.seen(connection);
    let reached = connection.evidence.tenant.value().is_some();
    if let (true, Some(secret)) = (reached && options.through >= Link::App, secret) {
        watcher.looking_at(Link::App);
        let token = tokens(entra, connection, secret, options, clock, watcher).await;
        watcher.seen(connection);
        if options.through >= Link::Credential {
            watcher.looking_at(if token.is_some() { Link::Directory } else { Link::App });
            directory(entra, connection, token.as_ref(), clock).await;
        }
    }
    connection.checked_at = Some(clock.now());
    watcher.seen(connection);
}

/// Round trip 1: the authority and Graph, side by side.
async fn hosts(entra: &Entra, connection: &mut Connection, clock: &dyn Clock) {
    let tenant = connection.tenant_ref();
    // Without a tenant, any name shows that the authority answers: it refuses names that it does not know.
    let asked = tenant.clone().unwrap_or_else(|| TenantRef::Domain("example.com".to_owned()));
    let (discovery, graph) = join(entra.tenant(&asked), entra.reach_graph()).await;
    let now = clock.now();
    let evidence = &mut connection.evidence;
    let ahead = |server: Option<Timestamp>| server.map(|server| now.as_second() - server.as_second());
    let authority_host = host_of(entra.endpoints().authority());
    let graph_host = host_of(entra.endpoints().graph());
    evidence.graph = match &graph {
        Ok(answer) => seen(
            HostAnswer { host: graph_host, clock_ahead_seconds: ahead(answer.server_time) },
            Source::Network,
            now,
            answer.took,
        ),
        Err(fault) => refused(fault.clone(), Source::Network, now),
    };
    match discovery {
        Ok(answer) => {
            let host = HostAnswer { host: authority_host, clock_ahead_seconds: ahead(answer.server_time) };
            evidence.authority = seen(host, Source::Network, now, answer.took);
            evidence.tenant = match tenant {
                Some(_) => seen(answer.value, Source::TokenEndpoint, now, answer.took),
                None => Fact::NotTried,
            };
        }
        Err(fault) if fault.kind == FaultKind::Refused => {
            let host = HostAnswer { host: authority_host, clock_ahead_seconds: None };
            evidence.authority = seen(host, Source::Network, now, Duration::ZERO);
            evidence.tenant = match tenant {
                Some(_) => refused(fault, Source::TokenEndpoint, now),
                None => Fact::NotTried,
            };
        }
        Err(fault) => {
            evidence.authority = refused(fault, Source::Network, now);
            evidence.tenant = Fact::NotTried;
        }
    }
}

/// Round trip 2: a token, and fresh ones while roles are missing.
async fn tokens(
    entra: &Entra,
    connection: &mut Connection,
    secret: &SecretString,
    options: ProbeOptions,
    clock: &dyn Clock,
    watcher: &dyn ProbeWatcher,
) -> Option<AccessToken> {
    let shape = connection.credential.as_ref().map(|credential| credential.shape);
    let (Some(tenant), Some(client_id)) = (connection.tenant_ref(), connection.client_id.clone()) else {
        return None;
    };
    if shape == Some(SecretShape::Guid) {
        connection.evidence.token = Fact::NotTried;
        return None;
    }
    let began = clock.now();
    let mut waited = Duration::ZERO;
    let mut number = 0;
    loop {
        number += 1;
        let answer = entra.token_by_secret(&tenant, &client_id, secret).await;
        let now = clock.now();
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => {
                connection.evidence.token = refused(fault, Source::TokenEndpoint, now);
                return None;
            }
        };
        let (read, took) = (token_read(&answer), answer.took);
        let held = read.claims.as_ref().map(|claims| claims.roles.clone());
        connection.evidence.token = seen(read, Source::Token, now, took);
        let Some(held) = held.filter(|_| options.through >= Link::Consent) else {
            connection.evidence.consent_watch = None;
            return Some(answer.value);
        };
        let (missing, arrived): (Vec<String>, Vec<String>) =
            required(connection).into_iter().partition(|wanted| !profile::covered(&held, wanted));
        if missing.is_empty() {
            connection.evidence.consent_watch = None;
            if number > 1 {
                watcher.consent_try(&ConsentTry { number, at: now, arrived, missing, next_in: None });
            }
            return Some(answer.value);
        }
        let index = (number as usize - 1).min(CONSENT_DELAYS.len() - 1);
        let left = options.consent_wait.saturating_sub(waited);
        let pause = Duration::from_secs(CONSENT_DELAYS[index]).min(left);
        let next_in = (!pause.is_zero()).then_some(pause);
        connection.evidence.consent_watch = Some(ConsentWatch {
            since: began,
            tries: number,
            given_up: next_in.is_none(),
            waited_seconds: u32::try_from(waited.as_secs()).unwrap_or(u32::MAX),
        });
        watcher.looking_at(Link::Consent);
        watcher.consent_try(&ConsentTry { number, at: now, arrived, missing, next_in });
        let Some(pause) = next_in else { return Some(answer.value) };
        tokio::time::sleep(pause).await;
        waited += pause;
    }
}

/// Round trips 3 and 4: what the app may read about itself, and about the directory.
async fn directory(
    entra: &Entra,
    connection: &mut Connection,
    token: Option<&AccessToken>,
    clock: &dyn Clock,
) {
    let (Some(tenant), Some(client_id)) = (connection.tenant_ref(), connection.client_id.clone()) else {
        return;
    };
    let Some(token) = token else {
        let known = connection.evidence.token.refusal().is_some_and(|refused| {
            super::aadsts::finding(&refused.fault).is_some_and(|finding| finding.starts_with("secret-"))
        });
        if known {
            let told = entra.public_client_probe(&tenant, &client_id).await;
            connection.evidence.public_client = public_client(told, clock.now());
        }
        return;
    };
    let graph = entra.graph(token);
    let roles = connection.evidence.token.value().and_then(|read| read.claims.as_ref());
    let roles: Vec<String> = roles.map(|claims| claims.roles.clone()).unwrap_or_default();
    let may_read_itself = [
        "Directory.Read.All",
        "Directory.ReadWrite.All",
        "Application.Read.All",
        "Application.ReadWrite.All",
    ]
    .iter()
    .any(|role| roles.iter().any(|held| held == role));
    let itself = async {
        if may_read_itself {
            Some(join(registration(&graph, &client_id, clock), principal(&graph, &client_id, clock)).await)
        } else {
            None
        }
    };
    let (told, itself, sample, organization) = join4(
        entra.public_client_probe(&tenant, &client_id),
        itself,
        first_reads(&graph, clock),
        graph.organization(),
    )
    .await;
    let now = clock.now();
    let evidence = &mut connection.evidence;
    evidence.public_client = public_client(told, now);
    (evidence.registration, evidence.principal) = itself.unwrap_or_else(|| {
        let because =
            "The app’s roles do not let it read its own registration. Application.Read.All would.".to_owned();
        let untold = CouldNotTell { because, at: now };
        (Fact::CouldNotTell(untold.clone()), Fact::CouldNotTell(untold))
    });
    if let Some(registration) = evidence.registration.value() {
        let on = registration.is_fallback_public_client.unwrap_or(false);
        evidence.public_client = seen(PublicClient { on }, Source::Graph, now, Duration::ZERO);
    }
    evidence.directory = sample;
    if let (Fact::Seen(sample), Ok(organization)) = (&mut evidence.directory, organization) {
        sample.value.organization = organization.display_name;
    }
    adopt_end_date(connection);
}

/// When the registration can be read, it knows the day better than the person who typed it.
fn adopt_end_date(connection: &mut Connection) {
    let Some(registration) = connection.evidence.registration.value() else { return };
    let Some(credential) = &mut connection.credential else { return };
    let mut own =
        registration.secrets.iter().filter(|known| known.hint.is_some() && known.hint == credential.hint);
    if let (Some(SecretSeen { ends: Some(ends), .. }), None) = (own.next(), own.next()) {
        credential.ends_on = Some(ends.to_zoned(jiff::tz::TimeZone::UTC).date());
    }
}

async fn registration(graph: &Graph, client_id: &str, clock: &dyn Clock) -> Fact<Registration> {
    let answer = graph.application(client_id).await;
    let now = clock.now();
    match answer {
        Ok(Some(application)) => {
            let of_kind = |kind: AccessKind| -> Vec<String> {
                application
                    .required
                    .iter()
                    .filter(|access| access.kind == kind && access.resource_app_id == GRAPH_APP_ID)
                    .filter_map(|access| match kind {
                        AccessKind::Role => entra::app_role_name(access.permission_id),
                        AccessKind::Scope => entra::delegated_scope_name(access.permission_id),
                    })
                    .map(str::to_owned)
                    .collect()
            };
            let registration = Registration {
                application: of_kind(AccessKind::Role),
                delegated: of_kind(AccessKind::Scope),
                secrets: application
                    .passwords
                    .iter()
                    .filter_map(|password| Some((password, password.key_id?)))
                    .map(|(password, key_id)| SecretSeen {
                        key_id: key_id.to_string(),
                        hint: password.hint.clone(),
                        ends: password.end,
                    })
                    .collect(),
                object_id: application.id,
                display_name: application.display_name,
                is_fallback_public_client: application.is_fallback_public_client,
                is_disabled: application.is_disabled,
            };
            seen(registration, Source::Graph, now, Duration::ZERO)
        }
        Ok(None) => Fact::CouldNotTell(CouldNotTell {
            because: "The registration is in another tenant; only its enterprise application is here."
                .to_owned(),
            at: now,
        }),
        Err(fault) => refused(fault, Source::Graph, now),
    }
}

async fn principal(graph: &Graph, client_id: &str, clock: &dyn Clock) -> Fact<Principal> {
    let found = match graph.service_principal(client_id).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            return Fact::CouldNotTell(CouldNotTell {
                because: "The tenant has no service principal for this app.".to_owned(),
                at: clock.now(),
            });
        }
        Err(fault) => return refused(fault, Source::Graph, clock.now()),
    };
    match graph.app_role_assignments(&found.id).await {
        Ok(assignments) => {
            let principal = Principal {
                granted: assignments
                    .iter()
                    .filter_map(|assignment| entra::app_role_name(assignment.app_role_id))
                    .map(str::to_owned)
                    .collect(),
                newest_grant: assignments.iter().filter_map(|assignment| assignment.created).max(),
                object_id: found.id,
                account_enabled: found.account_enabled,
            };
            seen(principal, Source::Graph, clock.now(), Duration::ZERO)
        }
        Err(fault) => refused(fault, Source::Graph, clock.now()),
    }
}

async fn first_reads(graph: &Graph, clock: &dyn Clock) -> Fact<DirectorySample> {
    let (user, group) = join(graph.first_user(), graph.first_group()).await;
    let (user, group) = match (user, group) {
        (Ok(user), Ok(group)) => (user, group),
        (Err(fault), _) | (_, Err(fault)) => return refused(fault, Source::Graph, clock.now()),
    };
    let took = user.took.max(group.took);
    let members = match &group.value {
        Some(group) => match graph.first_member(&group.id).await {
            Ok(_) => Some(true),
            Err(fault) => return refused(fault, Source::Graph, clock.now()),
        },
        None => None,
    };
    let sample = DirectorySample { organization: None, users: true, groups: true, members };
    seen(sample, Source::Graph, clock.now(), took)
}

fn public_client(
    told: Result<Answered<entra::PublicClientProbe>, Fault>,
    now: Timestamp,
) -> Fact<PublicClient> {
    use entra::PublicClientProbe;
    match told {
        Ok(Answered { value: PublicClientProbe::On, took, .. }) => {
            seen(PublicClient { on: true }, Source::TokenEndpoint, now, took)
        }
        Ok(Answered { value: PublicClientProbe::Off, took, .. }) => {
            seen(PublicClient { on: false }, Source::TokenEndpoint, now, took)
        }
        Ok(Answered { value: PublicClientProbe::Unclear(fault), .. }) => Fact::CouldNotTell(CouldNotTell {
            because: format!("The token endpoint’s answer leaves it open: {fault}"),
            at: now,
        }),
        Err(fault) => Fact::CouldNotTell(CouldNotTell { because: fault.to_string(), at: now }),
    }
}

fn token_read(answer: &Answered<AccessToken>) -> TokenRead {
    let claims = answer.value.claims();
    TokenRead {
        unreadable: claims.as_ref().err().map(ToString::to_string),
        claims: claims.ok(),
        expires_in: answer.value.expires_in().as_secs(),
        request_id: answer.request_id.clone(),
    }
}

fn required(connection: &Connection) -> Vec<String> {
    profile::profile(&connection.profile)
        .map(|profile| {
            profile.required(&connection.custom_permissions).into_iter().map(str::to_owned).collect()
        })
        .unwrap_or_default()
}

fn seen<T>(value: T, source: Source, at: Timestamp, took: Duration) -> Fact<T> {
    Fact::Seen(Seen { value, source, at, took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX) })
}

fn refused<T>(fault: Fault, source: Source, at: Timestamp) -> Fact<T> {
    Fact::Refused(Refused { fault, source, at })
}

fn host_of(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
