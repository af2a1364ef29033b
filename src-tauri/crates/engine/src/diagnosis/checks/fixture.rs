//! A connection on which every link is proven, and ways to spoil it.

use entra::{Claims, Cloud, Endpoints, Fault, FaultKind, NetworkPath, Operation, Stage, Stop, Tenant};
use jiff::{Timestamp, civil::date};
use serde_json::json;

use crate::{
    connection::{
        AccessRule, CertificateLook, Connection, Credential, CredentialLook, Kept, SecretLook, SecretShape,
        Slot, TenantEntry,
    },
    diagnosis::{Case, Chain, Check, Finding, Outcome},
    evidence::{
        DirectorySample, Evidence, Fact, HostAnswer, NetworkSeen, Principal, PublicClient, Refused,
        Registration, SecretSeen, Seen, Source, SyncRecord, Tally, TokenRead, WrittenConfig, WrittenFile,
    },
    export,
    journey::Step,
    profile,
};

pub(in crate::diagnosis) const TENANT_ID: &str = "11111111-1111-4111-8111-111111111111";
pub(in crate::diagnosis) const CLIENT_ID: &str = "22222222-2222-4222-8222-222222222222";
pub(in crate::diagnosis) const APPLICATION_OBJECT_ID: &str = "33333333-3333-4333-8333-333333333333";
pub(in crate::diagnosis) const PRINCIPAL_OBJECT_ID: &str = "44444444-4444-4444-8444-444444444444";

/// The time of judgement; the healthy evidence was gathered just then.
pub(crate) fn now() -> Timestamp {
    "2026-11-20T14:27:00Z".parse().unwrap()
}

/// Least privilege in the global cloud, everything seen and proven, the secret ends in 180 days.
pub(crate) fn healthy() -> Connection {
    let mut connection = Connection {
        id: "contoso".to_owned(),
        name: "Contoso".to_owned(),
        practice: false,
        endpoints: Endpoints::of(Cloud::Global),
        ca_file: None,
        tenant: Some(TenantEntry { text: "contoso.com".to_owned() }),
        client_id: Some(CLIENT_ID.to_owned()),
        credential: Some(Credential {
            kept: Kept::Keychain,
            slot: Slot::First,
            entered_at: "2026-11-18T09:00:00Z".parse().unwrap(),
            ends_on: Some(date(2027, 5, 19)),
            look: CredentialLook::Secret(SecretLook {
                shape: SecretShape::Usual,
                hint: Some("AbC".to_owned()),
                trimmed: false,
            }),
        }),
        profile: "least-privilege".to_owned(),
        custom_permissions: Vec::new(),
        access: vec![AccessRule {
            group_id: "55555555-5555-4555-8555-555555555555".to_owned(),
            group_name: "Gateway administrators".to_owned(),
            role: "administrator".to_owned(),
        }],
        current_step: Step::Write,
        evidence: evidence(),
        checked_at: Some(now()),
        saved_at: now(),
        sequence: 1,
        sync_standing: crate::sync::Standing::default(),
        rotation: None,
        last_rotation: None,
    };
    connection.evidence.written = seen(
        WrittenConfig {
            written_at: now(),
            folder: "gateway".to_owned(),
            files: vec![WrittenFile {
                name: "gateway.json".to_owned(),
                bytes: 812,
                sha256: "0".repeat(64),
                holds_secret: false,
            }],
            settings: export::fingerprint(&connection),
            unreadable: None,
        },
        Source::Computer,
    );
    connection
}

/// The same entries, and nothing tried: no credential either.
pub(in crate::diagnosis) fn untried() -> Connection {
    Connection { evidence: Evidence::default(), credential: None, ..healthy() }
}

/// A check's outcome at [`now`].
pub(in crate::diagnosis) fn judge(connection: &Connection, check: &Check) -> Outcome {
    let profile = profile::shipped_profile(&connection.profile).unwrap();
    (check.run)(&Case::of(connection, &profile, now()))
}

