//! The members of several groups in one request.
//! Source: <https://learn.microsoft.com/graph/json-batching>.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, value::RawValue};

use super::directory::{MEMBERS, Member};
use super::pace::cost;
use super::renewal::Bearer;
use super::sending::{Attempts, Post, Refused, Success, out_of_patience, resource_units, waiting_reason};
use super::walk::sealed::ReadPage;
use super::{Answer, Ask, Graph};
use crate::exchange::{Place, Reply};
use crate::fault::{Fault, FaultKind};
use crate::observer::RequestSeen;
use crate::redaction::Redaction;
use crate::refusal::graph_refusal;
use crate::retry_after::retry_after;
use crate::wire::{BatchAnswerWire, BatchItemAnswerWire, BatchItemWire, BatchWire, from_json};

const BATCH: &str = "/$batch";

/// What Graph answered for one group.
#[derive(Clone, Debug, PartialEq)]
pub struct MembersAnswer {
    /// The group's object id, as it was asked for.
    pub group_id: String,
    /// The first page of its members, or why there is none.
    pub answer: Result<MembersPage, Box<Fault>>,
}

/// The first page of a group's members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembersPage {
    /// Its direct members, of every kind.
    pub members: Vec<Member>,
    /// Where its next page is, for [`Graph::members_at`], which checks it; none when this is all.
    pub next_link: Option<String>,
}

/// One group on its way through the batches.
struct Item {
    url: String,
    cost: u32,
    answer: Option<Result<MembersPage, Box<Fault>>>,
}

/// What one answer to a batch says of one of its items.
enum Verdict {
    Final(Result<MembersPage, Box<Fault>>),
    Wait(Refused),
    Unauthorized(Fault),
}

/// The answers that are still to be dealt with.
#[derive(Default)]
struct Left {
    waiting: Vec<(usize, Refused)>,
    unauthorized: Vec<(usize, Fault)>,
}

impl Graph {
    /// The first pages of the members of up to 20 groups in one `POST /$batch`, in the order asked. Items that were
    /// answered 429, 503 or 504 are asked again, and only those, after the longest of their waits. An item for which
    /// patience ends has [`FaultKind::PatienceExhausted`] as its fault; an item that the answer does not have, or has
    /// twice, [`FaultKind::AnswerUnreadable`].
    ///
    /// # Errors
    /// Faults of the request as a whole; answers that came before are dropped then. [`FaultKind::Setup`] for more than
    /// 20 groups.
    pub async fn members_of(&self, group_ids: &[String]) -> Result<Vec<MembersAnswer>, Fault> {
        let place = self.place(BATCH);
        if group_ids.len() > Self::GROUPS_IN_A_BATCH {
            return Err(place.fault(FaultKind::Setup, "A batch takes no more than 20 groups."));
        }
        let mut items: Vec<Item> = group_ids.iter().map(|id| self.item(id)).collect();
        let mut attempts = Attempts::new();
        loop {
            let open: Vec<usize> = (0..items.len()).filter(|index| items[*index].answer.is_none()).collect();
            if open.is_empty() {
                break;
            }
            let ask = Ask { url: self.url(&["$batch"], &[]), path: BATCH, answer: Answer::Json };
            let post = post(&place, &items, &open)?;
            let success = self.until_success(&ask, Some(&post), &mut attempts).await?;
            let bearer = success.bearer.clone();
            let left = self.read_batch(&ask, &post, success, &mut items, &open)?;
            self.settle(&mut attempts, &bearer, left, &mut items).await?;
        }
        let answered = group_ids.iter().zip(items).filter_map(|(group_id, item)| {
            Some(MembersAnswer { group_id: group_id.clone(), answer: item.answer? })
        });
        Ok(answered.collect())
    }

