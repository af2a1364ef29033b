//! Starting and stopping: three listeners on loopback, one tenant behind them.

use std::{
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Response, header},
    middleware::{self, Next},
};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use tokio::task::JoinHandle;

use crate::{
    Account, Facts, KnobProblem, Knobs, Options, Scenario, StartProblem, authority, control, graph,
    http::{PRACTICE_HEADER, http_date},
    pages, permissions,
    population::{DOMAIN, Directory, Identifiers},
    registration::{TenantIds, secret_value},
    state::{Born, Tenant},
    tls::Keys,
};

/// The tenant's display name.
pub(crate) const TENANT_NAME: &str = "Contoso (practice)";
const APP_NAME: &str = "Gatehouse gateway (practice)";

/// Starts a practice tenant and answers once all its ports accept connections.
pub async fn start(options: Options) -> Result<Practice, StartProblem> {
    check(&options)?;
    let listeners = Listeners::bind(options.listen)?;
    let directory = Directory::new(options.population);
    let ids = tenant_ids(options.population.seed);
    let facts = listeners.facts(&options, ids, &directory);
    let keys = Keys::generate(options.clock.now())?;
    let tls = RustlsConfig::from_config(keys.server.clone());
    let tenant = Arc::new(Tenant::new(options, Born { facts, ids, directory, keys }));
    let servers = vec![
        Server::tls(listeners.authority, tls.clone(), shell(&tenant, authority_app()))?,
        Server::tls(listeners.graph, tls, shell(&tenant, graph_app()))?,
        Server::plain(listeners.pages, shell(&tenant, pages::routes()))?,
    ];
    for server in &servers {
        server.handle.listening().await;
    }
    Ok(Practice { tenant, servers })
}

/// A running practice tenant. Dropping it stops it, without waiting.
pub struct Practice {
    tenant: Arc<Tenant>,
    servers: Vec<Server>,
}

impl Practice {
    /// Addresses, ids and totals.
    pub fn facts(&self) -> &Facts {
        &self.tenant.facts
    }

    /// The throwaway CA of this run, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.tenant.ca_pem
    }

    /// Turns knobs; on a problem nothing is changed.
    pub fn set(&self, knobs: &Knobs) -> Result<(), KnobProblem> {
        self.tenant.set(knobs)
    }

    /// The present scenario.
    pub fn scenario(&self) -> Scenario {
        self.tenant.changing().scenario
    }

    /// Grants what the registration asks for, as **Accept** on the consent page does.
    pub fn consent(&self) {
        let now = self.tenant.now();
        self.tenant.changing().registration.consent(now);
    }

    /// Requests answered so far by authority and Graph, those below `/practice` not counted.
    pub fn requests(&self) -> u64 {
        self.tenant.requests.load(Ordering::Relaxed)
    }

    /// Stops all listeners and waits until they are gone.
    pub async fn stop(mut self) {
        for server in &mut self.servers {
            server.handle.shutdown();
            // A listener that ended with an error is as stopped as one that did not.
            (&mut server.task).await.ok();
        }
    }
}

impl std::fmt::Debug for Practice {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Practice").field("facts", &self.tenant.facts).finish_non_exhaustive()
    }
}

fn check(options: &Options) -> Result<(), StartProblem> {
    if !options.listen.ip().is_loopback() {
        return Err(StartProblem::NotLoopback(options.listen));
    }
    if let Some(name) = options.requested.iter().find(|name| permissions::role_id(name).is_none()) {
        return Err(StartProblem::UnknownPermission(name.clone()));
    }
    let latency_ms = u64::try_from(options.latency.as_millis()).unwrap_or(u64::MAX);
    Knobs { latency_ms: Some(latency_ms), page_size: options.page_size, ..Knobs::default() }.validate()?;
    Ok(())
}

fn authority_app() -> Router<Arc<Tenant>> {
    Router::new().merge(control::routes()).merge(pages::portal_routes()).merge(authority::routes())
}

fn graph_app() -> Router<Arc<Tenant>> {
    Router::new().merge(control::routes()).merge(pages::portal_routes()).merge(graph::routes())
}

fn shell(tenant: &Arc<Tenant>, app: Router<Arc<Tenant>>) -> Router {
    app.layer(middleware::from_fn_with_state(tenant.clone(), every_answer)).with_state(tenant.clone())
}

/// Counts, waits for the set latency, and marks the answer as practice.
async fn every_answer(State(tenant): State<Arc<Tenant>>, request: Request, next: Next) -> Response<Body> {
    if !request.uri().path().starts_with("/practice") {
        tenant.requests.fetch_add(1, Ordering::Relaxed);
        let latency = tenant.changing().latency;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(PRACTICE_HEADER, HeaderValue::from_static("1"));
    if let Ok(date) = HeaderValue::from_str(&http_date(tenant.now())) {
        headers.insert(header::DATE, date);
    }
    response
}

struct Listeners {
    authority: TcpListener,
    graph: TcpListener,
    pages: TcpListener,
}

impl Listeners {
    fn bind(listen: SocketAddr) -> Result<Self, StartProblem> {
        let any = SocketAddr::new(listen.ip(), 0);
        Ok(Self { authority: bind(listen)?, graph: bind(any)?, pages: bind(any)? })
    }

    fn facts(&self, options: &Options, ids: TenantIds, directory: &Directory) -> Facts {
        let port = |listener: &TcpListener| listener.local_addr().map_or(0, |address| address.port());
        let seed = options.population.seed;
        let account = |number: u32| Account {
            username: directory.users.get(number).user_principal_name,
            password: format!("Practice-{}", &secret_value(seed, 100 + u64::from(number))[6..18]),
        };
        Facts {
            authority: format!("https://localhost:{}", port(&self.authority)),
            graph: format!("https://localhost:{}", port(&self.graph)),
            pages: format!("http://localhost:{}", port(&self.pages)),
            tenant_id: ids.tenant.to_string(),
            domain: DOMAIN.to_owned(),
            client_id: ids.client.to_string(),
            client_secret: secret_value(seed, 0),
            secret_id: ids.secret.to_string(),
            app_object_id: ids.application.to_string(),
            app_name: APP_NAME.to_owned(),
            users: directory.users.count.into(),
            groups: directory.groups.count.into(),
            memberships: directory.memberships(),
            admin: account(0),
            account: account(1),
        }
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, StartProblem> {
    let problem = |source| StartProblem::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(problem)?;
    listener.set_nonblocking(true).map_err(problem)?;
    Ok(listener)
}

fn tenant_ids(seed: u64) -> TenantIds {
    let ids = Identifiers::new(seed, 0x0074_656e_616e);
    TenantIds {
        tenant: ids.id(0),
        client: ids.id(1),
        application: ids.id(2),
        service_principal: ids.id(3),
        graph_service_principal: ids.id(4),
        secret: ids.id(5),
    }
}

struct Server {
    handle: Handle<SocketAddr>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    fn tls(listener: TcpListener, tls: RustlsConfig, app: Router) -> Result<Self, StartProblem> {
        let handle = Handle::new();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = axum_server::from_tcp_rustls(listener, tls)
            .map_err(|source| StartProblem::Listen { address, source })?
            .handle(handle.clone());
        Ok(Self { handle, task: tokio::spawn(server.serve(app.into_make_service())) })
    }

    fn plain(listener: TcpListener, app: Router) -> Result<Self, StartProblem> {
        let handle = Handle::new();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = axum_server::from_tcp(listener)
            .map_err(|source| StartProblem::Listen { address, source })?
            .handle(handle.clone());
        Ok(Self { handle, task: tokio::spawn(server.serve(app.into_make_service())) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}
