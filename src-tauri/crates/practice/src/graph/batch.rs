//! `POST /$batch` (facts: wire/graph-batch.http): up to twenty requests in one, each charged and refused by itself.
//!
//! Bodies are written into the answer as they are, without a tree in between.

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::Ordering,
};

use axum::{body::Bytes, http::Method};
use serde::Deserialize;
use serde_json::Value;

use super::{
    Exchange, Incoming, JSON, Outcome,
    auth::Caller,
    errors::GraphError,
    json::{Value as Property, write_property, write_text},
    serve,
};
use crate::{scenario::Graph as Played, state::Tenant};

const MOST: usize = 20;
/// Every so many batches, the answers come from last to first.
const REVERSED: u64 = 3;

#[derive(Deserialize)]
struct Batch {
    requests: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    method: String,
    url: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    #[serde(default, rename = "dependsOn", alias = "depends_on")]
    depends_on: Vec<String>,
}

impl Item {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Where a batch was sent, and by whom.
pub(super) struct Sender<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) caller: Result<&'a Caller, &'a GraphError>,
    pub(super) origin: &'a str,
    pub(super) version: &'a str,
    pub(super) exchange: &'a Exchange,
}

/// Answers all items, or refuses the whole batch.
pub(super) fn answer(sender: &Sender<'_>, method: &Method, body: &Bytes) -> Result<String, GraphError> {
    if sender.tenant.plays().graph == Some(Played::Unavailable) {
        return Err(GraphError::Unavailable);
    }
    sender.caller.map_err(GraphError::clone)?;
    if method != Method::POST {
        return Err(GraphError::MethodNotAllowed);
    }
    let batch: Batch = serde_json::from_slice(body)
        .map_err(|_| GraphError::bad_request_by_gateway("Invalid batch payload format."))?;
    let order = order(&batch.requests)?;
    let mut answers: Vec<(String, bool)> = Vec::with_capacity(order.len());
    let mut failed: HashMap<&str, bool> = HashMap::new();
    for item in order.iter().filter_map(|place| batch.requests.get(*place)) {
        let spoilt = item.depends_on.iter().any(|id| failed.get(id.as_str()).copied().unwrap_or(true));
        let (answer, fails) = if spoilt { failed_dependency(item) } else { answer_item(sender, item) };
        failed.insert(&item.id, fails);
        answers.push((answer, fails));
    }
    if sender.tenant.batches.fetch_add(1, Ordering::Relaxed) % REVERSED == REVERSED - 1 {
        answers.reverse();
    }
    let length: usize = answers.iter().map(|(answer, _)| answer.len() + 1).sum();
    let mut out = String::with_capacity(length + 16);
    out.push_str("{\"responses\":[");
    for (position, (answer, _)) in answers.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(answer);
    }
    out.push_str("]}");
    Ok(out)
}

/// The places of the items in an order in which each comes after those that it depends on.
fn order(items: &[Item]) -> Result<Vec<usize>, GraphError> {
    let refused = |message: &str| Err(GraphError::bad_request_by_gateway(message));
    if items.len() > MOST {
        return refused("Number of batch request steps exceeds the maximum value of 20.");
    }
    let mut places = HashMap::new();
    for (place, item) in items.iter().enumerate() {
        if item.id.is_empty() || places.insert(item.id.as_str(), place).is_some() {
            return refused("Every request in a batch needs an id of its own.");
        }
    }
    let mut order: Vec<usize> = Vec::with_capacity(items.len());
    while order.len() < items.len() {
        let ready = (0..items.len()).find(|place| {
            let done = |id: &String| places.get(id.as_str()).is_some_and(|before| order.contains(before));
            !order.contains(place) && items[*place].depends_on.iter().all(done)
        });
        match ready {
            Some(place) => order.push(place),
            None => return refused("A request in the batch depends on one that cannot come before it."),
        }
    }
    Ok(order)
}

/// The answer to one item, and whether it failed.
fn answer_item(sender: &Sender<'_>, item: &Item) -> (String, bool) {
    match serve_item(sender, item) {
        Ok((outcome, cost)) => (succeeded(item, &outcome, cost), false),
        Err(error) => {
            let refused = error.refused(sender.tenant, sender.exchange);
            let mut out = head(item, refused.status.as_u16());
            write_property(&mut out, "Cache-Control", &Property::text("no-cache"));
            for (name, value) in refused.headers {
                out.push(',');
                write_property(&mut out, &shown(name.as_str()), &Property::text(value));
            }
            out.push_str(",\"Content-Type\":\"application/json\"},\"body\":");
            out.push_str(&refused.body);
            out.push('}');
            (out, true)
        }
    }
}

