//! One request until its answer counts: its turn, its pace, its waits, and a fresh token where the old one has ended.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::ExposeSecret;
use tokio::time::Instant;

use super::pace::{Permit, cost};
use super::patience::at_least_a_moment;
use super::renewal::Bearer;
use super::{Answer, Ask, Graph};
use crate::exchange::{Call, Place, Reply, accept_json};
use crate::fault::{Fault, FaultKind};
use crate::observer::{Pause, PauseReason, RequestSeen};
use crate::redaction::Redaction;
use crate::refusal::graph_refusal;
use crate::retry_after::{backoff, retry_after};

const BROKEN_CONNECTION_RETRIES: u32 = 2;
/// Tokens that one request may see end: it can wait for its turn longer than a token lasts.
const RENEWALS: u32 = 3;

/// What is posted, and its cost in resource units.
pub(super) struct Post {
    pub(super) body: Vec<u8>,
    pub(super) cost: u32,
}

/// What one request has been through.
pub(super) struct Attempts {
    began: Instant,
    waits: u32,
    broken: u32,
    renewals: u32,
    last_refusal: Option<Fault>,
}

/// A successful answer. Whoever reads it tells what it means for the pace and for patience.
pub(super) struct Success {
    pub(super) reply: Reply,
    pub(super) permit: Permit,
    pub(super) bearer: Arc<Bearer>,
}

/// A refusal that can be waited out.
pub(super) struct Refused {
    pub(super) reason: PauseReason,
    /// As the answer names it.
    pub(super) wait: Option<Duration>,
    pub(super) fault: Fault,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), waits: 0, broken: 0, renewals: 0, last_refusal: None }
    }
}

impl Graph {
    /// Asks until there is a successful answer, a final refusal, or no patience left.
    pub(crate) async fn get(&self, ask: &Ask) -> Result<Reply, Fault> {
        let success = self.until_success(ask, None, &mut Attempts::new()).await?;
        let units = resource_units(&success.reply.headers);
        self.tell(&Self::seen(ask, None, &success.reply, units));
        success.permit.charged(units.unwrap_or(success.permit.cost()));
        success.permit.succeeded(success.reply.took);
        success.bearer.worked();
        self.inner.patience.succeeded();
        Ok(success.reply)
    }

    /// Asks until the answer as a whole is a success. The observer is told of every other answer on the way.
    pub(super) async fn until_success(
        &self,
        ask: &Ask,
        post: Option<&Post>,
        attempts: &mut Attempts,
    ) -> Result<Success, Fault> {
        let place = self.place(ask.path);
        if !self.allows(&ask.url) {
            let origin = ask.url.origin().ascii_serialization();
            return Err(place.fault(FaultKind::ForeignEndpoint, format!("Nothing is sent to {origin}.")));
        }
        let cost = post.map_or_else(|| cost::of_get(ask.path, &ask.url), |post| post.cost);
        loop {
            let permit = self.turn(&place, cost, attempts).await?;
            let bearer = self.inner.tokens.current().await;
            let call = call(&place, ask, post, &bearer)?;
            let sent = Instant::now();
            let reply = match self.inner.exchange.send(&place, call).await {
                Ok(reply) => reply,
                Err(fault) => {
                    let status = fault.http_status.unwrap_or(0);
                    self.tell(&RequestSeen { status, took: sent.elapsed(), ..unanswered(ask, post) });
                    if fault.kind == FaultKind::ConnectionBroken
                        && attempts.broken < BROKEN_CONNECTION_RETRIES
                    {
                        attempts.broken += 1;
                        continue;
                    }
                    return Err(fault);
                }
            };
            if matches!(reply.status, 200..300) {
                return Ok(Success { reply, permit, bearer });
            }
            let units = resource_units(&reply.headers);
            self.tell(&Self::seen(ask, post, &reply, units));
            permit.charged(units.unwrap_or(permit.cost()));
            drop(permit);
            let fault = graph_refusal(&place, &reply, &Redaction::of_token(bearer.value()));
            match waiting_reason(reply.status) {
                Some(reason) => {
                    let wait = retry_after(&reply.headers);
                    self.wait_out(&place, attempts, Refused { reason, wait, fault }).await?;
                }
                None if reply.status == 401 && self.renewed(attempts, &bearer).await? => {}
                None => return Err(fault),
            }
        }
    }

