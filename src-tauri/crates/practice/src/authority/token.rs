//! The token endpoints, version 2 and version 1 (facts: wire/token-client-credentials-*.http, wire/token-errors.http).

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    Reply, Segment, Trace,
    keys::{LIFETIME, Subject, is_graph, issue},
    token_errors::{AuthorityError, Endpoint},
    uncached, with_noise,
};
use crate::{http::Answer, registration::SecretVerdict, state::Tenant};

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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

fn answer(tenant: &Tenant, segment: &str, headers: &HeaderMap, body: &[u8], version: Version) -> Reply {
    let trace = Trace::new(tenant, headers);
    let request = Request { tenant, form: Form::read(headers, body), version, now: trace.now };
    match request.token(segment) {
        Ok(body) => uncached(with_noise(Answer::json(StatusCode::OK, &body), &trace)).into_response(),
        Err(error) => error.answer(Endpoint::Token, &trace).into_response(),
    }
}

/// The fields of the body; client id and secret also from HTTP Basic (RFC 6749, section 2.3.1).
struct Form {
    fields: HashMap<String, String>,
}

impl Form {
    fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let mut fields: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        if let Some((client, secret)) = basic(headers) {
            fields.entry("client_id".to_owned()).or_insert(client);
            fields.entry("client_secret".to_owned()).or_insert(secret);
        }
        Self { fields }
    }

    fn get(&self, name: &'static str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn require(&self, name: &'static str) -> Result<&str, AuthorityError> {
        self.get(name).ok_or(AuthorityError::ParameterMissing(name))
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = decoded.split_once(':')?;
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some((plain(client), plain(secret)))
}

struct Request<'a> {
    tenant: &'a Tenant,
    form: Form,
    version: Version,
    now: Timestamp,
}

impl Request<'_> {
    fn token(&self, segment: &str) -> Result<Value, AuthorityError> {
        let segment = Segment::read(self.tenant, segment)?;
        let grant = self.form.require("grant_type")?;
        let client = self.form.require("client_id")?;
        match grant {
            "client_credentials" => {
                if segment == Segment::AnyTenant {
                    return Err(AuthorityError::TenantNotNamed);
                }
                self.find_client(client)?;
                let audience = self.audience()?;
                self.prove_client(AuthorityError::CredentialMissing)?;
                let token = issue(self.tenant, &audience, &Subject::App, self.now)?;
                Ok(self.body(&audience, &token))
            }
            "password" => self.password_token(client),
            "device_code" | "urn:ietf:params:oauth:grant-type:device_code" => {
                self.find_client(client)?;
                self.prove_client_unless_public()?;
                self.form
                    .get("device_code")
                    .or(self.form.get("code"))
                    .ok_or(AuthorityError::ParameterMissing("device_code"))?;
                Err(AuthorityError::DeviceCodeUnknown)
            }
            other => Err(AuthorityError::GrantUnsupported(other.to_owned())),
        }
    }

    /// Resource owner password credentials: the two practice accounts sign in, nobody else does.
    fn password_token(&self, client: &str) -> Result<Value, AuthorityError> {
        self.find_client(client)?;
        let username = self.form.require("username")?;
        let password = self.form.require("password")?;
        let proved_app = self.prove_client_unless_public()?;
        let facts = &self.tenant.facts;
        let account = [&facts.admin, &facts.account]
            .into_iter()
            .find(|account| account.username.eq_ignore_ascii_case(username.trim()));
        match account {
            Some(account) if account.password == password => {
                let subject = Subject::Person {
                    username: &account.username,
                    scopes: "User.Read profile openid email",
                    proved_app,
                };
                let token = issue(self.tenant, "https://graph.microsoft.com", &subject, self.now)?;
                let mut body = self.body("https://graph.microsoft.com", &token);
                body["scope"] = json!("User.Read profile openid email");
                Ok(body)
            }
            None if self.tenant.directory.users.find(username).is_none() => {
                Err(AuthorityError::AccountUnknown(facts.tenant_id.clone()))
            }
            _ => Err(AuthorityError::PasswordWrong),
        }
    }

    fn find_client(&self, client: &str) -> Result<(), AuthorityError> {
        let id = Uuid::parse_str(client);
        if id.as_ref().is_ok_and(Uuid::is_nil) {
            return Err(AuthorityError::ClientMalformed(client.to_owned()));
        }
        let known = self.tenant.changing().registration.known;
        if known && id.is_ok_and(|id| id == self.tenant.ids.client) {
            return Ok(());
        }
        Err(AuthorityError::ClientUnknown {
            client: client.to_owned(),
            tenant: self.tenant.facts.tenant_id.clone(),
        })
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

    fn prove_client(&self, missing: AuthorityError) -> Result<(), AuthorityError> {
        let client = || self.tenant.facts.client_id.clone();
        if self.form.get("client_assertion").is_some() {
            return Err(AuthorityError::CertificateUnknown(client()));
        }
        let secret = self.form.get("client_secret").ok_or(missing)?;
        match self.tenant.changing().registration.judge(secret, self.now) {
            SecretVerdict::Accepted => Ok(()),
            SecretVerdict::Expired => Err(AuthorityError::SecretExpired(client())),
            SecretVerdict::Wrong => Err(AuthorityError::SecretWrong(client())),
        }
    }

    /// Flows without a redirect go by the public client flag, unless the app proves itself. True when it did.
    fn prove_client_unless_public(&self) -> Result<bool, AuthorityError> {
        let shown = self.form.get("client_secret").is_some() || self.form.get("client_assertion").is_some();
        let public = self.tenant.changing().registration.public_client == Some(true);
        if public && !shown {
            return Ok(false);
        }
        self.prove_client(AuthorityError::CredentialMissingForGrant).map(|()| true)
    }

    fn body(&self, audience: &str, token: &str) -> Value {
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
