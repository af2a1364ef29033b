use std::fmt;

use jiff::{Timestamp, civil::Date};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use url::Url;
use uuid::Uuid;

use crate::{access::AccessRules, spelling};

/// The content of `gateway.json`, version 1. It holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Names the format and its version. A reader refuses every other value.
    pub format: GatewayFormat,
    /// True when the file was made against the practice tenant. A gateway in production refuses such a file.
    pub practice: bool,
    /// The connection's name, for people. 1 to 100 characters.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// When this file was written, in UTC (RFC 3339, ending in Z).
    #[serde(with = "spelling::time")]
    #[schemars(with = "String", extend("format" = "date-time", "pattern" = "Z$"))]
    pub written_at: Timestamp,
    /// Grows by one with every export of the connection. A gateway refuses a file whose number is lower than that
    /// of the file it has.
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))]
    pub sequence: u64,
    /// The origin of the token service, without a path, such as `https://login.microsoftonline.com`.
    #[serde(with = "spelling::origin")]
    #[schemars(with = "String", extend("format" = "uri", "pattern" = "^https://[^/?#@]+/?$"))]
    pub authority: Url,
    /// The origin of Microsoft Graph, without a path, such as `https://graph.microsoft.com`.
    #[serde(with = "spelling::origin")]
    #[schemars(with = "String", extend("format" = "uri", "pattern" = "^https://[^/?#@]+/?$"))]
    pub graph: Url,
    /// The Microsoft cloud that both origins belong to; null for endpoints on this machine's loopback addresses.
    #[serde(deserialize_with = "Option::deserialize")]
    pub cloud: Option<CloudId>,
    /// Directory (tenant) ID.
    #[serde(with = "spelling::guid")]
    #[schemars(with = "Uuid")]
    pub tenant_id: Uuid,
    /// One of the tenant's verified domains, for people; null when it was not read.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schemars(length(max = 253))]
    pub tenant_domain: Option<String>,
    /// Application (client) ID.
    #[serde(with = "spelling::guid")]
    #[schemars(with = "Uuid")]
    pub client_id: Uuid,
    /// Which credential the gateway presents, and where it finds it.
    pub credential: CredentialReference,
    /// The id of the gateway profile that asked for the permissions.
    #[schemars(length(min = 1, max = 64), regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub profile: String,
    /// The application permissions of Microsoft Graph that the tenant has consented to.
    #[schemars(length(max = 256))]
    pub permissions: Vec<Permission>,
    /// The setting **Allow public client flows** that the gateway's sign-in needs.
    pub public_client: PublicClientSetting,
    /// How the directory is read.
    pub sync: SyncSettings,
    /// Which groups give which role.
    pub access: AccessRules,
    /// Remarks for the person who installs the gateway, one per line. A gateway ignores them.
    #[schemars(length(max = 50), inner(length(max = 500)))]
    pub notes: Vec<String>,
}

/// The value of `format` in version 1. It has one value only, so it cannot be wrong in a config that was built here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GatewayFormat;

impl GatewayFormat {
    /// The text in the file.
    pub const ID: &str = "gatehouse.gateway/1";
}

impl fmt::Display for GatewayFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(Self::ID)
    }
}

impl Serialize for GatewayFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::ID)
    }
}

impl<'de> Deserialize<'de> for GatewayFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if String::deserialize(deserializer)? == Self::ID {
            Ok(Self)
        } else {
            Err(D::Error::custom(format_args!("is not {}", Self::ID)))
        }
    }
}

impl JsonSchema for GatewayFormat {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "GatewayFormat".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "const": Self::ID })
    }
}

/// A Microsoft cloud with its own token service and its own Microsoft Graph.
///
/// Source: Microsoft Entra "National clouds" and Microsoft Graph "National cloud deployments".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CloudId {
    /// The commercial cloud, Microsoft 365 GCC included.
    Global,
    /// US Government L4, Microsoft 365 GCC High.
    UsgovL4,
    /// US Government L5, Department of Defense.
    UsgovL5,
    /// China, operated by 21Vianet.
    China,
}

impl CloudId {
    /// Every cloud, in the order of their ids in the format.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsgovL4, Self::UsgovL5, Self::China];

    /// The id in the file.
    pub fn id(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsgovL4 => "usgov-l4",
            Self::UsgovL5 => "usgov-l5",
            Self::China => "china",
        }
    }

    /// The origin of the cloud's token service.
    pub fn authority(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsgovL4 | Self::UsgovL5 => "https://login.microsoftonline.us",
            Self::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// The origin of the cloud's Microsoft Graph.
    pub fn graph(self) -> &'static str {
        match self {
            Self::Global => "https://graph.microsoft.com",
            Self::UsgovL4 => "https://graph.microsoft.us",
            Self::UsgovL5 => "https://dod-graph.microsoft.us",
            Self::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }
}

