//! Graph's refusals (facts: wire/graph-errors.http).

use axum::http::{HeaderName, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::json;

use super::{Exchange, disturbance, marked};
use crate::{http::Answer, permissions::GRAPH_APP_ID, state::Tenant};

const THROTTLE_SCOPE: HeaderName = HeaderName::from_static("x-ms-throttle-scope");
const THROTTLE_INFORMATION: HeaderName = HeaderName::from_static("x-ms-throttle-information");

/// Everything that Graph refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GraphError {
    /// 401; the message says what is wrong with the token.
    InvalidToken(&'static str),
    /// 403: the token lacks the role.
    Forbidden,
    /// 403: the app behind the token is gone.
    IdentityNotFound,
    /// 404, with the id that was asked for.
    NotFound(String),
    /// 400 of the directory, with its message.
    BadRequest(String),
    /// 400 of Graph's front, with its message.
    GatewayBadRequest(String),
    /// 400: a query option that the directory does not take.
    UnsupportedQuery(String),
    /// 400: a page token that is old or of another list.
    ExpiredPageToken,
    /// 400: a policy of the tenant forbids this kind of credential.
    CredentialForbidden,
    /// 500, without an explanation.
    Internal,
    /// 503.
    Unavailable,
    /// 405.
    MethodNotAllowed,
    /// 410: a delta link that is no longer good; the address of a new first round.
    SyncStateNotFound { restart: String },
    /// 401: the token was revoked.
    TokenForgotten,
    /// 429, with whole seconds to wait.
    Throttled { retry_after: u64, reason: ThrottleReason },
}

/// Why a request is throttled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThrottleReason {
    /// The resource units are spent.
    ResourceUnits,
    /// The service does not say.
    Untold,
}

/// A refusal, ready for the wire.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) body: String,
}

impl GraphError {
    pub(crate) fn bad_request(message: &str) -> Self {
        Self::BadRequest(message.to_owned())
    }

    pub(crate) fn bad_request_by_gateway(message: &str) -> Self {
        Self::GatewayBadRequest(message.to_owned())
    }

    pub(crate) fn unsupported(message: &str) -> Self {
        Self::UnsupportedQuery(message.to_owned())
    }

    /// 429 because a knob says so.
    pub(crate) fn throttled_by_force(retry_after: u64) -> Self {
        Self::Throttled { retry_after, reason: ThrottleReason::Untold }
    }

    /// 429 because the quota is spent.
    pub(crate) fn throttled_by_quota(retry_after: u64) -> Self {
        Self::Throttled { retry_after, reason: ThrottleReason::ResourceUnits }
    }

    /// As an answer of its own.
    pub(crate) fn answer(&self, tenant: &Tenant, exchange: &Exchange) -> Answer {
        let refused = self.refused(tenant, exchange);
        let answer = marked(Answer::new(refused.status, "application/json", refused.body), exchange);
        refused.headers.into_iter().fold(answer, |answer, (name, value)| answer.header(name, value))
    }

    /// Status, headers and body, for an answer of its own or within a batch.
    pub(super) fn refused(&self, tenant: &Tenant, exchange: &Exchange) -> Refused {
        let mut inner = json!({
            "date": exchange.now.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            "request-id": exchange.request_id,
            "client-request-id": exchange.client_request_id,
        });
        if matches!(self, Self::Throttled { .. }) {
            inner["code"] = json!("429");
            inner["message"] = json!("Please retry after");
            inner["status"] = json!("429");
        }
        let body = json!({
            "error": { "code": self.code(), "message": self.message(), "innerError": inner }
        });
        Refused { status: self.status(), headers: self.headers(tenant, exchange.now), body: body.to_string() }
    }

