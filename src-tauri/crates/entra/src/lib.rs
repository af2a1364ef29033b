//! Speaks to Microsoft Entra ID and Microsoft Graph, and to nothing else.
//!
//! This is the only crate with an HTTP client. Every request is checked against the connection's [`Endpoints`]
//! before it leaves, so a token reaches its own authority and Graph hosts only. Redirects are never followed, and
//! endpoints that Microsoft does not run are accepted on loopback only.
//!
//! Start with [`Entra`]: discovery, tokens and probes. [`Entra::graph`] gives a [`Graph`] for the directory itself.
//! Whatever fails is one [`Fault`], which says what happened and keeps the numbers that Microsoft's support asks for.

mod claims;
mod cloud;
mod credential;
mod discovery;
mod endpoint;
mod exchange;
mod fault;
mod graph;
mod http;
mod network_path;
mod observer;
mod other_clouds;
mod permissions;
mod public_client;
mod redaction;
mod refusal;
mod retry_after;
mod tenant;
mod token;
mod unreachable;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

pub use claims::{Claims, UnreadableToken};
pub use cloud::{Cloud, UnknownCloud};
pub use credential::{
    CertificateField, CertificateProblem, ClientCertificate, DeviceCode, DeviceCodeAnswer, KeySize,
    NewCertificate, UserRealm,
};
pub use endpoint::{EndpointField, EndpointProblem, EndpointReason, Endpoints};
pub use fault::{Fault, FaultKind, Operation};
pub use graph::Graph;
pub use graph::batch::{MembersAnswer, MembersPage};
pub use graph::changes::{Changes, GroupChange, MemberChange, Patch, Removed, UserChange};
pub use graph::directory::{Countable, Group, Member, MemberKind, Organization, User};
pub use graph::pace::PaceSeen;
pub use graph::pages::Pages;
pub use graph::registration::{
    AccessKind, AppRoleAssignment, Application, KeyCredential, PasswordCredential, RequiredAccess,
    ServicePrincipal,
};
pub use graph::renewal::TokenSource;
pub use graph::walk::Listed;
pub use http::HttpOptions;
pub use network_path::{Destination, NetworkPath, ProxyInForce, ProxySource, Stage, Stop, TlsSeen};
pub use observer::{Observer, Pause, PauseReason, RequestSeen};
pub use permissions::{GRAPH_APP_ID, app_role, app_role_name, delegated_scope, delegated_scope_name};
pub use public_client::PublicClientProbe;
pub use tenant::{Tenant, TenantRef, TenantRefProblem};
pub use token::AccessToken;

use exchange::Exchange;

/// One connection's way to Entra ID and Graph. Cheap to clone; clones share their connections.
#[derive(Clone, Debug)]
pub struct Entra {
    exchange: Exchange,
    ways: network_path::Ways,
    patience: Duration,
}

impl Entra {
    /// Prepares a client for these endpoints. Sends nothing.
    ///
    /// # Errors
    /// [`FaultKind::Setup`] when the extra trust anchors cannot be read or the system's cannot be loaded, and when a
    /// proxy is given for endpoints that are not on loopback.
    pub fn new(endpoints: Endpoints, options: &HttpOptions) -> Result<Self, Fault> {
        let proxies = match &options.proxy {
            None => http::Proxies::System,
            Some(address) if endpoints.is_loopback() => http::Proxies::Only(address.clone()),
            Some(_) => {
                let detail = "A proxy of its own is for loopback endpoints only.";
                let host = exchange::host_of(endpoints.authority());
                return Err(Fault::new(FaultKind::Setup, Operation::Setup, host, detail));
            }
        };
        Self::through(endpoints, options, &proxies)
    }

    pub(crate) fn through(
        endpoints: Endpoints,
        options: &HttpOptions,
        proxies: &http::Proxies,
    ) -> Result<Self, Fault> {
        let ways = network_path::Ways::new(&endpoints, options, proxies);
        let exchange = Exchange::new(endpoints, options, proxies)?;
        Ok(Self { exchange, ways, patience: options.patience })
    }

