//! `self-test.json`: what a gateway tries, to learn whether everything works.

use bundle::{CloudId, CredentialReference, GatewayConfig};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::always::AUTHORITY;

/// The content of `self-test.json`, version 1. It holds no secret; `FORMAT.md` describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfTestFile {
    /// Names the format and its version.
    pub format: SelfTestFormat,
    /// Whether it was made against the practice tenant.
    pub practice: bool,
    /// The certificate authority to trust, as a path relative to this file; null for the system's own.
    pub ca_file: Option<String>,
    /// The token to fetch.
    pub token: TestToken,
    /// The roles that the token has to carry, sorted; more are no failure.
    pub expected_roles: Vec<String>,
    /// The page to read with that token.
    pub page: TestPage,
}

/// A token request by client credentials (RFC 6749, section 4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestToken {
    /// Where the form is posted to.
    pub url: String,
    /// The form's fields, without the credential.
    pub form: TestForm,
    /// How the credential goes into the form.
    pub credential: TestCredential,
}

/// The fields of the token request's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestForm {
    /// Application (client) ID.
    pub client_id: String,
    /// Always `client_credentials`.
    pub grant_type: String,
    /// Every permission that is granted on Microsoft Graph.
    pub scope: String,
}

/// How the credential goes into the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "field", rename_all = "snake_case")]
pub enum TestCredential {
    /// `client_secret`: the content of the file.
    ClientSecret {
        /// A path relative to this file.
        file: String,
    },
    /// `client_assertion`: a JWT signed with the private key in the file (RFC 7523), with `client_assertion_type`
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    ClientAssertion {
        /// A path relative to this file.
        file: String,
    },
}

/// A page of Microsoft Graph, read by GET with the token as bearer. Anything but status 200 is a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestPage {
    /// The address.
    pub url: String,
}

/// The value of `format` in version 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SelfTestFormat;

impl SelfTestFormat {
    /// The text in the file.
    pub const ID: &str = "gatehouse.self-test/1";
}

impl Serialize for SelfTestFormat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Self::ID)
    }
}

impl<'de> Deserialize<'de> for SelfTestFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let good = String::deserialize(deserializer)? == Self::ID;
        good.then_some(Self).ok_or_else(|| D::Error::custom("another format"))
    }
}

/// The self-test of a config whose credential stands beside it.
pub(crate) fn of(config: &GatewayConfig, has_authority: bool) -> SelfTestFile {
    let file = |reference: &str| reference.strip_prefix("file:").unwrap_or(reference).to_owned();
    let mut expected_roles: Vec<String> =
        config.permissions.iter().map(|permission| permission.name.clone()).collect();
    expected_roles.sort();
    SelfTestFile {
        format: SelfTestFormat,
        practice: config.practice,
        ca_file: has_authority.then(|| AUTHORITY.to_owned()),
        token: TestToken {
            url: format!("{}{}/oauth2/v2.0/token", config.authority, config.tenant_id),
            form: TestForm {
                client_id: config.client_id.to_string(),
                grant_type: "client_credentials".to_owned(),
                scope: format!("{}/.default", config.cloud.unwrap_or(CloudId::Global).graph()),
            },
            credential: match &config.credential {
                CredentialReference::ClientSecret { reference, .. } => {
                    TestCredential::ClientSecret { file: file(reference) }
                }
                CredentialReference::ClientCertificate { reference, .. } => {
                    TestCredential::ClientAssertion { file: file(reference) }
                }
            },
        },
        expected_roles,
        page: if reads_people(config) { TestPage::people(config) } else { TestPage::groups(config) },
    }
}

impl TestPage {
    /// One person of the directory.
    pub(crate) fn people(config: &GatewayConfig) -> Self {
        Self { url: format!("{}v1.0/users?$select=id&$top=1", config.graph) }
    }

    /// One group of the directory.
    pub(crate) fn groups(config: &GatewayConfig) -> Self {
        Self { url: format!("{}v1.0/groups?$select=id&$top=1", config.graph) }
    }
}

/// Groups are tried if people may not be read.
fn reads_people(config: &GatewayConfig) -> bool {
    let mut names = config.permissions.iter().map(|permission| permission.name.as_str());
    names.any(|name| name.starts_with("User.") || name.starts_with("Directory."))
        || config.permissions.is_empty()
}