/// What a check finds at [`now`], in words without a placeholder left open; none when it finds nothing.
pub(in crate::diagnosis) fn finding(connection: &Connection, check: &Check) -> Option<Finding> {
    let Outcome::Problem(problem) = judge(connection, check) else { return None };
    let profile = profile::shipped_profile(&connection.profile).unwrap();
    let case = Case::of(connection, &profile, now());
    let finding = Finding::of(check, *problem, &case);
    let texts = [&finding.title, &finding.meaning].into_iter().chain(&finding.fix);
    for text in texts {
        assert!(!text.contains('{'), "a placeholder was left open: {text}");
    }
    Some(finding)
}

/// A fault of this kind, as the global cloud's hosts would give it.
pub(in crate::diagnosis) fn refusal(kind: FaultKind, operation: Operation) -> Fault {
    let graph = operation == Operation::Graph;
    serde_json::from_value(json!({
        "kind": kind,
        "host": if graph { "graph.microsoft.com" } else { "login.microsoftonline.com" },
        "operation": operation,
        "path": null,
        "http_status": null,
        "oauth_error": null,
        "aadsts": null,
        "graph_code": null,
        "trace_id": null,
        "correlation_id": null,
        "request_id": "66666666-6666-4666-8666-666666666666",
        "timestamp": null,
        "retry_after": null,
        "detail": "The service’s own words.",
    }))
    .unwrap()
}

/// Evidence that is a refusal of this kind, at [`now`].
pub(in crate::diagnosis) fn refused<T>(kind: FaultKind, operation: Operation) -> Fact<T> {
    refused_with(refusal(kind, operation))
}

/// Evidence that is this refusal, at [`now`].
pub(in crate::diagnosis) fn refused_with<T>(fault: Fault) -> Fact<T> {
    let source = match fault.operation {
        Operation::Graph => Source::Graph,
        _ => Source::TokenEndpoint,
    };
    Fact::Refused(Refused { fault, source, at: now() })
}

/// Makes the token endpoint refuse with this number.
pub(in crate::diagnosis) fn token_refused(connection: &mut Connection, aadsts: u32, oauth_error: &str) {
    let mut fault = refusal(FaultKind::Refused, Operation::Token);
    fault.http_status = Some(if oauth_error == "invalid_client" { 401 } else { 400 });
    fault.aadsts = Some(aadsts);
    fault.oauth_error = Some(oauth_error.to_owned());
    connection.evidence.token = refused_with(fault);
}

/// Makes the token endpoint refuse the sign-in account with this number.
pub(in crate::diagnosis) fn account_refused(connection: &mut Connection, aadsts: u32) {
    let mut fault = refusal(FaultKind::Refused, Operation::Token);
    (fault.aadsts, fault.oauth_error) = (Some(aadsts), Some("invalid_grant".to_owned()));
    connection.evidence.account = refused_with(fault);
}

/// Puts these words beside the token endpoint's refusal.
pub(in crate::diagnosis) fn service_says(connection: &mut Connection, words: &str) {
    match &mut connection.evidence.token {
        Fact::Refused(refused) => words.clone_into(&mut refused.fault.detail),
        _ => panic!("nothing was refused"),
    }
}

/// A host that answered.
pub(in crate::diagnosis) fn host_answer(host: &str, clock_ahead_seconds: Option<i64>) -> Fact<HostAnswer> {
    seen(HostAnswer { host: host.to_owned(), clock_ahead_seconds }, Source::Network)
}

