//! What is different between two runs. Pure; compares only what both of them saw.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    Facts, Run, RunFinding,
    facts::{CredentialFact, CredentialKind, DirectoryFact, RegisteredSecret, TokenFact},
};
use crate::diagnosis::{Link, LinkState};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another tenant is asked.
    Tenant(Shift<String>),
    /// Another app is used.
    ClientId(Shift<String>),
    /// Another gateway profile.
    Profile(Shift<String>),
    /// A host, named first, shows a certificate of another issuer.
    Issuer(String, Shift<String>),
    /// A host, named first, takes at least three times as long, and a second or more; in milliseconds.
    Slower(String, Shift<u32>),
    /// Another secret or certificate was entered.
    CredentialReplaced(Shift<CredentialFact>),
    /// The end of the credential in use is known to be another day.
    CredentialEndMoved(CredentialKind, Shift<Date>),
    /// The credential in use ended in between.
    CredentialEnded(CredentialKind, Date),
    /// The registration lists a new secret.
    SecretAdded(RegisteredSecret),
    /// The registration no longer lists a secret.
    SecretRemoved(RegisteredSecret),
    /// The token speaks for a user now.
    TokenDelegated,
    /// The token speaks for the app again.
    TokenAppOnly,
    /// The token lives at least twice as long, or at most half; in seconds.
    TokenLifetime(Shift<u64>),
    /// Roles that are no longer in the token.
    RolesLost(Vec<String>),
    /// Roles that are new in the token.
    RolesGained(Vec<String>),
    /// Roles that the service principal no longer has.
    AssignmentsLost(Vec<String>),
    /// Roles that the service principal has besides.
    AssignmentsGained(Vec<String>),
    /// Permissions that the registration no longer requests.
    RequestsRemoved(Vec<String>),
    /// Permissions that the registration requests besides.
    RequestsAdded(Vec<String>),
    /// **Allow public client flows** was switched on, or off.
    PublicClient(Switched),
    /// Sign-in of the service principal was switched on, or off.
    SignIn(Switched),
    /// Another number of users was read.
    Users(Shift<u64>),
    /// Another number of groups was read.
    Groups(Shift<u64>),
    /// Another number of memberships was read.
    Memberships(Shift<u64>),
    /// The directory is no longer read to its end.
    DirectoryPartial,
    /// The directory is read to its end again.
    DirectoryWhole,
    /// Something is found that was not.
    FindingAppeared(RunFinding),
    /// Something is no longer found.
    FindingGone(RunFinding),
}

/// What was, and what is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift<T> {
    /// In the last good run.
    pub was: T,
    /// In the run that is compared with it.
    pub now: T,
}

/// Which way a switch went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switched {
    /// It is on now.
    On,
    /// It is off now.
    Off,
}

/// Everything that is different, in the order of the chain, causes before findings; nothing when nothing changed.
pub fn changed_since(last_good: &Run, now: &Run) -> Vec<Change> {
    let (was, is) = (&last_good.record.facts, &now.record.facts);
    let mut changes = Vec::new();
    inputs(was, is, &mut changes);
    changes.extend(shift(&last_good.record.profile, &now.record.profile).map(Change::Profile));
    hosts(was, is, &mut changes);
    if let (Some(was), Some(is)) = (&was.credential, &is.credential) {
        let at = Shift { was: last_good.record.started_at, now: now.record.started_at };
        credential(was, is, &at, &mut changes);
    }
    if let (Some(was), Some(is)) = (&was.registered_secrets, &is.registered_secrets) {
        registered_secrets(was, is, &mut changes);
    }
    if let (Some(was), Some(is)) = (&was.token, &is.token) {
        token(was, is, &mut changes);
    }
    permissions(was, is, &mut changes);
    switches(was, is, &mut changes);
    if let (Some(was), Some(is)) = (&was.directory, &is.directory) {
        directory(*was, *is, &mut changes);
    }
    findings(last_good, now, &mut changes);
    changes
}

fn inputs(was: &Facts, is: &Facts, changes: &mut Vec<Change>) {
    changes.extend(known_shift(&was.tenant, &is.tenant).map(Change::Tenant));
    changes.extend(known_shift(&was.client_id, &is.client_id).map(Change::ClientId));
}

fn hosts(was: &Facts, is: &Facts, changes: &mut Vec<Change>) {
    for now in &is.hosts {
        let Some(before) = was.hosts.iter().find(|before| before.host == now.host) else { continue };
        let issuer = known_shift(&before.issuer, &now.issuer);
        let issuer = issuer.filter(|it| organisation(&it.was) != organisation(&it.now));
        changes.extend(issuer.map(|issuer| Change::Issuer(now.host.clone(), issuer)));
        if now.took_ms >= 1_000 && now.took_ms >= before.took_ms.saturating_mul(3) {
            let took = Shift { was: before.took_ms, now: now.took_ms };
            changes.push(Change::Slower(now.host.clone(), took));
        }
    }
}

/// One authority issues from several certificates in turn; another organisation is another authority.
fn organisation(issuer: &str) -> &str {
    issuer.split_once(", ").map_or(issuer, |(_, organisation)| organisation)
}

