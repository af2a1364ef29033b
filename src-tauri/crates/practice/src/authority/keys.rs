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

use super::{
    Reply, Segment, Trace, public,
    token_errors::{AuthorityError, Endpoint},
    with_noise,
};
use crate::{http::Answer, permissions::GRAPH_APP_ID, state::Tenant};

/// Seconds that a token lives from its issue on.
pub(crate) const LIFETIME: i64 = 3_600;
/// `iat` and `nbf` lie this many seconds before the real issue, as recorded tokens show.
const BACKDATED: i64 = 300;
/// Directory role template that app-only tokens were seen with.
const WIDS: &str = "0997a1d0-0d1d-4acb-b408-d5ca73121e90";

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

/// Issuer of Graph's tokens, which are of version 1.0 whichever endpoint was asked.
pub(crate) fn issuer(tenant: &Tenant) -> String {
    format!("https://sts.windows.net/{}/", tenant.facts.tenant_id)
}

/// Who a token speaks for.
pub(super) enum Subject<'a> {
    /// The app itself; roles are those assigned at this moment.
    App,
    /// A signed-in person, with these delegated scopes.
    Person { username: &'a str, scopes: &'a str, proved_app: bool },
}

/// Signs a token for Graph.
pub(super) fn issue(
    tenant: &Tenant,
    audience: &str,
    subject: &Subject<'_>,
    now: Timestamp,
) -> Result<String, AuthorityError> {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(tenant.signing.thumbprint.clone());
    header.x5t = Some(tenant.signing.thumbprint.clone());
    header.nonce = Some(opaque(tenant));
    let claims = claims(tenant, audience, subject, now.as_second());
    jsonwebtoken::encode(&header, &claims, &tenant.signing.encoding)
        .map_err(|_| AuthorityError::SigningFailed)
}

fn claims(tenant: &Tenant, audience: &str, subject: &Subject<'_>, now: i64) -> Value {
    let mut claims = json!({
        "aud": audience,
        "iss": issuer(tenant),
        "iat": now - BACKDATED,
        "nbf": now - BACKDATED,
        "exp": now + LIFETIME,
        "aio": opaque(tenant),
        "app_displayname": tenant.facts.app_name,
        "appid": tenant.facts.client_id,
        "idp": issuer(tenant),
        "rh": opaque(tenant),
        "tenant_region_scope": "EU",
        "tid": tenant.facts.tenant_id,
        "uti": opaque(tenant),
        "ver": "1.0",
        "wids": [WIDS],
        "xms_tcdt": 1_717_004_002,
        "xms_tdbr": "EU",
    });
    match subject {
        Subject::App => {
            claims["appidacr"] = json!("1");
            claims["idtyp"] = json!("app");
            claims["oid"] = json!(tenant.ids.service_principal);
            claims["sub"] = json!(tenant.ids.service_principal);
            let roles = tenant.changing().registration.roles(tenant.now());
            if !roles.is_empty() {
                claims["roles"] = json!(roles);
            }
        }
        Subject::Person { username, scopes, proved_app } => {
            claims["appidacr"] = json!(if *proved_app { "1" } else { "0" });
            claims["idtyp"] = json!("user");
            claims["scp"] = json!(scopes);
            claims["upn"] = json!(username);
            claims["unique_name"] = json!(username);
            if let Some(number) = tenant.directory.users.find(username) {
                let user = tenant.directory.users.get(number);
                claims["oid"] = json!(user.id);
                claims["name"] = json!(user.display_name);
            }
            claims["sub"] = json!(opaque(tenant));
        }
    }
    claims
}

fn opaque(tenant: &Tenant) -> String {
    let bytes: Vec<u8> = (0..3).flat_map(|_| tenant.draw().to_be_bytes()).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What Graph believes of a token once its signature is verified.
#[derive(Debug, Deserialize)]
pub(crate) struct ReadToken {
    aud: String,
    exp: i64,
    nbf: i64,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
}

/// Why Graph does not take a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenProblem {
    Unreadable,
    BadSignature,
    WrongAudience,
    Expired,
    NotYet,
}

/// Reads a token the way Graph does: signature, audience, then time.
pub(crate) fn read_token(tenant: &Tenant, token: &str, now: Timestamp) -> Result<ReadToken, TokenProblem> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let read = jsonwebtoken::decode::<ReadToken>(token, &tenant.signing.decoding, &validation)
        .map_err(|problem| match problem.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenProblem::BadSignature,
            _ => TokenProblem::Unreadable,
        })?
        .claims;
    if !is_graph(tenant, &read.aud) {
        return Err(TokenProblem::WrongAudience);
    }
    if read.exp <= now.as_second() {
        return Err(TokenProblem::Expired);
    }
    if read.nbf > now.as_second() {
        return Err(TokenProblem::NotYet);
    }
    Ok(read)
}

/// True for every name of Microsoft Graph that this tenant knows.
pub(crate) fn is_graph(tenant: &Tenant, resource: &str) -> bool {
    let name = resource.trim_end_matches('/');
    let by_address = tenant.facts.graph.replace("localhost", "127.0.0.1");
    ["https://graph.microsoft.com", GRAPH_APP_ID, &tenant.facts.graph, &by_address].contains(&name)
}
