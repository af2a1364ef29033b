//! One request, one answer: the single place where anything is sent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method, Response};
use tokio::time::{Instant, timeout};
use url::Url;

use crate::discovery::{DISCOVERY_PATH, discovery_segments};
use crate::endpoint::Endpoints;
use crate::fault::{Fault, FaultKind, Operation};
use crate::http::{self, HttpOptions, Proxies};
use crate::redaction::Redaction;
use crate::retry_after::server_time;
use crate::tenant::TenantRef;
use crate::unreachable;
use crate::{Answered, Cloud};

/// The HTTP client together with the rules of its connection.
#[derive(Clone)]
pub(crate) struct Exchange {
    client: Client,
    endpoints: Arc<Endpoints>,
    answer_deadline: Duration,
    until: Option<Instant>,
    max_body: usize,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

/// What a fault of this exchange says of itself.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) operation: Operation,
    pub(crate) host: String,
    pub(crate) path: &'static str,
}

/// A request.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
}

/// An answer, read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) took: Duration,
}

impl Exchange {
    pub(crate) fn new(endpoints: Endpoints, options: &HttpOptions, proxies: &Proxies) -> Result<Self, Fault> {
        let client = http::client(&endpoints, options, proxies).map_err(|detail| {
            Fault::new(FaultKind::Setup, Operation::Setup, host_of(endpoints.authority()), detail)
        })?;
        Ok(Self {
            client,
            endpoints: Arc::new(endpoints),
            answer_deadline: options.answer_deadline,
            until: None,
            max_body: options.max_body,
        })
    }

    /// The same client, whose every answer has to be complete by this instant as well.
    pub(crate) fn until(mut self, instant: Instant) -> Self {
        self.until = Some(instant);
        self
    }

    /// Sends a request and reads its answer whole. Any status but a redirect or a proxy's refusal is an answer.
    pub(crate) async fn send(&self, place: &Place, call: Call) -> Result<Reply, Fault> {
        if !self.endpoints.allows(&call.url) {
            let origin = call.url.origin().ascii_serialization();
            return Err(place.fault(FaultKind::ForeignEndpoint, format!("Nothing is sent to {origin}.")));
        }
        // On the heap, so that the futures of everything that asks stay small.
        Box::pin(self.deliver(place, call)).await
    }

    /// Asks a cloud's authority for a tenant's OpenID configuration. The one request that may leave the connection's
    /// own origins: a GET of a constant address with the tenant in it, without a token, and never for loopback
    /// endpoints.
    pub(crate) async fn discovery_in(&self, cloud: Cloud, tenant: &TenantRef) -> Result<Reply, Fault> {
        let elsewhere = Endpoints::of(cloud);
        let host = host_of(elsewhere.authority());
        let place = Place { operation: Operation::Discovery, host, path: DISCOVERY_PATH };
        if self.endpoints.is_loopback() {
            return Err(place.fault(FaultKind::ForeignEndpoint, "Loopback endpoints belong to no cloud."));
        }
        let url = below(elsewhere.authority(), &discovery_segments(&tenant.to_string()));
        let call = Call { method: Method::GET, url, headers: accept_json(), body: None };
        Box::pin(self.deliver(&place, call)).await
    }

    async fn deliver(&self, place: &Place, call: Call) -> Result<Reply, Fault> {
        let began = Instant::now();
        let mut request = self.client.request(call.method, call.url.clone()).headers(call.headers);
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let answer = async {
            let response = request.send().await.map_err(|error| unreachable::classify(place, &error))?;
            let status = response.status().as_u16();
            let headers = response.headers().clone();
            let body = self.read_body(place, response).await?;
            Ok(Reply { status, headers, body, took: began.elapsed() })
        };
        let left = self.until.map(|until| until.saturating_duration_since(began));
        let deadline = left.map_or(self.answer_deadline, |left| left.min(self.answer_deadline));
        let reply = timeout(deadline, answer).await.map_err(|_| {
            place.fault(FaultKind::DeadlineExceeded, "The answer was not complete in time.")
        })??;
        refuse_detours(place, &call.url, reply)
    }

