//! `POST /{tenant}/oauth2/v2.0/devicecode` (facts: wire/token-device-code.http). It does not look at the public client
//! flag; only the poll does.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};

use super::{
    Reply, Segment, Trace,
    client::{self, Form},
    keys::opaque,
    people::refuse,
    token_errors::{AuthorityError, Endpoint},
    uncached, with_noise,
};
use crate::{
    http::Answer,
    scenario::SignIn,
    sessions::{Answer as Approval, CODE_SECONDS, DeviceCode, POLL_SECONDS},
    state::Tenant,
};

pub(super) async fn start(
    State(tenant): State<Arc<Tenant>>,
    Path(segment): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    let trace = Trace::new(&tenant, &headers);
    match hand_out(&tenant, &segment, &Form::read(&headers, &body), &trace) {
        Ok(body) => uncached(with_noise(Answer::json(StatusCode::OK, &body), &trace)).into_response(),
        Err(error) => error.answer(Endpoint::Token, &trace).into_response(),
    }
}

fn hand_out(tenant: &Tenant, segment: &str, form: &Form, trace: &Trace) -> Result<Value, AuthorityError> {
    if Segment::read(tenant, segment)? == Segment::AnyTenant {
        return Err(AuthorityError::TenantNotNamed);
    }
    client::find(tenant, form)?;
    let scope = form.require("scope")?;
    let (device_code, user_code) = (opaque(tenant), user_code(tenant));
    let page = format!("{}/device", tenant.facts.pages);
    let answer = json!({
        "user_code": user_code,
        "device_code": device_code,
        "verification_uri": page,
        "expires_in": CODE_SECONDS,
        "interval": POLL_SECONDS,
        "message": format!("To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."),
    });
    let code = DeviceCode::new(device_code, user_code, scope.to_owned(), trace.now);
    tenant.changing().sessions.add_code(code);
    Ok(answer)
}

/// Nine letters without vowels, so that no code is a word.
fn user_code(tenant: &Tenant) -> String {
    const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXYZ";
    let mut drawn = tenant.draw();
    let mut code = String::with_capacity(9);
    for _ in 0..9 {
        code.push(char::from(LETTERS[(drawn % LETTERS.len() as u64) as usize]));
        drawn /= LETTERS.len() as u64;
    }
    code
}

/// Why a code was not approved or declined.
pub(crate) enum NotAnswered {
    /// No code with these letters waits.
    Unknown,
    /// The account cannot sign in; the sentence of the authority.
    Refused(String),
}

impl NotAnswered {
    pub(crate) fn sentence(&self) -> &str {
        match self {
            Self::Unknown => {
                "No sign-in waits for this code. Codes wait for 15 minutes, and each is answered once."
            }
            Self::Refused(sentence) => sentence,
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Refused(_) => StatusCode::CONFLICT,
        }
    }
}

/// Approves or declines a device code as the gateway's account, which a scenario may keep from signing in.
pub(crate) fn answer(tenant: &Tenant, user_code: &str, answer: Approval) -> Result<(), NotAnswered> {
    if answer == Approval::Approved
        && let Err(error) = refuse(tenant, &tenant.facts.account, SignIn::Page)
    {
        return Err(NotAnswered::Refused(format!("AADSTS{}: {}", error.code(), error.text())));
    }
    let now = tenant.now();
    if tenant.changing().sessions.answer(user_code, answer, now) { Ok(()) } else { Err(NotAnswered::Unknown) }
}
