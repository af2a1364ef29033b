//! Microsoft Graph: the directory's part of v1.0 (and beta, which answers alike).

mod application_json;
mod applications;
mod auth;
mod directory;
mod errors;
mod filter;
mod json;
mod members;
mod paging;
mod query;
mod throttle;

use std::{borrow::Cow, sync::Arc};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, Response, StatusCode, header},
};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

pub(crate) use throttle::Throttle;

use auth::Caller;
use errors::GraphError;
use query::Query;

use crate::{
    http::{Answer, loopback_host, uuid_header},
    scenario::Graph as Played,
    state::Tenant,
};

type Reply = Response<axum::body::Body>;

const JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const LARGEST_BODY: usize = 1 << 20;

/// Graph answers every path itself, unknown ones included.
pub(crate) fn routes() -> Router<Arc<Tenant>> {
    Router::new().fallback(answer)
}

/// Ids and time of one request.
pub(crate) struct Exchange {
    pub(crate) request_id: Uuid,
    pub(crate) client_request_id: Uuid,
    pub(crate) now: Timestamp,
}

/// A request that was let in.
struct Call<'a> {
    tenant: &'a Tenant,
    caller: Caller,
    query: Query,
    /// `https://localhost:PORT/v1.0`, on the name that the client used.
    base: String,
    /// Path below the version, as it was sent.
    raw_path: String,
    /// `ConsistencyLevel: eventual` was sent.
    eventual: bool,
    body: Bytes,
    now: Timestamp,
}

/// What a call comes to when it succeeds.
enum Outcome {
    Json(String),
    Created(String),
    Text(String),
    Nothing,
}

async fn answer(State(tenant): State<Arc<Tenant>>, request: Request) -> Reply {
    let (parts, body) = request.into_parts();
    let request_id = tenant.draw_id();
    let exchange = Exchange {
        request_id,
        client_request_id: uuid_header(&parts.headers, "client-request-id").unwrap_or(request_id),
        now: tenant.now(),
    };
    let body = to_bytes(body, LARGEST_BODY).await;
    let uri = &parts.uri;
    let origin = loopback_host(&parts.headers, uri)
        .map_or_else(|| tenant.facts.graph.clone(), |host| format!("https://{host}"));
    let outcome = match body {
        Err(_) => Err(GraphError::bad_request("The request body is too large.")),
        Ok(body) => serve(&tenant, &parts.method, uri, &parts.headers, &origin, body, exchange.now),
    };
    match outcome {
        Ok((outcome, cost)) => success(outcome, cost, &exchange),
        Err(error) => error.answer(&tenant, &exchange).into_response(),
    }
}

fn serve(
    tenant: &Tenant,
    method: &Method,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
    origin: &str,
    body: Bytes,
    now: Timestamp,
) -> Result<(Outcome, u32), GraphError> {
    let played = tenant.plays().graph;
    if played == Some(Played::Unavailable) {
        return Err(GraphError::Unavailable);
    }
    if tenant.changing().throttle.fails_now() {
        return Err(GraphError::Throttled { retry_after: 1 });
    }
    let caller = auth::admit(tenant, headers, now)?;
    match played {
        Some(Played::IdentityNotFound) => return Err(GraphError::IdentityNotFound),
        Some(Played::Throttled(retry_after)) => return Err(GraphError::Throttled { retry_after }),
        _ => {}
    }
    let path = uri.path().trim_start_matches('/');
    let (version, rest) = path.split_once('/').unwrap_or((path, ""));
    if !["v1.0", "beta"].contains(&version) {
        return Err(GraphError::bad_request(&format!("Invalid version: {version}.")));
    }
    let segments = segments(rest)?;
    let query = Query::read(uri.query().unwrap_or_default())?;
    let cost = throttle::cost(method, &segments, &query);
    if let Err(retry_after) = tenant.changing().throttle.take(cost, now) {
        return Err(GraphError::Throttled { retry_after });
    }
    let eventual = headers
        .get("consistencylevel")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"eventual"));
    let base = format!("{origin}/{version}");
    let call = Call { tenant, caller, query, base, raw_path: rest.to_owned(), eventual, body, now };
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    route(&call, method, &segments).map(|outcome| (outcome, cost))
}

