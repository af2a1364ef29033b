//! Naming a tenant, and what its discovery document tells.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

/// A tenant by its id or by one of its verified domains.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TenantRef {
    /// The tenant id.
    Id(Uuid),
    /// A verified domain in lower case, such as `contoso.onmicrosoft.com`.
    Domain(String),
}

impl FromStr for TenantRef {
    type Err = TenantRefProblem;

    fn from_str(text: &str) -> Result<Self, TenantRefProblem> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(TenantRefProblem::Empty);
        }
        if trimmed.contains("://") || trimmed.contains('/') {
            return Err(TenantRefProblem::Address);
        }
        if trimmed.contains('@') {
            return Err(TenantRefProblem::EmailAddress);
        }
        if trimmed.chars().any(char::is_whitespace) {
            return Err(TenantRefProblem::Spaces);
        }
        if let Ok(id) = Uuid::try_parse(trimmed) {
            return if id.is_nil() { Err(TenantRefProblem::NilId) } else { Ok(TenantRef::Id(id)) };
        }
        let domain = trimmed.to_ascii_lowercase();
        match domain.as_str() {
            "common" | "organizations" | "consumers" => Err(TenantRefProblem::NotOneTenant),
            _ if is_domain(&domain) => Ok(TenantRef::Domain(domain)),
            _ => Err(TenantRefProblem::NotADomain),
        }
    }
}

impl fmt::Display for TenantRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TenantRef::Id(id) => id.fmt(f),
            TenantRef::Domain(domain) => f.write_str(domain),
        }
    }
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

/// Why a text names no tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TenantRefProblem {
    /// Nothing was given.
    #[error("the tenant is empty; give the tenant ID or one of its domains")]
    Empty,
    /// An address instead of an id.
    #[error("this is an address; give the tenant ID or a domain without https:// and without a path")]
    Address,
    /// Somebody's sign-in name or e-mail address.
    #[error("this is an e-mail address; give the part after the @, or the tenant ID")]
    EmailAddress,
    /// White space in the middle.
    #[error("the tenant contains spaces; a tenant ID or a domain has none")]
    Spaces,
    /// The id of all zeros.
    #[error("a tenant ID of all zeros belongs to no tenant")]
    NilId,
    /// `common`, `organizations` or `consumers`.
    #[error("common, organizations and consumers name no single tenant; give the tenant ID or a domain")]
    NotOneTenant,
    /// Neither an id nor a domain.
    #[error("this is neither a tenant ID nor a domain; a domain looks like contoso.onmicrosoft.com")]
    NotADomain,
}

/// What the discovery document tells of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// The tenant id, read from the issuer.
    pub id: Uuid,
    /// The issuer of v2.0 tokens.
    pub issuer: String,
    /// Where the tenant's data lives, such as `EU` or `USGov`.
    pub region_scope: Option<String>,
    /// `GCC`, `DODCON` (GCC High) or `DOD`; absent for commercial tenants.
    pub region_sub_scope: Option<String>,
    /// The cloud's name, such as `microsoftonline.com`.
    pub cloud_instance: Option<String>,
    /// The Graph host of the tenant's cloud.
    pub graph_host: Option<String>,
    /// Where tokens are asked for; on the authority's own origin.
    pub token_endpoint: Url,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_domains_are_tenants() {
        let id = "11111111-1111-4111-8111-111111111111";
        assert_eq!(format!(" {id}\n").parse::<TenantRef>().unwrap().to_string(), id);
        assert_eq!(
            "Contoso.OnMicrosoft.com".parse::<TenantRef>().unwrap().to_string(),
            "contoso.onmicrosoft.com"
        );
    }

    #[test]
    fn everything_else_is_told_apart() {
        let cases = [
            ("  ", TenantRefProblem::Empty),
            ("https://login.microsoftonline.com/x", TenantRefProblem::Address),
            ("contoso.com/x", TenantRefProblem::Address),
            ("ada@contoso.com", TenantRefProblem::EmailAddress),
            ("contoso com", TenantRefProblem::Spaces),
            ("00000000-0000-0000-0000-000000000000", TenantRefProblem::NilId),
            ("Common", TenantRefProblem::NotOneTenant),
            ("contoso", TenantRefProblem::NotADomain),
            ("-x.example", TenantRefProblem::NotADomain),
            ("contoso..com", TenantRefProblem::NotADomain),
            ("contoso.com?x=1", TenantRefProblem::NotADomain),
        ];
        for (text, problem) in cases {
            assert_eq!(text.parse::<TenantRef>(), Err(problem), "{text}");
        }
    }
}
