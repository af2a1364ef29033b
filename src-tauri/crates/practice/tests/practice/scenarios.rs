use practice::{Options, Scenario};
use rcgen::PKCS_RSA_SHA256;
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    observed::{difference, observe},
    support::{Identity, Room, json_of, room_with},
};

/// What differs from a healthy tenant in each scenario, in the order of the steps.
const DIFFERENCES: &[(&str, &str)] = &[
    ("port-blocked", "discovery: refused"),
    ("proxy-required", "proxy: 407"),
    ("proxy-refused", "proxy: 403"),
    ("tls-intercepted", "discovery: UnknownIssuer"),
    ("tls-name-mismatch", "discovery: NotValidForName"),
    ("tls-certificate-expired", "discovery: Expired"),
    ("tls-too-old", "discovery: ProtocolVersion"),
    (
        "clock-skewed",
        "clock: 10 minutes ahead; claims: from 5 minutes in the future, roles GroupMember.Read.All User.Read.All",
    ),
    (
        "answer-unreadable",
        "discovery: 200 HTML; certificate: 200 HTML; probe: 200 HTML; password: 200 HTML; token: 200 HTML",
    ),
    ("unexpected-redirect", "discovery: 302; certificate: 302; probe: 302; password: 302; token: 302"),
    ("service-unavailable", "discovery: 503; certificate: 503; probe: 503; password: 503; token: 503"),
    (
        "tenant-unknown",
        "discovery: 400 invalid_tenant 90002; certificate: 400 invalid_request 90002; probe: 400 invalid_request 90002; password: 400 invalid_request 90002; token: 400 invalid_request 90002",
    ),
    (
        "wrong-cloud",
        "discovery: 400 invalid_tenant 90038; certificate: 400 invalid_request 90038; probe: 400 invalid_request 90038; password: 400 invalid_request 90038; token: 400 invalid_request 90038",
    ),
    (
        "tenant-mismatch",
        "claims: other tid, other iss, roles GroupMember.Read.All User.Read.All; users: 401 InvalidAuthenticationToken; groups: 401 InvalidAuthenticationToken; members: 401 InvalidAuthenticationToken; registration: 401 InvalidAuthenticationToken; assignments: 401 InvalidAuthenticationToken; changes: 401 InvalidAuthenticationToken",
    ),
    (
        "app-unknown",
        "certificate: 400 unauthorized_client 700016; probe: 400 unauthorized_client 700016; password: 400 unauthorized_client 700016; token: 400 unauthorized_client 700016",
    ),
    (
        "service-principal-missing",
        "certificate: 401 invalid_client 7000229; probe: 401 invalid_client 7000229; password: 401 invalid_client 7000229; token: 401 invalid_client 7000229",
    ),
    (
        "app-disabled",
        "certificate: 400 unauthorized_client 7000112; probe: 400 unauthorized_client 7000112; password: 400 unauthorized_client 7000112; token: 400 unauthorized_client 7000112",
    ),
    (
        "object-id-pasted",
        "certificate: 400 unauthorized_client 700016; probe: 400 unauthorized_client 700016; password: 400 unauthorized_client 700016; token: 400 unauthorized_client 700016",
    ),
    (
        "public-client-off",
        "claims: roles Directory.Read.All GroupMember.Read.All User.Read.All; registration: readable, secret for 335 days; assignments: 3 read",
    ),
    ("public-client-needless", "probe: 400 bad_verification_code 70000"),
    ("secret-wrong", "password: 401 invalid_client 7000215; token: 401 invalid_client 7000215"),
    ("secret-id-pasted", "password: 401 invalid_client 7000215; token: 401 invalid_client 7000215"),
    ("secret-expired", "password: 401 invalid_client 7000222; token: 401 invalid_client 7000222"),
    (
        "secret-ending",
        "claims: roles Application.Read.All GroupMember.Read.All User.Read.All; registration: readable, secret for 12 days; assignments: 3 read",
    ),
    ("secret-mangled", "password: 401 invalid_client 7000215; token: 401 invalid_client 7000215"),
    ("secret-not-yet", "password: 401 invalid_client 7000215; token: 401 invalid_client 7000215"),
    (
        "credential-refused",
        "certificate: 401 invalid_client 7009998; password: 401 invalid_client 7009998; token: 401 invalid_client 7009998",
    ),
    (
        "credential-forbidden-by-policy",
        "claims: roles Application.ReadWrite.All GroupMember.Read.All User.Read.All; registration: readable, secret for 335 days; assignments: 3 read",
    ),
    ("certificate-unknown", "certificate: 401 invalid_client 700027"),
    ("certificate-expired", "certificate: 401 invalid_client 700027"),
    ("certificate-signature", "certificate: 401 invalid_client 700027"),
    (
        "public-client-breaks-certificate",
        "certificate: 401 invalid_client 700025; probe: 400 bad_verification_code 70000; token: 401 invalid_client 700025",
    ),
    ("password-wrong", "probe: 400 bad_verification_code 70000; password: 400 invalid_grant 50126"),
    ("password-expired", "probe: 400 bad_verification_code 70000; password: 400 user_password_expired 50055"),
    ("account-disabled", "probe: 400 bad_verification_code 70000; password: 400 invalid_grant 50057"),
    ("account-locked", "probe: 400 bad_verification_code 70000; password: 400 invalid_grant 50053"),
    ("mfa-required", "probe: 400 bad_verification_code 70000; password: 400 invalid_grant 50076"),
    ("session-revoked", "probe: 400 bad_verification_code 70000; password: 200 then 400 invalid_grant 50173"),
    ("federated-account", "probe: 400 bad_verification_code 70000; password: 400 invalid_grant 50126"),
    ("guest-account", "probe: 400 bad_verification_code 70000; password: 400 invalid_grant 50020"),
    ("token-delegated", "claims: idtyp user, roles , scp User.Read.All GroupMember.Read.All"),
    (
        "wrong-audience",
        "claims: aud \"https://graph.windows.net\", roles GroupMember.Read.All User.Read.All; users: 401 InvalidAuthenticationToken; groups: 401 InvalidAuthenticationToken; members: 401 InvalidAuthenticationToken; registration: 401 InvalidAuthenticationToken; assignments: 401 InvalidAuthenticationToken; changes: 401 InvalidAuthenticationToken",
    ),
    (
        "wrong-issuer",
        "claims: other iss, roles GroupMember.Read.All User.Read.All; users: 401 InvalidAuthenticationToken; groups: 401 InvalidAuthenticationToken; members: 401 InvalidAuthenticationToken; registration: 401 InvalidAuthenticationToken; assignments: 401 InvalidAuthenticationToken; changes: 401 InvalidAuthenticationToken",
    ),
    (
        "token-expired",
        "claims: ended, 125 minutes old, roles GroupMember.Read.All User.Read.All; users: 401 InvalidAuthenticationToken; groups: 401 InvalidAuthenticationToken; members: 401 InvalidAuthenticationToken; registration: 401 InvalidAuthenticationToken; assignments: 401 InvalidAuthenticationToken; changes: 401 InvalidAuthenticationToken",
    ),
    ("token-unreadable", "claims: no JWT"),
    (
        "symmetric-signing-key",
        "password: 400 invalid_request 50000; claims: roles Application.Read.All GroupMember.Read.All User.Read.All; registration: readable, secret for 335 days; assignments: 3 read",
    ),
    ("conditional-access-blocked", "certificate: 400 invalid_grant 53003; token: 400 invalid_grant 53003"),
    ("resource-unknown", "certificate: 400 invalid_resource 500011; token: 400 invalid_resource 500011"),
    (
        "resource-without-delegated-permission",
        "probe: 400 bad_verification_code 70000; password: 400 invalid_request 50000; claims: roles Application.Read.All GroupMember.Read.All User.Read.All; registration: readable, secret for 335 days; assignments: 3 read",
    ),
    (
        "token-endpoint-throttled",
        "certificate: 429 retry after 60; probe: 429 retry after 60; password: 429 retry after 60; token: 429 retry after 60",
    ),
    ("error-unknown", "certificate: 400 invalid_request 9999999; token: 400 invalid_request 9999999"),
    (
        "delegated-only",
        "claims: roles ; users: 403 Authorization_RequestDenied; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied; changes: 403 Authorization_RequestDenied",
    ),
    (
        "permission-delegated-type",
        "claims: roles Application.Read.All; users: 403 Authorization_RequestDenied; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied; registration: readable, secret for 335 days; assignments: 1 read; changes: 403 Authorization_RequestDenied",
    ),
    (
        "consent-missing",
        "claims: roles ; users: 403 Authorization_RequestDenied; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied; changes: 403 Authorization_RequestDenied",
    ),
    (
        "consent-partial",
        "claims: roles User.Read.All; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied",
    ),
    (
        "consent-on-registration-only",
        "claims: roles Application.Read.All; users: 403 Authorization_RequestDenied; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied; registration: readable, secret for 335 days; assignments: 1 read; changes: 403 Authorization_RequestDenied",
    ),
    (
        "consent-slow",
        "claims: roles ; users: 403 Authorization_RequestDenied; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied; changes: 403 Authorization_RequestDenied",
    ),
    (
        "token-older-than-consent",
        "claims: 35 minutes old, roles Application.Read.All; users: 403 Authorization_RequestDenied; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied; registration: readable, secret for 335 days; assignments: 3 read; changes: 403 Authorization_RequestDenied",
    ),
    (
        "permission-excessive",
        "claims: roles Directory.ReadWrite.All GroupMember.Read.All User.Read.All; registration: readable, secret for 335 days; assignments: 3 read",
    ),
    (
        "consent-callback-refused",
        "claims: roles ; users: 403 Authorization_RequestDenied; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied; changes: 403 Authorization_RequestDenied",
    ),
    (
        "user-consent-disabled",
        "claims: roles ; users: 403 Authorization_RequestDenied; groups: 403 Authorization_RequestDenied; members: 403 Authorization_RequestDenied; changes: 403 Authorization_RequestDenied",
    ),
    ("directory-forbidden", "members: 403 Authorization_RequestDenied"),
    (
        "identity-not-found",
        "users: 403 Authorization_IdentityNotFound; groups: 403 Authorization_IdentityNotFound; members: 403 Authorization_IdentityNotFound; registration: 403 Authorization_IdentityNotFound; assignments: 403 Authorization_IdentityNotFound; changes: 403 Authorization_IdentityNotFound",
    ),
    (
        "throttled",
        "users: 429 TooManyRequests retry after 600; groups: 429 TooManyRequests retry after 600; members: 429 TooManyRequests retry after 600; registration: 429 TooManyRequests retry after 600; assignments: 429 TooManyRequests retry after 600; changes: 429 TooManyRequests retry after 600",
    ),
    ("hidden-membership", "groups: one with HiddenMembership; members: of one group none"),
    ("partial-read", "users: 100 read, then 500 InternalServerError"),
    (
        "page-expired",
        "users: 100 read, then 400 Directory_ExpiredPageToken; members: 100 read, then 400 Directory_ExpiredPageToken",
    ),
    ("delta-expired", "changes: 410 syncStateNotFound"),
    (
        "directory-answer-unreadable",
        "users: 200 HTML; groups: 200 HTML; members: 200 HTML; registration: 200 HTML; assignments: 200 HTML; changes: 200 HTML",
    ),
    (
        "directory-unexpected-redirect",
        "users: 302; groups: 302; members: 302; registration: 302; assignments: 302; changes: 302",
    ),
    (
        "directory-service-unavailable",
        "users: 503 serviceNotAvailable; groups: 503 serviceNotAvailable; members: 503 serviceNotAvailable; registration: 503 serviceNotAvailable; assignments: 503 serviceNotAvailable; changes: 503 serviceNotAvailable",
    ),
];

