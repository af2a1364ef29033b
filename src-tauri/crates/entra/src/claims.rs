//! Reading the claims of a Graph access token.
//!
//! A Graph access token is opaque to its clients by contract, and nobody but Graph can check its signature: its
//! header carries a nonce that Graph puts back in another form before it verifies. So the claims are read without
//! any verification, to *explain* what a token can do: which roles it carries, for whom, and for how long. They are
//! never a reason to give anybody access.
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-tokens>.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::redaction::plain;

const CLAIM_CAP: usize = 400;
const SCOPES_CAP: usize = 8_000;

/// What a token says of itself, in its v1.0 or v2.0 form. Not verified; see the module's text.
/// Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The audience: Graph's address or its app id.
    pub aud: String,
    /// The issuer.
    pub iss: String,
    /// The tenant id.
    pub tid: Option<String>,
    /// The client id: `appid` in v1.0, `azp` in v2.0.
    pub app_id: Option<String>,
    /// How the client proved itself: 0 not at all, 1 secret, 2 certificate (`appidacr` or `azpacr`).
    pub app_id_acr: Option<String>,
    /// The application permissions. Empty when none has been consented to.
    pub roles: Vec<String>,
    /// The delegated permissions; never in an app-only token.
    pub scp: Option<String>,
    /// `app` or `user`.
    pub idtyp: Option<String>,
    /// The object id of the service principal (or of the user). Missing when there is no service principal.
    pub oid: Option<String>,
    /// The subject.
    pub sub: Option<String>,
    /// Issued at, in seconds since 1970. Microsoft dates it five minutes back.
    pub iat: Option<i64>,
    /// Not before, in seconds since 1970.
    pub nbf: Option<i64>,
    /// Expires, in seconds since 1970.
    pub exp: Option<i64>,
    /// `1.0` or `2.0`.
    pub ver: Option<String>,
    /// The app's name.
    pub app_displayname: Option<String>,
    /// Ids of directory roles.
    pub wids: Vec<String>,
}

/// Why a token could not be read. Never repeats any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum UnreadableToken {
    /// Not in three parts.
    #[error("the token is not a JSON web token")]
    NotAJwt,
    /// In five parts: encrypted.
    #[error("the token is encrypted")]
    Encrypted,
    /// Its payload is not an object.
    #[error("the token's claims are not readable")]
    NotClaims,
    /// No audience or no issuer.
    #[error("the token names no audience or no issuer")]
    NoAudienceOrIssuer,
}

impl Claims {
    pub(crate) fn read(token: &str) -> Result<Self, UnreadableToken> {
        match token.split('.').count() {
            3 => {}
            5 => return Err(UnreadableToken::Encrypted),
            _ => return Err(UnreadableToken::NotAJwt),
        }
        let claims: serde_json::Map<String, Value> =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| UnreadableToken::NotClaims)?;
        let text = |name: &str| text_of(claims.get(name)?, CLAIM_CAP);
        let (Some(aud), Some(iss)) = (text("aud"), text("iss")) else {
            return Err(UnreadableToken::NoAudienceOrIssuer);
        };
        Ok(Self {
            aud,
            iss,
            tid: text("tid"),
            app_id: text("appid").or_else(|| text("azp")),
            app_id_acr: text("appidacr").or_else(|| text("azpacr")),
            roles: texts_of(claims.get("roles")),
            scp: claims.get("scp").and_then(|scopes| text_of(scopes, SCOPES_CAP)),
            idtyp: text("idtyp"),
            oid: text("oid"),
            sub: text("sub"),
            iat: claims.get("iat").and_then(seconds_of),
            nbf: claims.get("nbf").and_then(seconds_of),
            exp: claims.get("exp").and_then(seconds_of),
            ver: text("ver"),
            app_displayname: text("app_displayname"),
            wids: texts_of(claims.get("wids")),
        })
    }
}

fn text_of(value: &Value, cap: usize) -> Option<String> {
    match value {
        Value::String(text) => Some(plain(text, cap)),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => text_of(values.first()?, cap),
        _ => None,
    }
}

fn texts_of(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(|one| text_of(one, CLAIM_CAP)).collect(),
        Some(Value::String(text)) => text.split_whitespace().map(|one| plain(one, CLAIM_CAP)).collect(),
        _ => Vec::new(),
    }
}

fn seconds_of(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
