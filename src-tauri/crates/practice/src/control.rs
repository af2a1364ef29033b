//! What the real service lacks: the routes below `/practice/`.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Response, StatusCode},
    routing::{get, post, put},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::{Changes, Knobs, NewSecret, authority::device_code, http::Answer, sessions, state::Tenant};

type Reply = Response<axum::body::Body>;

/// `PUT /practice/knobs`, `GET /practice/facts`, `POST /practice/changes`, `POST /practice/consent`,
/// `POST /practice/certificate`, `POST /practice/secret`, both also with `/remove`, `POST /practice/device-code` and
/// `POST /practice/public-client`.
pub(crate) fn routes() -> Router<Arc<Tenant>> {
    Router::new()
        .route("/practice/knobs", put(knobs))
        .route("/practice/facts", get(facts))
        .route("/practice/changes", post(changes))
        .route("/practice/consent", post(consent))
        .route("/practice/certificate", post(certificate))
        .route("/practice/secret", post(new_secret))
        .route("/practice/secret/remove", post(remove_secret))
        .route("/practice/certificate/remove", post(remove_certificate))
        .route("/practice/device-code", post(answer_device_code))
        .route("/practice/public-client", post(public_client))
}

/// Turns knobs. Body: [`Knobs`]; answers what is set now, or 400 with `problem`.
async fn knobs(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    let knobs: Knobs = match read(&body) {
        Ok(knobs) => knobs,
        Err(problem) => return *problem,
    };
    if let Err(problem) = tenant.set(&knobs) {
        return refuse(&problem.to_string());
    }
    tenant.door.settled().await;
    let now = tenant.now();
    let changing = tenant.changing();
    let disturbance = &changing.disturbance;
    done(&json!({
        "scenario": tenant.scenario(),
        "latency_ms": u64::try_from(changing.latency.as_millis()).unwrap_or(u64::MAX),
        "quota": changing.throttle.quota(),
        "page_size": changing.page_size,
        "fail_every": disturbance.fail_every(),
        "changes_every": disturbance.changes_every(),
        "retry_after": disturbance.retry_after,
        "storm_seconds": disturbance.storm_left(now),
        "storm_retry_after": disturbance.storm_retry_after(),
        "secret_delay_ms": changing.secret_delay.map_or(0, |delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
        "gzip": disturbance.gzip,
    }))
}

/// Changes people, groups and memberships. Body: [`Changes`]; answers [`crate::Totals`], or 400 with `problem`.
async fn changes(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    let changes: Changes = match read(&body) {
        Ok(changes) => changes,
        Err(problem) => return *problem,
    };
    match tenant.change(&changes) {
        Ok(totals) => done(&json!(totals)),
        Err(problem) => refuse(&problem.to_string()),
    }
}

/// [`crate::Facts`] with the totals of now, the present scenario and the CA.
async fn facts(State(tenant): State<Arc<Tenant>>) -> Reply {
    let mut facts = json!(tenant.printed_facts());
    let totals = tenant.directory().totals();
    facts["users"] = json!(totals.users);
    facts["groups"] = json!(totals.groups);
    facts["memberships"] = json!(totals.memberships);
    facts["changes"] = json!(totals.changes);
    facts["scenario"] = json!(tenant.scenario());
    facts["ca"] = json!(tenant.ca_pem);
    done(&facts)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    accept: bool,
}

/// What Accept (or Cancel) on the consent page does. Body: `{"accept": true}`.
async fn consent(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    let answer: Consent = match read(&body) {
        Ok(answer) => answer,
        Err(problem) => return *problem,
    };
    if answer.accept {
        tenant.accept_consent();
    }
    let now = tenant.now();
    done(&json!({ "granted": tenant.changing().registration.roles(now) }))
}

/// The portal's **Upload certificate**. Body: the file itself, DER or PEM; answers what the portal shows of it, or 400
/// with `problem`.
async fn certificate(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    match tenant.upload(&body) {
        Ok(key) => done(&json!({
            "keyId": key.key_id,
            "thumbprint": key.certificate.thumbprint(),
            "startDateTime": key.start,
            "endDateTime": key.end,
        })),
        Err(problem) => refuse(&problem),
    }
}

/// The portal's **New client secret**. Body: [`NewSecret`]; answers what the portal shows once, or 400 with `problem`.
async fn new_secret(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    let wish: NewSecret = match read(&body) {
        Ok(wish) => wish,
        Err(problem) => return *problem,
    };
    match tenant.new_secret(&wish) {
        Ok(made) => done(&json!({
            "secretId": made.secret_id,
            "value": made.value,
            "endDateTime": made.ends,
        })),
        Err(problem) => refuse(&problem),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldSecret {
    secret_id: String,
}

/// The portal's **Delete** beside a client secret. Body: `{"secret_id": "…"}`; 400 with `problem` when there is none.
async fn remove_secret(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    let old: OldSecret = match read(&body) {
        Ok(old) => old,
        Err(problem) => return *problem,
    };
    if tenant.remove_secret(&old.secret_id) {
        done(&json!({ "removed": old.secret_id }))
    } else {
        refuse("The app has no client secret of this id.")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldCertificate {
    thumbprint: String,
}

/// The portal's **Delete** beside a certificate. Body: `{"thumbprint": "…"}`; 400 with `problem` when there is none.
async fn remove_certificate(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    let old: OldCertificate = match read(&body) {
        Ok(old) => old,
        Err(problem) => return *problem,
    };
    if tenant.remove_certificate(&old.thumbprint) {
        done(&json!({ "removed": old.thumbprint }))
    } else {
        refuse("The app has no certificate with this thumbprint.")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicClient {
    on: bool,
}

/// The portal's switch "Allow public client flows". Body: `{"on": true}`.
async fn public_client(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    let wanted: PublicClient = match read(&body) {
        Ok(wanted) => wanted,
        Err(problem) => return *problem,
    };
    tenant.changing().registration.public_client = Some(wanted.on);
    done(&json!({ "isFallbackPublicClient": wanted.on }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceCodeAnswer {
    user_code: String,
    #[serde(default)]
    decline: bool,
}

/// What Approve (or Decline) on the device page does. Body: `{"user_code": "…"}`, also with `"decline": true`.
/// 404 with `problem` when no code with these letters waits, 409 when the account cannot sign in.
async fn answer_device_code(State(tenant): State<Arc<Tenant>>, body: Bytes) -> Reply {
    let wanted: DeviceCodeAnswer = match read(&body) {
        Ok(wanted) => wanted,
        Err(problem) => return *problem,
    };
    let answer = if wanted.decline { sessions::Answer::Declined } else { sessions::Answer::Approved };
    match device_code::answer(&tenant, &wanted.user_code, answer) {
        Ok(()) => done(&json!({ "user_code": wanted.user_code, "approved": !wanted.decline })),
        Err(problem) => {
            Answer::json(problem.status(), &json!({ "problem": problem.sentence() })).into_response()
        }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Box<Reply>> {
    serde_json::from_slice(body).map_err(|problem| Box::new(refuse(&problem.to_string())))
}

fn done(body: &serde_json::Value) -> Reply {
    Answer::json(StatusCode::OK, body).header(axum::http::header::CACHE_CONTROL, "no-store").into_response()
}

fn refuse(problem: &str) -> Reply {
    Answer::json(StatusCode::BAD_REQUEST, &json!({ "problem": problem })).into_response()
}
