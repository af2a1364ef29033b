//! What a token says (facts: wire/access-token-claims-v1-v2.md), and what a scenario makes it say in its place.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    client::Proof,
    keys::{opaque, token_identifier},
};
use crate::{scenario::Claims, state::Tenant};

/// Seconds that a token lives from its issue on.
pub(super) const LIFETIME: i64 = 3_600;
/// `iat` and `nbf` lie this many seconds before the real issue, as recorded tokens show.
const BACKDATED: i64 = 300;
/// Age of a token that comes from a cache, seconds: half of its life, or twice that.
const OLD: i64 = LIFETIME / 2;
const ENDED: i64 = LIFETIME * 2;
/// Directory role template that app-only tokens were seen with.
const WIDS: &str = "0997a1d0-0d1d-4acb-b408-d5ca73121e90";
const OTHER_TENANT: &str = "0e0e0e0e-0000-4000-8000-000000000005";
const OTHER_ISSUER: &str = "https://broker.fabrikam-practice.example/";
const RETIRED_API: &str = "https://graph.windows.net";

/// Issuer of Graph's tokens, which are of version 1.0 whichever endpoint was asked.
pub(crate) fn issuer(tenant: &Tenant) -> String {
    issuer_of(&tenant.facts.tenant_id)
}

/// Who a token speaks for.
pub(super) enum Subject<'a> {
    /// The app itself; roles are those assigned at this moment.
    App { proof: Proof },
    /// A signed-in person, with these delegated scopes.
    Person { username: &'a str, scopes: &'a str, proof: Proof },
}

/// The claims of an access token for Graph.
pub(super) fn access(tenant: &Tenant, audience: &str, subject: &Subject<'_>, now: Timestamp) -> Value {
    match subject {
        Subject::App { proof } => app(tenant, audience, *proof, now),
        Subject::Person { username, scopes, proof } => {
            person(tenant, audience, username, scopes, *proof, now.as_second())
        }
    }
}

/// The claims of an ID token of version 2.0.
pub(super) fn identity(tenant: &Tenant, username: &str, now: Timestamp) -> Value {
    let now = now.as_second();
    let mut claims = json!({
        "aud": tenant.facts.client_id,
        "iss": format!("{}/{}/v2.0", tenant.facts.authority, tenant.facts.tenant_id),
        "iat": now - BACKDATED,
        "nbf": now - BACKDATED,
        "exp": now + LIFETIME,
        "preferred_username": username,
        "rh": opaque(tenant),
        "sub": opaque(tenant),
        "tid": tenant.facts.tenant_id,
        "uti": opaque(tenant),
        "ver": "2.0",
    });
    add_person(tenant, &mut claims, username);
    claims
}

fn app(tenant: &Tenant, audience: &str, proof: Proof, now: Timestamp) -> Value {
    let played = tenant.plays().claims;
    let (issued, roles_at) = match played {
        Some(Claims::Older) => (now.as_second() - OLD, now - SignedDuration::from_secs(OLD)),
        Some(Claims::Ended) => (now.as_second() - ENDED, now),
        _ => (now.as_second(), now),
    };
    if played == Some(Claims::Delegated) {
        let asked: Vec<&str> =
            tenant.changing().registration.requested.iter().filter_map(|asked| asked.name()).collect();
        return person(tenant, audience, &tenant.facts.account.username, &asked.join(" "), proof, issued);
    }
    let mut claims = common(tenant, audience, issued);
    claims["appidacr"] = json!(proof.claim());
    claims["idtyp"] = json!("app");
    claims["oid"] = json!(tenant.ids.service_principal);
    claims["sub"] = json!(tenant.ids.service_principal);
    let roles = tenant.changing().registration.roles(roles_at);
    if !roles.is_empty() {
        claims["roles"] = json!(roles);
    }
    match played {
        Some(Claims::OtherTenant) => {
            claims["tid"] = json!(OTHER_TENANT);
            claims["iss"] = json!(issuer_of(OTHER_TENANT));
            claims["idp"] = json!(issuer_of(OTHER_TENANT));
        }
        Some(Claims::OtherIssuer) => claims["iss"] = json!(OTHER_ISSUER),
        Some(Claims::OtherAudience) => claims["aud"] = json!(RETIRED_API),
        _ => {}
    }
    claims
}

fn person(tenant: &Tenant, audience: &str, username: &str, scopes: &str, proof: Proof, issued: i64) -> Value {
    let mut claims = common(tenant, audience, issued);
    claims["appidacr"] = json!(proof.claim());
    claims["idtyp"] = json!("user");
    claims["scp"] = json!(scopes);
    claims["upn"] = json!(username);
    claims["unique_name"] = json!(username);
    claims["sub"] = json!(opaque(tenant));
    add_person(tenant, &mut claims, username);
    claims
}

fn common(tenant: &Tenant, audience: &str, issued: i64) -> Value {
    json!({
        "aud": audience,
        "iss": issuer(tenant),
        "iat": issued - BACKDATED,
        "nbf": issued - BACKDATED,
        "exp": issued + LIFETIME,
        "aio": opaque(tenant),
        "app_displayname": tenant.facts.app_name,
        "appid": tenant.facts.client_id,
        "idp": issuer(tenant),
        "rh": opaque(tenant),
        "tenant_region_scope": "EU",
        "tid": tenant.facts.tenant_id,
        "uti": token_identifier(tenant),
        "ver": "1.0",
        "wids": [WIDS],
        "xms_tcdt": 1_717_004_002,
        "xms_tdbr": "EU",
    })
}

fn issuer_of(tenant_id: &str) -> String {
    format!("https://sts.windows.net/{tenant_id}/")
}

fn add_person(tenant: &Tenant, claims: &mut Value, username: &str) {
    let directory = tenant.directory();
    if let Some(user) = directory.find_user(username).and_then(|number| directory.user(number)) {
        claims["oid"] = json!(user.id);
        claims["name"] = json!(user.display_name);
    }
}
