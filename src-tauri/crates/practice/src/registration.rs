//! The app registration, its service principal and what has been granted to it.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{Scenario, permissions, population::mix};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Fixed ids of the tenant, made from the seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TenantIds {
    pub(crate) tenant: Uuid,
    pub(crate) client: Uuid,
    pub(crate) application: Uuid,
    pub(crate) service_principal: Uuid,
    pub(crate) graph_service_principal: Uuid,
    pub(crate) secret: Uuid,
}

/// The app as it is now: what it asks for, what it has, its secrets and its public client setting.
pub(crate) struct Registration {
    pub(crate) known: bool,
    pub(crate) requested: Vec<Requested>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) public_client: Option<bool>,
    pub(crate) passwords: Vec<Password>,
    /// How long a grant that is given now takes to arrive.
    pub(crate) grant_delay: SignedDuration,
}

/// One entry of `requiredResourceAccess` for Microsoft Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Requested {
    pub(crate) id: Uuid,
    pub(crate) kind: PermissionKind,
}

impl Requested {
    /// The permission's name, where Graph has it.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self.kind {
            PermissionKind::Role => permissions::role_name(self.id),
            PermissionKind::Scope => permissions::scope_name(self.id),
        }
    }
}

/// `Role` is an application permission, `Scope` a delegated one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PermissionKind {
    Role,
    Scope,
}

/// One app role assignment of the service principal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant {
    pub(crate) role: Uuid,
    pub(crate) created: Timestamp,
    /// From here on it shows in new tokens and in the list of assignments.
    pub(crate) arrives: Timestamp,
}

/// A client secret.
#[derive(Clone)]
pub(crate) struct Password {
    pub(crate) key_id: Uuid,
    pub(crate) value: String,
    pub(crate) display_name: Option<String>,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
}

/// How a secret is judged when the app shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretVerdict {
    Accepted,
    Expired,
    Wrong,
}

/// What a scenario starts from.
pub(crate) struct Seed<'a> {
    pub(crate) ids: TenantIds,
    pub(crate) requested: &'a [String],
    pub(crate) secret: &'a str,
    pub(crate) seed: u64,
    pub(crate) consent_delay: SignedDuration,
    pub(crate) now: Timestamp,
}

impl Registration {
    /// The registration as the scenario tells it.
    pub(crate) fn new(scenario: Scenario, seed: &Seed<'_>) -> Self {
        let mut registration = Self {
            known: scenario != Scenario::AppUnknown,
            requested: Vec::new(),
            grants: Vec::new(),
            public_client: None,
            passwords: vec![first_password(scenario, seed)],
            grant_delay: SignedDuration::ZERO,
        };
        let kind = match scenario {
            Scenario::DelegatedOnly => PermissionKind::Scope,
            _ => PermissionKind::Role,
        };
        let own_registration = (scenario == Scenario::PublicClientOff).then_some("Directory.Read.All");
        for name in seed.requested.iter().map(String::as_str).chain(own_registration) {
            registration.request(name, kind);
        }
        match scenario {
            Scenario::ConsentMissing | Scenario::DelegatedOnly => {}
            Scenario::ConsentSlow => {
                registration.grant_delay = seed.consent_delay;
                registration.consent(seed.now);
            }
            Scenario::PublicClientOff => {
                registration.public_client = Some(false);
                registration.consent(seed.now - DAY);
            }
            Scenario::Healthy | Scenario::SecretWrong | Scenario::SecretExpired | Scenario::AppUnknown => {
                registration.consent(seed.now - DAY);
            }
        }
        registration
    }

    /// Admin consent: grants every application permission that is asked for and not granted yet.
    pub(crate) fn consent(&mut self, now: Timestamp) {
        let roles: Vec<Uuid> = self
            .requested
            .iter()
            .filter(|requested| requested.kind == PermissionKind::Role && requested.name().is_some())
            .map(|requested| requested.id)
            .collect();
        for role in roles {
            self.grant(role, now);
        }
    }

    /// Grants one role; `None` when it is granted already.
    pub(crate) fn grant(&mut self, role: Uuid, now: Timestamp) -> Option<Grant> {
        if self.grants.iter().any(|grant| grant.role == role) {
            return None;
        }
        let grant = Grant { role, created: now, arrives: now + self.grant_delay };
        self.grants.push(grant);
        Some(grant)
    }

    /// Grants that have arrived.
    pub(crate) fn arrived(&self, now: Timestamp) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(move |grant| grant.arrives <= now)
    }

    /// Role names for a token that is issued now, sorted.
    pub(crate) fn roles(&self, now: Timestamp) -> Vec<&'static str> {
        let mut names: Vec<_> =
            self.arrived(now).filter_map(|grant| permissions::role_name(grant.role)).collect();
        names.sort_unstable();
        names
    }

    /// Judges a secret as the token endpoint does.
    pub(crate) fn judge(&self, secret: &str, now: Timestamp) -> SecretVerdict {
        let matching = self.passwords.iter().filter(|password| password.value == secret);
        let verdicts: Vec<bool> = matching.map(|password| password.end > now).collect();
        match (verdicts.is_empty(), verdicts.contains(&true)) {
            (_, true) => SecretVerdict::Accepted,
            (false, false) => SecretVerdict::Expired,
            (true, false) => SecretVerdict::Wrong,
        }
    }

    fn request(&mut self, name: &str, kind: PermissionKind) {
        let id = match kind {
            PermissionKind::Role => permissions::role_id(name),
            PermissionKind::Scope => permissions::scope_id(name),
        };
        if let Some(id) = id {
            let requested = Requested { id, kind };
            if !self.requested.contains(&requested) {
                self.requested.push(requested);
            }
        }
    }
}

fn first_password(scenario: Scenario, seed: &Seed<'_>) -> Password {
    let (start, end) = match scenario {
        Scenario::SecretExpired => (seed.now - DAY * 366, seed.now - DAY),
        _ => (seed.now - DAY * 30, seed.now + DAY * 335),
    };
    let value = match scenario {
        Scenario::SecretWrong => secret_value(seed.seed, u64::MAX),
        _ => seed.secret.to_owned(),
    };
    Password { key_id: seed.ids.secret, value, display_name: Some("gateway".to_owned()), start, end }
}

/// A client secret in the shape of the real ones: three characters, a digit, `Q~`, then 34 characters.
pub(crate) fn secret_value(seed: u64, number: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~.-";
    let letter = |position: u64, choices: usize| {
        let drawn = mix(seed ^ 0x7365_6372, number, position) % choices as u64;
        char::from(LETTERS[drawn as usize])
    };
    let head: String = (0..3).map(|position| letter(position, 62)).collect();
    let tail: String = (10..44).map(|position| letter(position, LETTERS.len())).collect();
    format!("{head}8Q~{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_the_real_shape_and_differ() {
        let (one, two) = (secret_value(7, 0), secret_value(7, 1));
        assert_ne!(one, two);
        assert_eq!(one.len(), 40);
        assert_eq!(&one[3..6], "8Q~");
        assert_eq!(one, secret_value(7, 0));
    }
}
