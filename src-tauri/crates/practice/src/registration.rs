//! The app registration, its service principal and what has been granted to it.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    certificate::ClientCertificate,
    permissions,
    population::mix,
    scenario::{App, Certificate, Credential, Grants, Plays, Printed},
};

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
    pub(crate) certificate: Uuid,
    pub(crate) symmetric_key: Uuid,
}

/// The app as it is now: what it asks for, what it has, its secrets and its public client setting.
pub(crate) struct Registration {
    pub(crate) known: bool,
    pub(crate) requested: Vec<Requested>,
    pub(crate) grants: Vec<Grant>,
    /// Delegated permissions that consent was given for.
    pub(crate) delegated: Vec<Uuid>,
    pub(crate) public_client: Option<bool>,
    pub(crate) passwords: Vec<Password>,
    pub(crate) keys: Vec<KeyCredential>,
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

/// A certificate on the app. Its dates are those of the registration, which a scenario sets apart from the file's.
#[derive(Clone)]
pub(crate) struct KeyCredential {
    pub(crate) key_id: Uuid,
    pub(crate) certificate: ClientCertificate,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// It has the thumbprint, and the key of another certificate.
    pub(crate) other_key: bool,
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
    pub(crate) certificate: Option<&'a ClientCertificate>,
    /// Certificates that were uploaded while the tenant runs, with their ids.
    pub(crate) uploaded: &'a [(Uuid, ClientCertificate)],
    /// How long what is new takes to arrive.
    pub(crate) delay: SignedDuration,
    pub(crate) now: Timestamp,
}

impl<'a> Seed<'a> {
    fn keys(&self) -> impl Iterator<Item = (Uuid, &'a ClientCertificate)> {
        let first = self.certificate.map(|found| (self.ids.certificate, found));
        first.into_iter().chain(self.uploaded.iter().map(|(id, found)| (*id, found)))
    }
}

impl KeyCredential {
    /// A certificate as it is right after **Upload certificate**.
    pub(crate) fn new(key_id: Uuid, certificate: &ClientCertificate) -> Self {
        let (start, end) = (certificate.start, certificate.end);
        Self { key_id, start, end, certificate: certificate.clone(), other_key: false }
    }
}

impl Registration {
    /// The registration as the scenario tells it.
    pub(crate) fn new(plays: &Plays, seed: &Seed<'_>) -> Self {
        let mut registration = Self {
            known: !matches!(plays.app, Some(App::Unknown)),
            requested: Vec::new(),
            grants: Vec::new(),
            delegated: Vec::new(),
            public_client: plays.public_client,
            passwords: vec![first_password(plays, seed)],
            keys: seed.keys().filter_map(|(id, found)| key_credential(id, found, plays, seed.now)).collect(),
            grant_delay: SignedDuration::ZERO,
        };
        let kind = match plays.grants {
            Some(Grants::AskedAsDelegated) => PermissionKind::Scope,
            _ => PermissionKind::Role,
        };
        let own = plays.reads_itself_by.and_then(permissions::role_id);
        if let Some(role) = own {
            registration.request(Requested { id: role, kind: PermissionKind::Role });
            registration.grant(role, seed.now - DAY);
        }
        registration.request_all(seed.requested.iter().map(String::as_str), kind);
        registration.grant_as_told(plays.grants, own, seed);
        registration
    }

    fn grant_as_told(&mut self, grants: Option<Grants>, own: Option<Uuid>, seed: &Seed<'_>) {
        let long_ago = seed.now - DAY;
        match grants {
            None => self.consent(long_ago),
            Some(Grants::Nothing | Grants::AskedAsDelegated) => {}
            Some(Grants::First) => {
                if let Some(first) = self.requested.iter().find(|asked| Some(asked.id) != own).copied() {
                    self.grant(first.id, long_ago);
                }
            }
            Some(Grants::Slow) => {
                self.grant_delay = seed.delay;
                self.consent(seed.now);
            }
            Some(Grants::JustNow) => self.consent(seed.now),
            Some(Grants::AndAlso(more)) => {
                self.request_all([more].into_iter(), PermissionKind::Role);
                self.consent(long_ago);
            }
        }
    }

    /// Admin consent: grants everything that is asked for and not granted yet.
    pub(crate) fn consent(&mut self, now: Timestamp) {
        let scopes = self.requested.iter().filter(|requested| requested.kind == PermissionKind::Scope);
        self.delegated = scopes.map(|requested| requested.id).collect();
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
        let matching =
            self.passwords.iter().filter(|password| password.value == secret && password.start <= now);
        let verdicts: Vec<bool> = matching.map(|password| password.end > now).collect();
        match (verdicts.is_empty(), verdicts.contains(&true)) {
            (_, true) => SecretVerdict::Accepted,
            (false, false) => SecretVerdict::Expired,
            (true, false) => SecretVerdict::Wrong,
        }
    }

    fn request_all<'a>(&mut self, names: impl Iterator<Item = &'a str>, kind: PermissionKind) {
        let id = |name| match kind {
            PermissionKind::Role => permissions::role_id(name),
            PermissionKind::Scope => permissions::scope_id(name),
        };
        for id in names.filter_map(id) {
            self.request(Requested { id, kind });
        }
    }

    fn request(&mut self, requested: Requested) {
        if !self.requested.contains(&requested) {
            self.requested.push(requested);
        }
    }
}

fn first_password(plays: &Plays, seed: &Seed<'_>) -> Password {
    let (start, end) = match plays.credential {
        Some(Credential::Ended) => (seed.now - DAY * 366, seed.now - DAY),
        Some(Credential::EndsIn(days)) => (seed.now - DAY * 353, seed.now + DAY * (days as i32)),
        Some(Credential::NotYet) => (seed.now + seed.delay, seed.now + DAY * 365),
        _ => (seed.now - DAY * 30, seed.now + DAY * 335),
    };
    let value = match (plays.credential, plays.printed) {
        (Some(Credential::OtherSecret), _) => secret_value(seed.seed, u64::MAX),
        (_, Some(Printed::HtmlSecret)) => awkward_secret(seed.seed),
        _ => seed.secret.to_owned(),
    };
    Password { key_id: seed.ids.secret, value, display_name: Some("gateway".to_owned()), start, end }
}

fn key_credential(
    key_id: Uuid,
    certificate: &ClientCertificate,
    plays: &Plays,
    now: Timestamp,
) -> Option<KeyCredential> {
    let mut key = KeyCredential::new(key_id, certificate);
    match plays.certificate {
        Some(Certificate::Unknown) => return None,
        Some(Certificate::Ended) => (key.start, key.end) = (now - DAY * 366, now - DAY),
        Some(Certificate::OtherKey) => key.other_key = true,
        None => {}
    }
    Some(key)
}

/// A secret with characters that HTML writes in another way, as secrets that were made by the API once had.
pub(crate) fn awkward_secret(seed: u64) -> String {
    let plain = secret_value(seed, 2);
    format!("{}&{}<{}", &plain[..9], &plain[10..20], &plain[21..])
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
        assert_eq!(awkward_secret(7).len(), 40);
        assert_ne!(crate::http::escape(&awkward_secret(7)), awkward_secret(7));
    }
}