    /// The same connection, whose every answer has to be complete by this instant, whatever its own deadline is.
    #[must_use]
    pub fn until(&self, instant: tokio::time::Instant) -> Self {
        Self { exchange: self.exchange.clone().until(instant), ..self.clone() }
    }

    /// Where this connection may send to.
    pub fn endpoints(&self) -> &Endpoints {
        self.exchange.endpoints()
    }

    /// Reads the tenant's OpenID configuration: `GET {authority}/{tenant}/v2.0/.well-known/openid-configuration`.
    /// Needs no sign-in; a domain is answered with the tenant's id.
    /// Source: <https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc>.
    ///
    /// # Errors
    /// [`FaultKind::Refused`] with AADSTS 90002 for a tenant that this cloud does not have,
    /// [`FaultKind::ForeignEndpoint`] when the token endpoint lies outside the authority's own origin.
    pub async fn tenant(&self, tenant: &TenantRef) -> Result<Answered<Tenant>, Fault> {
        discovery::tenant(&self.exchange, tenant).await
    }

    /// Asks Graph without a token. Any answer in Graph's own shape, a refusal included, proves that it was reached.
    ///
    /// # Errors
    /// A network fault, or [`FaultKind::AnswerUnreadable`] when something other than Graph answered.
    pub async fn reach_graph(&self) -> Result<Answered<()>, Fault> {
        discovery::reach_graph(&self.exchange).await
    }

    /// Fetches an app-only token with a client secret (RFC 6749, section 4.4). Never cached: each call is a new token.
    /// Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.
    ///
    /// # Errors
    /// [`FaultKind::Refused`] with the AADSTS number; [`FaultKind::Throttled`] with its waiting time, not retried.
    pub async fn token_by_secret(
        &self,
        tenant: &TenantRef,
        client_id: &str,
        secret: &SecretString,
    ) -> Result<Answered<AccessToken>, Fault> {
        token::by_secret(&self.exchange, tenant, client_id, secret).await
    }

    /// Tells whether *Allow public client flows* is on, without any right in the directory: redeems an invented
    /// device code without a credential and looks at how that is refused.
    ///
    /// # Errors
    /// Network faults, throttling and an unavailable service. A refusal that proves nothing is
    /// [`PublicClientProbe::Unclear`], not an error.
    pub async fn public_client_probe(
        &self,
        tenant: &TenantRef,
        client_id: &str,
    ) -> Result<Answered<PublicClientProbe>, Fault> {
        public_client::probe(&self.exchange, tenant, client_id).await
    }

    /// Microsoft Graph with this token.
    pub fn graph(&self, token: &AccessToken) -> Graph {
        self.graph_observed(token, Arc::new(observer::Unobserved))
    }

    /// Microsoft Graph with this token; the observer is told of every request and every pause.
    pub fn graph_observed(&self, token: &AccessToken, observer: Arc<dyn Observer>) -> Graph {
        Graph::new(self.exchange.clone(), token, None, observer, self.patience)
    }

    /// Microsoft Graph with this token and its successors: when it is refused (401), or near its end, the source is
    /// asked for a fresh one, once for all clones, and the request is sent again. The token's time counts from this
    /// call. A 401 for a fresh token that nothing could be read with is final; a source that fails is the fault of every
    /// request that needed it.
    pub fn graph_renewing(
        &self,
        token: &AccessToken,
        source: Arc<dyn TokenSource>,
        observer: Arc<dyn Observer>,
    ) -> Graph {
        Graph::new(self.exchange.clone(), token, Some(source), observer, self.patience)
    }
}

/// A value together with what the exchange told besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered<T> {
    /// The answer itself.
    pub value: T,
    /// From sending the request to the last byte of the answer.
    pub took: Duration,
    /// The server's clock, from the `Date` header (whole seconds).
    pub server_time: Option<jiff::Timestamp>,
    /// The server's id of this exchange, for a support request.
    pub request_id: Option<String>,
}

impl<T> Answered<T> {
    /// The same exchange with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answered<U> {
        Answered {
            value: change(self.value),
            took: self.took,
            server_time: self.server_time,
            request_id: self.request_id,
        }
    }
}
