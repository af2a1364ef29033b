//! Client assertions: the JWT by which an app proves that it holds the key of a registered certificate
//! (facts: wire/token-client-credentials-assertion.http; RFC 7523, section 3).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Validation};
use serde::{Deserialize, Deserializer};

use super::{Segment, token_errors::AuthorityError};
use crate::{certificate::upper_hex, registration::KeyCredential, state::Tenant};

/// The only `client_assertion_type` there is for a JWT (RFC 7523, section 2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds by which the clocks of the two sides may differ.
const SKEW: i64 = 300;

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    aud: Audience,
    #[serde(default)]
    iss: String,
    #[serde(default)]
    sub: String,
    #[serde(default, deserialize_with = "numeric_date")]
    exp: Option<i64>,
    #[serde(default, deserialize_with = "numeric_date")]
    nbf: Option<i64>,
}

/// Seconds, perhaps with a fraction, as MSAL for Python sends them (RFC 7519, section 2, NumericDate).
fn numeric_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.map(|seconds| seconds.floor() as i64))
}

#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
    #[default]
    Nobody,
}

/// Checks an assertion as the token endpoint does: form, key, its dates, signature, audience, client, time.
pub(super) fn check(
    tenant: &Tenant,
    client: &str,
    assertion: &str,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    let malformed = |text| AuthorityError::AssertionMalformed(text);
    let header = jsonwebtoken::decode_header(assertion)
        .map_err(|_| malformed("JWT token is not well formed, or its algorithm is not supported."))?;
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256) {
        return Err(malformed("The algorithm in the token header is not supported."));
    }
    let hash = header
        .x5t_s256
        .or(header.x5t)
        .and_then(|hash| URL_SAFE_NO_PAD.decode(hash.trim_end_matches('=')).ok())
        .ok_or(malformed("No certificate thumbprint specified in token header."))?;
    let key = find_key(tenant, &hash)?;
    let claims = verify(tenant, &key, assertion, header.alg, now)?;
    if !claims.aud.any(|audience| is_this_endpoint(tenant, audience)) {
        return Err(AuthorityError::AssertionAudience);
    }
    let is_client = |id: &str| id.eq_ignore_ascii_case(client);
    if !is_client(&claims.iss) || !is_client(&claims.sub) {
        return Err(AuthorityError::AssertionClient);
    }
    in_time(&claims, now)
}

fn find_key(tenant: &Tenant, hash: &[u8]) -> Result<KeyCredential, AuthorityError> {
    let changing = tenant.changing();
    let found = changing.registration.keys.iter().find(|key| key.certificate.has_hash(hash));
    found.cloned().ok_or_else(|| AuthorityError::CertificateUnknown {
        thumbprint: upper_hex(hash),
        client: tenant.facts.client_id.clone(),
    })
}

fn verify(
    tenant: &Tenant,
    key: &KeyCredential,
    assertion: &str,
    algorithm: Algorithm,
    now: Timestamp,
) -> Result<Claims, AuthorityError> {
    let thumbprint = key.certificate.thumbprint();
    if key.end <= now || key.start > now {
        return Err(AuthorityError::CertificateExpired { thumbprint, start: key.start, end: key.end });
    }
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let verified = key
        .certificate
        .key_for(algorithm)
        .filter(|_| !key.other_key)
        .map(|decoding| jsonwebtoken::decode::<Claims>(assertion, decoding, &validation));
    match verified {
        Some(Ok(read)) => Ok(read.claims),
        Some(Err(problem)) if *problem.kind() != jsonwebtoken::errors::ErrorKind::InvalidSignature => {
            Err(AuthorityError::AssertionMalformed("JWT token is not well formed."))
        }
        _ => Err(AuthorityError::AssertionSignature { thumbprint, client: tenant.facts.client_id.clone() }),
    }
}

fn in_time(claims: &Claims, now: Timestamp) -> Result<(), AuthorityError> {
    let from = claims.nbf.unwrap_or(i64::MIN);
    let until = claims.exp.ok_or(AuthorityError::AssertionMalformed("The token has no 'exp' claim."))?;
    let now = now.as_second();
    if from < until && from <= now.saturating_add(SKEW) && until > now.saturating_sub(SKEW) {
        return Ok(());
    }
    Err(AuthorityError::AssertionTime { now, from: claims.nbf, until })
}

/// The token endpoint of this tenant in version 1 or 2, or one of its issuers.
fn is_this_endpoint(tenant: &Tenant, audience: &str) -> bool {
    if audience.trim_end_matches('/') == super::claims::issuer(tenant).trim_end_matches('/') {
        return true;
    }
    let authority = &tenant.facts.authority;
    let by_address = authority.replace("localhost", "127.0.0.1");
    let path = [authority, &by_address]
        .into_iter()
        .find_map(|origin| audience.strip_prefix(origin.as_str())?.strip_prefix('/'));
    let Some((segment, rest)) = path.and_then(|path| path.split_once('/')) else {
        return false;
    };
    ["oauth2/v2.0/token", "oauth2/token", "v2.0"].contains(&rest)
        && Segment::read(tenant, segment) == Ok(Segment::Ours)
}

impl Audience {
    fn any(&self, fits: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(audience) => fits(audience),
            Self::Several(audiences) => audiences.iter().any(|audience| fits(audience)),
            Self::Nobody => false,
        }
    }
}