    async fn read_body(&self, place: &Place, mut response: Response) -> Result<Vec<u8>, Fault> {
        let announced =
            response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = Vec::with_capacity(announced.min(self.max_body));
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.max_body => {
                    let mut fault = place.fault(
                        FaultKind::AnswerUnreadable,
                        format!("The answer is longer than {} bytes.", self.max_body),
                    );
                    fault.http_status = Some(response.status().as_u16());
                    return Err(fault);
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body),
                Err(error) => return Err(unreachable::classify_body(place, &error)),
            }
        }
    }

    pub(crate) async fn get(&self, place: &Place, url: Url) -> Result<Reply, Fault> {
        let call = Call { method: Method::GET, url, headers: accept_json(), body: None };
        self.send(place, call).await
    }

    pub(crate) async fn post_form(
        &self,
        place: &Place,
        url: Url,
        fields: &[(&str, &str)],
    ) -> Result<Reply, Fault> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut headers = accept_json();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self.send(place, Call { method: Method::POST, url, headers, body: Some(body.into_bytes()) }).await
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    pub(crate) fn authority_url(&self, segments: &[&str]) -> Url {
        below(self.endpoints.authority(), segments)
    }

    /// An address below Graph's `/v1.0`.
    pub(crate) fn graph_url(&self, segments: &[&str]) -> Url {
        below(&below(self.endpoints.graph(), &["v1.0"]), segments)
    }

    pub(crate) fn discovery_place(&self, path: &'static str) -> Place {
        Place { operation: Operation::Discovery, host: host_of(self.endpoints.authority()), path }
    }

    pub(crate) fn authority_place(&self, path: &'static str) -> Place {
        Place { operation: Operation::Token, host: host_of(self.endpoints.authority()), path }
    }

    pub(crate) fn graph_place(&self, path: &'static str) -> Place {
        Place { operation: Operation::Graph, host: host_of(self.endpoints.graph()), path }
    }
}

impl Place {
    pub(crate) fn fault(&self, kind: FaultKind, detail: impl Into<String>) -> Fault {
        let mut fault = Fault::new(kind, self.operation, self.host.clone(), detail);
        fault.path = Some(self.path.to_owned());
        fault
    }
}

impl Reply {
    pub(crate) fn answered<T>(&self, value: T) -> Answered<T> {
        Answered {
            value,
            took: self.took,
            server_time: server_time(&self.headers),
            request_id: self.request_id(&Redaction::default()),
        }
    }

    /// A fault with a sentence of ours about this answer.
    pub(crate) fn fault(&self, place: &Place, kind: FaultKind, detail: &str) -> Fault {
        let mut fault = place.fault(kind, detail);
        fault.http_status = Some(self.status);
        fault.request_id = self.request_id(&Redaction::default());
        fault
    }

    pub(crate) fn request_id(&self, redaction: &Redaction) -> Option<String> {
        ["request-id", "x-ms-request-id"]
            .iter()
            .find_map(|name| self.headers.get(*name)?.to_str().ok())
            .filter(|id| is_request_id(id))
            .map(|id| redaction.clean(id))
    }
}

/// Ids of Entra ID and Graph are GUIDs. What could be an echo of a secret or an assertion is no id.
fn is_request_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn refuse_detours(place: &Place, asked: &Url, reply: Reply) -> Result<Reply, Fault> {
    match reply.status {
        407 => Err(reply.fault(place, FaultKind::ProxyRequired, "A proxy asks for a sign-in.")),
        300..400 => {
            let target = reply.headers.get(LOCATION).and_then(|location| location.to_str().ok());
            let target = target.and_then(|location| asked.join(location).ok());
            let detail = match target.filter(Url::has_host) {
                Some(target) => format!("The answer redirects to {}.", target.origin().ascii_serialization()),
                None => "The answer redirects without saying where to.".to_owned(),
            };
            Err(reply.fault(place, FaultKind::UnexpectedRedirect, &detail))
        }
        _ => Ok(reply),
    }
}

pub(crate) fn accept_json() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(reqwest::header::ACCEPT, HeaderValue::from_static("application/json"));
    headers
}

pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn below(origin: &Url, segments: &[&str]) -> Url {
    let mut url = origin.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}