#[tokio::test]
async fn network_scenarios_show_what_they_say() {
    play("network").await;
}

#[tokio::test]
async fn tenant_and_app_scenarios_show_what_they_say() {
    play("tenant app").await;
}

#[tokio::test]
async fn credential_scenarios_show_what_they_say() {
    play("credential").await;
}

#[tokio::test]
async fn token_scenarios_show_what_they_say() {
    play("token").await;
}

#[tokio::test]
async fn consent_scenarios_show_what_they_say() {
    play("consent").await;
}

#[tokio::test]
async fn directory_scenarios_show_what_they_say() {
    play("directory").await;
}

#[test]
fn every_scenario_is_in_the_table_of_differences() {
    let all: Vec<&str> = Scenario::ALL.iter().skip(1).map(|scenario| scenario.id()).collect();
    let told: Vec<&str> = DIFFERENCES.iter().map(|(id, _)| *id).collect();
    assert_eq!(told, all);
}

/// Starts each scenario of some links, compares, and goes back to healthy by the knob.
async fn play(links: &str) {
    let identity = Identity::new(&PKCS_RSA_SHA256);
    let healthy = observe(&started(Scenario::Healthy, &identity).await, &identity).await;
    let mut wrong = Vec::new();
    for scenario in
        Scenario::ALL.iter().filter(|scenario| links.split(' ').any(|link| link == scenario.link()))
    {
        let room = started(*scenario, &identity).await;
        let seen = difference(&healthy, &observe(&room, &identity).await);
        let told = DIFFERENCES.iter().find(|(id, _)| *id == scenario.id()).map_or("", |(_, told)| *told);
        if seen != told {
            wrong.push(format!("    (\"{scenario}\", \"{}\"),", seen.replace('"', "\\\"")));
        }
        let knobs = format!("{}/practice/knobs", room.practice.facts().graph);
        let back = json!({ "scenario": "healthy" }).to_string();
        json_of(room.http.put(knobs).body(back).send().await.unwrap(), StatusCode::OK).await;
        let after = difference(&healthy, &observe(&room, &identity).await);
        assert_eq!(after, "", "{scenario}, back to healthy");
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

async fn started(scenario: Scenario, identity: &Identity) -> Room {
    let certificate = Some(identity.pem.clone().into_bytes());
    room_with(Options { scenario, certificate, ..Options::default() }).await
}
