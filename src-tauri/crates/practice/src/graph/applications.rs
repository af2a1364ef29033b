//! `/applications` and `/servicePrincipals`: the one app of the tenant, and Microsoft Graph's own principal.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Call, Outcome,
    application_json::{application_json, assignment_json, graph_principal, own_principal, password_json},
    auth::Access,
    directory::project,
    errors::GraphError,
    unquoted,
};
use crate::{
    permissions::{self, GRAPH_APP_ID},
    registration::{Password, PermissionKind, Requested, secret_value},
    scenario::Credential,
};

/// Years that a secret lives when its maker does not say.
const SECRET_DAYS: i64 = 730;

/// `GET /applications`, also with `$filter=appId eq '…'`
pub(super) fn applications(call: &Call<'_>) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Applications)?;
    let own = application_json(call, &call.tenant.changing().registration);
    list(call, "applications", vec![own])
}

/// `GET /applications/{id}` and `/applications(appId='…')`
pub(super) fn application(call: &Call<'_>, key: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Applications)?;
    find_application(call, key)?;
    let own = application_json(call, &call.tenant.changing().registration);
    Ok(single(call, "applications", own))
}

/// `GET /servicePrincipals`, also with `$filter=appId eq '…'`
pub(super) fn service_principals(call: &Call<'_>) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Applications)?;
    list(call, "servicePrincipals", vec![own_principal(call), graph_principal(call)])
}

/// `GET /servicePrincipals/{id}` and `/servicePrincipals(appId='…')`
pub(super) fn service_principal(call: &Call<'_>, key: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Applications)?;
    let body = match find_principal(call, key)? {
        Principal::Own => own_principal(call),
        Principal::Graph => graph_principal(call),
    };
    Ok(single(call, "servicePrincipals", body))
}

