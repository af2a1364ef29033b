//! Graph's refusals (facts: wire/graph-errors.http).

use axum::http::{StatusCode, header};
use serde_json::json;

use super::{Exchange, marked};
use crate::{http::Answer, permissions::GRAPH_APP_ID, state::Tenant};

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
    /// 429, with whole seconds to wait.
    Throttled { retry_after: u64 },
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

    pub(crate) fn answer(&self, tenant: &Tenant, exchange: &Exchange) -> Answer {
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
        let answer = marked(Answer::new(self.status(), "application/json", body.to_string()), exchange);
        match self {
            Self::InvalidToken(_) => answer.header(
                header::WWW_AUTHENTICATE,
                format!(
                    "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", client_id=\"{GRAPH_APP_ID}\"",
                    tenant.facts.authority
                ),
            ),
            Self::Throttled { retry_after } => answer
                .header(header::RETRY_AFTER, retry_after.to_string())
                .header(
                    header::HeaderName::from_static("x-ms-throttle-scope"),
                    format!("Tenant_Application/ReadWrite/{}/{}", tenant.facts.client_id, tenant.facts.tenant_id),
                )
                .header(
                    header::HeaderName::from_static("x-ms-throttle-information"),
                    "ResourceUnitLimitExceeded",
                ),
            _ => answer,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidToken(_) => StatusCode::UNAUTHORIZED,
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
            Self::InvalidToken(_) => "InvalidAuthenticationToken",
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
            Self::Throttled { .. } => "Please retry again later.".to_owned(),
        }
    }
}
