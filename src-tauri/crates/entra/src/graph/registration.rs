//! The app's own registration, its service principal, and what has been granted to it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::pages::Pages;
use super::walk::sealed::ReadPage;
use super::walk::{PageRead, read_page};
use super::{Answer, Ask, Graph, quoted};
use crate::fault::{Fault, FaultKind};
use crate::wire::{AppRoleAssignmentWire, ApplicationWire, CredentialWire, ServicePrincipalWire};

const APPLICATION: &str = "/applications(appId='{appId}')";
const SERVICE_PRINCIPAL: &str = "/servicePrincipals(appId='{appId}')";
const ASSIGNMENTS: &str = "/servicePrincipals/{id}/appRoleAssignments";

const APPLICATION_FIELDS: &str = "id,appId,displayName,isFallbackPublicClient,signInAudience,publicClient,\
                                  requiredResourceAccess,passwordCredentials,keyCredentials";

/// An app registration.
/// Source: <https://learn.microsoft.com/graph/api/resources/application>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The object id, which is not the client id.
    pub id: String,
    /// The application (client) id.
    pub app_id: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// *Allow public client flows*; none counts as off.
    pub is_fallback_public_client: Option<bool>,
    /// True when the app has been deactivated; none where the cloud does not know the property.
    pub is_disabled: Option<bool>,
    /// `AzureADMyOrg` for a single tenant.
    pub sign_in_audience: Option<String>,
    /// Redirect addresses for programs on a person's computer.
    pub public_client_redirects: Vec<String>,
    /// The permissions that the registration asks for, granted or not.
    pub required: Vec<RequiredAccess>,
    /// Its client secrets, without their values.
    pub passwords: Vec<PasswordCredential>,
    /// Its certificates and keys.
    pub keys: Vec<KeyCredential>,
}

/// One requested permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredAccess {
    /// The app id of the API, such as Graph's.
    pub resource_app_id: String,
    /// The permission's id.
    pub permission_id: Uuid,
    /// Application or delegated.
    pub kind: AccessKind,
}

/// Whether a permission is for the app itself or on behalf of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessKind {
    /// An application permission (app role).
    Role,
    /// A delegated permission, and anything else that is not a role.
    Scope,
}

/// A client secret's description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordCredential {
    /// The secret's id, which is not its value.
    pub key_id: Option<Uuid>,
    /// The first three characters of the value.
    pub hint: Option<String>,
    /// The name given to it.
    pub display_name: Option<String>,
    /// Valid from.
    pub start: Option<Timestamp>,
    /// Valid until.
    pub end: Option<Timestamp>,
}

/// A certificate's or key's description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyCredential {
    /// The key's id.
    pub key_id: Option<Uuid>,
    /// `AsymmetricX509Cert` or `Symmetric`.
    pub kind: Option<String>,
    /// `Verify` or `Sign`.
    pub usage: Option<String>,
    /// The name given to it.
    pub display_name: Option<String>,
    /// The certificate's thumbprint, base64, as Graph gives it.
    pub thumbprint: Option<String>,
    /// Valid from.
    pub start: Option<Timestamp>,
    /// Valid until.
    pub end: Option<Timestamp>,
}

/// An app's service principal (enterprise application).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePrincipal {
    /// The object id.
    pub id: String,
    /// The application (client) id.
    pub app_id: String,
    /// False when sign-in is blocked.
    pub account_enabled: Option<bool>,
    /// The name for people.
    pub display_name: Option<String>,
    /// Its own certificates and keys, beside those of its registration.
    pub keys: Vec<KeyCredential>,
}

/// An application permission that has been granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRoleAssignment {
    /// The permission's id.
    pub app_role_id: Uuid,
    /// The *object id* of the API's service principal; different in every tenant.
    pub resource_id: String,
    /// When it was granted.
    pub created: Option<Timestamp>,
}

impl Graph {
    /// The registration of this client id, or none when this tenant has none (a foreign app has only a service
    /// principal here). Needs Application.Read.All or Directory.Read.All.
    ///
    /// # Errors
    /// [`FaultKind::Forbidden`] without the permission; faults of the network and of Graph.
    pub async fn application(&self, client_id: &str) -> Result<Option<Application>, Fault> {
        let with_disabled = format!("{APPLICATION_FIELDS},isDisabled");
        let found = match self.application_fields(client_id, &with_disabled).await {
            // isDisabled is a new property; a cloud that does not have it refuses the whole request.
            Err(fault) if fault.kind == FaultKind::GraphRefused && fault.http_status == Some(400) => {
                self.application_fields(client_id, APPLICATION_FIELDS).await
            }
            other => other,
        };
        Ok(none_if_not_found(found)?.map(Application::from_wire))
    }