/// `GET /servicePrincipals/{id}/appRoleAssignments`: what has arrived
pub(super) fn assignments(call: &Call<'_>, key: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Applications)?;
    let value: Vec<Value> = match find_principal(call, key)? {
        Principal::Graph => Vec::new(),
        Principal::Own => {
            let changing = call.tenant.changing();
            changing.registration.arrived(call.now).map(|grant| assignment_json(call, grant)).collect()
        }
    };
    let context = format!(
        "{}/$metadata#servicePrincipals('{}')/appRoleAssignments",
        call.base, call.tenant.ids.service_principal
    );
    Ok(Outcome::Json(json!({ "@odata.context": context, "value": value }).to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewAssignment {
    principal_id: Uuid,
    resource_id: Uuid,
    app_role_id: Uuid,
}

/// `POST /servicePrincipals/{id}/appRoleAssignments` and `…/appRoleAssignedTo`
pub(super) fn assign(call: &Call<'_>, key: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::GrantRoles)?;
    find_principal(call, key)?;
    let wanted: NewAssignment = body(call)?;
    let ids = call.tenant.ids;
    if wanted.principal_id != ids.service_principal || wanted.resource_id != ids.graph_service_principal {
        return Err(GraphError::NotFound(wanted.principal_id.to_string()));
    }
    if permissions::role_name(wanted.app_role_id).is_none() {
        return Err(GraphError::bad_request("Permission being assigned was not found on application"));
    }
    let grant =
        call.tenant.changing().registration.grant(wanted.app_role_id, call.now).ok_or_else(|| {
            GraphError::bad_request("Permission being assigned already exists on the object")
        })?;
    Ok(Outcome::Created(assignment_json(call, &grant).to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    #[serde(default, deserialize_with = "present")]
    is_fallback_public_client: Option<Option<bool>>,
    required_resource_access: Option<Vec<RequiredResource>>,
}

/// Tells `null` (set to null) from absence (leave).
fn present<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Option<bool>>, D::Error> {
    Option::<bool>::deserialize(from).map(Some)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequiredResource {
    resource_app_id: String,
    resource_access: Vec<RequiredAccess>,
}

#[derive(Deserialize)]
struct RequiredAccess {
    id: Uuid,
    #[serde(rename = "type")]
    kind: String,
}

/// `PATCH /applications/{id}`: `isFallbackPublicClient` and `requiredResourceAccess`
pub(super) fn change(call: &Call<'_>, key: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::WriteApplications)?;
    find_application(call, key)?;
    let change: Change = body(call)?;
    let requested = change.required_resource_access.map(requested).transpose()?;
    let mut changing = call.tenant.changing();
    if let Some(flag) = change.is_fallback_public_client {
        changing.registration.public_client = flag;
    }
    if let Some(requested) = requested {
        changing.registration.requested = requested;
    }
    Ok(Outcome::Nothing)
}

fn requested(resources: Vec<RequiredResource>) -> Result<Vec<Requested>, GraphError> {
    let mut requested = Vec::new();
    for resource in resources.into_iter().filter(|resource| resource.resource_app_id == GRAPH_APP_ID) {
        for access in resource.resource_access {
            let kind = match access.kind.as_str() {
                "Role" => PermissionKind::Role,
                "Scope" => PermissionKind::Scope,
                _ => return Err(GraphError::bad_request("Invalid value specified for property 'type'.")),
            };
            requested.push(Requested { id: access.id, kind });
        }
    }
    Ok(requested)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewPassword {
    #[serde(default)]
    password_credential: PasswordWish,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PasswordWish {
    display_name: Option<String>,
    start_date_time: Option<Timestamp>,
    end_date_time: Option<Timestamp>,
}

/// `POST /applications/{id}/addPassword`
pub(super) fn add_password(call: &Call<'_>, key: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::WriteApplications)?;
    find_application(call, key)?;
    if matches!(call.tenant.plays().credential, Some(Credential::NoNewSecrets)) {
        return Err(GraphError::CredentialForbidden);
    }
    let wish = if call.body.is_empty() {
        PasswordWish::default()
    } else {
        body::<NewPassword>(call)?.password_credential
    };
    let start = wish.start_date_time.unwrap_or(call.now);
    let password = Password {
        key_id: call.tenant.draw_id(),
        value: secret_value(call.tenant.seed(), call.tenant.draw()),
        display_name: wish.display_name,
        start,
        end: wish.end_date_time.unwrap_or(start + SignedDuration::from_hours(24 * SECRET_DAYS)),
    };
    let mut shown = password_json(&password);
    shown["@odata.context"] = json!(format!("{}/$metadata#microsoft.graph.passwordCredential", call.base));
    shown["secretText"] = json!(password.value);
    call.tenant.changing().registration.passwords.push(password);
    Ok(Outcome::Json(shown.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OldPassword {
    key_id: Uuid,
}

/// `POST /applications/{id}/removePassword`
pub(super) fn remove_password(call: &Call<'_>, key: &str) -> Result<Outcome, GraphError> {
    call.caller.need(Access::WriteApplications)?;
    find_application(call, key)?;
    let old: OldPassword = body(call)?;
    let mut changing = call.tenant.changing();
    let passwords = &mut changing.registration.passwords;
    let before = passwords.len();
    passwords.retain(|password| password.key_id != old.key_id);
    if passwords.len() == before {
        return Err(GraphError::bad_request(&format!(
            "No password credential found with keyId '{}'.",
            old.key_id
        )));
    }
    Ok(Outcome::Nothing)
}

enum Principal {
    Own,
    Graph,
}

fn find_application(call: &Call<'_>, key: &str) -> Result<(), GraphError> {
    let facts = &call.tenant.facts;
    let found = match app_id(key) {
        Some(app) => app.eq_ignore_ascii_case(&facts.client_id),
        None => key.eq_ignore_ascii_case(&facts.app_object_id),
    };
    if found { Ok(()) } else { Err(not_found(key)) }
}

fn find_principal(call: &Call<'_>, key: &str) -> Result<Principal, GraphError> {
    let ids = call.tenant.ids;
    let (own, graph) = match app_id(key) {
        Some(app) => (app.eq_ignore_ascii_case(&call.tenant.facts.client_id), app == GRAPH_APP_ID),
        None => {
            let id = Uuid::parse_str(key).ok();
            (id == Some(ids.service_principal), id == Some(ids.graph_service_principal))
        }
    };
    match (own, graph) {
        (true, _) => Ok(Principal::Own),
        (_, true) => Ok(Principal::Graph),
        _ => Err(not_found(key)),
    }
}

/// The app id of the alternate key `appId='…'`.
fn app_id(key: &str) -> Option<&str> {
    let (name, value) = key.split_once('=')?;
    if name.trim().eq_ignore_ascii_case("appId") { unquoted(value.trim()) } else { None }
}

fn not_found(key: &str) -> GraphError {
    GraphError::NotFound(app_id(key).unwrap_or(key).to_owned())
}

fn body<T: DeserializeOwned>(call: &Call<'_>) -> Result<T, GraphError> {
    serde_json::from_slice(&call.body)
        .map_err(|_| GraphError::bad_request("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."))
}

fn list(call: &Call<'_>, set: &str, mut objects: Vec<Value>) -> Result<Outcome, GraphError> {
    if let Some(filter) = &call.query.filter {
        let asked = filter.single("appId").ok_or_else(|| {
            GraphError::unsupported("The practice tenant takes only 'appId eq' as a filter here.")
        })?;
        objects.retain(|object| object["appId"].as_str().is_some_and(|app| app.eq_ignore_ascii_case(asked)));
    }
    for object in &mut objects {
        project(object, call.query.select.as_deref());
    }
    let context = format!("{}/$metadata#{}", call.base, super::directory::context(call, set));
    Ok(Outcome::Json(json!({ "@odata.context": context, "value": objects }).to_string()))
}

fn single(call: &Call<'_>, set: &str, mut object: Value) -> Outcome {
    project(&mut object, call.query.select.as_deref());
    let context = super::directory::context(call, set);
    object["@odata.context"] = json!(format!("{}/$metadata#{context}/$entity", call.base));
    Outcome::Json(object.to_string())
}
