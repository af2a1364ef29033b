//! From a connection to the bundle crate's `GatewayConfig`.

use bundle::{
    AccessRule, AccessRules, CloudId, CredentialReference, GatewayConfig, GatewayFormat, Otherwise,
    Permission, PublicClientSetting, Role, SeveralRoles, SyncSettings,
};
use entra::{Cloud, TenantRef};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    connection::Connection,
    fault::{Fault, FaultCode},
    profile::Profile,
};

/// Minutes between two syncs of a gateway, unless it is set otherwise there.
const INTERVAL_MINUTES: u32 = 60;
/// A sync that would remove more than this part of the people is refused by the gateway.
const DELETION_FUSE_PERCENT: u8 = 10;
/// Up to this many removals are always applied.
const DELETION_FUSE_MINIMUM: u32 = 10;

/// The config as it would be written now.
///
/// # Errors
/// Something that every config needs is not known yet.
pub fn gateway_config(
    connection: &Connection,
    profile: &Profile,
    now: Timestamp,
) -> Result<GatewayConfig, Fault> {
    let missing = |what: &str, step: &str| {
        Fault::new(
            FaultCode::NotReady,
            format!("The {what} is not known yet."),
            format!("Finish step {step} first."),
        )
    };
    let tenant = connection.tenant_id().ok_or_else(|| missing("tenant ID", "2, App registration"))?;
    let client =
        connection.client_id.as_deref().ok_or_else(|| missing("client ID", "2, App registration"))?;
    let credential = connection.credential.as_ref().ok_or_else(|| missing("credential", "3, Credential"))?;
    Ok(GatewayConfig {
        format: GatewayFormat,
        practice: connection.practice,
        name: connection.name.clone(),
        written_at: now,
        sequence: connection.sequence + 1,
        authority: connection.endpoints.authority().clone(),
        graph: connection.endpoints.graph().clone(),
        cloud: connection.cloud().map(cloud),
        tenant_id: Uuid::try_parse(&tenant).map_err(|_| missing("tenant ID", "2, App registration"))?,
        tenant_domain: match connection.tenant_ref() {
            Some(TenantRef::Domain(domain)) => Some(domain),
            _ => None,
        },
        client_id: Uuid::try_parse(client).map_err(|_| missing("client ID", "2, App registration"))?,
        credential: match credential.certificate() {
            Some(certificate) => CredentialReference::ClientCertificate {
                reference: "file:client-certificate.pem".to_owned(),
                thumbprint: certificate.thumbprint.clone(),
                ends_on: credential.ends_on,
            },
            None => CredentialReference::ClientSecret {
                reference: "env:AZURE_CLIENT_SECRET".to_owned(),
                ends_on: credential.ends_on,
            },
        },
        profile: profile.id.clone(),
        permissions: profile
            .required(&connection.custom_permissions)
            .into_iter()
            .filter_map(|name| {
                Some(Permission {
                    name: name.to_owned(),
                    id: entra::app_role(name)?,
                    reason: profile.reason(name).unwrap_or("Chosen by the administrator").to_owned(),
                })
            })
            .collect(),
        public_client: if profile.public_client.needed {
            PublicClientSetting::On
        } else {
            PublicClientSetting::Off
        },
        sync: SyncSettings {
            interval_minutes: INTERVAL_MINUTES,
            user_fields: profile.user_fields.clone(),
            deletion_fuse_percent: DELETION_FUSE_PERCENT,
            deletion_fuse_minimum: DELETION_FUSE_MINIMUM,
        },
        access: access(connection, profile),
        notes: if connection.practice {
            vec!["Made with the practice tenant of Gatehouse. It opens no real directory.".to_owned()]
        } else {
            Vec::new()
        },
    })
}

fn access(connection: &Connection, profile: &Profile) -> AccessRules {
    AccessRules {
        rules: connection
            .access
            .iter()
            .filter_map(|rule| {
                Some(AccessRule {
                    group_id: Uuid::try_parse(&rule.group_id).ok()?,
                    group_name: rule.group_name.clone(),
                    role: rule.role.clone(),
                })
            })
            .collect(),
        several: SeveralRoles::MostPermissive,
        roles: profile
            .roles
            .iter()
            .map(|role| Role { id: role.id.clone(), name: role.name.clone(), rank: role.rank })
            .collect(),
        otherwise: Otherwise::NoAccess,
    }
}

fn cloud(cloud: Cloud) -> CloudId {
    match cloud {
        Cloud::Global => CloudId::Global,
        Cloud::UsgovL4 => CloudId::UsgovL4,
        Cloud::UsgovL5 => CloudId::UsgovL5,
        Cloud::China => CloudId::China,
    }
}
