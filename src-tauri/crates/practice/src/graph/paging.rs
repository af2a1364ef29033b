//! Pages, next-links and the opaque tokens in them. A token belongs to one list of one run.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{Call, errors::GraphError, json::write_text};
use crate::scenario::Graph as Played;

const DEFAULT_PAGE: u16 = 100;
const CHECK: usize = 16;

/// Where the page starts, from the skip token; 0 without one.
pub(super) fn start(call: &Call<'_>, list: &str) -> Result<u32, GraphError> {
    match &call.query.skip_token {
        None => Ok(0),
        Some(_) if call.tenant.plays().graph == Some(Played::ExpiredPages) => {
            Err(GraphError::ExpiredPageToken)
        }
        Some(token) => {
            open(&call.tenant.run_key, &bound(call, list), token).ok_or(GraphError::ExpiredPageToken)
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
    let token = seal(&call.tenant.run_key, &bound(call, list), next);
    let kept = &call.query.kept;
    let joint = if kept.is_empty() { "" } else { "&" };
    format!("{}/{}?{kept}{joint}$skiptoken={token}", call.base, call.raw_path)
}

fn bound(call: &Call<'_>, list: &str) -> String {
    format!("{list}?{}", call.query.filter_text)
}

fn seal(key: &[u8; 32], list: &str, position: u32) -> String {
    let check = check(key, list, position);
    let mut bytes = check.to_vec();
    bytes.extend(position.to_be_bytes().iter().zip(pad(key, &check)).map(|(byte, pad)| byte ^ pad));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(key: &[u8; 32], list: &str, token: &str) -> Option<u32> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (shown, hidden) = bytes.split_at_checked(CHECK)?;
    let shown: [u8; CHECK] = shown.try_into().ok()?;
    let hidden: [u8; 4] = hidden.try_into().ok()?;
    let pad = pad(key, &shown);
    let position = u32::from_be_bytes(std::array::from_fn(|index| hidden[index] ^ pad[index]));
    (check(key, list, position) == shown).then_some(position)
}

fn check(key: &[u8; 32], list: &str, position: u32) -> [u8; CHECK] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(key)
        .chain_update(position.to_be_bytes())
        .chain_update(list)
        .finalize()
        .into();
    std::array::from_fn(|index| digest[index])
}

fn pad(key: &[u8; 32], check: &[u8; CHECK]) -> [u8; 4] {
    let digest: [u8; 32] = Sha256::new().chain_update(check).chain_update(key).finalize().into();
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_list_and_run_only() {
        let (run, other_run) = ([1; 32], [2; 32]);
        let token = seal(&run, "users?", 999);
        assert_eq!(open(&run, "users?", &token), Some(999));
        assert_eq!(open(&run, "groups?", &token), None);
        assert_eq!(open(&other_run, "users?", &token), None);
        assert_eq!(open(&run, "users?", "AAAA"), None);
        assert_eq!(open(&run, "users?", "not base64!"), None);
    }
}
