//! OpenID Connect discovery and instance discovery (facts: wire/discovery-*.http, wire/instance-discovery.http).

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};
use url::Url;

use super::{
    Reply, Segment, Trace, public, token_errors::AuthorityError, token_errors::Endpoint, with_noise,
};
use crate::{http::Answer, state::Tenant};

/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(super) async fn version_two(
    State(tenant): State<Arc<Tenant>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
) -> Reply {
    answer(
        &tenant,
        &headers,
        Segment::read(&tenant, &segment).map(|kind| document_two(&tenant, kind, &segment)),
    )
}

/// `GET /{tenant}/.well-known/openid-configuration`
pub(super) async fn version_one(
    State(tenant): State<Arc<Tenant>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
) -> Reply {
    answer(
        &tenant,
        &headers,
        Segment::read(&tenant, &segment).map(|kind| document_one(&tenant, kind, &segment)),
    )
}

/// `GET /common/discovery/instance?authorization_endpoint=…`: is this authority known, and under which names?
pub(super) async fn instance(
    State(tenant): State<Arc<Tenant>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Reply {
    let document = match query.get("authorization_endpoint") {
        None => Err(AuthorityError::ParameterMissing("authorization_endpoint")),
        Some(endpoint) => instance_document(&tenant, endpoint),
    };
    answer(&tenant, &headers, document)
}

fn answer(tenant: &Tenant, headers: &HeaderMap, document: Result<Value, AuthorityError>) -> Reply {
    let trace = Trace::new(tenant, headers);
    match document {
        Ok(document) => public(with_noise(Answer::json(StatusCode::OK, &document), &trace)).into_response(),
        Err(error) => error.answer(Endpoint::Discovery, &trace).into_response(),
    }
}

fn document_two(tenant: &Tenant, kind: Segment, segment: &str) -> Value {
    let authority = &tenant.facts.authority;
    let (name, issuer) = match kind {
        Segment::Ours => {
            (tenant.facts.tenant_id.clone(), format!("{authority}/{}/v2.0", tenant.facts.tenant_id))
        }
        Segment::AnyTenant => (segment.to_ascii_lowercase(), format!("{authority}/{{tenantid}}/v2.0")),
    };
    let base = format!("{authority}/{name}");
    let mut document = common_part(tenant, &base);
    document["token_endpoint"] = json!(format!("{base}/oauth2/v2.0/token"));
    document["jwks_uri"] = json!(format!("{base}/discovery/v2.0/keys"));
    document["issuer"] = json!(issuer);
    document["authorization_endpoint"] = json!(format!("{base}/oauth2/v2.0/authorize"));
    document["device_authorization_endpoint"] = json!(format!("{base}/oauth2/v2.0/devicecode"));
    document["end_session_endpoint"] = json!(format!("{base}/oauth2/v2.0/logout"));
    document["userinfo_endpoint"] = json!(format!("{}/oidc/userinfo", tenant.facts.graph));
    document
}

fn document_one(tenant: &Tenant, kind: Segment, segment: &str) -> Value {
    let (name, issuer) = match kind {
        Segment::Ours => (tenant.facts.tenant_id.clone(), super::claims::issuer(tenant)),
        Segment::AnyTenant => {
            (segment.to_ascii_lowercase(), "https://sts.windows.net/{tenantid}/".to_owned())
        }
    };
    let base = format!("{}/{name}", tenant.facts.authority);
    let mut document = common_part(tenant, &base);
    document["token_endpoint"] = json!(format!("{base}/oauth2/token"));
    document["jwks_uri"] = json!(format!("{base}/discovery/keys"));
    document["issuer"] = json!(issuer);
    document["authorization_endpoint"] = json!(format!("{base}/oauth2/authorize"));
    document["device_authorization_endpoint"] = json!(format!("{base}/oauth2/devicecode"));
    document["end_session_endpoint"] = json!(format!("{base}/oauth2/logout"));
    document["userinfo_endpoint"] = json!(format!("{base}/openid/userinfo"));
    document
}

fn common_part(tenant: &Tenant, base: &str) -> Value {
    json!({
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "request_uri_parameter_supported": false,
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "claims_supported": [
            "sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
            "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash",
            "c_hash", "email"
        ],
        "kerberos_endpoint": format!("{base}/kerberos"),
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": tenant.facts.graph.trim_start_matches("https://"),
        "rbac_url": "https://pas.windows.net",
    })
}

fn instance_document(tenant: &Tenant, endpoint: &str) -> Result<Value, AuthorityError> {
    let url = Url::parse(endpoint).map_err(|_| AuthorityError::InstanceUnknown)?;
    let segment = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    let own = Url::parse(&tenant.facts.authority).ok();
    let same_place = own.is_some_and(|own| own.port() == url.port() && own.scheme() == url.scheme());
    if !same_place || !matches!(url.host_str(), Some("localhost" | "127.0.0.1")) {
        return Err(AuthorityError::InstanceUnknown);
    }
    let kind = Segment::read(tenant, segment)?;
    let name = match kind {
        Segment::Ours => tenant.facts.tenant_id.as_str(),
        Segment::AnyTenant => segment,
    };
    let authority = &tenant.facts.authority;
    let host = authority.trim_start_matches("https://");
    let by_address = host.replace("localhost", "127.0.0.1");
    Ok(json!({
        "tenant_discovery_endpoint": format!("{authority}/{name}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host, by_address] }],
    }))
}
