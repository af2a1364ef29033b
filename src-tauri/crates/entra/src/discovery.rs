//! What can be learnt without any right: does the tenant exist, does Graph answer?

use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::Answered;
use crate::exchange::{Exchange, Place, Reply};
use crate::fault::{Fault, FaultKind};
use crate::redaction::Redaction;
use crate::refusal::{graph_refusal, oauth_refusal};
use crate::tenant::{Tenant, TenantRef};
use crate::wire::OpenIdConfiguration;

pub(crate) const DISCOVERY_PATH: &str = "/{tenant}/v2.0/.well-known/openid-configuration";

pub(crate) fn discovery_segments(tenant: &str) -> [&str; 4] {
    [tenant, "v2.0", ".well-known", "openid-configuration"]
}

pub(crate) async fn tenant(exchange: &Exchange, tenant: &TenantRef) -> Result<Answered<Tenant>, Fault> {
    let place = exchange.discovery_place(DISCOVERY_PATH);
    let url = exchange.authority_url(&discovery_segments(&tenant.to_string()));
    let reply = exchange.get(&place, url).await?;
    if reply.status != 200 {
        return Err(oauth_refusal(&place, &reply, &Redaction::default()));
    }
    let tenant = read_tenant(exchange, &place, &reply)?;
    Ok(reply.answered(tenant))
}

fn read_tenant(exchange: &Exchange, place: &Place, reply: &Reply) -> Result<Tenant, Fault> {
    let unreadable = |detail: &str| reply.fault(place, FaultKind::AnswerUnreadable, detail);
    let document: OpenIdConfiguration = serde_json::from_slice(&reply.body)
        .map_err(|_| unreadable("The answer is not an OpenID configuration."))?;
    let text = |value: Option<String>| value.map(|value| Redaction::default().clean(&value));
    let id = issuer_tenant(&document.issuer)
        .ok_or_else(|| unreadable("The issuer in the OpenID configuration names no tenant."))?;
    let token_endpoint = Url::parse(&document.token_endpoint)
        .map_err(|_| unreadable("The token endpoint in the OpenID configuration is not an address."))?;
    if !exchange.endpoints().allows_authority(&token_endpoint) {
        let origin = token_endpoint.origin().ascii_serialization();
        let detail = format!("The OpenID configuration names a token endpoint at {origin}.");
        return Err(reply.fault(place, FaultKind::ForeignEndpoint, &detail));
    }
    Ok(Tenant {
        id,
        issuer: Redaction::default().clean(&document.issuer),
        region_scope: text(document.tenant_region_scope),
        region_sub_scope: text(document.tenant_region_sub_scope),
        cloud_instance: text(document.cloud_instance_name),
        graph_host: text(document.msgraph_host),
        token_endpoint,
    })
}

pub(crate) fn issuer_tenant(issuer: &str) -> Option<Uuid> {
    let issuer = Url::parse(issuer).ok()?;
    Uuid::try_parse(issuer.path_segments()?.next()?).ok()
}

pub(crate) async fn reach_graph(exchange: &Exchange) -> Result<Answered<()>, Fault> {
    let place = exchange.graph_place("/");
    let reply = exchange.get(&place, exchange.graph_url(&[""])).await?;
    if matches!(reply.status, 200 | 400 | 401 | 403 | 404) {
        return if has_graph_shape(&reply.body) {
            Ok(reply.answered(()))
        } else {
            Err(reply.fault(
                &place,
                FaultKind::AnswerUnreadable,
                "Something other than Microsoft Graph answered.",
            ))
        };
    }
    Err(graph_refusal(&place, &reply, &Redaction::default()))
}

fn has_graph_shape(body: &[u8]) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_slice::<Value>(body) else { return false };
    let refused = fields.get("error").and_then(|error| error.get("code")).is_some_and(Value::is_string);
    refused || fields.contains_key("@odata.context") || fields.contains_key("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_names_the_tenant() {
        let id = "11111111-1111-4111-8111-111111111111";
        let found = |issuer: String| issuer_tenant(&issuer).map(|id| id.to_string());
        assert_eq!(found(format!("https://login.microsoftonline.com/{id}/v2.0")).as_deref(), Some(id));
        assert_eq!(found(format!("https://sts.windows.net/{id}/")).as_deref(), Some(id));
        assert_eq!(found("https://login.microsoftonline.com/{tenantid}/v2.0".into()), None);
        assert_eq!(found("not an address".into()), None);
    }
}
