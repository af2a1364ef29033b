//! The shapes on the wire, read once and converted at once.

use serde::{Deserialize, Deserializer};

/// The discovery document, as far as it is used.
#[derive(Deserialize)]
pub(crate) struct OpenIdConfiguration {
    pub(crate) issuer: String,
    pub(crate) token_endpoint: String,
    pub(crate) tenant_region_scope: Option<String>,
    pub(crate) tenant_region_sub_scope: Option<String>,
    pub(crate) cloud_instance_name: Option<String>,
    pub(crate) msgraph_host: Option<String>,
}

/// One page of a Graph list.
#[derive(Deserialize)]
pub(crate) struct Page<W> {
    pub(crate) value: Vec<W>,
    #[serde(rename = "@odata.nextLink")]
    pub(crate) next_link: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserWire {
    pub(crate) id: String,
    pub(crate) user_principal_name: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) mail: Option<String>,
    pub(crate) account_enabled: Option<bool>,
    pub(crate) user_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupWire {
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
    pub(crate) mail: Option<String>,
    pub(crate) security_enabled: Option<bool>,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) group_types: Vec<String>,
    pub(crate) visibility: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct MemberWire {
    pub(crate) id: String,
    #[serde(rename = "@odata.type")]
    pub(crate) odata_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationWire {
    pub(crate) id: String,
    pub(crate) display_name: Option<String>,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) verified_domains: Vec<VerifiedDomainWire>,
}

#[derive(Deserialize)]
pub(crate) struct VerifiedDomainWire {
    pub(crate) name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApplicationWire {
    pub(crate) id: String,
    pub(crate) app_id: String,
    pub(crate) display_name: Option<String>,
    pub(crate) is_fallback_public_client: Option<bool>,
    pub(crate) is_disabled: Option<bool>,
    pub(crate) sign_in_audience: Option<String>,
    pub(crate) public_client: Option<PublicClientWire>,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) required_resource_access: Vec<RequiredResourceAccessWire>,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) password_credentials: Vec<CredentialWire>,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) key_credentials: Vec<CredentialWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicClientWire {
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) redirect_uris: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequiredResourceAccessWire {
    pub(crate) resource_app_id: String,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) resource_access: Vec<ResourceAccessWire>,
}

#[derive(Deserialize)]
pub(crate) struct ResourceAccessWire {
    pub(crate) id: uuid::Uuid,
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialWire {
    pub(crate) key_id: Option<uuid::Uuid>,
    pub(crate) hint: Option<String>,
    pub(crate) display_name: Option<String>,
    pub(crate) custom_key_identifier: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) usage: Option<String>,
    pub(crate) start_date_time: Option<String>,
    pub(crate) end_date_time: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServicePrincipalWire {
    pub(crate) id: String,
    pub(crate) app_id: String,
    pub(crate) account_enabled: Option<bool>,
    pub(crate) display_name: Option<String>,
    #[serde(default, deserialize_with = "null_as_empty")]
    pub(crate) key_credentials: Vec<CredentialWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppRoleAssignmentWire {
    pub(crate) app_role_id: uuid::Uuid,
    pub(crate) resource_id: String,
    pub(crate) created_date_time: Option<String>,
}

fn null_as_empty<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
