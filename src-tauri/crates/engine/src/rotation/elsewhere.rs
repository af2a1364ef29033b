//! Other connections of the same app: their gateways may sign in with the credential that a rotation removes. Pure.

use crate::{
    connection::{Connection, Credential},
    gateways::Gateway,
};

/// Another connection of the same app that uses the old credential, or whose gateways may hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The connection's id.
    pub connection: String,
    /// Its name.
    pub name: String,
    /// Its own credential is the old one, as far as can be told.
    pub uses_old: bool,
    /// Its gateways that were given the old one, as far as can be told.
    pub gateways: Vec<String>,
}

impl Elsewhere {
    /// What an exception calls one of its gateways: `contoso-doors/door-1`. No gateway's own name has a slash in it.
    pub fn label(&self, gateway: &str) -> String {
        label(&self.connection, gateway)
    }
}

/// What an exception calls a gateway of another connection.
pub(crate) fn label(connection: &str, gateway: &str) -> String {
    format!("{connection}/{gateway}")
}

/// Both sign in to one app of one tenant.
pub(crate) fn same_app(one: &Connection, other: &Connection) -> bool {
    let tenants = (one.tenant_ref(), other.tenant_ref());
    let same_tenant = match tenants {
        (Some(one), Some(other)) if one == other => true,
        _ => one.tenant_id().is_some() && one.tenant_id() == other.tenant_id(),
    };
    same_tenant
        && one.endpoints.authority() == other.endpoints.authority()
        && one.client_id.is_some()
        && one.client_id == other.client_id
}

/// Whether the other connection has to do with the credential `old`; none when not.
pub(crate) fn elsewhere(other: &Connection, gateways: &[Gateway], old: &Credential) -> Option<Elsewhere> {
    let uses_old = other.credential.as_ref().is_some_and(|credential| may_be(credential, old));
    let holders = gateways.iter().filter(|gateway| may_hold(other, gateway, old));
    let gateways: Vec<String> = holders.map(|gateway| gateway.name.to_string()).collect();
    (uses_old || !gateways.is_empty()).then(|| Elsewhere {
        connection: other.id.clone(),
        name: other.name.clone(),
        uses_old,
        gateways,
    })
}

/// A receipt tells what a gateway has; without one it may have whatever was sealed for it.
fn may_hold(other: &Connection, gateway: &Gateway, old: &Credential) -> bool {
    let known = [other.credential.as_ref(), other.rotation.as_ref().map(|rotation| &rotation.other)];
    let may_be_old = |label: &str| match known.iter().flatten().find(|credential| credential.id() == label) {
        Some(credential) => may_be(credential, old),
        // A certificate's label says which one it is; a secret's only when it was entered there.
        None => old.certificate().map_or_else(|| label.starts_with("secret-"), |_| label == old.id()),
    };
    match &gateway.confirmed {
        Some(confirmed) if confirmed.held_back().is_none() => may_be_old(&confirmed.credential_id),
        _ => gateway.issued.iter().any(|issued| may_be_old(&issued.credential_id)),
    }
}

/// Secrets are told apart by what Entra ID shows of them, so that no keychain has to be opened: those that begin alike
/// may be one and the same.
fn may_be(credential: &Credential, old: &Credential) -> bool {
    match (credential.certificate(), old.certificate(), credential.secret(), old.secret()) {
        (Some(one), Some(other), ..) => one.sha256 == other.sha256,
        (.., Some(one), Some(other)) => one.hint.is_none() || other.hint.is_none() || one.hint == other.hint,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{connection::CredentialLook, diagnosis::checks::fixture, gateways::sample};

    fn with_hint(hint: &str) -> Connection {
        let mut connection = fixture::healthy();
        if let Some(CredentialLook::Secret(secret)) = connection.credential.as_mut().map(|one| &mut one.look)
        {
            secret.hint = Some(hint.to_owned());
        }
        connection
    }

    #[test]
    fn a_connection_with_a_secret_of_its_own_has_nothing_to_do_with_it() {
        let old = with_hint("old").credential.unwrap();
        assert_eq!(elsewhere(&with_hint("Own"), &[sample::gateway("a", 1, &[])], &old), None);
        let shared = elsewhere(&with_hint("old"), &[sample::gateway("a", 1, &[])], &old).unwrap();
        assert!(shared.uses_old && shared.gateways.is_empty(), "nothing was sealed for it");
    }

    #[test]
    fn another_tenant_or_app_is_another_one() {
        let mut other = with_hint("old");
        assert!(same_app(&with_hint("old"), &other));
        other.client_id = Some("3f9d1c52-0000-4000-8000-000000000001".to_owned());
        assert!(!same_app(&with_hint("old"), &other));
        other.client_id = None;
        assert!(!same_app(&other, &other), "no app was entered");
    }
}
