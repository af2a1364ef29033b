//! Pages, next-links and the opaque tokens in them. A token belongs to one list of one run.

use super::{
    Call,
    errors::GraphError,
    json::write_text,
    sealed::{open, seal},
};
use crate::scenario::Graph as Played;

const DEFAULT_PAGE: u16 = 100;

/// Where the page starts, from the skip token; 0 without one.
pub(super) fn start(call: &Call<'_>, list: &str) -> Result<u32, GraphError> {
    match &call.query.skip_token {
        None => Ok(0),
        Some(_) if call.tenant.plays().graph == Some(Played::ExpiredPages) => {
            Err(GraphError::ExpiredPageToken)
        }
        Some(token) => {
            let opened = open(&call.tenant.run_key, &bound(call, list), token);
            let position = opened.and_then(|bytes| bytes.try_into().ok());
            position.map(u32::from_be_bytes).ok_or(GraphError::ExpiredPageToken)
        }
    }
}

/// How many items a page has.
pub(super) fn size(call: &Call<'_>) -> usize {
    let mut set = call.tenant.changing().page_size;
    if matches!(call.tenant.plays().graph, Some(Played::BrokenPage | Played::ExpiredPages)) {
        // The fault is on the second page, so there has to be one.
        set = Some(set.unwrap_or(DEFAULT_PAGE).min(DEFAULT_PAGE));
    }
    let asked = call.query.top.unwrap_or_else(|| set.unwrap_or(DEFAULT_PAGE));
    usize::from(set.map_or(asked, |set| asked.min(set)))
}

/// The head of a list's JSON up to `"value":[`.
pub(super) fn head(
    call: &Call<'_>,
    list: &str,
    context: &str,
    total: Option<u64>,
    next: Option<u32>,
) -> String {
    let mut out = String::from("{\"@odata.context\":");
    write_text(&mut out, &format!("{}/$metadata#{context}", call.base));
    if let Some(total) = total {
        out.push_str(&format!(",\"@odata.count\":{total}"));
    }
    if let Some(next) = next {
        out.push_str(",\"@odata.nextLink\":");
        write_text(&mut out, &next_link(call, list, next));
    }
    out.push_str(",\"value\":[");
    out
}

/// True when `@odata.count` belongs on this page: asked for in the advanced way, and the first one.
pub(super) fn counts(call: &Call<'_>) -> bool {
    call.query.count && call.eventual && call.query.skip_token.is_none()
}

fn next_link(call: &Call<'_>, list: &str, next: u32) -> String {
    let token = seal(&call.tenant.run_key, &bound(call, list), &next.to_be_bytes());
    let kept = &call.query.kept;
    let joint = if kept.is_empty() { "" } else { "&" };
    format!("{}/{}?{kept}{joint}$skiptoken={token}", call.base, call.raw_path)
}

fn bound(call: &Call<'_>, list: &str) -> String {
    format!("{list}?{}", call.query.filter_text)
}