fn credential(was: &CredentialFact, is: &CredentialFact, at: &Shift<Timestamp>, changes: &mut Vec<Change>) {
    let replaced = was.entered_at != is.entered_at || was.kind != is.kind;
    if replaced {
        changes.push(Change::CredentialReplaced(Shift { was: was.clone(), now: is.clone() }));
    } else {
        let moved = known_shift(&was.ends_on, &is.ends_on);
        changes.extend(moved.map(|days| Change::CredentialEndMoved(is.kind, days)));
    }
    let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
    let ended = is.ends_on.filter(|end| *end <= day(at.now) && (replaced || *end > day(at.was)));
    changes.extend(ended.map(|day| Change::CredentialEnded(is.kind, day)));
}

fn registered_secrets(was: &[RegisteredSecret], is: &[RegisteredSecret], changes: &mut Vec<Change>) {
    let is_in =
        |all: &[RegisteredSecret], one: &RegisteredSecret| all.iter().any(|known| known.key_id == one.key_id);
    changes.extend(was.iter().filter(|gone| !is_in(is, gone)).cloned().map(Change::SecretRemoved));
    changes.extend(is.iter().filter(|new| !is_in(was, new)).cloned().map(Change::SecretAdded));
}

fn token(was: &TokenFact, is: &TokenFact, changes: &mut Vec<Change>) {
    match (was.delegated, is.delegated) {
        (false, true) => changes.push(Change::TokenDelegated),
        (true, false) => changes.push(Change::TokenAppOnly),
        _ => {}
    }
    let lifetime = Shift { was: was.lifetime_seconds, now: is.lifetime_seconds };
    let (short, long) = (lifetime.was.min(lifetime.now), lifetime.was.max(lifetime.now));
    // Entra ID itself varies it between 60 and 90 minutes.
    if short > 0 && long >= short.saturating_mul(2) {
        changes.push(Change::TokenLifetime(lifetime));
    }
}

fn permissions(was: &Facts, is: &Facts, changes: &mut Vec<Change>) {
    fn roles(facts: &Facts) -> Option<&Vec<String>> {
        facts.token.as_ref()?.roles.as_ref()
    }
    type Named = fn(Vec<String>) -> Change;
    let three: [(_, _, Named, Named); 3] = [
        (roles(was), roles(is), Change::RolesLost, Change::RolesGained),
        (was.assigned.as_ref(), is.assigned.as_ref(), Change::AssignmentsLost, Change::AssignmentsGained),
        (was.requested.as_ref(), is.requested.as_ref(), Change::RequestsRemoved, Change::RequestsAdded),
    ];
    for (was, is, lost, gained) in three {
        let (Some(was), Some(is)) = (was, is) else { continue };
        changes.extend(names_only_in(was, is).map(lost));
        changes.extend(names_only_in(is, was).map(gained));
    }
}

fn switches(was: &Facts, is: &Facts, changes: &mut Vec<Change>) {
    let switched = |shift: Shift<bool>| if shift.now { Switched::On } else { Switched::Off };
    changes
        .extend(known_shift(&was.public_client, &is.public_client).map(switched).map(Change::PublicClient));
    changes.extend(known_shift(&was.sign_in_enabled, &is.sign_in_enabled).map(switched).map(Change::SignIn));
}

/// A partial read counts nothing, so only two whole ones are compared by number.
fn directory(was: DirectoryFact, is: DirectoryFact, changes: &mut Vec<Change>) {
    match (was.complete, is.complete) {
        (true, false) => changes.push(Change::DirectoryPartial),
        (false, true) => changes.push(Change::DirectoryWhole),
        (false, false) => {}
        (true, true) => {
            changes.extend(shift(&was.users, &is.users).map(Change::Users));
            changes.extend(shift(&was.groups, &is.groups).map(Change::Groups));
            changes.extend(shift(&was.memberships, &is.memberships).map(Change::Memberships));
        }
    }
}

fn findings(last_good: &Run, now: &Run, changes: &mut Vec<Change>) {
    let (was, is) = (&last_good.record.findings, &now.record.findings);
    let is_in = |all: &[RunFinding], one: &RunFinding| all.iter().any(|known| known.id == one.id);
    changes.extend(is.iter().filter(|new| !is_in(was, new)).cloned().map(Change::FindingAppeared));
    // From a broken link on nobody looked further, so what is not found there is not gone.
    let works = |link: Link| {
        let good = |state| matches!(state, LinkState::Proven | LinkState::Attention);
        now.record.links.iter().any(|report| report.link == link && good(report.state))
    };
    let gone = was.iter().filter(|old| works(old.link) && !is_in(is, old));
    changes.extend(gone.cloned().map(Change::FindingGone));
}

fn shift<T: Clone + PartialEq>(was: &T, now: &T) -> Option<Shift<T>> {
    (was != now).then(|| Shift { was: was.clone(), now: now.clone() })
}

/// Only where both are known.
fn known_shift<T: Clone + PartialEq>(was: &Option<T>, now: &Option<T>) -> Option<Shift<T>> {
    shift(was.as_ref()?, now.as_ref()?)
}

fn names_only_in(these: &[String], those: &[String]) -> Option<Vec<String>> {
    let only: Vec<String> = these.iter().filter(|name| !those.contains(name)).cloned().collect();
    (!only.is_empty()).then_some(only)
}

#[cfg(test)]
mod tests;
