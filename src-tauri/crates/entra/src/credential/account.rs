//! Delegated tokens by user name and password (RFC 6749, section 4.3).

use secrecy::{ExposeSecret, SecretString};

use super::confidence::ConfidentialForm;
use super::graph_scope;
use crate::Answered;
use crate::exchange::Exchange;
use crate::fault::Fault;
use crate::tenant::TenantRef;
use crate::token::{AccessToken, TOKEN_PATH, token_in};

pub(crate) async fn by_password(
    exchange: &Exchange,
    tenant: &TenantRef,
    client_id: &str,
    secret: Option<&SecretString>,
    username: &str,
    password: &SecretString,
    scopes: &[&str],
) -> Result<Answered<AccessToken>, Fault> {
    let place = exchange.authority_place(TOKEN_PATH);
    let url = exchange.authority_url(&[&tenant.to_string(), "oauth2", "v2.0", "token"]);
    let scope = graph_scope(exchange.endpoints(), scopes);
    let mut fields = vec![
        ("grant_type", "password"),
        ("client_id", client_id),
        ("scope", &scope),
        ("username", username),
        ("password", password.expose_secret()),
    ];
    let mut confidential = vec![password];
    if let Some(secret) = secret {
        fields.push(("client_secret", secret.expose_secret()));
        confidential.push(secret);
    }
    let form = ConfidentialForm { fields: &fields, confidential: &confidential };
    let reply = form.post(exchange, &place, url).await?;
    if reply.status != 200 {
        return Err(form.refusal(&place, &reply));
    }
    Ok(reply.answered(token_in(&place, &reply)?))
}
