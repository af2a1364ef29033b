//! Tokens that are really signed, the keys that verify them, and reading them back on the Graph side.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    Reply, Segment, Trace,
    claims::{self, Subject},
    public,
    token_errors::{AuthorityError, Endpoint},
    with_noise,
};
use crate::{http::Answer, permissions::GRAPH_APP_ID, scenario::Claims, state::Tenant};

/// `GET /{tenant}/discovery/v2.0/keys`
pub(super) async fn published(
    State(tenant): State<Arc<Tenant>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
) -> Reply {
    let trace = Trace::new(&tenant, &headers);
    if let Err(error) = Segment::read(&tenant, &segment) {
        return error.answer(Endpoint::Discovery, &trace).into_response();
    }
    let key = &tenant.signing;
    let body = json!({ "keys": [{
        "kty": "RSA",
        "use": "sig",
        "kid": key.thumbprint,
        "x5t": key.thumbprint,
        "n": key.modulus,
        "e": key.exponent,
        "x5c": [key.certificate],
        "cloud_instance_name": "microsoftonline.com",
        "issuer": format!("{}/{{tenantid}}/v2.0", tenant.facts.authority),
    }]});
    public(with_noise(Answer::json(StatusCode::OK, &body), &trace)).into_response()
}

/// Signs a token for Graph.
pub(super) fn issue(
    tenant: &Tenant,
    audience: &str,
    subject: &Subject<'_>,
    now: Timestamp,
) -> Result<String, AuthorityError> {
    let mut header = Header::new(Algorithm::RS256);
    header.x5t = Some(tenant.signing.thumbprint.clone());
    header.nonce = Some(opaque(tenant));
    let token = sign(tenant, header, &claims::access(tenant, audience, subject, now))?;
    let hidden = tenant.plays().claims == Some(Claims::Opaque) && matches!(subject, Subject::App { .. });
    Ok(if hidden { hide(&token) } else { token })
}

/// Signs an ID token of version 2.0 for the app itself.
pub(super) fn id_token(tenant: &Tenant, username: &str, now: Timestamp) -> Result<String, AuthorityError> {
    sign(tenant, Header::new(Algorithm::RS256), &claims::identity(tenant, username, now))
}

fn sign(tenant: &Tenant, mut header: Header, claims: &Value) -> Result<String, AuthorityError> {
    header.kid = Some(tenant.signing.thumbprint.clone());
    jsonwebtoken::encode(&header, claims, &tenant.signing.encoding).map_err(|_| AuthorityError::SigningFailed)
}

/// A token that only this server can read: no dots, and the bytes from back to front.
fn hide(token: &str) -> String {
    let backwards: Vec<u8> = token.bytes().rev().collect();
    format!("EwB{}", URL_SAFE_NO_PAD.encode(backwards))
}

fn unhide(token: &str) -> Option<String> {
    let backwards = URL_SAFE_NO_PAD.decode(token.strip_prefix("EwB")?).ok()?;
    String::from_utf8(backwards.into_iter().rev().collect()).ok()
}

/// A value that means nothing to the client: a nonce, a code, a refresh token. No two are alike, not even of two runs.
pub(super) fn opaque(tenant: &Tenant) -> String {
    let digest = Sha256::new().chain_update(tenant.run_key).chain_update(tenant.draw().to_be_bytes());
    URL_SAFE_NO_PAD.encode(digest.finalize())
}

/// An opaque `uti` that this server reads the order of issue from.
pub(super) fn token_identifier(tenant: &Tenant) -> String {
    let number = tenant.draw_in_order().to_be_bytes();
    let pad = Sha256::new().chain_update(tenant.run_key).chain_update(b"uti").finalize();
    let hidden: [u8; 8] = std::array::from_fn(|index| number[index] ^ pad[index]);
    URL_SAFE_NO_PAD.encode(hidden)
}

/// The opposite of [`token_identifier`].
fn issued_as(tenant: &Tenant, identifier: &str) -> Option<u64> {
    let hidden: [u8; 8] = URL_SAFE_NO_PAD.decode(identifier).ok()?.try_into().ok()?;
    let pad = Sha256::new().chain_update(tenant.run_key).chain_update(b"uti").finalize();
    Some(u64::from_be_bytes(std::array::from_fn(|index| hidden[index] ^ pad[index])))
}

/// What Graph believes of a token once its signature is verified.
#[derive(Debug, Deserialize)]
pub(crate) struct ReadToken {
    aud: String,
    iss: String,
    exp: i64,
    nbf: i64,
    #[serde(default)]
    uti: String,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    /// Scopes of a signed-in person, separated by blanks.
    pub(crate) scp: Option<String>,
    /// Sign-in name of that person.
    pub(crate) upn: Option<String>,
}

/// Why Graph does not take a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenProblem {
    Unreadable,
    BadSignature,
    WrongAudience,
    WrongIssuer,
    Expired,
    NotYet,
    /// It was good until everything issued so far was revoked.
    Forgotten,
}

/// Reads a token the way Graph does: signature, audience, issuer, time, then revocation.
pub(crate) fn read_token(tenant: &Tenant, token: &str, now: Timestamp) -> Result<ReadToken, TokenProblem> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let unhidden = unhide(token);
    let token = unhidden.as_deref().unwrap_or(token);
    let read = jsonwebtoken::decode::<ReadToken>(token, &tenant.signing.decoding, &validation)
        .map_err(|problem| match problem.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenProblem::BadSignature,
            _ => TokenProblem::Unreadable,
        })?
        .claims;
    if !is_graph(tenant, &read.aud) {
        return Err(TokenProblem::WrongAudience);
    }
    if read.iss != claims::issuer(tenant) {
        return Err(TokenProblem::WrongIssuer);
    }
    if read.exp <= now.as_second() {
        return Err(TokenProblem::Expired);
    }
    if read.nbf > now.as_second() {
        return Err(TokenProblem::NotYet);
    }
    let forgotten_before = tenant.changing().forgotten_before;
    if issued_as(tenant, &read.uti).is_none_or(|number| number < forgotten_before) {
        return Err(TokenProblem::Forgotten);
    }
    Ok(read)
}

/// True for every name of Microsoft Graph that this tenant knows.
pub(crate) fn is_graph(tenant: &Tenant, resource: &str) -> bool {
    let name = resource.trim_end_matches('/');
    let by_address = tenant.facts.graph.replace("localhost", "127.0.0.1");
    ["https://graph.microsoft.com", GRAPH_APP_ID, &tenant.facts.graph, &by_address].contains(&name)
}
