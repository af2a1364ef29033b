//! App-only tokens by certificate: a client assertion in place of a secret (RFC 7523, section 2.2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use super::certificate::ClientCertificate;
use super::confidence::ConfidentialForm;
use crate::Answered;
use crate::exchange::{Exchange, Place};
use crate::fault::{Fault, FaultKind};
use crate::retry_after::server_time;
use crate::tenant::TenantRef;
use crate::token::{AccessToken, TOKEN_PATH, token_in};

/// How far behind this machine the service's clock may be.
const BEFORE_NOW: i64 = 120;
/// How far ahead. Together ten minutes, the longest life that Microsoft advises.
const AFTER_NOW: i64 = 480;

/// The assertion is not within its valid time range.
const OUT_OF_TIME: u32 = 700_024;

/// Refusals that a service which does not know the current form gives to it, and others.
const MAY_BE_THE_FORM: [u32; 5] = [50_012, 50_027, 700_027, 5_002_730, 7_000_274];

/// The two forms of a client assertion.
#[derive(Clone, Copy)]
enum AssertionForm {
    /// PS256, the certificate named by its SHA-256.
    /// Source: <https://learn.microsoft.com/entra/identity-platform/certificate-credentials>.
    Current,
    /// RS256, the certificate named by its SHA-1.
    Older,
}

#[derive(Serialize)]
struct AssertionClaims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: Uuid,
    nbf: i64,
    iat: i64,
    exp: i64,
}

pub(crate) async fn by_certificate(
    exchange: &Exchange,
    tenant: &TenantRef,
    client_id: &str,
    certificate: &ClientCertificate,
    now: Timestamp,
    jti: Uuid,
) -> Result<Answered<AccessToken>, Fault> {
    let place = exchange.authority_place(TOKEN_PATH);
    let url = exchange.authority_url(&[&tenant.to_string(), "oauth2", "v2.0", "token"]);
    let sender = AssertionSender { exchange, place, url, client_id, certificate };
    let mut now = now;
    let mut answered = sender.send(AssertionForm::Current, now, jti).await;
    if let Err(refused) = &answered
        && let Some(server_time) = refused.by_the_clock(now)
    {
        // This machine's clock is wrong; the answer told the right time.
        now = server_time;
        answered = sender.send(AssertionForm::Current, now, another(jti, 2)).await;
    }
    match answered {
        Err(refused) if refused.has_number(&MAY_BE_THE_FORM) => {
            let older = sender.send(AssertionForm::Older, now, another(jti, 1)).await;
            older.map_err(|_| refused.fault)
        }
        answered => answered.map_err(|refused| refused.fault),
    }
}

/// A service may remember the ids it has seen, so each assertion has one of its own.
fn another(jti: Uuid, number: u128) -> Uuid {
    Uuid::from_u128(jti.as_u128() ^ number)
}

/// A refusal, and the time at the service when it was given.
struct RefusedAssertion {
    fault: Fault,
    server_time: Option<Timestamp>,
}

impl RefusedAssertion {
    fn has_number(&self, numbers: &[u32]) -> bool {
        self.fault.aadsts.is_some_and(|number| numbers.contains(&number))
    }

    /// The service's time, when the assertion was refused for its dates and the clocks do differ.
    fn by_the_clock(&self, now: Timestamp) -> Option<Timestamp> {
        let server_time = self.server_time.filter(|_| self.has_number(&[OUT_OF_TIME]))?;
        let apart = server_time.duration_since(now).as_secs().unsigned_abs();
        (apart >= BEFORE_NOW.unsigned_abs()).then_some(server_time)
    }
}

impl From<Fault> for RefusedAssertion {
    fn from(fault: Fault) -> Self {
        Self { fault, server_time: None }
    }
}

struct AssertionSender<'a> {
    exchange: &'a Exchange,
    place: Place,
    url: Url,
    client_id: &'a str,
    certificate: &'a ClientCertificate,
}

impl AssertionSender<'_> {
    async fn send(
        &self,
        form: AssertionForm,
        now: Timestamp,
        jti: Uuid,
    ) -> Result<Answered<AccessToken>, RefusedAssertion> {
        let assertion = self.assertion(form, now, jti)?;
        let scope = self.exchange.endpoints().scope();
        let text = assertion.expose_secret();
        let signature = SecretString::from(text.rsplit('.').next().unwrap_or_default());
        let form = ConfidentialForm {
            fields: &[
                ("grant_type", "client_credentials"),
                ("client_id", self.client_id),
                ("scope", &scope),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                ("client_assertion", text),
            ],
            confidential: &[&assertion, &signature],
        };
        let reply = form.post(self.exchange, &self.place, self.url.clone()).await?;
        if reply.status != 200 {
            let server_time = server_time(&reply.headers);
            return Err(RefusedAssertion { fault: form.refusal(&self.place, &reply), server_time });
        }
        Ok(reply.answered(token_in(&self.place, &reply)?))
    }

    fn assertion(&self, form: AssertionForm, now: Timestamp, jti: Uuid) -> Result<SecretString, Fault> {
        let header = match form {
            AssertionForm::Current => {
                let mut header = Header::new(Algorithm::PS256);
                header.x5t_s256 = Some(URL_SAFE_NO_PAD.encode(self.certificate.sha256()));
                header
            }
            AssertionForm::Older => {
                let mut header = Header::new(Algorithm::RS256);
                header.x5t = Some(URL_SAFE_NO_PAD.encode(self.certificate.sha1()));
                header
            }
        };
        let now = now.as_second();
        let claims = AssertionClaims {
            aud: self.url.as_str(),
            iss: self.client_id,
            sub: self.client_id,
            jti,
            nbf: now - BEFORE_NOW,
            iat: now - BEFORE_NOW,
            exp: now + AFTER_NOW,
        };
        jsonwebtoken::encode(&header, &claims, &self.certificate.signing_key())
            .map(SecretString::from)
            .map_err(|_| self.place.fault(FaultKind::Setup, "The certificate's private key could not sign."))
    }
}
