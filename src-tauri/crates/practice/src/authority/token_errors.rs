//! The authority's refusals, word for word as they were recorded (facts: wire/token-errors.http).

use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::json;

use super::{Trace, public, uncached, with_noise};
use crate::{http::Answer, permissions::GRAPH_APP_ID, scenario::Refusal, state::Tenant};

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
    RequestMalformed,
    GrantUnsupported(String),
    ClientUnknown {
        client: String,
        tenant: String,
    },
    ClientMalformed(String),
    ScopeNotDefault(String),
    ResourceUnknown {
        resource: String,
        tenant: String,
    },
    CredentialMissing,
    CredentialMissingForGrant,
    PublicClientWithCredential,
    SecretWrong(String),
    SecretExpired(String),
    AssertionMalformed(&'static str),
    AssertionAudience,
    AssertionClient,
    /// Seconds since 1970.
    AssertionTime {
        now: i64,
        from: Option<i64>,
        until: i64,
    },
    AssertionSignature {
        thumbprint: String,
        client: String,
    },
    CertificateUnknown {
        thumbprint: String,
        client: String,
    },
    CertificateExpired {
        thumbprint: String,
        start: Timestamp,
        end: Timestamp,
    },
    PasswordWrong,
    AccountUnknown(String),
    ConsentMissing {
        client: String,
        name: String,
    },
    ScopeUnknown(String),
    DeviceCodeUnknown,
    DeviceCodeEnded,
    AuthorizationPending,
    AuthorizationDeclined,
    AdminConsentRequired,
    /// RFC 8628, section 3.5. Microsoft's pages do not name it for Entra ID, so its number is that of waiting.
    SlowDown,
    SigningFailed,
    /// What a scenario says, with its text filled in.
    Played {
        refusal: &'static Refusal,
        text: String,
    },
}

impl AuthorityError {
    /// A scenario's refusal, said by this tenant.
    pub(crate) fn played(refusal: &'static Refusal, tenant: &Tenant) -> Self {
        let facts = &tenant.facts;
        let text = refusal
            .text
            .replace("{client}", &facts.client_id)
            .replace("{app}", &facts.app_name)
            .replace("{tenant}", &facts.tenant_id)
            .replace("{graph}", GRAPH_APP_ID);
        Self::Played { refusal, text }
    }

