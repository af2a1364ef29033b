//! Changes in the words of an admin.

use jiff::tz::TimeZone;

use super::{Change, CredentialFact, CredentialKind, RegisteredSecret, Shift, Switched};
use crate::words::{day, number};

impl Change {
    /// The kind of change, for scripts.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Tenant(_) => "tenant",
            Self::ClientId(_) => "client-id",
            Self::Profile(_) => "profile",
            Self::Issuer(..) => "certificate-issuer",
            Self::Slower(..) => "slower",
            Self::CredentialReplaced(_) => "credential-replaced",
            Self::CredentialEndMoved(..) => "credential-end-moved",
            Self::CredentialEnded(..) => "credential-ended",
            Self::SecretAdded(_) => "secret-added",
            Self::SecretRemoved(_) => "secret-removed",
            Self::TokenDelegated => "token-delegated",
            Self::TokenAppOnly => "token-app-only",
            Self::TokenLifetime(_) => "token-lifetime",
            Self::RolesLost(_) => "roles-lost",
            Self::RolesGained(_) => "roles-gained",
            Self::AssignmentsLost(_) => "assignments-lost",
            Self::AssignmentsGained(_) => "assignments-gained",
            Self::RequestsRemoved(_) => "requests-removed",
            Self::RequestsAdded(_) => "requests-added",
            Self::PublicClient(_) => "public-client",
            Self::SignIn(_) => "sign-in",
            Self::Users(_) => "users",
            Self::Groups(_) => "groups",
            Self::Memberships(_) => "memberships",
            Self::DirectoryPartial => "directory-partial",
            Self::DirectoryWhole => "directory-whole",
            Self::FindingAppeared(_) => "finding-appeared",
            Self::FindingGone(_) => "finding-gone",
        }
    }

    /// The change as one sentence, with the page's marks for names in the portal and for what could be copied.
    pub fn words(&self) -> String {
        match self {
            Self::Tenant(it) => format!("Another tenant is asked: `{}` → `{}`.", it.was, it.now),
            Self::ClientId(it) => format!("Another app is used: client ID `{}` → `{}`.", it.was, it.now),
            Self::Profile(it) => format!("Another gateway profile is used: {} → {}.", it.was, it.now),
            Self::Issuer(host, it) => {
                format!(
                    "`{host}` shows a certificate of {}; it was one of {}.",
                    it.now,
                    it.was.trim_end_matches('.')
                )
            }
            Self::Slower(host, it) => format!("`{host}` takes longer: {} ms → {} ms.", it.was, it.now),
            Self::CredentialReplaced(it) => replaced(it),
            Self::CredentialEndMoved(kind, it) => {
                let (was, now) = (day(it.was), day(it.now));
                format!("The end date kept with the {} is another: {was} → {now}.", kind.words())
            }
            Self::CredentialEnded(kind, on) => format!("The {} ended on {}.", kind.words(), day(*on)),
            Self::SecretAdded(secret) => format!("The registration has a new secret{}.", particulars(secret)),
            Self::SecretRemoved(secret) => {
                format!("The registration no longer has the secret{}.", particulars(secret))
            }
            Self::TokenDelegated => "The token speaks for a user now, not for the app.".to_owned(),
            Self::TokenAppOnly => "The token speaks for the app again.".to_owned(),
            Self::TokenLifetime(it) => {
                format!("The token lives {}; it was {}.", lifetime(it.now), lifetime(it.was))
            }
            Self::RolesLost(names) => format!("The token no longer carries {}.", list(names)),
            Self::RolesGained(names) => format!("The token now carries {}.", list(names)),
            Self::AssignmentsLost(names) => {
                format!("The service principal no longer has {} assigned.", list(names))
            }
            Self::AssignmentsGained(names) => {
                format!("The service principal now has {} assigned.", list(names))
            }
            Self::RequestsRemoved(names) => format!("The registration no longer requests {}.", list(names)),
            Self::RequestsAdded(names) => format!("The registration now requests {}.", list(names)),
            Self::PublicClient(switched) => {
                format!("**Allow public client flows** was switched {}.", switched.words())
            }
            Self::SignIn(switched) => {
                format!("Sign-in of the enterprise application was switched {}.", switched.words())
            }
            Self::Users(it) => format!("Users: {} → {}.", number(it.was), number(it.now)),
            Self::Groups(it) => format!("Groups: {} → {}.", number(it.was), number(it.now)),
            Self::Memberships(it) => format!("Memberships: {} → {}.", number(it.was), number(it.now)),
            Self::DirectoryPartial => "The last test sync did not read the directory to its end.".to_owned(),
            Self::DirectoryWhole => "The directory is read to its end again.".to_owned(),
            Self::FindingAppeared(finding) => format!("New: {}.", finding.title.trim_end_matches('.')),
            Self::FindingGone(finding) => {
                format!("No longer found: {}.", finding.title.trim_end_matches('.'))
            }
        }
    }
}

impl Switched {
    fn words(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

impl CredentialKind {
    fn words(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Certificate => "certificate",
        }
    }
}

fn replaced(credentials: &Shift<CredentialFact>) -> String {
    let Shift { was, now } = credentials;
    if was.kind != now.kind {
        return format!("A {} is in use now, and no longer a {}.", now.kind.words(), was.kind.words());
    }
    match (&was.hint, &now.hint) {
        (Some(before), Some(after)) if before != after => {
            format!("Another {} is in use: `{before}…` → `{after}…`.", now.kind.words())
        }
        _ => format!("Another {} is in use.", now.kind.words()),
    }
}

/// `` `AbC…` (end date 19 May 2027)``, as far as it is known.
fn particulars(secret: &RegisteredSecret) -> String {
    let hint = secret.hint.as_ref().map(|hint| format!(" `{hint}…`")).unwrap_or_default();
    let ends = secret.ends.map(|ends| format!(" (end date {})", day(ends.to_zoned(TimeZone::UTC).date())));
    hint + &ends.unwrap_or_default()
}

fn lifetime(seconds: u64) -> String {
    match seconds / 60 {
        0..120 => format!("{} minutes", seconds / 60),
        minutes => format!("{} hours", minutes / 60),
    }
}

/// `A`, `A and B`, `A, B and C`.
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
