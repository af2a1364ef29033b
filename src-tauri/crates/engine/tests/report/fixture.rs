//! A saved connection on which every link is proven, and an engine that judges what was spoilt on it.

use std::{io::Write, path::Path, sync::Arc};

use engine::{
    Cloud, Endpoints, Gatehouse, Report, Setup,
    clock::Clock,
    connection::Connection,
    evidence::{Evidence, Fact},
    export::fingerprint,
    report::{Paper, Past, ReportOptions, of},
    vault::MemoryVault,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const TENANT_ID: &str = "11111111-1111-4111-8111-111111111111";
pub(crate) const CLIENT_ID: &str = "22222222-2222-4222-8222-222222222222";
pub(crate) const TRACE_ID: &str = "66666666-6666-4666-8666-666666666666";

/// The time of judgement.
pub(crate) fn now() -> Timestamp {
    "2026-11-20T14:27:00Z".parse().unwrap()
}

struct Still(Timestamp);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// An engine with a home of its own and a clock that stands still.
pub(crate) fn engine() -> (TempDir, Gatehouse) {
    let home = tempfile::tempdir().unwrap();
    let engine = engine_at(home.path(), now());
    (home, engine)
}

/// An engine in this folder at this time.
pub(crate) fn engine_at(folder: &Path, time: Timestamp) -> Gatehouse {
    Gatehouse::new(Setup {
        home: folder.join("data"),
        keychain: Arc::new(MemoryVault::default()),
        clock: Arc::new(Still(time)),
        user_agent: "test".to_owned(),
    })
}

/// Puts a connection where saved ones are.
pub(crate) fn save(engine: &Gatehouse, connection: &Connection) {
    std::fs::create_dir_all(engine.home()).unwrap();
    let file = json!({ "format": "gatehouse.connections/1", "connections": [connection] });
    let mut saved = std::fs::File::create(engine.home().join("connections.json")).unwrap();
    saved.write_all(file.to_string().as_bytes()).unwrap();
}

pub(crate) fn judged(connection: Connection) -> Report {
    engine().1.judge(connection).unwrap()
}

pub(crate) fn paper(connection: Connection) -> Paper {
    of(&judged(connection), &Past::default(), ReportOptions::default())
}

/// Least privilege in the global cloud, everything seen and proven; the secret ends in 180 days.
pub(crate) fn healthy() -> Connection {
    let connection = json!({
        "id": "contoso",
        "name": "Contoso – Print servers",
        "endpoints": serde_json::to_value(Endpoints::of(Cloud::Global)).unwrap(),
        "tenant": { "text": "contoso.com" },
        "client_id": CLIENT_ID,
        "credential": {
            "kept": "keychain", "entered_at": "2026-11-18T09:00:00Z", "ends_on": "2027-05-19",
            "shape": "usual", "hint": "AbC", "trimmed": false,
        },
        "profile": "least-privilege",
        "access": [{
            "group_id": "55555555-5555-4555-8555-555555555555", "group_name": "Administrators", "role": "administrator",
        }],
        "current_step": "write",
        "evidence": evidence(),
        "checked_at": now(),
        "saved_at": now(),
        "sequence": 1,
    });
    let mut connection: Connection = serde_json::from_value(connection).unwrap();
    connection.evidence.written = fact(seen(
        "computer",
        &json!({
            "written_at": now(), "folder": "gateway", "files": [], "settings": fingerprint(&connection),
            "unreadable": null,
        }),
    ));
    connection
}

/// The token endpoint refuses with this number, and says this.
pub(crate) fn token_refused(aadsts: u32, detail: &str) -> Connection {
    let mut connection = healthy();
    connection.evidence.token = fact(refused(&fault("token", 401, Some(aadsts), detail)));
    connection
}

/// The client secret has ended; later links were never tried.
pub(crate) fn secret_expired() -> Connection {
    let mut connection =
        token_refused(7_000_222, "AADSTS7000222: The provided client secret keys for app are expired.");
    connection.credential.as_mut().unwrap().ends_on = Some(jiff::civil::date(2026, 11, 19));
    let evidence = std::mem::take(&mut connection.evidence);
    connection.evidence = Evidence {
        authority: evidence.authority,
        graph: evidence.graph,
        tenant: evidence.tenant,
        token: evidence.token,
        ..Evidence::default()
    };
    connection
}

/// Graph forbids the directory, with these words.
pub(crate) fn directory_forbidden(detail: &str) -> Connection {
    let mut connection = healthy();
    let mut fault = fault("graph", 403, None, detail);
    fault["kind"] = json!("forbidden");
    fault["host"] = json!("graph.microsoft.com");
    fault["path"] = json!("/users");
    fault["graph_code"] = json!("Authorization_RequestDenied");
    connection.evidence.directory = fact(refused(&fault));
    connection.evidence.sync = None;
    connection
}

pub(crate) fn fault(operation: &str, status: u16, aadsts: Option<u32>, detail: &str) -> Value {
    json!({
        "kind": "refused",
        "host": "login.microsoftonline.com",
        "operation": operation,
        "path": null,
        "http_status": status,
        "oauth_error": "invalid_client",
        "aadsts": aadsts,
        "graph_code": null,
        "trace_id": TRACE_ID,
        "correlation_id": "88888888-8888-4888-8888-888888888888",
        "request_id": null,
        "timestamp": "2026-11-20 14:26:58Z",
        "retry_after": null,
        "detail": detail,
    })
}

pub(crate) fn refused(fault: &Value) -> Value {
    let source = if fault["operation"] == "graph" { "graph" } else { "token-endpoint" };
    json!({ "refused": { "fault": fault, "source": source, "at": now() } })
}

pub(crate) fn fact<T: serde::de::DeserializeOwned>(value: Value) -> Fact<T> {
    serde_json::from_value(value).unwrap()
}

pub(crate) fn seen(source: &str, value: &Value) -> Value {
    json!({ "seen": { "value": value, "source": source, "at": now(), "took_ms": 80 } })
}

fn evidence() -> Value {
    let roles = json!(["User.Read.All", "GroupMember.Read.All"]);
    let authority = "https://login.microsoftonline.com";
    let issued = now().as_second() - 300;
    let tally = |count: u64| json!({ "read": count, "counted": count });
    json!({
        "authority": seen("network", &json!({ "host": "login.microsoftonline.com", "clock_ahead_seconds": 1 })),
        "graph": seen("network", &json!({ "host": "graph.microsoft.com", "clock_ahead_seconds": 0 })),
        "tenant": seen("token-endpoint", &json!({
            "id": TENANT_ID, "issuer": format!("{authority}/{TENANT_ID}/v2.0"), "region_scope": "EU",
            "region_sub_scope": null, "cloud_instance": "microsoftonline.com", "graph_host": "graph.microsoft.com",
            "token_endpoint": format!("{authority}/{TENANT_ID}/oauth2/v2.0/token"),
        })),
        "token": seen("token", &json!({
            "claims": {
                "aud": "https://graph.microsoft.com", "iss": format!("https://sts.windows.net/{TENANT_ID}/"),
                "tid": TENANT_ID, "app_id": CLIENT_ID, "app_id_acr": "1", "roles": roles, "scp": null,
                "idtyp": "app", "oid": "44444444-4444-4444-8444-444444444444",
                "sub": "44444444-4444-4444-8444-444444444444", "iat": issued, "nbf": issued, "exp": issued + 3_900,
                "ver": "1.0", "app_displayname": "Contoso gateways", "wids": [],
            },
            "unreadable": null, "expires_in": 3_599, "request_id": TRACE_ID,
        })),
        "registration": seen("graph", &json!({
            "object_id": "33333333-3333-4333-8333-333333333333", "display_name": "Contoso gateways",
            "application": roles, "delegated": [], "is_fallback_public_client": false, "is_disabled": false,
            "secrets": [{
                "key_id": "77777777-7777-4777-8777-777777777777", "hint": "AbC", "ends": "2027-05-19T09:00:00Z",
            }],
        })),
        "principal": seen("graph", &json!({
            "object_id": "44444444-4444-4444-8444-444444444444", "account_enabled": true, "granted": roles,
            "newest_grant": "2026-11-18T09:30:00Z",
        })),
        "public_client": seen("token-endpoint", &json!({ "on": false })),
        "directory": seen("graph", &json!({
            "organization": "Contoso Ltd", "users": true, "groups": true, "members": true,
        })),
        "sync": {
            "complete": true, "cancelled": false, "started_at": now(), "finished_at": now(),
            "users": tally(1_200), "groups": tally(48), "memberships": tally(3_900), "groups_unread": 0,
            "hidden_groups": 0, "requests": 60, "throttled": 0, "resource_units": 64.0, "seconds": 7.5, "fault": null,
        },
        "written": "not-tried",
    })
}
