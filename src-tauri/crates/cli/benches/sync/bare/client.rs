//! Requests, refusals and pacing of the bare program.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::{
    RequestBuilder, StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json, value::RawValue};
use tokio::time::{Instant, sleep_until};

use super::{Pattern, Tally, Task, http, older_http};
use crate::Problem;

/// Seconds in which a full quota comes back.
const WINDOW: f64 = 10.0;
/// Waited where a refusal does not say how long.
const USUAL_WAIT: Duration = Duration::from_secs(1);

/// The header with what an answer cost.
const RESOURCE_UNITS: &str = "x-ms-resource-unit";

/// What is asked for, with its cost in resource units as Graph's table of limits has it, `$select` included.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Users,
    Groups,
    Members,
    /// Groups with members, in a delta.
    Delta,
}

impl Kind {
    fn cost(self) -> f64 {
        if self == Self::Members { 2.0 } else { 1.0 }
    }
}

/// A page: its object ids and where the next one is.
pub(super) struct Page {
    pub(super) ids: Vec<String>,
    pub(super) next: Option<String>,
}

/// A signed-in client; clones are the same one.
#[derive(Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    graph: String,
    token: String,
    shared: Arc<Shared>,
}

struct Shared {
    tally: Mutex<Tally>,
    pace: Option<Mutex<Pace>>,
}

/// Resource units that may be spent; below zero are those that others wait for already.
struct Pace {
    quota: f64,
    left: f64,
    since: Instant,
}

