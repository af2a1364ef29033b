//! The app registration that a list of gateways belongs to.

use serde::{Deserialize, Serialize};

use crate::connection::Connection;

/// The tenant and the app whose credential the gateways were given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    /// The tenant as it was entered: an id or a domain.
    tenant: String,
    /// The tenant's id, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant_id: Option<String>,
    /// Application (client) ID, lower case.
    client_id: String,
}

impl App {
    /// None as long as tenant or app were not entered.
    pub(crate) fn of(connection: &Connection) -> Option<Self> {
        Some(Self {
            tenant: connection.tenant.as_ref()?.text.clone(),
            tenant_id: connection.tenant_id(),
            client_id: connection.client_id.clone()?,
        })
    }

    /// Whether both are the same app. A domain and an id are one tenant where it is known that they are.
    pub(super) fn is(&self, other: &Self) -> bool {
        let names = |app: &Self| [Some(app.tenant.clone()), app.tenant_id.clone()];
        let same_tenant = names(self)
            .into_iter()
            .flatten()
            .any(|name| names(other).into_iter().flatten().any(|known| known.eq_ignore_ascii_case(&name)));
        same_tenant && self.client_id.eq_ignore_ascii_case(&other.client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::App;

    fn app(tenant: &str, tenant_id: Option<&str>, client_id: &str) -> App {
        let tenant_id = tenant_id.map(str::to_owned);
        App { tenant: tenant.to_owned(), tenant_id, client_id: client_id.to_owned() }
    }

    #[test]
    fn a_domain_and_its_id_are_one_tenant_and_another_app_is_another() {
        let known = app("contoso.com", Some("t-1"), "c-1");
        assert!(known.is(&app("Contoso.com", None, "c-1")) && known.is(&app("t-1", Some("t-1"), "c-1")));
        assert!(!known.is(&app("contoso.com", None, "c-2")));
        assert!(!known.is(&app("fabrikam.com", None, "c-1")));
        assert!(!app("contoso.com", None, "c-1").is(&app("t-1", Some("t-1"), "c-1")), "nobody knows");
    }
}