    fn headers(&self, tenant: &Tenant, now: Timestamp) -> Vec<(HeaderName, String)> {
        match self {
            Self::InvalidToken(_) => vec![(header::WWW_AUTHENTICATE, challenge(tenant))],
            Self::TokenForgotten => {
                let claims = json!({ "access_token": { "nbf": {
                    "essential": true, "value": now.as_second().to_string(),
                }}});
                let claims = STANDARD.encode(claims.to_string());
                let more = format!("error=\"insufficient_claims\", claims=\"{claims}\"");
                vec![(header::WWW_AUTHENTICATE, format!("{}, {more}", challenge(tenant)))]
            }
            Self::SyncStateNotFound { restart } => vec![(header::LOCATION, restart.clone())],
            Self::Throttled { retry_after, reason } => {
                let form = tenant.changing().disturbance.retry_after;
                let wait = disturbance::retry_after(form, *retry_after, now);
                let mut headers: Vec<_> = wait.map(|wait| (header::RETRY_AFTER, wait)).into_iter().collect();
                let (client, directory) = (&tenant.facts.client_id, &tenant.facts.tenant_id);
                headers.push((THROTTLE_SCOPE, format!("Tenant_Application/Read/{client}/{directory}")));
                if *reason == ThrottleReason::ResourceUnits {
                    headers.push((THROTTLE_INFORMATION, "ResourceUnitLimitExceeded".to_owned()));
                }
                headers
            }
            _ => Vec::new(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidToken(_) | Self::TokenForgotten => StatusCode::UNAUTHORIZED,
            Self::SyncStateNotFound { .. } => StatusCode::GONE,
            Self::Forbidden | Self::IdentityNotFound => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::BadRequest(_)
            | Self::GatewayBadRequest(_)
            | Self::UnsupportedQuery(_)
            | Self::CredentialForbidden
            | Self::ExpiredPageToken => StatusCode::BAD_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidToken(_) | Self::TokenForgotten => "InvalidAuthenticationToken",
            Self::SyncStateNotFound { .. } => "syncStateNotFound",
            Self::Forbidden => "Authorization_RequestDenied",
            Self::IdentityNotFound => "Authorization_IdentityNotFound",
            Self::NotFound(_) => "Request_ResourceNotFound",
            Self::BadRequest(_) | Self::MethodNotAllowed => "Request_BadRequest",
            Self::GatewayBadRequest(_) => "BadRequest",
            Self::UnsupportedQuery(_) => "Request_UnsupportedQuery",
            Self::ExpiredPageToken => "Directory_ExpiredPageToken",
            Self::CredentialForbidden => "CredentialTypeNotAllowedAsPerAppPolicy",
            Self::Internal => "InternalServerError",
            Self::Unavailable => "serviceNotAvailable",
            Self::Throttled { .. } => "TooManyRequests",
        }
    }

    fn message(&self) -> String {
        match self {
            Self::InvalidToken(message) => (*message).to_owned(),
            Self::Forbidden => "Insufficient privileges to complete the operation.".to_owned(),
            Self::IdentityNotFound => {
                "The identity of the calling application could not be established.".to_owned()
            }
            Self::NotFound(id) => format!(
                "Resource '{id}' does not exist or one of its queried reference-property objects are not present."
            ),
            Self::BadRequest(message)
            | Self::GatewayBadRequest(message)
            | Self::UnsupportedQuery(message) => message.clone(),
            Self::ExpiredPageToken => {
                "The specified page token value has expired and can no longer be included in your request."
                    .to_owned()
            }
            Self::MethodNotAllowed => {
                "Specified HTTP method is not allowed for the request target.".to_owned()
            }
            Self::CredentialForbidden => {
                "Credential type is not allowed as per assigned policy 'No client secrets'.".to_owned()
            }
            Self::Internal => "An internal server error occurred while processing the request.".to_owned(),
            Self::Unavailable => {
                "The service is temporarily unavailable. Please retry again later.".to_owned()
            }
            Self::TokenForgotten => "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp".to_owned(),
            Self::SyncStateNotFound { .. } => {
                "The sync state of this delta link is no longer kept. Please start a new full synchronization."
                    .to_owned()
            }
            Self::Throttled { .. } => "Please retry again later.".to_owned(),
        }
    }
}

/// How Graph asks for a token (RFC 6750, section 3).
fn challenge(tenant: &Tenant) -> String {
    format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", client_id=\"{GRAPH_APP_ID}\"",
        tenant.facts.authority
    )
}