/// The way to a host of the global cloud, gone to its end without a proxy.
pub(in crate::diagnosis) fn way(host: &str) -> NetworkPath {
    serde_json::from_value(json!({
        "host": host,
        "port": 443,
        "proxy": null,
        "names": [host, "tm.example"],
        "addresses": ["192.0.2.10", "192.0.2.11"],
        "name_servers": ["192.0.2.53"],
        "connected_to": "192.0.2.10",
        "resolve_ms": 12,
        "connect_ms": 20,
        "tunnel_ms": null,
        "tls_ms": 41,
        "tls": {
            "version": "TLS 1.3",
            "issuer": "DigiCert TLS CA1, DigiCert Inc",
            "issuers_above": ["DigiCert Global Root G2, DigiCert Inc"],
            "subject": host,
            "names": [host],
            "not_before": "2026-08-01T00:00:00Z",
            "not_after": "2027-02-01T00:00:00Z",
            "trusted": true,
            "key_sha256": "0".repeat(64),
        },
        "stopped_at": null,
    }))
    .unwrap()
}

/// Ends the way at this stage, and forgets what comes after it.
pub(in crate::diagnosis) fn stopped(
    mut path: NetworkPath,
    stage: Stage,
    kind: FaultKind,
    detail: &str,
) -> NetworkPath {
    if stage == Stage::Resolve {
        path.addresses.clear();
    }
    if stage < Stage::Tunnel {
        (path.connected_to, path.tls_ms, path.tls) = (None, None, None);
    }
    path.stopped_at = Some(Stop { stage, kind, detail: detail.to_owned() });
    path
}

/// The claims of the newest token.
pub(in crate::diagnosis) fn claims(connection: &mut Connection) -> &mut Claims {
    match &mut connection.evidence.token {
        Fact::Seen(seen) => seen.value.claims.as_mut().unwrap(),
        _ => panic!("there is no token"),
    }
}

/// The particulars of the connection's client secret.
pub(in crate::diagnosis) fn secret(connection: &mut Connection) -> &mut SecretLook {
    match &mut connection.credential.as_mut().unwrap().look {
        CredentialLook::Secret(secret) => secret,
        CredentialLook::Certificate { .. } => panic!("the credential is a certificate"),
    }
}

/// Gives the connection a certificate in place of its secret, valid for 180 days more.
pub(crate) fn with_certificate(connection: &mut Connection) -> &mut CertificateLook {
    let credential = connection.credential.as_mut().unwrap();
    credential.look = CredentialLook::Certificate {
        certificate: CertificateLook {
            thumbprint: "6A0B7C7D0E1F2A3B4C5D6E7F8091A2B3C4D5E6F7".to_owned(),
            sha256: "0".repeat(64),
            subject: "CN=contoso-gateways".to_owned(),
            starts: "2026-05-19T09:00:00Z".parse().unwrap(),
            ends: "2027-05-19T09:00:00Z".parse().unwrap(),
            held: None,
        },
    };
    match &mut credential.look {
        CredentialLook::Certificate { certificate } => certificate,
        CredentialLook::Secret(_) => unreachable!(),
    }
}

/// Evidence that was seen at [`now`].
pub(in crate::diagnosis) fn seen<T>(value: T, source: Source) -> Fact<T> {
    Fact::Seen(Seen { value, source, at: now(), took_ms: 80 })
}

fn evidence() -> Evidence {
    Evidence {
        authority: host_answer("login.microsoftonline.com", Some(1)),
        graph: host_answer("graph.microsoft.com", Some(0)),
        network: NetworkSeen::default(),
        tenant: seen(tenant(), Source::TokenEndpoint),
        other_clouds: Vec::new(),
        token: seen(token(), Source::Token),
        consent_watch: None,
        registration: seen(registration(), Source::Graph),
        principal: seen(principal(), Source::Graph),
        public_client: seen(PublicClient { on: false }, Source::TokenEndpoint),
        account: Fact::NotTried,
        account_realm: None,
        consent_answer: None,
        directory: seen(
            DirectorySample {
                organization: Some("Contoso".to_owned()),
                users: true,
                groups: true,
                members: Some(true),
            },
            Source::Graph,
        ),
        sync: Some(sync()),
        written: Fact::NotTried,
    }
}

