//! Reading the two shapes in which Microsoft says no: OAuth's at the authority, Graph's own at Graph.
//!
//! Microsoft warns that descriptions and numbers change. So the kind follows from the status and the shape; numbers
//! and codes are kept as advice.

use serde_json::Value;

use crate::exchange::{Place, Reply};
use crate::fault::{Fault, FaultKind};
use crate::redaction::Redaction;
use crate::retry_after::retry_after;

/// What Graph calls a delta link that it has forgotten.
/// Source: <https://learn.microsoft.com/graph/delta-query-overview>, "Synchronization reset".
const EXPIRED_DELTA: [&str; 3] = ["syncStateNotFound", "resyncRequired", "syncStateInvalid"];

/// A refusal by the authority (RFC 6749, section 5.2, with Entra ID's additional fields).
pub(crate) fn oauth_refusal(place: &Place, reply: &Reply, redaction: &Redaction) -> Fault {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(|text| redaction.clean(text));
    let oauth_error = text("error");
    let kind = match reply.status {
        429 => FaultKind::Throttled,
        500.. => FaultKind::ServiceUnavailable,
        400..500 if oauth_error.is_some() => FaultKind::Refused,
        _ => FaultKind::AnswerUnreadable,
    };
    let mut fault = reply.fault(place, kind, "");
    fault.request_id = reply.request_id(redaction);
    fault.detail = match text("error_description") {
        Some(description) => without_ids(&description).to_owned(),
        None => described(reply, redaction, oauth_error.is_some()),
    };
    fault.aadsts = aadsts_number(&body);
    fault.oauth_error = oauth_error;
    fault.trace_id = text("trace_id");
    fault.correlation_id = text("correlation_id");
    fault.timestamp = text("timestamp");
    fault.retry_after = retry_after(&reply.headers);
    fault
}

/// A refusal by Graph. Source: <https://learn.microsoft.com/graph/errors>.
pub(crate) fn graph_refusal(place: &Place, reply: &Reply, redaction: &Redaction) -> Fault {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    let error = body.get("error").filter(|error| error.is_object());
    let levels: Vec<&Value> = std::iter::successors(error, |level| inner_of(level)).take(8).collect();
    let deepest_text = |name: &str| {
        levels.iter().rev().find_map(|level| level.get(name)?.as_str()).map(|text| redaction.clean(text))
    };
    let graph_code = telling_code(&levels).map(|code| redaction.clean(code));
    let mut fault = reply.fault(place, graph_kind(place, reply, &levels), "");
    fault.detail = match levels.first().and_then(|outer| outer.get("message")).and_then(Value::as_str) {
        Some(message) => redaction.clean(message),
        None => described(reply, redaction, error.is_some()),
    };
    fault.graph_code = graph_code;
    fault.request_id = deepest_text("request-id").or_else(|| reply.request_id(redaction));
    fault.timestamp = deepest_text("date");
    fault.retry_after = retry_after(&reply.headers);
    fault
}

fn graph_kind(place: &Place, reply: &Reply, levels: &[&Value]) -> FaultKind {
    let has_code = |wanted: &str| codes(levels).any(|code| code.eq_ignore_ascii_case(wanted));
    let is_delta = place.path.ends_with("/delta");
    match reply.status {
        429 => FaultKind::Throttled,
        500.. => FaultKind::ServiceUnavailable,
        _ if levels.is_empty() && !reply.body.trim_ascii().is_empty() => FaultKind::AnswerUnreadable,
        410 if is_delta => FaultKind::DeltaExpired,
        400..410 if is_delta && EXPIRED_DELTA.iter().any(|code| has_code(code)) => FaultKind::DeltaExpired,
        400 | 410 if has_code("Directory_ExpiredPageToken") => FaultKind::PageExpired,
        401 => FaultKind::Unauthorized,
        403 => FaultKind::Forbidden,
        404 => FaultKind::NotFound,
        400..500 => FaultKind::GraphRefused,
        _ => FaultKind::AnswerUnreadable,
    }
}

fn inner_of(level: &Value) -> Option<&Value> {
    ["innerError", "innererror"].iter().find_map(|name| level.get(*name)).filter(|inner| inner.is_object())
}

fn codes<'a>(levels: &'a [&'a Value]) -> impl Iterator<Item = &'a str> {
    levels.iter().filter_map(|level| level.get("code")?.as_str()).filter(|code| !code.is_empty())
}

/// The outermost code, unless it only repeats the HTTP status and an inner one says more.
fn telling_code<'a>(levels: &'a [&'a Value]) -> Option<&'a str> {
    const GENERAL: [&str; 6] =
        ["BadRequest", "Forbidden", "UnknownError", "invalidRequest", "generalException", "accessDenied"];
    let tells = |code: &&str| {
        !GENERAL.iter().any(|general| general.eq_ignore_ascii_case(code))
            && !code.bytes().all(|byte| byte.is_ascii_digit())
    };
    codes(levels).find(tells).or_else(|| codes(levels).next())
}

/// Server text where it is text; a sentence of ours where it is something else.
fn described(reply: &Reply, redaction: &Redaction, has_error_shape: bool) -> String {
    if has_error_shape {
        return "The answer gives no reason.".to_owned();
    }
    if reply.body.trim_ascii().is_empty() {
        return "The answer is empty.".to_owned();
    }
    let is_plain = reply
        .headers
        .get(reqwest::header::CONTENT_TYPE)
        .is_none_or(|kind| kind.to_str().is_ok_and(|kind| kind.trim_start().starts_with("text/plain")));
    let text = std::str::from_utf8(&reply.body).unwrap_or_default();
    let cleaned = if is_plain { redaction.clean(text) } else { String::new() };
    if cleaned.is_empty() {
        "The answer is not in the shape that Microsoft uses.".to_owned()
    } else {
        cleaned
    }
}

/// The number from `error_codes` (as a number or as text), else from the description's first words.
fn aadsts_number(body: &Value) -> Option<u32> {
    let listed = body.get("error_codes").and_then(Value::as_array).and_then(|codes| codes.first());
    let listed = match listed {
        Some(Value::Number(number)) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    listed.or_else(|| {
        let (_, after) = body.get("error_description")?.as_str()?.split_once("AADSTS")?;
        let digits = after.find(|c: char| !c.is_ascii_digit()).map_or(after, |end| &after[..end]);
        digits.parse().ok()
    })
}

/// Entra ID ends its descriptions with ids that have their own fields.
fn without_ids(description: &str) -> &str {
    description.split_once(" Trace ID: ").map_or(description, |(before, _)| before).trim_end()
}
