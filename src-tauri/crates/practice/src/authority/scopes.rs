//! Delegated scopes: which of those asked for a person's token carries.

use super::{keys::is_graph, token_errors::AuthorityError};
use crate::{permissions, scenario::ConsentPage, state::Tenant};

/// The only delegated permission that everybody may consent to for themselves, and that new registrations list.
const OWN_PROFILE: &str = "User.Read";

/// The parts of a `scope` parameter.
pub(super) struct Scopes {
    graph: Vec<&'static str>,
    pub(super) openid: bool,
    pub(super) offline: bool,
}

impl Scopes {
    /// Reads scopes, with or without Graph's name before them. `/.default` is everything that was granted.
    pub(super) fn read(tenant: &Tenant, scope: &str) -> Result<Self, AuthorityError> {
        let granted: Vec<&'static str> = std::iter::once(OWN_PROFILE)
            .chain(
                tenant.changing().registration.delegated.iter().filter_map(|id| permissions::scope_name(*id)),
            )
            .collect();
        let mut scopes = Self { graph: Vec::new(), openid: false, offline: false };
        for part in scope.split_whitespace() {
            match part {
                "openid" => scopes.openid = true,
                "offline_access" => scopes.offline = true,
                "profile" | "email" => {}
                _ => scopes.add(tenant, part, &granted)?,
            }
        }
        if scopes.graph.is_empty() {
            scopes.graph.push(OWN_PROFILE);
        }
        scopes.graph.sort_unstable();
        scopes.graph.dedup();
        Ok(scopes)
    }

    fn add(&mut self, tenant: &Tenant, part: &str, granted: &[&'static str]) -> Result<(), AuthorityError> {
        let (resource, name) = part.rsplit_once('/').unwrap_or(("https://graph.microsoft.com", part));
        if !is_graph(tenant, resource) {
            return Err(AuthorityError::ResourceUnknown {
                resource: resource.to_owned(),
                tenant: crate::server::TENANT_NAME.to_owned(),
            });
        }
        if name == ".default" {
            self.graph.extend(granted);
            return Ok(());
        }
        if let Some(known) = granted.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            self.graph.push(known);
            return Ok(());
        }
        let known = permissions::scope_id(name).is_some();
        if known && tenant.plays().consent == Some(ConsentPage::NeedsAdmin) {
            return Err(AuthorityError::AdminConsentRequired);
        }
        Err(if known {
            AuthorityError::ConsentMissing {
                client: tenant.facts.client_id.clone(),
                name: tenant.facts.app_name.clone(),
            }
        } else {
            AuthorityError::ScopeUnknown(part.to_owned())
        })
    }

    /// As `scp` and the answer's `scope` have it.
    pub(super) fn granted(&self) -> String {
        let mut names = self.graph.join(" ");
        if self.openid {
            names.push_str(" profile openid email");
        }
        names
    }
}
