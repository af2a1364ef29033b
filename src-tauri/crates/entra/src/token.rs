//! Access tokens, and app-only ones by client secret.

use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;

use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, RequestTokenError, Scope, TokenResponse, TokenUrl,
};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::Answered;
use crate::claims::{Claims, UnreadableToken};
use crate::exchange::{Call, Exchange, Place, Reply};
use crate::fault::{Fault, FaultKind};
use crate::redaction::Redaction;
use crate::refusal::oauth_refusal;
use crate::tenant::TenantRef;

pub(crate) const TOKEN_PATH: &str = "/{tenant}/oauth2/v2.0/token";

/// An access token for Graph. Its value is never printed and never serialised.
#[derive(Clone)]
pub struct AccessToken {
    value: SecretString,
    expires_in: Duration,
}

impl AccessToken {
    /// Wraps a token from elsewhere, such as a signed-in admin's.
    pub fn new(value: SecretString, expires_in: Duration) -> Self {
        Self { value, expires_in }
    }

    /// How long the token was good for when it was issued.
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }

    /// Reads what the token says of itself, unverified, in order to explain it.
    ///
    /// # Errors
    /// The token is encrypted, or is no JSON web token with an audience and an issuer.
    pub fn claims(&self) -> Result<Claims, UnreadableToken> {
        Claims::read(self.value.expose_secret())
    }

    pub(crate) fn value(&self) -> &SecretString {
        &self.value
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

pub(crate) async fn by_secret(
    exchange: &Exchange,
    tenant: &TenantRef,
    client_id: &str,
    secret: &SecretString,
) -> Result<Answered<AccessToken>, Fault> {
    let url = exchange.authority_url(&[&tenant.to_string(), "oauth2", "v2.0", "token"]);
    let client = BasicClient::new(ClientId::new(client_id.to_owned()))
        .set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(url));
    let sender = Sender {
        exchange,
        place: exchange.authority_place(TOKEN_PATH),
        redaction: Redaction::of_secret(secret),
        answered: Mutex::new(None),
    };
    let unusable = || {
        let detail = "The token endpoint's answer holds no usable token.";
        sender.place.fault(FaultKind::AnswerUnreadable, detail)
    };
    let token = client
        .exchange_client_credentials()
        .add_scope(Scope::new(exchange.endpoints().scope()))
        .request_async(&sender)
        .await
        .map_err(|error| match error {
            RequestTokenError::Request(fault) => fault,
            _ => unusable(),
        })?;
    let answered = sender.answered.lock().ok().and_then(|mut kept| kept.take()).ok_or_else(unusable)?;
    let value = SecretString::from(token.access_token().secret().as_str());
    let expires_in = token.expires_in().unwrap_or_default();
    Ok(answered.map(|()| AccessToken { value, expires_in }))
}

/// The token in an answer to a request that was not made through the `oauth2` crate.
pub(crate) fn token_in(place: &Place, reply: &Reply) -> Result<AccessToken, Fault> {
    let response = readable_response(place, reply)?;
    let token: BasicTokenResponse = serde_json::from_slice(response.body()).map_err(|_| {
        reply.fault(place, FaultKind::AnswerUnreadable, "The token endpoint's answer holds no usable token.")
    })?;
    let value = SecretString::from(token.access_token().secret().as_str());
    Ok(AccessToken { value, expires_in: token.expires_in().unwrap_or_default() })
}

/// The HTTP client that the `oauth2` crate is given. It keeps what the exchange told besides the token.
struct Sender<'a> {
    exchange: &'a Exchange,
    place: Place,
    redaction: Redaction,
    answered: Mutex<Option<Answered<()>>>,
}

impl<'c> AsyncHttpClient<'c> for Sender<'_> {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<oauth2::HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(async move {
            let reply = send_form(self.exchange, &self.place, &self.redaction, request).await?;
            let response = readable_response(&self.place, &reply)?;
            if let Ok(mut kept) = self.answered.lock() {
                *kept = Some(reply.answered(()));
            }
            Ok(response)
        })
    }
}

async fn send_form(
    exchange: &Exchange,
    place: &Place,
    redaction: &Redaction,
    request: oauth2::HttpRequest,
) -> Result<Reply, Fault> {
    let (parts, body) = request.into_parts();
    let url = url::Url::parse(&parts.uri.to_string())
        .map_err(|_| place.fault(FaultKind::Setup, "The token endpoint's address cannot be used."))?;
    let call = Call { method: Method::POST, url, headers: parts.headers, body: Some(body) };
    let reply = exchange.send(place, call).await?;
    if reply.status == 200 { Ok(reply) } else { Err(oauth_refusal(place, &reply, redaction)) }
}

/// The answer as the `oauth2` crate expects it: the fields that matter, with lifetimes as numbers. The v1.0 endpoint
/// writes them as strings.
fn readable_response(place: &Place, reply: &Reply) -> Result<oauth2::HttpResponse, Fault> {
    let unreadable =
        || reply.fault(place, FaultKind::AnswerUnreadable, "The token endpoint's answer is not a token.");
    let mut fields: serde_json::Map<String, Value> =
        serde_json::from_slice(&reply.body).map_err(|_| unreadable())?;
    fields.retain(|name, _| matches!(name.as_str(), "access_token" | "token_type" | "expires_in"));
    let lifetime = fields.remove("expires_in").as_ref().and_then(seconds_in);
    if let Some(seconds) = lifetime {
        fields.insert("expires_in".to_owned(), Value::from(seconds));
    }
    if !fields.get("access_token").and_then(Value::as_str).is_some_and(is_header_safe) {
        return Err(unreadable());
    }
    let body = serde_json::to_vec(&fields).map_err(|_| unreadable())?;
    oauth2::http::Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(body)
        .map_err(|_| unreadable())
}

/// A length of time in whole seconds, as a number or as text.
pub(crate) fn seconds_in(value: &Value) -> Option<u64> {
    let seconds = match value {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        Value::Number(number) => number.as_f64(),
        _ => None,
    };
    seconds.filter(|seconds| seconds.is_finite() && *seconds >= 0.0).map(|seconds| seconds as u64)
}

fn is_header_safe(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}
