//! Signing in somewhere else, with a code (RFC 8628).
//! Source: <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code>.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::confidence::ConfidentialForm;
use super::graph_scope;
use crate::Answered;
use crate::exchange::{Exchange, Place, Reply};
use crate::fault::{Fault, FaultKind};
use crate::redaction::Redaction;
use crate::refusal::oauth_refusal;
use crate::tenant::TenantRef;
use crate::token::{AccessToken, TOKEN_PATH, seconds_in, token_in};

const DEVICE_CODE_PATH: &str = "/{tenant}/oauth2/v2.0/devicecode";

/// The interval where the answer names none (RFC 8628, section 3.2), and bounds for what a hostile answer may name.
const USUAL_INTERVAL: u64 = 5;
const LONGEST_INTERVAL: u64 = 300;
const LONGEST_LIFE: u64 = 24 * 60 * 60;

/// A sign-in that waits for somebody to enter a code in a browser.
#[derive(Clone)]
pub struct DeviceCode {
    /// What is entered, such as `ABCDEFGHJ`.
    pub user_code: String,
    /// Where it is entered. HTTPS, without a user name; the page of loopback endpoints may be plain HTTP on `localhost`.
    pub verification_uri: Url,
    /// The service's own sentence for the person who signs in; at most 400 characters.
    pub message: String,
    /// How long the code can be entered, from the answer on.
    pub expires_in: Duration,
    /// The shortest wait between two attempts to redeem it.
    pub interval: Duration,
    device_code: SecretString,
}

/// How an attempt to redeem a device code was answered.
#[derive(Clone, Debug)]
pub enum DeviceCodeAnswer {
    /// Nobody has finished signing in yet: ask again after the interval.
    Pending,
    /// Ask again, with an interval that is 5 seconds longer from now on (RFC 8628, section 3.5).
    SlowDown,
    /// Somebody signed in.
    Token(AccessToken),
    /// The person refused, or was not allowed to agree.
    Declined(Fault),
    /// The code was not entered in time: request another one.
    Expired(Fault),
}

#[derive(Deserialize)]
struct DeviceCodeWire {
    user_code: String,
    device_code: SecretString,
    verification_uri: Url,
    #[serde(default)]
    message: String,
    expires_in: Value,
    #[serde(default)]
    interval: Value,
}

pub(crate) async fn request(
    exchange: &Exchange,
    tenant: &TenantRef,
    client_id: &str,
    scopes: &[&str],
) -> Result<Answered<DeviceCode>, Fault> {
    let place = exchange.authority_place(DEVICE_CODE_PATH);
    let url = exchange.authority_url(&[&tenant.to_string(), "oauth2", "v2.0", "devicecode"]);
    let scope = graph_scope(exchange.endpoints(), scopes);
    let reply = exchange.post_form(&place, url, &[("client_id", client_id), ("scope", &scope)]).await?;
    if reply.status != 200 {
        return Err(oauth_refusal(&place, &reply, &Redaction::default()));
    }
    let code =
        device_code_in(&reply, exchange.endpoints().is_loopback()).ok_or_else(|| unusable(&place, &reply))?;
    Ok(reply.answered(code))
}

pub(crate) async fn redeem(
    exchange: &Exchange,
    tenant: &TenantRef,
    client_id: &str,
    code: &DeviceCode,
) -> Result<Answered<DeviceCodeAnswer>, Fault> {
    let place = exchange.authority_place(TOKEN_PATH);
    let url = exchange.authority_url(&[&tenant.to_string(), "oauth2", "v2.0", "token"]);
    let form = ConfidentialForm {
        fields: &[
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", client_id),
            ("device_code", code.device_code.expose_secret()),
        ],
        confidential: &[&code.device_code],
    };
    let reply = form.post(exchange, &place, url).await?;
    let answer = match reply.status {
        200 => DeviceCodeAnswer::Token(token_in(&place, &reply)?),
        _ => judge(form.refusal(&place, &reply))?,
    };
    Ok(reply.answered(answer))
}

fn judge(refusal: Fault) -> Result<DeviceCodeAnswer, Fault> {
    if refusal.kind != FaultKind::Refused {
        return Err(refusal);
    }
    match refusal.oauth_error.as_deref() {
        Some("authorization_pending") => Ok(DeviceCodeAnswer::Pending),
        Some("slow_down") => Ok(DeviceCodeAnswer::SlowDown),
        Some("authorization_declined" | "access_denied") => Ok(DeviceCodeAnswer::Declined(refusal)),
        Some("expired_token" | "code_expired") => Ok(DeviceCodeAnswer::Expired(refusal)),
        _ => Err(refusal),
    }
}

/// Loopback endpoints may show a page of their own without TLS.
fn device_code_in(reply: &Reply, loopback: bool) -> Option<DeviceCode> {
    let wire: DeviceCodeWire = serde_json::from_slice(&reply.body).ok()?;
    let is_code = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_graphic());
    let uri = wire.verification_uri;
    let is_own_page = loopback && uri.scheme() == "http" && uri.host_str() == Some("localhost");
    let is_safe =
        (uri.scheme() == "https" || is_own_page) && uri.username().is_empty() && uri.password().is_none();
    if !is_code(&wire.user_code)
        || wire.user_code.len() > 64
        || !is_code(wire.device_code.expose_secret())
        || !is_safe
    {
        return None;
    }
    let interval = seconds_in(&wire.interval).unwrap_or(USUAL_INTERVAL);
    Some(DeviceCode {
        message: Redaction::of_secret(&wire.device_code).clean(&wire.message),
        user_code: wire.user_code,
        verification_uri: uri,
        expires_in: Duration::from_secs(seconds_in(&wire.expires_in)?.min(LONGEST_LIFE)),
        interval: Duration::from_secs(interval.clamp(1, LONGEST_INTERVAL)),
        device_code: wire.device_code,
    })
}

fn unusable(place: &Place, reply: &Reply) -> Fault {
    reply.fault(place, FaultKind::AnswerUnreadable, "The answer holds no usable device code.")
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode")
            .field("verification_uri", &self.verification_uri.as_str())
            .field("expires_in", &self.expires_in)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