/// Where the gateway finds its credential. The credential itself is never in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum CredentialReference {
    /// A client secret.
    #[schemars(extend("additionalProperties" = false))]
    ClientSecret {
        /// `env:NAME`, an environment variable, or `file:/path`, a file with nothing but the secret's value.
        #[schemars(regex(pattern = "^(env:[A-Z_][A-Z0-9_]*|file:.+)$"))]
        reference: String,
        /// The last day on which the secret is accepted, in UTC; null when it is not known.
        #[serde(serialize_with = "spelling::optional_date::serialize")]
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        ends_on: Option<Date>,
    },
    /// A certificate, whose private key the gateway holds.
    #[schemars(extend("additionalProperties" = false))]
    ClientCertificate {
        /// `file:/path`, a PEM or PKCS#12 file with the certificate and its private key.
        #[schemars(regex(pattern = "^file:.+$"))]
        reference: String,
        /// The thumbprint that the portal shows: 40 hex digits (SHA-1) or 64 (SHA-256), in any case.
        #[schemars(regex(pattern = "^([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$"))]
        thumbprint: String,
        /// The last day on which the certificate is valid, in UTC; null when it is not known.
        #[serde(serialize_with = "spelling::optional_date::serialize")]
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        ends_on: Option<Date>,
    },
}

impl CredentialReference {
    /// The `env:` or `file:` reference.
    pub fn reference(&self) -> &str {
        let (Self::ClientSecret { reference, .. } | Self::ClientCertificate { reference, .. }) = self;
        reference
    }

    /// The last day on which the credential is good, when it is known.
    pub fn ends_on(&self) -> Option<Date> {
        let (Self::ClientSecret { ends_on, .. } | Self::ClientCertificate { ends_on, .. }) = self;
        *ends_on
    }
}

/// Both kinds of credential, flat, so that a reading error can name the exact field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialFields {
    kind: CredentialKind,
    reference: String,
    thumbprint: Option<String>,
    #[serde(deserialize_with = "spelling::optional_date::deserialize")]
    ends_on: Option<Date>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CredentialKind {
    ClientSecret,
    ClientCertificate,
}

impl<'de> Deserialize<'de> for CredentialReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let CredentialFields { kind, reference, thumbprint, ends_on } =
            CredentialFields::deserialize(deserializer)?;
        match (kind, thumbprint) {
            (CredentialKind::ClientSecret, None) => Ok(Self::ClientSecret { reference, ends_on }),
            (CredentialKind::ClientSecret, Some(_)) => Err(D::Error::unknown_field("thumbprint", &[])),
            (CredentialKind::ClientCertificate, Some(thumbprint)) => {
                Ok(Self::ClientCertificate { reference, thumbprint, ends_on })
            }
            (CredentialKind::ClientCertificate, None) => Err(D::Error::missing_field("thumbprint")),
        }
    }
}

/// One application permission (app role) of Microsoft Graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// The name as the portal and a token's `roles` show it, such as `User.Read.All`.
    #[schemars(length(min = 1, max = 200), regex(pattern = "^[A-Za-z0-9._-]+$"))]
    pub name: String,
    /// The app role's id.
    #[serde(with = "spelling::guid")]
    #[schemars(with = "Uuid")]
    pub id: Uuid,
    /// Why the gateway needs it, for people. At most 500 characters.
    #[schemars(length(max = 500))]
    pub reason: String,
}

/// The setting **Allow public client flows** of the app registration (`isFallbackPublicClient`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PublicClientSetting {
    /// The gateway signs in with its credential only.
    Off,
    /// The gateway's sign-in uses device code, or a user name and password without a credential.
    On,
}

/// How a gateway reads the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncSettings {
    /// Minutes between two reads, 5 to 10 080 (a week).
    #[schemars(range(min = 5, max = 10_080))]
    pub interval_minutes: u32,
    /// The user properties to read, named as in Microsoft Graph. `id` is read whether it is listed or not.
    #[schemars(
        length(min = 1, max = 100),
        inner(length(max = 200), regex(pattern = "^[A-Za-z][A-Za-z0-9_]*$"))
    )]
    pub user_fields: Vec<String>,
    /// A read that would remove more than this share of the people or groups the gateway knows is not applied.
    /// Percent, 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub deletion_fuse_percent: u8,
    /// Up to this many removals the share does not matter, so that a small directory can change.
    pub deletion_fuse_minimum: u32,
}