fn serve_item(sender: &Sender<'_>, item: &Item) -> Result<(Outcome, u32), GraphError> {
    let method = Method::from_bytes(item.method.to_ascii_uppercase().as_bytes())
        .map_err(|_| GraphError::MethodNotAllowed)?;
    let (path, query) = target(sender, &item.url)?;
    if item.body.is_some() && item.header("content-type").is_none() {
        return Err(GraphError::bad_request_by_gateway("A request with a body needs a Content-Type header."));
    }
    let body = item.body.as_ref().map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    let eventual =
        item.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
    let Sender { tenant, caller, origin, version, exchange } = *sender;
    let incoming = Incoming { method: &method, origin, version, path, query, eventual, body };
    serve(tenant, incoming, caller, exchange.now)
}

/// Path and query of an item: below the version, or an address of this server.
fn target<'a>(sender: &Sender<'_>, url: &'a str) -> Result<(&'a str, &'a str), GraphError> {
    let relative = if url.contains("://") && !url.starts_with('/') {
        let own = [sender.origin, sender.tenant.facts.graph.as_str()].into_iter().find_map(|origin| {
            url.strip_prefix(origin)?.strip_prefix('/')?.strip_prefix(sender.version)?.strip_prefix('/')
        });
        own.ok_or_else(|| GraphError::bad_request_by_gateway("The URL of a request in a batch is relative."))?
    } else {
        url.trim_start_matches('/')
    };
    let (path, query) = relative.split_once('?').unwrap_or((relative, ""));
    if path.eq_ignore_ascii_case("$batch") {
        return Err(GraphError::bad_request_by_gateway("A batch cannot be part of a batch."));
    }
    Ok((path, query))
}

fn succeeded(item: &Item, outcome: &Outcome, cost: u32) -> String {
    let (status, content) = match outcome {
        Outcome::Json(json) => (200, Some((JSON, json))),
        Outcome::Created(json) => (201, Some((JSON, json))),
        Outcome::Text(text) => (200, Some(("text/plain", text))),
        Outcome::Nothing => (204, None),
    };
    let mut out = head(item, status);
    out.reserve(content.map_or(0, |(_, content)| content.len()) + 256);
    write_property(&mut out, "Cache-Control", &Property::text("no-cache"));
    out.push(',');
    write_property(&mut out, "x-ms-resource-unit", &Property::text(cost.to_string()));
    out.push_str(",\"OData-Version\":\"4.0\"");
    if let Some((kind, content)) = content {
        out.push(',');
        write_property(&mut out, "Content-Type", &Property::text(kind));
        out.push_str("},\"body\":");
        if kind == JSON {
            out.push_str(content);
        } else {
            write_text(&mut out, content);
        }
        out.push('}');
    } else {
        out.push_str("}}");
    }
    out
}

fn failed_dependency(item: &Item) -> (String, bool) {
    let mut out = String::from("{\"id\":");
    write_text(&mut out, &item.id);
    out.push_str(",\"status\":424,\"body\":{\"error\":{\"code\":\"FailedDependency\",\"message\":\"\"}}}");
    (out, true)
}

/// Id and status, with the headers left open.
fn head(item: &Item, status: u16) -> String {
    let mut out = String::from("{\"id\":");
    write_text(&mut out, &item.id);
    out.push_str(&format!(",\"status\":{status},\"headers\":{{"));
    out
}

/// `retry-after` as `Retry-After`: within a batch, names are as they are written in documents. Those of Microsoft are
/// in small letters.
fn shown(name: &str) -> String {
    if name.starts_with("x-ms-") {
        return name.to_owned();
    }
    let parts = name.split('-').map(|part| {
        let (first, rest) = part.split_at(part.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    parts.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(requests: &Value) -> Result<Vec<usize>, GraphError> {
        order(&serde_json::from_value::<Vec<Item>>(requests.clone()).unwrap())
    }

    fn item(id: &str, depends_on: &[&str]) -> Value {
        serde_json::json!({ "id": id, "method": "GET", "url": "/users", "dependsOn": depends_on })
    }

    #[test]
    fn items_come_after_those_that_they_depend_on() {
        let requests = serde_json::json!([item("1", &["3"]), item("2", &[]), item("3", &["2"])]);
        assert_eq!(places(&requests).unwrap(), [1, 2, 0]);
        let circle = serde_json::json!([item("1", &["2"]), item("2", &["1"])]);
        let unknown = serde_json::json!([item("1", &["9"])]);
        let twice = serde_json::json!([item("1", &[]), item("1", &[])]);
        let many: Vec<Value> = (0..21).map(|id| item(&id.to_string(), &[])).collect();
        for wrong in [circle, unknown, twice, Value::Array(many)] {
            assert!(places(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn header_names_are_written_as_in_documents() {
        assert_eq!(shown("retry-after"), "Retry-After");
        assert_eq!(shown("x-ms-throttle-scope"), "x-ms-throttle-scope");
    }
}
