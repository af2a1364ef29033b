//! Microsoft Graph: the directory's part of v1.0 (and beta, which answers alike).

mod application_json;
mod applications;
mod auth;
mod batch;
mod compression;
mod delta;
mod directory;
mod disturbance;
mod errors;
mod filter;
mod json;
mod members;
mod paging;
mod query;
mod sealed;
mod throttle;

use std::{borrow::Cow, sync::Arc};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderName, Method, Response, StatusCode, header},
};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

pub(crate) use disturbance::Disturbance;
pub(crate) use members::NestedMembers;
pub(crate) use throttle::Throttle;

use auth::Caller;
use errors::GraphError;
use query::Query;

use crate::{
    changes::CurrentDirectory,
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
    directory: &'a CurrentDirectory,
    caller: &'a Caller,
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

/// A request, on its own or within a batch.
struct Incoming<'a> {
    method: &'a Method,
    /// Origin on the name that the client used.
    origin: &'a str,
    version: &'a str,
    /// Path below the version and query, as they were sent.
    path: &'a str,
    query: &'a str,
    /// `ConsistencyLevel: eventual` was sent.
    eventual: bool,
    body: Bytes,
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
    let path = uri.path().trim_start_matches('/');
    let (version, path) = path.split_once('/').unwrap_or((path, ""));
    let level = parts.headers.get("consistencylevel");
    let eventual = level.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"eventual"));
    let query = uri.query().unwrap_or_default();
    let caller = auth::admit(&tenant, &parts.headers, exchange.now);
    let outcome =
        body.map_err(|_| GraphError::bad_request("The request body is too large.")).and_then(|body| {
            if path == "$batch" && check_version(version).is_ok() {
                let (tenant, caller, origin, exchange) =
                    (&*tenant, caller.as_ref(), origin.as_str(), &exchange);
                let sender = batch::Sender { tenant, caller, origin, version, exchange };
                return batch::answer(&sender, &parts.method, &body).map(|body| (Outcome::Json(body), None));
            }
            let incoming =
                Incoming { method: &parts.method, origin: &origin, version, path, query, eventual, body };
            let served = serve(&tenant, incoming, caller.as_ref(), exchange.now);
            served.map(|(outcome, cost)| (outcome, Some(cost)))
        });
    let coding = match tenant.changing().disturbance.gzip && compression::accepted(&parts.headers) {
        true => Coding::Gzip,
        false => Coding::Identity,
    };
    match outcome {
        Ok((outcome, cost)) => success(outcome, cost, coding, &exchange),
        Err(error) => error.answer(&tenant, &exchange).into_response(),
    }
}

fn serve(
    tenant: &Tenant,
    incoming: Incoming<'_>,
    caller: Result<&Caller, &GraphError>,
    now: Timestamp,
) -> Result<(Outcome, u32), GraphError> {
    let played = tenant.plays().graph;
    if played == Some(Played::Unavailable) {
        return Err(GraphError::Unavailable);
    }
    let changes_now = {
        let disturbance = &mut tenant.changing().disturbance;
        disturbance.meets(now)?;
        disturbance.changes_now()
    };
    if changes_now {
        tenant.change_something();
    }
    let caller = caller.map_err(GraphError::clone)?;
    match played {
        Some(Played::IdentityNotFound) => return Err(GraphError::IdentityNotFound),
        Some(Played::Throttled(retry_after)) => return Err(GraphError::throttled_by_quota(retry_after)),
        _ => {}
    }
    let Incoming { method, origin, version, path, query, eventual, body } = incoming;
    check_version(version)?;
    let segments = segments(path)?;
    let query = Query::read(query)?;
    let cost = throttle::cost(method, &segments, &query);
    tenant.changing().throttle.take(cost, now).map_err(GraphError::throttled_by_quota)?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    if query.delta_token.is_some() && segments.last() != Some(&"delta") {
        return Err(GraphError::unsupported("Only delta queries take '$deltatoken'."));
    }
    let base = format!("{origin}/{version}");
    let directory = &*tenant.directory();
    let call =
        Call { tenant, directory, caller, query, base, raw_path: path.to_owned(), eventual, body, now };
    route(&call, method, &segments).map(|outcome| (outcome, cost))
}

fn check_version(version: &str) -> Result<(), GraphError> {
    if ["v1.0", "beta"].contains(&version) {
        return Ok(());
    }
    Err(GraphError::bad_request(&format!("Invalid version: {version}.")))
}

fn route(call: &Call<'_>, method: &Method, segments: &[&str]) -> Result<Outcome, GraphError> {
    match (method.as_str(), segments) {
        ("GET", []) => Ok(directory::service_document(call)),
        ("GET", ["organization"]) => directory::organizations(call),
        ("GET", ["organization", id]) => directory::organization(call, id),
        ("GET", ["users"]) => directory::users(call),
        ("GET", ["users", "$count"]) => directory::count_users(call),
        ("GET", ["users", "delta"]) => delta::list(call, delta::Set::Users),
        ("GET", ["users", id]) => directory::user(call, id),
        ("GET", ["groups"]) => directory::groups(call),
        ("GET", ["groups", "$count"]) => directory::count_groups(call),
        ("GET", ["groups", "delta"]) => delta::list(call, delta::Set::Groups),
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

/// How the body of an answer is written.
#[derive(Clone, Copy)]
enum Coding {
    Identity,
    Gzip,
}

/// A batch as a whole costs nothing.
fn success(outcome: Outcome, cost: Option<u32>, coding: Coding, exchange: &Exchange) -> Reply {
    let answer = match outcome {
        Outcome::Json(body) => coded(StatusCode::OK, JSON, body, coding),
        Outcome::Created(body) => coded(StatusCode::CREATED, JSON, body, coding),
        Outcome::Text(body) => coded(StatusCode::OK, "text/plain", body, coding),
        Outcome::Nothing => Answer::empty(StatusCode::NO_CONTENT),
    };
    let answer = marked(answer, exchange).header(HeaderName::from_static("odata-version"), "4.0");
    match cost {
        Some(cost) => answer.header(HeaderName::from_static("x-ms-resource-unit"), cost.to_string()),
        None => answer,
    }
    .into_response()
}

fn coded(status: StatusCode, kind: &'static str, body: String, coding: Coding) -> Answer {
    match coding {
        Coding::Identity => Answer::new(status, kind, body),
        Coding::Gzip => match compression::gzip(body.as_bytes()) {
            None => Answer::new(status, kind, body),
            Some(short) => Answer::new(status, kind, short)
                .header(header::CONTENT_ENCODING, "gzip")
                .header(header::VARY, "Accept-Encoding"),
        },
    }
}

/// Headers on every answer of Graph.
fn marked(answer: Answer, exchange: &Exchange) -> Answer {
    answer
        .header(header::CACHE_CONTROL, "no-cache")
        .header(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000")
        .header(HeaderName::from_static("request-id"), exchange.request_id.to_string())
        .header(HeaderName::from_static("client-request-id"), exchange.client_request_id.to_string())
        .header(
            HeaderName::from_static("x-ms-ags-diagnostic"),
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
