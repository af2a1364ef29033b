//! The token endpoints, version 2 and version 1 (facts: wire/token-client-credentials-*.http, wire/token-errors.http).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Reply, Segment, Trace,
    claims::{LIFETIME, Subject},
    client::{self, Form},
    keys::{is_graph, issue},
    token_errors::{AuthorityError, Endpoint},
    uncached, with_noise,
};
use crate::{http::Answer, scenario::Token, state::Tenant};

/// `POST /{tenant}/oauth2/v2.0/token`
pub(super) async fn version_two(
    State(tenant): State<Arc<Tenant>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    answer(&tenant, &segment, &headers, &body, Version::Two)
}

/// `POST /{tenant}/oauth2/token`: `resource` in place of `scope`, numbers as texts.
pub(super) async fn version_one(
    State(tenant): State<Arc<Tenant>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    answer(&tenant, &segment, &headers, &body, Version::One)
}

/// Which of the two token endpoints was asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

fn answer(tenant: &Tenant, segment: &str, headers: &HeaderMap, body: &[u8], version: Version) -> Reply {
    let trace = Trace::new(tenant, headers);
    if let Some(Token::TooMany) = tenant.plays().token {
        return too_many(&trace);
    }
    let request = Request { tenant, form: Form::read(headers, body), version, now: trace.now };
    match request.token(segment) {
        Ok(body) => uncached(with_noise(Answer::json(StatusCode::OK, &body), &trace)).into_response(),
        Err(error) => error.answer(Endpoint::Token, &trace).into_response(),
    }
}

/// 429 of the token endpoint, which is plain text (facts: wire/token-throttled.http).
fn too_many(trace: &Trace) -> Reply {
    let answer = Answer::new(StatusCode::TOO_MANY_REQUESTS, "text/plain", "Too Many Requests");
    with_noise(answer, trace).header(header::RETRY_AFTER, "60").into_response()
}

/// A request for a token.
pub(super) struct Request<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) form: Form,
    pub(super) version: Version,
    pub(super) now: Timestamp,
}

impl Request<'_> {
    fn token(&self, segment: &str) -> Result<Value, AuthorityError> {
        let segment = Segment::read(self.tenant, segment)?;
        let grant = self.form.require("grant_type")?;
        self.form.require("client_id")?;
        match grant {
            "client_credentials" => {
                if segment == Segment::AnyTenant {
                    return Err(AuthorityError::TenantNotNamed);
                }
                client::find(self.tenant, &self.form)?;
                let audience = self.audience()?;
                let proof =
                    client::prove(self.tenant, &self.form, AuthorityError::CredentialMissing, self.now)?;
                if let Some(Token::Refused(refusal)) = self.tenant.plays().token {
                    return Err(AuthorityError::played(refusal, self.tenant));
                }
                let token = issue(self.tenant, &audience, &Subject::App { proof }, self.now)?;
                Ok(self.body(&audience, &token))
            }
            "password" => self.by_password(),
            "device_code" | "urn:ietf:params:oauth:grant-type:device_code" => self.by_device_code(),
            "refresh_token" => self.by_refresh_token(),
            other => Err(AuthorityError::GrantUnsupported(other.to_owned())),
        }
    }

    /// The resource that the token is for: from `scope` (version 2) or `resource` (version 1).
    fn audience(&self) -> Result<String, AuthorityError> {
        let resource = match self.version {
            Version::One => self.form.require("resource")?,
            Version::Two => {
                let scope = self.form.require("scope")?;
                let asked = scope
                    .split_whitespace()
                    .find(|part| !["openid", "profile", "offline_access", "email"].contains(part))
                    .unwrap_or(scope);
                asked
                    .strip_suffix("/.default")
                    .ok_or_else(|| AuthorityError::ScopeNotDefault(scope.to_owned()))?
            }
        };
        if !is_graph(self.tenant, resource) {
            return Err(AuthorityError::ResourceUnknown {
                resource: resource.to_owned(),
                tenant: crate::server::TENANT_NAME.to_owned(),
            });
        }
        Ok(resource.to_owned())
    }

    /// The answer around a token.
    pub(super) fn body(&self, audience: &str, token: &str) -> Value {
        let lifetime = LIFETIME - 1;
        let now = self.now.as_second();
        match self.version {
            Version::Two => json!({
                "token_type": "Bearer",
                "expires_in": lifetime,
                "ext_expires_in": lifetime,
                "access_token": token,
            }),
            Version::One => json!({
                "token_type": "Bearer",
                "expires_in": lifetime.to_string(),
                "ext_expires_in": lifetime.to_string(),
                "expires_on": (now + LIFETIME).to_string(),
                "not_before": (now - 300).to_string(),
                "resource": audience,
                "access_token": token,
            }),
        }
    }
}