    fn item(&self, group_id: &str) -> Item {
        let url = self.first_members_url(group_id);
        let cost = cost::of_get(MEMBERS, &url);
        let below_version = self.url(&[], &[]).path().trim_end_matches('/').len();
        let path = url.path().get(below_version..).unwrap_or_default();
        Item { url: format!("{path}?{}", url.query().unwrap_or_default()), cost, answer: None }
    }

    /// Reads one answer: keeps what is final, tells the pace, patience and the observer, and gives back the rest.
    fn read_batch(
        &self,
        ask: &Ask,
        post: &Post,
        success: Success,
        items: &mut [Item],
        open: &[usize],
    ) -> Result<Left, Fault> {
        let Success { reply, permit, bearer } = success;
        let Some(answers) = by_item(&reply.body) else {
            self.tell(&Self::seen(ask, Some(post), &reply, resource_units(&reply.headers)));
            return Err(self.misshapen(ask, &reply));
        };
        let reader = Reader { place: self.place(MEMBERS), outer: &reply, bearer: &bearer };
        let mut left = Left::default();
        let (mut charged, mut told, mut throttled) = (0.0, None, 0);
        for index in open.iter().copied() {
            let answer = answers.get(&id_of(index)).and_then(Option::as_ref);
            let headers = answer.map(headers_of).unwrap_or_default();
            let units = resource_units(&headers);
            charged += units.unwrap_or(f64::from(items[index].cost));
            told = units.map_or(told, |units| Some(told.unwrap_or(0.0) + units));
            match reader.verdict(answer, headers) {
                Verdict::Final(answer) => {
                    if answer.is_ok() {
                        bearer.worked();
                    }
                    items[index].answer = Some(answer);
                }
                Verdict::Wait(refused) => {
                    throttled += u64::from(refused.fault.http_status == Some(429));
                    left.waiting.push((index, refused));
                }
                Verdict::Unauthorized(fault) => left.unauthorized.push((index, fault)),
            }
        }
        if left.waiting.len() + left.unauthorized.len() < open.len() {
            self.inner.patience.succeeded();
        }
        if left.waiting.is_empty() {
            permit.succeeded(reply.took);
        }
        permit.charged(resource_units(&reply.headers).unwrap_or(charged));
        let units = resource_units(&reply.headers).or(told);
        let seen = Self::seen(ask, Some(post), &reply, units);
        self.tell(&RequestSeen { throttled_items: throttled, ..seen });
        Ok(left)
    }

    /// Gets a fresh token or waits, so that the open items can be asked again. What cannot be asked again is answered.
    async fn settle(
        &self,
        attempts: &mut Attempts,
        bearer: &Arc<Bearer>,
        left: Left,
        items: &mut [Item],
    ) -> Result<(), Fault> {
        if !left.unauthorized.is_empty() && !self.renewed(attempts, bearer).await? {
            for (index, fault) in left.unauthorized {
                items[index].answer = Some(Err(Box::new(fault)));
            }
        }
        let place = self.place(MEMBERS);
        let limit = self.inner.patience.limit();
        let (too_long, bearable): (Vec<_>, Vec<_>) =
            left.waiting.into_iter().partition(|(_, refused)| refused.wait.is_some_and(|wait| wait > limit));
        for (index, refused) in too_long {
            self.inner.pace.refused();
            items[index].answer = Some(Err(Box::new(out_of_patience(&place, Some(refused.fault)))));
        }
        let indices: Vec<usize> = bearable.iter().map(|(index, _)| *index).collect();
        let Some((_, longest)) = bearable.into_iter().max_by_key(|(_, refused)| refused.wait) else {
            return Ok(());
        };
        if let Err(fault) = self.wait_out(&place, attempts, longest).await {
            for index in indices {
                items[index].answer = Some(Err(Box::new(fault.clone())));
            }
        }
        Ok(())
    }
}

/// Reads single answers out of the answer to a batch.
struct Reader<'a> {
    place: Place,
    outer: &'a Reply,
    bearer: &'a Bearer,
}