    /// The answer as Entra ID gives it: JSON with `error`, `error_codes`, ids and time.
    pub(crate) fn answer(&self, endpoint: Endpoint, trace: &Trace) -> Answer {
        let Known { code, error, status, .. } = self.known(endpoint);
        let description = self.description(trace);
        let mut body = json!({
            "error": error,
            "error_description": description,
            "error_codes": [code],
            "timestamp": trace.timestamp(),
            "trace_id": trace.id,
            "correlation_id": trace.correlation,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        if matches!(self, Self::ConsentMissing { .. }) {
            body["suberror"] = json!("consent_required");
        }
        if let Self::Played { refusal, .. } = self {
            for (name, value) in refusal.more {
                body[*name] = json!(value);
            }
        }
        let answer = with_noise(Answer::json(status, &body), trace);
        match endpoint {
            Endpoint::Discovery => public(answer),
            Endpoint::Token => uncached(answer),
        }
    }

    /// The sentence with its number and its tail.
    pub(crate) fn description(&self, trace: &Trace) -> String {
        let Known { code, tail, .. } = self.known(Endpoint::Token);
        let between = match tail {
            Tail::Lines => "\r\n",
            Tail::Line => " ",
        };
        format!(
            "AADSTS{code}: {}{between}Trace ID: {}{between}Correlation ID: {}{between}Timestamp: {}",
            self.text(),
            trace.id,
            trace.correlation,
            trace.timestamp(),
        )
    }

    /// The AADSTS number.
    pub(crate) fn code(&self) -> u32 {
        self.known(Endpoint::Token).code
    }

    /// Number, `error` value, status, and which of the two tails in the field it was recorded with.
    fn known(&self, endpoint: Endpoint) -> Known {
        use Tail::{Line, Lines};
        let tenant = if endpoint == Endpoint::Discovery { "invalid_tenant" } else { "invalid_request" };
        let (code, error, status, tail) = match self {
            Self::TenantUnknown(_) => (90_002, tenant, 400, Line),
            Self::TenantMalformed(_) => (900_023, tenant, 400, Line),
            Self::TenantNotNamed => (50_059, "invalid_request", 400, Line),
            Self::InstanceUnknown => (50_049, "invalid_instance", 400, Line),
            Self::OnlyPost(_) => (900_561, "invalid_request", 400, Line),
            Self::ParameterMissing(_) => (900_144, "invalid_request", 400, Lines),
            Self::RequestMalformed => (9_002_313, "invalid_request", 400, Line),
            Self::GrantUnsupported(_) => (70_003, "unsupported_grant_type", 400, Line),
            Self::ClientUnknown { .. } => (700_016, "unauthorized_client", 400, Lines),
            Self::ClientMalformed(_) => (700_038, "unauthorized_client", 400, Line),
            Self::ScopeNotDefault(_) => (1_002_012, "invalid_scope", 400, Line),
            Self::ResourceUnknown { .. } => (500_011, "invalid_resource", 400, Line),
            Self::CredentialMissing => (7_000_216, "invalid_client", 401, Lines),
            Self::CredentialMissingForGrant => (7_000_218, "invalid_client", 401, Lines),
            Self::PublicClientWithCredential => (700_025, "invalid_client", 401, Line),
            Self::SecretWrong(_) => (7_000_215, "invalid_client", 401, Lines),
            Self::SecretExpired(_) => (7_000_222, "invalid_client", 401, Line),
            Self::AssertionMalformed(_) => (50_027, "invalid_request", 400, Line),
            Self::AssertionAudience => (700_023, "invalid_client", 401, Line),
            Self::AssertionClient => (700_021, "invalid_client", 401, Line),
            Self::AssertionTime { .. } => (700_024, "invalid_client", 401, Line),
            Self::AssertionSignature { .. }
            | Self::CertificateUnknown { .. }
            | Self::CertificateExpired { .. } => (700_027, "invalid_client", 401, Line),
            Self::PasswordWrong => (50_126, "invalid_grant", 400, Line),
            Self::AccountUnknown(_) => (50_034, "invalid_grant", 400, Lines),
            Self::ConsentMissing { .. } => (65_001, "invalid_grant", 400, Line),
            Self::ScopeUnknown(_) => (70_011, "invalid_scope", 400, Line),
            Self::AuthorizationPending => (70_016, "authorization_pending", 400, Line),
            Self::SlowDown => (70_016, "slow_down", 400, Line),
            Self::AuthorizationDeclined => (65_004, "authorization_declined", 400, Lines),
            Self::AdminConsentRequired => (90_094, "consent_required", 400, Line),
            Self::DeviceCodeEnded => (70_020, "expired_token", 400, Line),
            Self::DeviceCodeUnknown => (70_000, "bad_verification_code", 400, Line),
            Self::SigningFailed => (50_000, "server_error", 500, Line),
            Self::Played { refusal, .. } if refusal.error == "invalid_request" => {
                (refusal.code, tenant, refusal.status, Line)
            }
            Self::Played { refusal, .. } => (refusal.code, refusal.error, refusal.status, Line),
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
        Known { code, error, status, tail }
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
            Self::RequestMalformed => "Invalid request. Request is malformed or invalid.".to_owned(),
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
            Self::PublicClientWithCredential => {
                "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.".to_owned()
            }
            Self::SecretWrong(client) => format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
            ),
            Self::SecretExpired(client) => format!(
                "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."
            ),
            Self::AssertionMalformed(reason) => format!("Invalid JWT token. {reason}"),
            Self::AssertionAudience => "Client assertion audience claim does not match Realm issuer. Review the documentation at https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials .".to_owned(),
            Self::AssertionClient => {
                "Client assertion application identifier doesn't match 'client_id' parameter.".to_owned()
            }
            Self::AssertionTime { now, from, until } => format!(
                "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time of assertion {}.",
                moment(*now),
                from.map_or_else(|| "(not given)".to_owned(), moment),
                moment(*until),
            ),
            Self::AssertionSignature { thumbprint, client } => format!(
                "Client assertion contains an invalid signature. [Reason - Key was found, but use of the key to verify the signature failed., Thumbprint of key used by client: '{thumbprint}', {}",
                see_configured_keys(client)
            ),
            Self::CertificateUnknown { thumbprint, client } => format!(
                "Client assertion contains an invalid signature. [Reason - The key was not found., Thumbprint of key used by client: '{thumbprint}', {}",
                see_configured_keys(client)
            ),
            Self::CertificateExpired { thumbprint, start, end } => format!(
                "Client assertion contains an invalid signature. [Reason - The key used is expired. Thumbprint of key used by client: '{thumbprint}', Found key 'Start={}, End={}']",
                moment(start.as_second()),
                moment(end.as_second()),
            ),
            Self::PasswordWrong => "Error validating credentials due to invalid username or password.".to_owned(),
            Self::AccountUnknown(tenant) => format!(
                "The user account {{EmailHidden}} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory."
            ),
            Self::DeviceCodeUnknown => "The provided value for the input parameter 'device_code' is not valid.".to_owned(),
            Self::ConsentMissing { client, name } => format!(
                "The user or administrator has not consented to use the application with ID '{client}' named '{name}'. Send an interactive authorization request for this user and resource."
            ),
            Self::ScopeUnknown(scope) => format!(
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope '{scope}' is not valid."
            ),
            Self::AuthorizationPending | Self::SlowDown => {
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.".to_owned()
            }
            Self::AuthorizationDeclined => {
                "The resource owner or authorization server denied the request.".to_owned()
            }
            Self::AdminConsentRequired => "The grant requires admin permission.".to_owned(),
            Self::DeviceCodeEnded => {
                "The provided value for the input parameter 'device_code' is not valid. This device code has expired.".to_owned()
            }
            Self::Played { text, .. } => text.clone(),
            Self::SigningFailed => "There was an error issuing a token.".to_owned(),
        }
    }
}

fn see_configured_keys(client: &str) -> String {
    format!(
        "Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '{client}']."
    )
}

/// `01/02/2026 03:04:05`, as these texts have it.
fn moment(second: i64) -> String {
    Timestamp::from_second(second)
        .map_or_else(|_| second.to_string(), |moment| moment.strftime("%m/%d/%Y %H:%M:%S").to_string())
}

struct Known {
    code: u32,
    error: &'static str,
    status: StatusCode,
    tail: Tail,
}

enum Tail {
    Lines,
    Line,
}
