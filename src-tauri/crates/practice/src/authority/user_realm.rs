//! `GET /common/UserRealm/{username}`: whether the directory itself knows the password of an account. Microsoft's own
//! client libraries ask it before they send a password.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde_json::json;

use super::{Reply, Trace, uncached, with_noise};
use crate::{http::Answer, state::Tenant};

pub(super) async fn show(
    State(tenant): State<Arc<Tenant>>,
    Path(username): Path<String>,
    headers: HeaderMap,
) -> Reply {
    let trace = Trace::new(&tenant, &headers);
    let domain = username.rsplit_once('@').map_or("", |(_, domain)| domain);
    let own = domain.eq_ignore_ascii_case(&tenant.facts.domain);
    let mut body = json!({
        "ver": "1.0",
        "account_type": if own { "Managed" } else { "Unknown" },
        "domain_name": domain,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    });
    if own && tenant.plays().account.is_some_and(|account| account.federated) {
        body["account_type"] = json!("Federated");
        body["federation_protocol"] = json!("WSTrust");
        body["federation_metadata_url"] = json!(format!("https://sts.{domain}/adfs/services/trust/mex"));
        body["federation_active_auth_url"] =
            json!(format!("https://sts.{domain}/adfs/services/trust/2005/usernamemixed"));
    }
    uncached(with_noise(Answer::json(StatusCode::OK, &body), &trace)).into_response()
}