    /// The service principal of this client id in this tenant, or none.
    ///
    /// # Errors
    /// As [`Graph::application`].
    pub async fn service_principal(&self, client_id: &str) -> Result<Option<ServicePrincipal>, Fault> {
        let key = format!("servicePrincipals(appId='{}')", quoted(client_id));
        let url = self.url(&[&key], &[("$select", "id,appId,accountEnabled,displayName,keyCredentials")]);
        let ask = Ask { url, path: SERVICE_PRINCIPAL, answer: Answer::Json };
        let found = self.read::<ServicePrincipalWire>(&ask).await.map(|(found, _)| found);
        Ok(none_if_not_found(found)?.map(|found| ServicePrincipal {
            id: found.id,
            app_id: found.app_id,
            account_enabled: found.account_enabled,
            display_name: found.display_name,
            keys: found.key_credentials.into_iter().map(KeyCredential::from_wire).collect(),
        }))
    }

    /// Every application permission granted to a service principal, named by its object id.
    ///
    /// # Errors
    /// As [`Graph::application`]; [`FaultKind::NotFound`] when there is no such service principal.
    pub async fn app_role_assignments(
        &self,
        service_principal_object_id: &str,
    ) -> Result<Vec<AppRoleAssignment>, Fault> {
        const MORE_THAN_POSSIBLE: u64 = 10_000;
        let url = self.url(&["servicePrincipals", service_principal_object_id, "appRoleAssignments"], &[]);
        Pages::new(self.clone(), ASSIGNMENTS, url).limit(MORE_THAN_POSSIBLE).all().await
    }

    async fn application_fields(&self, client_id: &str, fields: &str) -> Result<ApplicationWire, Fault> {
        let key = format!("applications(appId='{}')", quoted(client_id));
        let url = self.url(&[&key], &[("$select", fields)]);
        let ask = Ask { url, path: APPLICATION, answer: Answer::Json };
        self.read(&ask).await.map(|(found, _)| found)
    }
}

fn none_if_not_found<T>(found: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match found {
        Ok(value) => Ok(Some(value)),
        Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
        Err(fault) => Err(fault),
    }
}

impl Application {
    fn from_wire(wire: ApplicationWire) -> Self {
        let required = wire.required_resource_access.into_iter().flat_map(|resource| {
            let resource_app_id = resource.resource_app_id;
            resource.resource_access.into_iter().map(move |access| RequiredAccess {
                resource_app_id: resource_app_id.clone(),
                permission_id: access.id,
                kind: if access.kind == "Role" { AccessKind::Role } else { AccessKind::Scope },
            })
        });
        Self {
            id: wire.id,
            app_id: wire.app_id,
            display_name: wire.display_name,
            is_fallback_public_client: wire.is_fallback_public_client,
            is_disabled: wire.is_disabled,
            sign_in_audience: wire.sign_in_audience,
            public_client_redirects: wire.public_client.map(|known| known.redirect_uris).unwrap_or_default(),
            required: required.collect(),
            passwords: wire.password_credentials.into_iter().map(PasswordCredential::from_wire).collect(),
            keys: wire.key_credentials.into_iter().map(KeyCredential::from_wire).collect(),
        }
    }
}

impl PasswordCredential {
    fn from_wire(wire: CredentialWire) -> Self {
        Self {
            key_id: wire.key_id,
            hint: wire.hint,
            display_name: wire.display_name,
            start: timestamp(wire.start_date_time),
            end: timestamp(wire.end_date_time),
        }
    }
}

impl KeyCredential {
    fn from_wire(wire: CredentialWire) -> Self {
        Self {
            key_id: wire.key_id,
            kind: wire.kind,
            usage: wire.usage,
            display_name: wire.display_name,
            thumbprint: wire.custom_key_identifier,
            start: timestamp(wire.start_date_time),
            end: timestamp(wire.end_date_time),
        }
    }
}

impl ReadPage for AppRoleAssignment {
    fn read_page(body: &[u8]) -> Option<PageRead<Self>> {
        read_page(body, Self::from_wire)
    }
}

impl AppRoleAssignment {
    fn from_wire(wire: AppRoleAssignmentWire) -> Self {
        Self {
            app_role_id: wire.app_role_id,
            resource_id: wire.resource_id,
            created: timestamp(wire.created_date_time),
        }
    }
}

fn timestamp(text: Option<String>) -> Option<Timestamp> {
    text?.parse().ok()
}
