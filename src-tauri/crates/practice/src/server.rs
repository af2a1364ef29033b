//! Starting and stopping: four listeners on loopback, one tenant behind them.

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
use tokio::task::JoinHandle;

use crate::{
    Account, ChangeProblem, Changes, Facts, KnobProblem, Knobs, MadeSecret, NewSecret, Options, Scenario,
    StartProblem, Totals, authority,
    certificate::ClientCertificate,
    control, graph,
    http::{PRACTICE_HEADER, http_date},
    network::{self, Face, Port, Proxy, Room, Server, answer_in_its_place},
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
    let certificate = options.certificate.as_deref().map(ClientCertificate::read).transpose();
    let certificate = certificate.map_err(StartProblem::Certificate)?;
    let listeners = Listeners::bind(options.listen)?;
    let directory = Directory::new(options.population);
    let ids = tenant_ids(options.population.seed);
    let facts = listeners.facts(&options, ids, &directory);
    let keys = Keys::generate(options.clock.now())?;
    let certificates = keys.certificates.clone();
    let (address, face) = (options.listen, Face::of(options.scenario.plays().network));
    let tenant = Arc::new(Tenant::new(options, Born { facts, ids, directory, keys, certificate }));
    let problem = |source| StartProblem::Listen { address, source };
    let own = certificates.own.clone();
    let app = shell(&tenant, authority_app(), Room::Authority);
    let port = Port::open(listeners.authority, face, certificates, app).await.map_err(problem)?;
    let servers = vec![
        Server::tls(listeners.graph, &own, shell(&tenant, graph_app(), Room::Graph)).map_err(problem)?,
        Server::plain(listeners.pages, shell(&tenant, pages::routes(), Room::Pages)).map_err(problem)?,
    ];
    let proxy = Proxy::start(listeners.proxy, tenant.clone()).map_err(problem)?;
    for server in &servers {
        server.listening().await;
    }
    let keeper = tokio::spawn(network::keep(port, tenant.clone()));
    Ok(Practice { tenant, keeper, servers, proxy })
}

/// A running practice tenant. Dropping it stops it, without waiting.
pub struct Practice {
    tenant: Arc<Tenant>,
    /// Keeps the authority's port, and owns the server on it.
    keeper: JoinHandle<()>,
    servers: Vec<Server>,
    proxy: Proxy,
}

impl Practice {
    /// Addresses, ids and the totals at the start ([`Self::totals`] has those of now). Where the scenario is about a value that was copied wrongly, the wrong one is here.
    pub fn facts(&self) -> &Facts {
        self.tenant.printed_facts()
    }

    /// The throwaway CA of this run, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.tenant.ca_pem
    }

    /// Turns knobs; on a problem nothing is changed.
    pub fn set(&self, knobs: &Knobs) -> Result<(), KnobProblem> {
        self.tenant.set(knobs)
    }

    /// Changes people, groups and memberships; on a problem nothing is changed.
    pub fn change(&self, changes: &Changes) -> Result<Totals, ChangeProblem> {
        self.tenant.change(changes)
    }

    /// The size of the directory as it is now.
    pub fn totals(&self) -> Totals {
        self.tenant.directory().totals()
    }

    /// Waits until the authority's port is as the present scenario wants it: closed, or with its certificate.
    pub async fn settled(&self) {
        self.tenant.door.settled().await;
    }

    /// The present scenario.
    pub fn scenario(&self) -> Scenario {
        self.tenant.scenario()
    }

    /// Grants what the registration asks for, as **Accept** on the consent page does.
    pub fn consent(&self) {
        self.tenant.accept_consent();
    }

    /// Puts a certificate on the app, as the portal's **Upload certificate** does; answers its thumbprint.
    ///
    /// # Errors
    /// The file is none that the portal takes; the text says why.
    pub fn upload_certificate(&self, file: &[u8]) -> Result<String, String> {
        self.tenant.upload(file).map(|key| key.certificate.thumbprint())
    }

    /// What **New client secret** in the portal does.
    ///
    /// # Errors
    /// The scenario's policy forbids secrets, or a number is out of range; the text says so.
    pub fn new_secret(&self, wish: &NewSecret) -> Result<MadeSecret, String> {
        self.tenant.new_secret(wish)
    }

    /// What **Delete** beside a client secret in the portal does; false when there is none of this **Secret ID**.
    pub fn remove_secret(&self, secret_id: &str) -> bool {
        self.tenant.remove_secret(secret_id)
    }

    /// What **Delete** beside a certificate in the portal does; false when there is none with this thumbprint.
    pub fn remove_certificate(&self, thumbprint: &str) -> bool {
        self.tenant.remove_certificate(thumbprint)
    }

    /// Requests answered so far by authority and Graph, those below `/practice` not counted.
    pub fn requests(&self) -> u64 {
        self.tenant.requests.load(Ordering::Relaxed)
    }

    /// Stops all listeners and waits until they are gone.
    pub async fn stop(mut self) {
        self.tenant.door.want(None);
        // A keeper that ended in another way has dropped its server.
        (&mut self.keeper).await.ok();
        for server in &mut self.servers {
            server.stop().await;
        }
        self.proxy.stop().await;
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.keeper.abort();
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

fn shell(tenant: &Arc<Tenant>, app: Router<Arc<Tenant>>, room: Room) -> Router {
    let layer = middleware::from_fn_with_state((tenant.clone(), room), every_answer);
    app.layer(layer).with_state(tenant.clone())
}

/// Counts, waits for the set latency, and marks the answer as practice.
async fn every_answer(
    State((tenant, room)): State<(Arc<Tenant>, Room)>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let mut in_its_place = None;
    if !request.uri().path().starts_with("/practice") {
        tenant.requests.fetch_add(1, Ordering::Relaxed);
        let latency = tenant.changing().latency;
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        in_its_place = answer_in_its_place(&tenant, room);
    }
    let mut response = match in_its_place {
        Some(response) => response,
        None => next.run(request).await,
    };
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
    proxy: TcpListener,
}

impl Listeners {
    fn bind(listen: SocketAddr) -> Result<Self, StartProblem> {
        let any = SocketAddr::new(listen.ip(), 0);
        Ok(Self { authority: bind(listen)?, graph: bind(any)?, pages: bind(any)?, proxy: bind(any)? })
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
            proxy: format!("http://localhost:{}", port(&self.proxy)),
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
        certificate: ids.id(6),
        symmetric_key: ids.id(7),
    }
}