impl Reader<'_> {
    fn verdict(&self, answer: Option<&BatchItemAnswerWire<'_>>, headers: HeaderMap) -> Verdict {
        let Some(answer) = answer else {
            return self
                .unreadable(self.outer, "The answer to the batch does not have exactly one of this item.");
        };
        let body = answer.body.map(|body| body.get()).filter(|body| *body != "null").unwrap_or_default();
        let reply = self.reply(answer.status, headers, body);
        if matches!(answer.status, 200..300) {
            return match Member::read_page(body.as_bytes()) {
                Some(page) => {
                    Verdict::Final(Ok(MembersPage { members: page.items, next_link: page.next_link }))
                }
                None => self.unreadable(&reply, "Graph's answer does not have the expected shape."),
            };
        }
        let mut fault = graph_refusal(&self.place, &reply, &Redaction::of_token(self.bearer.value()));
        fault.request_id = fault.request_id.or_else(|| self.outer.request_id(&Redaction::default()));
        match waiting_reason(answer.status) {
            Some(reason) => Verdict::Wait(Refused { reason, wait: retry_after(&reply.headers), fault }),
            None if answer.status == 401 => Verdict::Unauthorized(fault),
            None => Verdict::Final(Err(Box::new(fault))),
        }
    }

    fn unreadable(&self, reply: &Reply, detail: &str) -> Verdict {
        Verdict::Final(Err(Box::new(reply.fault(&self.place, FaultKind::AnswerUnreadable, detail))))
    }

    /// The item as if it had been answered alone. Its body is only kept where it is a refusal.
    fn reply(&self, status: u16, mut headers: HeaderMap, body: &str) -> Reply {
        if let Some(date) = self.outer.headers.get(DATE).filter(|_| !headers.contains_key(DATE)) {
            headers.insert(DATE, date.clone());
        }
        let kept = if matches!(status, 200..300) { &[] } else { body.as_bytes() };
        Reply { status, headers, body: kept.to_vec(), took: Duration::ZERO }
    }
}

fn post(place: &Place, items: &[Item], open: &[usize]) -> Result<Post, Fault> {
    let requests =
        open.iter().map(|index| BatchItemWire { id: id_of(*index), method: "GET", url: &items[*index].url });
    let body = serde_json::to_vec(&BatchWire { requests: requests.collect() })
        .map_err(|_| place.fault(FaultKind::Setup, "The batch could not be written."))?;
    Ok(Post { body, cost: open.iter().map(|index| items[*index].cost).sum() })
}

/// The answers by the ids of their items; none under an id that came more than once.
fn by_item(body: &[u8]) -> Option<HashMap<String, Option<BatchItemAnswerWire<'_>>>> {
    let items = match from_json::<BatchAnswerWire<BatchItemAnswerWire<'_>>>(body) {
        Some(batch) => batch.responses,
        None => readable_items(body)?,
    };
    let mut answers = HashMap::with_capacity(items.len());
    for answer in items {
        answers.entry(answer.id.clone()).and_modify(|kept| *kept = None).or_insert(Some(answer));
    }
    Some(answers)
}

/// Of a batch in which some answers lack an id or a status: these belong to no item, which is then missing.
fn readable_items(body: &[u8]) -> Option<Vec<BatchItemAnswerWire<'_>>> {
    let batch: BatchAnswerWire<&RawValue> = from_json(body)?;
    Some(batch.responses.into_iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect())
}

fn headers_of(answer: &BatchItemAnswerWire<'_>) -> HeaderMap {
    let named = answer.headers.iter().flatten().filter_map(|(name, value)| {
        let value = match value {
            Value::String(text) => HeaderValue::from_str(text).ok()?,
            other => HeaderValue::from_str(&other.to_string()).ok()?,
        };
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value))
    });
    named.collect()
}

fn id_of(index: usize) -> String {
    (index + 1).to_string()
}
