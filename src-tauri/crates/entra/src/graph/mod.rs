//! Reading the directory through Microsoft Graph v1.0, with one token.

pub(crate) mod directory;
pub(crate) mod pages;
mod patience;
pub(crate) mod registration;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use crate::exchange::{Call, Exchange, Place, Reply, accept_json};
use crate::fault::{Fault, FaultKind};
use crate::observer::{Observer, Pause, PauseReason, RequestSeen};
use crate::redaction::Redaction;
use crate::refusal::graph_refusal;
use crate::retry_after::{backoff, retry_after};
use crate::token::AccessToken;
use patience::Patience;

/// Microsoft Graph with one token. Cheap to clone; clones share connections, patience and pauses.
///
/// Only GETs are sent. An answer of 429, 503 or 504 is waited out as long as something succeeds now and then; a
/// broken connection is tried twice more. Any other refusal is final.
#[derive(Clone)]
pub struct Graph {
    inner: Arc<Inner>,
}

struct Inner {
    exchange: Exchange,
    token: SecretString,
    observer: Arc<dyn Observer>,
    patience: Patience,
}

/// What is asked of Graph: where, and as which kind of answer.
pub(crate) struct Ask {
    pub(crate) url: Url,
    /// The path as a template, without ids.
    pub(crate) path: &'static str,
    pub(crate) answer: Answer,
}

/// The kind of answer that is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Json,
    /// A bare number; Graph wants `ConsistencyLevel: eventual` for it.
    Count,
}

const BROKEN_CONNECTION_RETRIES: u32 = 2;

impl Graph {
    pub(crate) fn new(
        exchange: Exchange,
        token: &AccessToken,
        observer: Arc<dyn Observer>,
        patience: Duration,
    ) -> Self {
        let patience = Patience::new(patience);
        Self { inner: Arc::new(Inner { exchange, token: token.value().clone(), observer, patience }) }
    }

    pub(crate) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        const KEPT: &AsciiSet =
            &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b',');
        let mut url = self.inner.exchange.graph_url(segments);
        if !query.is_empty() {
            let pairs =
                query.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, KEPT)));
            url.set_query(Some(&pairs.collect::<Vec<_>>().join("&")));
        }
        url
    }

    pub(crate) fn allows(&self, url: &Url) -> bool {
        self.inner.exchange.endpoints().allows_graph(url)
    }

    pub(crate) fn place(&self, path: &'static str) -> Place {
        self.inner.exchange.graph_place(path)
    }

    /// Asks and reads the JSON answer.
    pub(crate) async fn read<W: DeserializeOwned>(&self, ask: &Ask) -> Result<(W, Reply), Fault> {
        let reply = self.get(ask).await?;
        let value = serde_json::from_slice(&reply.body).map_err(|_| self.misshapen(ask, &reply))?;
        Ok((value, reply))
    }

    pub(crate) fn misshapen(&self, ask: &Ask, reply: &Reply) -> Fault {
        let detail = "Graph's answer does not have the expected shape.";
        reply.fault(&self.place(ask.path), FaultKind::AnswerUnreadable, detail)
    }

    /// Asks until there is a successful answer, a final refusal, or no patience left.
    pub(crate) async fn get(&self, ask: &Ask) -> Result<Reply, Fault> {
        let place = self.place(ask.path);
        let headers = self.headers(&place, ask.answer)?;
        let redaction = Redaction::of_token(&self.inner.token);
        let began = Instant::now();
        let mut waits = 0;
        let mut broken = 0;
        let mut last_refusal: Option<Fault> = None;
        loop {
            if self.inner.patience.wait_for_turn(began).await.is_err() {
                return Err(out_of_patience(&place, last_refusal));
            }
            let sent = Instant::now();
            let call =
                Call { method: Method::GET, url: ask.url.clone(), headers: headers.clone(), body: None };
            let reply = match self.inner.exchange.send(&place, call).await {
                Ok(reply) => reply,
                Err(fault) => {
                    self.tell(ask, fault.http_status.unwrap_or(0), sent.elapsed(), None);
                    if fault.kind == FaultKind::ConnectionBroken && broken < BROKEN_CONNECTION_RETRIES {
                        broken += 1;
                        continue;
                    }
                    return Err(fault);
                }
            };
            self.tell(ask, reply.status, reply.took, resource_units(&reply.headers));
            let reason = match reply.status {
                200..300 => {
                    self.inner.patience.succeeded();
                    return Ok(reply);
                }
                429 => PauseReason::Throttled,
                503 | 504 => PauseReason::Unavailable,
                _ => return Err(graph_refusal(&place, &reply, &redaction)),
            };
            let asked_to_wait = retry_after(&reply.headers);
            let refusal = graph_refusal(&place, &reply, &redaction);
            if asked_to_wait.is_some_and(|wait| wait > self.inner.patience.limit()) {
                return Err(out_of_patience(&place, Some(refusal)));
            }
            let wait = patience::at_least_a_moment(asked_to_wait.unwrap_or_else(|| backoff(waits)));
            waits += 1;
            last_refusal = Some(refusal);
            self.inner.observer.pausing(&Pause { wait, reason });
            if self.inner.patience.pause(began, wait).await.is_err() {
                return Err(out_of_patience(&place, last_refusal));
            }
        }
    }

    fn headers(&self, place: &Place, answer: Answer) -> Result<HeaderMap, Fault> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", self.inner.token.expose_secret()))
            .map_err(|_| place.fault(FaultKind::Setup, "The token cannot be sent in a header."))?;
        bearer.set_sensitive(true);
        let mut headers = accept_json();
        headers.insert(AUTHORIZATION, bearer);
        if answer == Answer::Count {
            headers.insert(reqwest::header::ACCEPT, HeaderValue::from_static("text/plain"));
            headers.insert("consistencylevel", HeaderValue::from_static("eventual"));
        }
        Ok(headers)
    }

    fn tell(&self, ask: &Ask, status: u16, took: Duration, resource_units: Option<f64>) {
        let path = ask.path.to_owned();
        self.inner.observer.request(&RequestSeen { method: "GET", path, status, took, resource_units });
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("exchange", &self.inner.exchange).finish_non_exhaustive()
    }
}

fn out_of_patience(place: &Place, last_refusal: Option<Fault>) -> Fault {
    let mut fault = last_refusal.unwrap_or_else(|| place.fault(FaultKind::PatienceExhausted, ""));
    fault.kind = FaultKind::PatienceExhausted;
    fault.detail = match fault.retry_after {
        Some(wait) => format!("Graph asked to wait {} s more.", wait.as_secs_f64().ceil()),
        None => "Graph gave no successful answer for too long.".to_owned(),
    };
    fault
}

fn resource_units(headers: &HeaderMap) -> Option<f64> {
    headers
        .get("x-ms-resource-unit")?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()
        .filter(|units: &f64| units.is_finite())
}
