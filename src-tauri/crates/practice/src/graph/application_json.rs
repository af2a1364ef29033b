//! The registration, its service principal, Microsoft Graph's own and the assignments between them, as JSON
//! (facts: wire/graph-application.http, wire/graph-service-principal.http).

use serde_json::{Value, json};

use super::Call;
use crate::{
    permissions::{self, GRAPH_APP_ID},
    registration::{Grant, KeyCredential, Password, PermissionKind, Registration},
};

pub(super) fn application_json(call: &Call<'_>, registration: &Registration) -> Value {
    let facts = &call.tenant.facts;
    let access: Vec<Value> = registration
        .requested
        .iter()
        .map(|requested| {
            let kind = match requested.kind {
                PermissionKind::Role => "Role",
                PermissionKind::Scope => "Scope",
            };
            json!({ "id": requested.id, "type": kind })
        })
        .collect();
    let resources = if access.is_empty() {
        json!([])
    } else {
        json!([{ "resourceAppId": GRAPH_APP_ID, "resourceAccess": access }])
    };
    json!({
        "id": facts.app_object_id,
        "appId": facts.client_id,
        "displayName": facts.app_name,
        "signInAudience": "AzureADMyOrg",
        "createdDateTime": "2024-03-01T08:00:00Z",
        "publisherDomain": facts.domain,
        "isFallbackPublicClient": registration.public_client,
        "isDisabled": null,
        "publicClient": { "redirectUris": [] },
        "web": { "redirectUris": [] },
        "spa": { "redirectUris": [] },
        "requiredResourceAccess": resources,
        "passwordCredentials": registration.passwords.iter().map(password_json).collect::<Vec<_>>(),
        "keyCredentials": registration.keys.iter().map(key_json).collect::<Vec<_>>(),
    })
}

fn key_json(key: &KeyCredential) -> Value {
    json!({
        "customKeyIdentifier": key.certificate.custom_key_identifier(),
        "displayName": key.certificate.subject,
        "endDateTime": key.end,
        "key": null,
        "keyId": key.key_id,
        "startDateTime": key.start,
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    })
}

pub(super) fn password_json(password: &Password) -> Value {
    json!({
        "customKeyIdentifier": null,
        "displayName": password.display_name,
        "endDateTime": password.end,
        "hint": password.value.get(..3),
        "keyId": password.key_id,
        "secretText": null,
        "startDateTime": password.start,
    })
}

pub(super) fn own_principal(call: &Call<'_>) -> Value {
    let keys = match call.tenant.plays().symmetric_key {
        Some(_) => json!([symmetric_key_json(call)]),
        None => json!([]),
    };
    json!({
        "id": call.tenant.ids.service_principal,
        "appId": call.tenant.facts.client_id,
        "displayName": call.tenant.facts.app_name,
        "appDisplayName": call.tenant.facts.app_name,
        "appOwnerOrganizationId": call.tenant.facts.tenant_id,
        "accountEnabled": true,
        "appRoleAssignmentRequired": false,
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMyOrg",
        "appRoles": [],
        "passwordCredentials": [],
        "keyCredentials": keys,
    })
}

/// A signing key that single sign-on with SAML leaves behind.
fn symmetric_key_json(call: &Call<'_>) -> Value {
    json!({
        "customKeyIdentifier": null,
        "displayName": "CN=Microsoft Azure Federated SSO Certificate",
        "endDateTime": "2039-03-01T08:00:00Z",
        "key": null,
        "keyId": call.tenant.ids.symmetric_key,
        "startDateTime": "2024-03-01T08:00:00Z",
        "type": "Symmetric",
        "usage": "Sign",
    })
}

pub(super) fn graph_principal(call: &Call<'_>) -> Value {
    let wanted = call.query.select.as_deref().is_none_or(|names| names.iter().any(|name| name == "appRoles"));
    let roles: Vec<Value> = if wanted {
        permissions::all_roles()
            .map(|(name, id)| json!({ "id": id, "value": name, "isEnabled": true, "allowedMemberTypes": ["Application"] }))
            .collect()
    } else {
        Vec::new()
    };
    json!({
        "id": call.tenant.ids.graph_service_principal,
        "appId": GRAPH_APP_ID,
        "displayName": "Microsoft Graph",
        "appDisplayName": "Microsoft Graph",
        "accountEnabled": true,
        "appRoleAssignmentRequired": false,
        "servicePrincipalType": "Application",
        "appRoles": roles,
    })
}

pub(super) fn assignment_json(call: &Call<'_>, grant: &Grant) -> Value {
    let ids = call.tenant.ids;
    json!({
        "id": format!("{}-{}", ids.service_principal.simple(), grant.role.simple()),
        "deletedDateTime": null,
        "appRoleId": grant.role,
        "createdDateTime": grant.created,
        "principalDisplayName": call.tenant.facts.app_name,
        "principalId": ids.service_principal,
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": ids.graph_service_principal,
    })
}