    /// After a 401 for this token: true when there is another one to try, which is so a few times for one request.
    pub(super) async fn renewed(
        &self,
        attempts: &mut Attempts,
        refused: &Arc<Bearer>,
    ) -> Result<bool, Fault> {
        if attempts.renewals >= RENEWALS {
            return Ok(false);
        }
        attempts.renewals += 1;
        Ok(self.inner.tokens.instead_of(refused).await?.is_some())
    }

    /// Waits after a refusal, or gives up.
    pub(super) async fn wait_out(
        &self,
        place: &Place,
        attempts: &mut Attempts,
        refused: Refused,
    ) -> Result<(), Fault> {
        let patience = &self.inner.patience;
        self.inner.pace.refused();
        if refused.wait.is_some_and(|wait| wait > patience.limit()) {
            return Err(out_of_patience(place, Some(refused.fault)));
        }
        let wait = at_least_a_moment(refused.wait.unwrap_or_else(|| backoff(attempts.waits)));
        attempts.waits += 1;
        attempts.last_refusal = Some(refused.fault);
        self.inner.observer.pausing(&Pause { wait, reason: refused.reason });
        let until = patience.refused(wait);
        if refused.reason == PauseReason::Throttled {
            self.inner.pace.throttled(patience.closed_until());
        }
        match patience.wait_until(attempts.began, until).await {
            Ok(()) => Ok(()),
            Err(_) => Err(out_of_patience(place, attempts.last_refusal.take())),
        }
    }

    pub(super) fn seen(ask: &Ask, post: Option<&Post>, reply: &Reply, units: Option<f64>) -> RequestSeen {
        RequestSeen { status: reply.status, took: reply.took, resource_units: units, ..unanswered(ask, post) }
    }

    pub(super) fn tell(&self, seen: &RequestSeen) {
        self.inner.observer.request(seen);
    }

    async fn turn(&self, place: &Place, cost: u32, attempts: &mut Attempts) -> Result<Permit, Fault> {
        let patience = &self.inner.patience;
        loop {
            if patience.wait_for_turn(attempts.began).await.is_err() {
                return Err(out_of_patience(place, attempts.last_refusal.take()));
            }
            let permit = self.inner.pace.permit(cost).await;
            if patience.closed_until().is_none() {
                return Ok(permit);
            }
            permit.unused();
        }
    }
}

/// Why a request with this answer is sent again later; none when the answer is final.
pub(super) fn waiting_reason(status: u16) -> Option<PauseReason> {
    match status {
        429 => Some(PauseReason::Throttled),
        503 | 504 => Some(PauseReason::Unavailable),
        _ => None,
    }
}

pub(super) fn out_of_patience(place: &Place, last_refusal: Option<Fault>) -> Fault {
    let mut fault = last_refusal.unwrap_or_else(|| place.fault(FaultKind::PatienceExhausted, ""));
    fault.kind = FaultKind::PatienceExhausted;
    fault.detail = match fault.retry_after {
        Some(wait) => format!("Graph asked to wait {} s more.", wait.as_secs_f64().ceil()),
        None => "Graph gave no successful answer for too long.".to_owned(),
    };
    fault
}

/// What Graph charged for an answer with these headers.
pub(super) fn resource_units(headers: &HeaderMap) -> Option<f64> {
    let text = headers.get("x-ms-resource-unit")?.to_str().ok()?;
    text.trim().parse().ok().filter(|units: &f64| units.is_finite() && *units >= 0.0)
}

fn call(place: &Place, ask: &Ask, post: Option<&Post>, bearer: &Bearer) -> Result<Call, Fault> {
    let mut authorization = HeaderValue::from_str(&format!("Bearer {}", bearer.value().expose_secret()))
        .map_err(|_| place.fault(FaultKind::Setup, "The token cannot be sent in a header."))?;
    authorization.set_sensitive(true);
    let mut headers = accept_json();
    headers.insert(AUTHORIZATION, authorization);
    if ask.answer == Answer::Count {
        headers.insert(reqwest::header::ACCEPT, HeaderValue::from_static("text/plain"));
        headers.insert("consistencylevel", HeaderValue::from_static("eventual"));
    }
    if post.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let method = if post.is_some() { Method::POST } else { Method::GET };
    Ok(Call { method, url: ask.url.clone(), headers, body: post.map(|post| post.body.clone()) })
}

fn unanswered(ask: &Ask, post: Option<&Post>) -> RequestSeen {
    RequestSeen {
        method: if post.is_some() { "POST" } else { "GET" },
        path: ask.path.to_owned(),
        status: 0,
        took: Duration::ZERO,
        resource_units: None,
        throttled_items: 0,
    }
}