fn tenant() -> Tenant {
    Tenant {
        id: TENANT_ID.parse().unwrap(),
        issuer: format!("https://login.microsoftonline.com/{TENANT_ID}/v2.0"),
        region_scope: Some("EU".to_owned()),
        region_sub_scope: None,
        cloud_instance: Some("microsoftonline.com".to_owned()),
        graph_host: Some("graph.microsoft.com".to_owned()),
        token_endpoint: format!("https://login.microsoftonline.com/{TENANT_ID}/oauth2/v2.0/token")
            .parse()
            .unwrap(),
    }
}

fn token() -> TokenRead {
    let issued = now().as_second() - 300;
    TokenRead {
        claims: Some(Claims {
            aud: "https://graph.microsoft.com".to_owned(),
            iss: format!("https://sts.windows.net/{TENANT_ID}/"),
            tid: Some(TENANT_ID.to_owned()),
            app_id: Some(CLIENT_ID.to_owned()),
            app_id_acr: Some("1".to_owned()),
            roles: required_roles(),
            scp: None,
            idtyp: Some("app".to_owned()),
            oid: Some(PRINCIPAL_OBJECT_ID.to_owned()),
            sub: Some(PRINCIPAL_OBJECT_ID.to_owned()),
            iat: Some(issued),
            nbf: Some(issued),
            exp: Some(issued + 3_900),
            ver: Some("1.0".to_owned()),
            app_displayname: Some("Contoso gateways".to_owned()),
            wids: Vec::new(),
        }),
        unreadable: None,
        expires_in: 3_599,
        request_id: Some("66666666-6666-4666-8666-666666666666".to_owned()),
    }
}

fn registration() -> Registration {
    Registration {
        object_id: APPLICATION_OBJECT_ID.to_owned(),
        display_name: Some("Contoso gateways".to_owned()),
        application: required_roles(),
        delegated: Vec::new(),
        is_fallback_public_client: Some(false),
        is_disabled: Some(false),
        secrets: vec![SecretSeen {
            key_id: "77777777-7777-4777-8777-777777777777".to_owned(),
            hint: Some("AbC".to_owned()),
            ends: Some("2027-05-19T09:00:00Z".parse().unwrap()),
        }],
        certificates: Vec::new(),
        symmetric_signing_keys: 0,
        leads_back_to_localhost: false,
    }
}

fn principal() -> Principal {
    Principal {
        object_id: PRINCIPAL_OBJECT_ID.to_owned(),
        account_enabled: Some(true),
        granted: required_roles(),
        newest_grant: Some("2026-11-18T09:30:00Z".parse().unwrap()),
        symmetric_signing_keys: 0,
    }
}

fn sync() -> SyncRecord {
    let tally = |count| Tally { read: count, counted: Some(count) };
    SyncRecord {
        complete: true,
        cancelled: false,
        started_at: now(),
        finished_at: now(),
        users: tally(1_200),
        groups: tally(48),
        memberships: Tally { read: 3_900, counted: None },
        groups_unread: 0,
        hidden_groups: 0,
        requests: 60,
        answered: 60,
        throttled: 0,
        resource_units: 64.0,
        seconds: 7.5,
        fault: None,
        stopped: false,
        mode: crate::evidence::SyncMode::Full,
        asked: crate::evidence::SyncMode::Full,
        full_because: None,
        resumed: false,
        changes: None,
        held: None,
    }
}

fn required_roles() -> Vec<String> {
    vec!["User.Read.All".to_owned(), "GroupMember.Read.All".to_owned()]
}

/// It found nothing, or there was nothing to look at.
pub(in crate::diagnosis) fn passes(connection: &Connection, check: &Check) -> bool {
    matches!(judge(connection, check), Outcome::Pass | Outcome::Skipped)
}

pub(in crate::diagnosis) fn chain(connection: &Connection) -> Chain {
    crate::diagnosis::judge(&Case::of(
        connection,
        &profile::shipped_profile(&connection.profile).unwrap(),
        now(),
    ))
}
