//! The authority: discovery, keys, the token endpoints and admin consent, at the paths of Microsoft Entra ID.

mod assertion;
mod claims;
mod client;
pub(crate) mod consent;
pub(crate) mod device_code;
mod discovery;
mod keys;
mod people;
mod scopes;
mod token;
mod token_errors;
mod user_realm;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, Method, Response, StatusCode, header},
    routing::{get, post},
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    http::{Answer, uuid_header},
    population::DOMAIN,
    state::Tenant,
};

pub(crate) use keys::{TokenProblem, read_token};

use token_errors::{AuthorityError, Endpoint};

type Reply = Response<axum::body::Body>;

/// All routes of the authority.
pub(crate) fn routes() -> Router<Arc<Tenant>> {
    Router::new()
        .route("/common/discovery/instance", get(discovery::instance))
        .route("/common/UserRealm/{username}", get(user_realm::show))
        .route("/common/userrealm/{username}", get(user_realm::show))
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(discovery::version_two))
        .route("/{tenant}/.well-known/openid-configuration", get(discovery::version_one))
        .route("/{tenant}/discovery/v2.0/keys", get(keys::published))
        .route("/{tenant}/discovery/keys", get(keys::published))
        .route("/{tenant}/oauth2/v2.0/token", post(token::version_two).fallback(post_only))
        .route("/{tenant}/oauth2/token", post(token::version_one).fallback(post_only))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device_code::start).fallback(post_only))
        .merge(consent::routes())
        .fallback(unknown_path)
}

/// Ids and time of one exchange with the authority.
#[derive(Clone, Copy)]
pub(crate) struct Trace {
    pub(crate) id: Uuid,
    pub(crate) correlation: Uuid,
    pub(crate) now: Timestamp,
}

impl Trace {
    pub(crate) fn new(tenant: &Tenant, headers: &HeaderMap) -> Self {
        let correlation = uuid_header(headers, "client-request-id").unwrap_or_else(|| tenant.draw_id());
        Self { id: tenant.draw_id(), correlation, now: tenant.now() }
    }

    /// `2026-01-02 03:04:05Z`, as error bodies have it.
    pub(crate) fn timestamp(&self) -> String {
        self.now.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
    }
}

/// The first segment of an authority's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// The practice tenant, by id or by domain.
    Ours,
    /// `common` or `organizations`.
    AnyTenant,
}

impl Segment {
    pub(crate) fn read(tenant: &Tenant, segment: &str) -> Result<Self, AuthorityError> {
        let lower = segment.to_ascii_lowercase();
        if lower == DOMAIN || Uuid::parse_str(&lower).is_ok_and(|id| id == tenant.ids.tenant) {
            return match tenant.plays().tenant {
                Some(refusal) => Err(AuthorityError::played(refusal, tenant)),
                None => Ok(Self::Ours),
            };
        }
        if ["common", "organizations"].contains(&lower.as_str()) {
            return Ok(Self::AnyTenant);
        }
        let could_exist = Uuid::parse_str(&lower).is_ok() || is_domain(&lower);
        Err(if could_exist {
            AuthorityError::TenantUnknown(segment.to_owned())
        } else {
            AuthorityError::TenantMalformed(segment.to_owned())
        })
    }
}

fn is_domain(name: &str) -> bool {
    let fits = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(fits)
}

/// Headers that every answer of the authority carries, cookie noise included.
fn with_noise(answer: Answer, trace: &Trace) -> Answer {
    let expires = crate::http::http_date(trace.now + jiff::SignedDuration::from_hours(24 * 30));
    answer
        .header(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains")
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::HeaderName::from_static("p3p"), "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"")
        .header(header::HeaderName::from_static("x-ms-request-id"), trace.id.to_string())
        .header(header::HeaderName::from_static("x-ms-ests-server"), "2.1.0 - PRACTICE ProdSlices")
        .header(header::HeaderName::from_static("client-request-id"), trace.correlation.to_string())
        .also(
            header::SET_COOKIE,
            format!("fpc={}; expires={expires}; path=/; secure; HttpOnly; SameSite=None", trace.id.simple()),
        )
        .also(header::SET_COOKIE, "x-ms-gateway-slice=estsfd; path=/; secure; samesite=none; httponly")
        .also(header::SET_COOKIE, "stsservicecookie=estsfd; path=/; secure; samesite=none; httponly")
}

/// Token answers and their errors are never kept.
fn uncached(answer: Answer) -> Answer {
    answer
        .header(header::CACHE_CONTROL, "no-store, no-cache")
        .header(header::PRAGMA, "no-cache")
        .header(header::EXPIRES, "-1")
}

/// Discovery documents may be kept for a day, by anybody's script.
fn public(answer: Answer) -> Answer {
    answer
        .header(header::CACHE_CONTROL, "max-age=86400, private")
        .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, OPTIONS")
}

async fn post_only(State(tenant): State<Arc<Tenant>>, headers: HeaderMap, method: Method) -> Reply {
    let trace = Trace::new(&tenant, &headers);
    AuthorityError::OnlyPost(method.to_string()).answer(Endpoint::Token, &trace).into_response()
}

async fn unknown_path(State(tenant): State<Arc<Tenant>>, request: Request) -> Reply {
    let trace = Trace::new(&tenant, request.headers());
    let body = serde_json::json!({
        "error": "not_found",
        "error_description": "The practice authority has nothing at this path.",
        "timestamp": trace.timestamp(),
        "trace_id": trace.id,
        "correlation_id": trace.correlation,
    });
    with_noise(Answer::json(StatusCode::NOT_FOUND, &body), &trace).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_told_from_other_words() {
        assert!(is_domain("no-such-tenant.example"));
        for wrong in ["invalid_tenant", "contoso", "a..b", "a b.example", "user@contoso.example", ""] {
            assert!(!is_domain(wrong), "{wrong}");
        }
    }
}
