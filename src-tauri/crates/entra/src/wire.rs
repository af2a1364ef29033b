//! The shapes on the wire, read once and converted at once.

use std::collections::HashMap;
use std::fmt;

use serde::de::{IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::graph::changes::Patch;
use crate::graph::directory::MemberKind;

/// Reads JSON, which is UTF-8 (RFC 8259, section 8.1). That is looked at once for the whole of a long answer, not text by
/// text.
pub(crate) fn from_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
}

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

/// One page of a Graph list. Only the last page of a delta query has a delta link, and it may have no `value`.
#[derive(Deserialize)]
pub(crate) struct Page<W> {
    pub(crate) value: Option<Vec<W>>,
    #[serde(rename = "@odata.nextLink")]
    pub(crate) next_link: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    pub(crate) delta_link: Option<String>,
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
    #[serde(rename = "@odata.type", default = "kind_of_none", deserialize_with = "member_kind")]
    pub(crate) kind: MemberKind,
    /// In a delta: it is a member no more.
    #[serde(rename = "@removed")]
    pub(crate) removed: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserChangeWire {
    pub(crate) id: String,
    #[serde(rename = "@removed")]
    pub(crate) removed: Option<RemovedWire>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) user_principal_name: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) display_name: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) mail: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) account_enabled: Patch<bool>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) user_type: Patch<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupChangeWire {
    pub(crate) id: String,
    #[serde(rename = "@removed")]
    pub(crate) removed: Option<RemovedWire>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) display_name: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) mail: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) security_enabled: Patch<bool>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) group_types: Patch<Vec<String>>,
    #[serde(default, deserialize_with = "patch")]
    pub(crate) visibility: Patch<String>,
    #[serde(rename = "members@delta", default, deserialize_with = "null_as_empty")]
    pub(crate) members: Vec<MemberWire>,
}

#[derive(Deserialize)]
pub(crate) struct RemovedWire {
    pub(crate) reason: Option<String>,
}

/// One request of a `$batch`. Its address is relative to the API's version.
#[derive(Serialize)]
pub(crate) struct BatchItemWire<'a> {
    pub(crate) id: String,
    pub(crate) method: &'static str,
    pub(crate) url: &'a str,
}

#[derive(Serialize)]
pub(crate) struct BatchWire<'a> {
    pub(crate) requests: Vec<BatchItemWire<'a>>,
}

/// The answer to a `$batch`.
#[derive(Deserialize)]
pub(crate) struct BatchAnswerWire<T> {
    pub(crate) responses: Vec<T>,
}

/// One answer of a `$batch`.
#[derive(Deserialize)]
pub(crate) struct BatchItemAnswerWire<'a> {
    pub(crate) id: String,
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) headers: Option<HashMap<String, Value>>,
    #[serde(borrow, default)]
    pub(crate) body: Option<&'a RawValue>,
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

/// A property that is there, if only as null. Serde's default stands for one that is absent.
fn patch<'de, D, T>(from: D) -> Result<Patch<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(from).map(Some)
}

fn kind_of_none() -> MemberKind {
    MemberKind::of("")
}

/// Reads the type's name without keeping a copy of it.
fn member_kind<'de, D: Deserializer<'de>>(from: D) -> Result<MemberKind, D::Error> {
    struct KindVisitor;

    impl Visitor<'_> for KindVisitor {
        type Value = MemberKind;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a type's name or null")
        }

        fn visit_str<E>(self, name: &str) -> Result<MemberKind, E> {
            Ok(MemberKind::of(name))
        }

        fn visit_unit<E>(self) -> Result<MemberKind, E> {
            Ok(kind_of_none())
        }
    }

    from.deserialize_any(KindVisitor)
}