impl Client {
    pub(super) async fn sign_in(task: &Task) -> Result<Self, Problem> {
        let tenant = &task.tenant;
        let http = match task.pattern {
            Pattern::Serial => older_http(tenant)?,
            _ => http(tenant)?,
        };
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &tenant.client_id),
            ("client_secret", &tenant.client_secret),
            ("scope", "https://graph.microsoft.com/.default"),
        ];
        let endpoint = format!("{}/{}/oauth2/v2.0/token", tenant.authority, tenant.tenant_id);
        let answer: Value = http.post(endpoint).form(&form).send().await?.json().await?;
        let token = answer["access_token"].as_str().ok_or("There is no token.")?.to_owned();
        let pace = task.paced.map(f64::from).map(|quota| {
            // A hundredth stays for requests that overtake others on their way.
            Mutex::new(Pace { quota, left: quota * 0.99, since: Instant::now() })
        });
        let shared = Arc::new(Shared { tally: Mutex::default(), pace });
        Ok(Self { http, graph: format!("{}/v1.0", tenant.graph), token, shared })
    }

    pub(super) fn tally(&self) -> Tally {
        self.noted().clone()
    }

    /// One page of a list, by its path or by a next-link.
    pub(super) async fn page(&self, kind: Kind, place: &str) -> Result<Page, Problem> {
        let url = if place.starts_with('/') { format!("{}{place}", self.graph) } else { place.to_owned() };
        loop {
            self.paced(kind.cost()).await;
            let answer = self.send(self.http.get(&url)).await?;
            let (status, wait) = (answer.status(), told_to_wait(answer.headers()));
            self.charge(header(answer.headers(), RESOURCE_UNITS));
            let body = answer.bytes().await?;
            if self.is_answered(status, kind)? {
                return self.read(kind, &body);
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// The first pages of these members, in one request for up to twenty; what was refused is asked again.
    pub(super) async fn batch(&self, places: Vec<String>) -> Result<Vec<Page>, Problem> {
        let (mut pages, mut open) = (Vec::with_capacity(places.len()), places);
        while !open.is_empty() {
            self.paced(open.len() as f64 * Kind::Members.cost()).await;
            let requests: Vec<Value> = open
                .iter()
                .enumerate()
                .map(|(id, url)| json!({ "id": id.to_string(), "method": "GET", "url": url }))
                .collect();
            let post =
                self.http.post(format!("{}/$batch", self.graph)).json(&json!({ "requests": requests }));
            let answer = self.send(post).await?.error_for_status()?.bytes().await?;
            let (mut refused, mut longest) = (Vec::new(), Duration::ZERO);
            for item in serde_json::from_slice::<Batch<'_>>(&answer)?.responses {
                self.charge(item.headers[RESOURCE_UNITS].as_str());
                if self.is_answered(StatusCode::from_u16(item.status)?, Kind::Members)? {
                    pages.push(self.read(Kind::Members, item.body.get().as_bytes())?);
                } else {
                    refused.push(open[item.id.parse::<usize>()?].clone());
                    longest = longest.max(item.told_to_wait());
                }
            }
            open = refused;
            if !open.is_empty() {
                tokio::time::sleep(longest).await;
            }
        }
        Ok(pages)
    }

    async fn send(&self, request: RequestBuilder) -> Result<reqwest::Response, Problem> {
        self.noted().sent += 1;
        Ok(request.bearer_auth(&self.token).send().await?)
    }

    fn charge(&self, units: Option<&str>) {
        self.noted().units += units.and_then(|units| units.parse::<u64>().ok()).unwrap_or_default();
    }

    /// False for a request that is to be asked again.
    fn is_answered(&self, status: StatusCode, kind: Kind) -> Result<bool, Problem> {
        let mut tally = self.noted();
        tally.requests += 1;
        if status == StatusCode::TOO_MANY_REQUESTS {
            tally.throttled += 1;
            return Ok(false);
        }
        if !status.is_success() {
            return Err(format!("Graph answered {status}.").into());
        }
        tally.member_pages += u64::from(kind == Kind::Members);
        Ok(true)
    }

    fn read(&self, kind: Kind, body: &[u8]) -> Result<Page, Problem> {
        let wire: PageWire<'_> = serde_json::from_slice(body)?;
        let mut tally = self.noted();
        let counter = match kind {
            Kind::Users => &mut tally.users,
            Kind::Groups | Kind::Delta => &mut tally.groups,
            Kind::Members => &mut tally.memberships,
        };
        *counter += wire.value.len() as u64;
        tally.memberships += wire.value.iter().map(|item| item.members.len() as u64).sum::<u64>();
        drop(tally);
        // Only the ids of groups lead on.
        let ids = match kind {
            Kind::Groups => wire.value.into_iter().map(|item| item.id.into_owned()).collect(),
            Kind::Users | Kind::Members | Kind::Delta => Vec::new(),
        };
        Ok(Page { ids, next: wire.next.map(Cow::into_owned) })
    }

    /// Waits until so much may be spent, in the order of those who ask.
    async fn paced(&self, cost: f64) {
        let Some(pace) = &self.shared.pace else { return };
        let until = {
            let mut pace = locked(pace);
            let now = Instant::now();
            let came = (now - pace.since).as_secs_f64() * pace.quota / WINDOW;
            pace.left = (pace.left + came).min(pace.quota) - cost;
            pace.since = now;
            now + Duration::from_secs_f64((-pace.left).max(0.0) * WINDOW / pace.quota)
        };
        sleep_until(until).await;
    }

    fn noted(&self) -> MutexGuard<'_, Tally> {
        locked(&self.shared.tally)
    }
}

#[derive(Deserialize)]
struct PageWire<'a> {
    #[serde(borrow, rename = "@odata.nextLink")]
    next: Option<Cow<'a, str>>,
    #[serde(borrow)]
    value: Vec<ItemWire<'a>>,
}

#[derive(Deserialize)]
struct ItemWire<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(default, rename = "members@delta")]
    members: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    responses: Vec<BatchItem<'a>>,
}

#[derive(Deserialize)]
struct BatchItem<'a> {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Value,
    #[serde(borrow)]
    body: &'a RawValue,
}

impl BatchItem<'_> {
    fn told_to_wait(&self) -> Duration {
        seconds(self.headers["Retry-After"].as_str())
    }
}

fn told_to_wait(headers: &HeaderMap) -> Duration {
    seconds(header(headers, RETRY_AFTER.as_str()))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn seconds(text: Option<&str>) -> Duration {
    text.and_then(|text| text.parse().ok()).map_or(USUAL_WAIT, Duration::from_secs)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
