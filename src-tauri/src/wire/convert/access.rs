use engine::{
    access::{self, NO_ACCESS},
    input::Paste,
    profile::Profile,
};

use super::small;
use crate::wire::{GroupAccess, GroupHit, PasteView, PersonAccess, ViaGroup};

impl From<access::GroupHit> for GroupHit {
    fn from(hit: access::GroupHit) -> Self {
        Self {
            id: hit.id,
            name: hit.name,
            members: small(hit.members),
            nested_groups: small(hit.nested_groups),
            shares_name: hit.shares_name,
        }
    }
}

impl From<access::GroupAccess> for GroupAccess {
    fn from(access: access::GroupAccess) -> Self {
        Self {
            group_id: access.group_id,
            group_name: access.group_name,
            will_get: small(access.will_get),
            kept_out: small(access.kept_out),
            direct: small(access.direct),
            via: access
                .via
                .into_iter()
                .map(|(group_name, people)| ViaGroup { group_name, people: small(people) })
                .collect(),
        }
    }
}

impl PersonAccess {
    pub(crate) fn of(person: access::PersonAccess, profile: &Profile) -> Self {
        let role = match person.role.as_deref() {
            _ if person.denied => role_name(profile, NO_ACCESS),
            Some(role) => role_name(profile, role),
            None => "No access: no rule names this person".to_owned(),
        };
        Self {
            id: person.id,
            user_principal_name: person.user_principal_name,
            display_name: person.display_name,
            role,
            denied: person.denied,
            because: person.because,
        }
    }
}

pub(super) fn role_name(profile: &Profile, id: &str) -> String {
    if id == NO_ACCESS {
        return "No access".to_owned();
    }
    profile.role(id).map_or_else(|| id.to_owned(), |role| role.name.clone())
}

impl From<Paste> for PasteView {
    fn from(paste: Paste) -> Self {
        let parts = [
            (paste.tenant.is_some(), "Tenant"),
            (paste.client_id.is_some(), "Client ID"),
            (paste.name.is_some(), "Display name"),
            (paste.object_id.is_some(), "Object ID, not needed"),
        ];
        Self {
            found: parts.iter().filter(|(seen, _)| *seen).map(|(_, label)| (*label).to_owned()).collect(),
            tenant: paste.tenant,
            client_id: paste.client_id,
            name: paste.name,
            object_id: paste.object_id,
            secret_seen: paste.secret_seen,
        }
    }
}