fn route(call: &Call<'_>, method: &Method, segments: &[&str]) -> Result<Outcome, GraphError> {
    match (method.as_str(), segments) {
        ("GET", []) => Ok(directory::service_document(call)),
        ("GET", ["organization"]) => directory::organizations(call),
        ("GET", ["organization", id]) => directory::organization(call, id),
        ("GET", ["users"]) => directory::users(call),
        ("GET", ["users", "$count"]) => directory::count_users(call),
        ("GET", ["users", id]) => directory::user(call, id),
        ("GET", ["groups"]) => directory::groups(call),
        ("GET", ["groups", "$count"]) => directory::count_groups(call),
        ("GET", ["groups", id]) => directory::group(call, id),
        ("GET", ["groups", id, "members", rest @ ..]) => {
            members::list(call, id, members::Reach::Direct, rest)
        }
        ("GET", ["groups", id, "transitiveMembers", rest @ ..]) => {
            members::list(call, id, members::Reach::Transitive, rest)
        }
        ("GET", ["applications"]) => applications::applications(call),
        ("GET", ["applications", key]) => applications::application(call, key),
        ("PATCH", ["applications", key]) => applications::change(call, key),
        ("POST", ["applications", key, "addPassword"]) => applications::add_password(call, key),
        ("POST", ["applications", key, "removePassword"]) => applications::remove_password(call, key),
        ("GET", ["servicePrincipals"]) => applications::service_principals(call),
        ("GET", ["servicePrincipals", key]) => applications::service_principal(call, key),
        ("GET", ["servicePrincipals", key, "appRoleAssignments"]) => applications::assignments(call, key),
        ("POST", ["servicePrincipals", key, "appRoleAssignments" | "appRoleAssignedTo"]) => {
            applications::assign(call, key)
        }
        ("GET", ["me"]) if call.caller.person.is_some() => directory::me(call),
        (_, ["me", ..]) => Err(GraphError::bad_request_by_gateway(
            "/me request is only valid with delegated authentication flow.",
        )),
        (_, ["organization" | "users" | "groups" | "applications" | "servicePrincipals", ..])
            if method != Method::GET =>
        {
            Err(GraphError::MethodNotAllowed)
        }
        (_, [.., last]) => {
            Err(GraphError::bad_request_by_gateway(&format!("Resource not found for the segment '{last}'.")))
        }
        (_, []) => Err(GraphError::MethodNotAllowed),
    }
}

/// Path segments, decoded. `name(key)` and `name('key')` become two, as in OData's key syntax.
fn segments(path: &str) -> Result<Vec<String>, GraphError> {
    let mut segments = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let decoded: Cow<'_, str> = percent_decode_str(part)
            .decode_utf8()
            .map_err(|_| GraphError::bad_request("The request path is not valid UTF-8."))?;
        match decoded.strip_suffix(')').and_then(|open| open.split_once('(')) {
            None => segments.push(decoded.into_owned()),
            Some((name, key)) => {
                segments.push(name.to_owned());
                let key = key.trim();
                if !key.is_empty() {
                    segments.push(unquoted(key).unwrap_or(key).to_owned());
                }
            }
        }
    }
    Ok(segments)
}

/// The inside of a quoted OData text.
fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('\'')?.strip_suffix('\'')
}

fn success(outcome: Outcome, cost: u32, exchange: &Exchange) -> Reply {
    let answer = match outcome {
        Outcome::Json(body) => Answer::new(StatusCode::OK, JSON, body),
        Outcome::Created(body) => Answer::new(StatusCode::CREATED, JSON, body),
        Outcome::Text(body) => Answer::new(StatusCode::OK, "text/plain", body),
        Outcome::Nothing => Answer::empty(StatusCode::NO_CONTENT),
    };
    marked(answer, exchange)
        .header(header::HeaderName::from_static("odata-version"), "4.0")
        .header(header::HeaderName::from_static("x-ms-resource-unit"), cost.to_string())
        .into_response()
}

/// Headers on every answer of Graph.
fn marked(answer: Answer, exchange: &Exchange) -> Answer {
    answer
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")
        .header(header::HeaderName::from_static("request-id"), exchange.request_id.to_string())
        .header(header::HeaderName::from_static("client-request-id"), exchange.client_request_id.to_string())
        .header(
            header::HeaderName::from_static("x-ms-ags-diagnostic"),
            r#"{"ServerInfo":{"DataCenter":"Practice","Slice":"E","Ring":"0","ScaleUnit":"000","RoleInstance":"PRACTICE"}}"#,
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_syntax_becomes_segments() {
        let read = |path: &str| segments(path).unwrap();
        assert_eq!(read("applications(appId='x')/addPassword"), ["applications", "appId='x'", "addPassword"]);
        assert_eq!(read("applications(appId=%27x%27)"), ["applications", "appId='x'"]);
        assert_eq!(read("users('a%23b@c')"), ["users", "a#b@c"]);
        assert_eq!(read("groups/delta()"), ["groups", "delta"]);
        assert_eq!(read(""), Vec::<String>::new());
    }
}
