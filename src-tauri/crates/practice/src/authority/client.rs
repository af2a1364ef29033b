//! Which app asks, and how it proves that it is the one: by a secret, by a certificate, or not at all.

use std::collections::HashMap;

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    assertion::{self, ASSERTION_TYPE},
    token_errors::AuthorityError,
};
use crate::{
    registration::SecretVerdict,
    scenario::{App, Credential},
    state::Tenant,
};

/// The fields of the body; client id and secret also from HTTP Basic (RFC 6749, section 2.3.1).
pub(super) struct Form {
    fields: HashMap<String, String>,
}

impl Form {
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let mut fields: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        if let Some((client, secret)) = basic(headers) {
            fields.entry("client_id".to_owned()).or_insert(client);
            fields.entry("client_secret".to_owned()).or_insert(secret);
        }
        Self { fields }
    }

    pub(super) fn get(&self, name: &'static str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn require(&self, name: &'static str) -> Result<&str, AuthorityError> {
        self.get(name).ok_or(AuthorityError::ParameterMissing(name))
    }

    pub(super) fn shows_a_credential(&self) -> bool {
        self.get("client_secret").is_some() || self.get("client_assertion").is_some()
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

/// How the app has proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Nothing,
    Secret,
    Certificate,
}

impl Proof {
    /// `appidacr` of a token: 0 public, 1 secret, 2 certificate.
    pub(super) fn claim(self) -> &'static str {
        match self {
            Self::Nothing => "0",
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

/// The client id of the form, which has to be that of the one app.
pub(super) fn find<'a>(tenant: &Tenant, form: &'a Form) -> Result<&'a str, AuthorityError> {
    let client = form.require("client_id")?;
    let id = Uuid::parse_str(client);
    if id.as_ref().is_ok_and(Uuid::is_nil) {
        return Err(AuthorityError::ClientMalformed(client.to_owned()));
    }
    let known = tenant.changing().registration.known;
    if known && id.is_ok_and(|id| id == tenant.ids.client) {
        return match tenant.plays().app {
            Some(App::Refused(refusal)) => Err(AuthorityError::played(refusal, tenant)),
            _ => Ok(client),
        };
    }
    Err(AuthorityError::ClientUnknown { client: client.to_owned(), tenant: tenant.facts.tenant_id.clone() })
}

/// Checks the assertion, or else the secret; with neither of them the answer is `missing`.
pub(super) fn prove(
    tenant: &Tenant,
    form: &Form,
    missing: AuthorityError,
    now: Timestamp,
) -> Result<Proof, AuthorityError> {
    if let (Some(Credential::Refused(refusal)), true) = (tenant.plays().credential, form.shows_a_credential())
    {
        return Err(AuthorityError::played(refusal, tenant));
    }
    if let Some(assertion) = form.get("client_assertion") {
        if form.require("client_assertion_type")? != ASSERTION_TYPE {
            return Err(AuthorityError::RequestMalformed);
        }
        assertion::check(tenant, form.require("client_id")?, assertion, now)?;
        return Ok(Proof::Certificate);
    }
    let secret = form.get("client_secret").ok_or(missing)?;
    let client = || tenant.facts.client_id.clone();
    match tenant.changing().registration.judge(secret, now) {
        SecretVerdict::Accepted => Ok(Proof::Secret),
        SecretVerdict::Expired => Err(AuthorityError::SecretExpired(client())),
        SecretVerdict::Wrong => Err(AuthorityError::SecretWrong(client())),
    }
}

/// Flows without a redirect go by the public client flag, unless the app proves itself.
pub(super) fn prove_unless_public(
    tenant: &Tenant,
    form: &Form,
    now: Timestamp,
) -> Result<Proof, AuthorityError> {
    let public = tenant.changing().registration.public_client == Some(true);
    if public && !form.shows_a_credential() {
        return Ok(Proof::Nothing);
    }
    prove(tenant, form, AuthorityError::CredentialMissingForGrant, now)
}
