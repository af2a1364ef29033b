//! Reading the directory through Microsoft Graph v1.0.

mod ahead;
pub(crate) mod batch;
pub(crate) mod changes;
pub(crate) mod directory;
pub(crate) mod pace;
pub(crate) mod pages;
mod patience;
pub(crate) mod registration;
pub(crate) mod renewal;
mod sending;
pub(crate) mod walk;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::exchange::{Exchange, Place, Reply};
use crate::fault::{Fault, FaultKind};
use crate::observer::Observer;
use crate::token::AccessToken;
use pace::{Pace, PaceSeen};
use patience::Patience;
use renewal::{TokenSource, Tokens};

/// Microsoft Graph with one token, or with one after another. Cheap to clone; clones share connections, pace,
/// patience, pauses and tokens.
///
/// Only what reads is sent: GETs, and the `POST /$batch` of [`Graph::members_of`], which holds GETs. An answer of 429,
/// 503 or 504 is waited out as long as something succeeds now and then; a broken connection is tried twice more; a 401
/// is tried once more where fresh tokens can be had. Any other refusal is final.
#[derive(Clone)]
pub struct Graph {
    inner: Arc<Inner>,
}

struct Inner {
    exchange: Exchange,
    tokens: Tokens,
    observer: Arc<dyn Observer>,
    pace: Arc<Pace>,
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

impl Graph {
    /// Items in one page of a list; Graph gives no more.
    pub const ITEMS_IN_A_PAGE: u64 = 999;
    /// Groups in one request for their members; Graph takes no more requests in a batch.
    pub const GROUPS_IN_A_BATCH: usize = 20;

    pub(crate) fn new(
        exchange: Exchange,
        token: &AccessToken,
        source: Option<Arc<dyn TokenSource>>,
        observer: Arc<dyn Observer>,
        patience: Duration,
    ) -> Self {
        let (tokens, pace) = (Tokens::new(token, source), Pace::new());
        let patience = Patience::new(patience);
        Self { inner: Arc::new(Inner { exchange, tokens, observer, pace, patience }) }
    }

    /// The directory's read quota of one app in a tenant with so many users, in resource units per 10 s: 3 500, 5 000 or
    /// 8 000 for fewer than 50, up to 500, and more of them.
    pub const fn quota_of(users: u64) -> u32 {
        pace::quota_of(users)
    }

    /// Tells the pacing how many users the tenant has: the quota follows from it. Before, that of the smallest tenants is
    /// assumed.
    pub fn expect_users(&self, users: u64) {
        self.inner.pace.expect_users(users);
    }

    /// The pacing as it is now.
    pub fn pace(&self) -> PaceSeen {
        self.inner.pace.seen()
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

    /// A link that Graph gave, if it leads to Graph's own origin; else where it leads.
    pub(crate) fn own_link(&self, link: &str) -> Result<Url, String> {
        let url = Url::parse(link).map_err(|_| "is not an address.".to_owned())?;
        if self.allows(&url) {
            Ok(url)
        } else {
            Err(format!("leads to {}.", url.origin().ascii_serialization()))
        }
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
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph").field("exchange", &self.inner.exchange).finish_non_exhaustive()
    }
}

/// A text inside an OData literal: single quotes are doubled.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}
