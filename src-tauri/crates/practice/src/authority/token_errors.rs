//! The authority's refusals, word for word as they were recorded (facts: wire/token-errors.http).

use axum::http::StatusCode;
use serde_json::json;

use super::{Trace, public, uncached, with_noise};
use crate::http::Answer;

/// Where a refusal is said: the same number has another `error` value at the discovery endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Discovery,
    Token,
}

/// Everything that the authority refuses. Texts inside are what the client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AuthorityError {
    TenantUnknown(String),
    TenantMalformed(String),
    TenantNotNamed,
    InstanceUnknown,
    OnlyPost(String),
    ParameterMissing(&'static str),
    GrantUnsupported(String),
    ClientUnknown { client: String, tenant: String },
    ClientMalformed(String),
    ScopeNotDefault(String),
    ResourceUnknown { resource: String, tenant: String },
    CredentialMissing,
    CredentialMissingForGrant,
    SecretWrong(String),
    SecretExpired(String),
    CertificateUnknown(String),
    PasswordWrong,
    AccountUnknown(String),
    DeviceCodeUnknown,
    SigningFailed,
}

impl AuthorityError {
    /// The answer as Entra ID gives it: JSON with `error`, `error_codes`, ids and time.
    pub(crate) fn answer(&self, endpoint: Endpoint, trace: &Trace) -> Answer {
        let code = self.code();
        let (before, between) = match self.tail() {
            Tail::Lines => ("\r\n", "\r\n"),
            Tail::Line => (" ", " "),
        };
        let description = format!(
            "AADSTS{code}: {}{before}Trace ID: {}{between}Correlation ID: {}{between}Timestamp: {}",
            self.text(),
            trace.id,
            trace.correlation,
            trace.timestamp(),
        );
        let body = json!({
            "error": self.error(endpoint),
            "error_description": description,
            "error_codes": [code],
            "timestamp": trace.timestamp(),
            "trace_id": trace.id,
            "correlation_id": trace.correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        let answer = with_noise(Answer::json(self.status(), &body), trace);
        match endpoint {
            Endpoint::Discovery => public(answer),
            Endpoint::Token => uncached(answer),
        }
    }

    /// The AADSTS number.
    pub(crate) fn code(&self) -> u32 {
        match self {
            Self::TenantUnknown(_) => 90_002,
            Self::TenantMalformed(_) => 900_023,
            Self::TenantNotNamed => 50_059,
            Self::InstanceUnknown => 50_049,
            Self::OnlyPost(_) => 900_561,
            Self::ParameterMissing(_) => 900_144,
            Self::GrantUnsupported(_) => 70_003,
            Self::ClientUnknown { .. } => 700_016,
            Self::ClientMalformed(_) => 700_038,
            Self::ScopeNotDefault(_) => 1_002_012,
            Self::ResourceUnknown { .. } => 500_011,
            Self::CredentialMissing => 7_000_216,
            Self::CredentialMissingForGrant => 7_000_218,
            Self::SecretWrong(_) => 7_000_215,
            Self::SecretExpired(_) => 7_000_222,
            Self::CertificateUnknown(_) => 700_027,
            Self::PasswordWrong => 50_126,
            Self::AccountUnknown(_) => 50_034,
            Self::DeviceCodeUnknown => 70_000,
            Self::SigningFailed => 50_000,
        }
    }

    /// The sentence without number and tail.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::TenantUnknown(tenant) => format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
            ),
            Self::TenantMalformed(tenant) => format!(
                "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."
            ),
            Self::TenantNotNamed => {
                "No tenant-identifying information found in either the request or implied by any provided credentials.".to_owned()
            }
            Self::InstanceUnknown => "Unknown or invalid instance.".to_owned(),
            Self::OnlyPost(method) => {
                format!("The endpoint only accepts POST requests. Received a {method} request.")
            }
            Self::ParameterMissing(name) => {
                format!("The request body must contain the following parameter: '{name}'.")
            }
            Self::GrantUnsupported(grant) => {
                format!("The app requested an unsupported grant type '{grant}'.")
            }
            Self::ClientUnknown { client, tenant } => format!(
                "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."
            ),
            Self::ClientMalformed(client) => format!("'{client}' is not a valid application identifier."),
            Self::ScopeNotDefault(scope) => format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
            Self::ResourceUnknown { resource, tenant } => format!(
                "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."
            ),
            Self::CredentialMissing => {
                "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.".to_owned()
            }
            Self::CredentialMissingForGrant => {
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.".to_owned()
            }
            Self::SecretWrong(client) => format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
            ),
            Self::SecretExpired(client) => format!(
                "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."
            ),
            Self::CertificateUnknown(client) => format!(
                "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '{client}']."
            ),
            Self::PasswordWrong => "Error validating credentials due to invalid username or password.".to_owned(),
            Self::AccountUnknown(tenant) => format!(
                "The user account {{EmailHidden}} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory."
            ),
            Self::DeviceCodeUnknown => "The provided value for the input parameter 'device_code' is not valid.".to_owned(),
            Self::SigningFailed => "There was an error issuing a token.".to_owned(),
        }
    }

    fn error(&self, endpoint: Endpoint) -> &'static str {
        match self {
            Self::TenantUnknown(_) | Self::TenantMalformed(_) if endpoint == Endpoint::Discovery => {
                "invalid_tenant"
            }
            Self::TenantUnknown(_)
            | Self::TenantMalformed(_)
            | Self::TenantNotNamed
            | Self::OnlyPost(_)
            | Self::ParameterMissing(_) => "invalid_request",
            Self::InstanceUnknown => "invalid_instance",
            Self::GrantUnsupported(_) => "unsupported_grant_type",
            Self::ClientUnknown { .. } | Self::ClientMalformed(_) => "unauthorized_client",
            Self::ScopeNotDefault(_) => "invalid_scope",
            Self::ResourceUnknown { .. } => "invalid_resource",
            Self::CredentialMissing
            | Self::CredentialMissingForGrant
            | Self::SecretWrong(_)
            | Self::SecretExpired(_)
            | Self::CertificateUnknown(_) => "invalid_client",
            Self::PasswordWrong | Self::AccountUnknown(_) => "invalid_grant",
            Self::DeviceCodeUnknown => "bad_verification_code",
            Self::SigningFailed => "server_error",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            _ if self.error(Endpoint::Token) == "invalid_client" => StatusCode::UNAUTHORIZED,
            Self::SigningFailed => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Both forms of the tail are in the field; each number keeps the one that it was recorded with.
    fn tail(&self) -> Tail {
        match self {
            Self::SecretWrong(_)
            | Self::CredentialMissing
            | Self::CredentialMissingForGrant
            | Self::ClientUnknown { .. }
            | Self::AccountUnknown(_)
            | Self::ParameterMissing(_) => Tail::Lines,
            _ => Tail::Line,
        }
    }
}

enum Tail {
    Lines,
    Line,
}
