//! Evidence in, the state of every step out.

use super::{STEPS, Step};
use crate::{
    access::AccessEffect,
    connection::Kept,
    diagnosis::{Case, Chain, Link, LinkState},
    evidence::Fact,
    export,
    gateways::{Gateway, GatewayStanding},
    words,
};

/// A step, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// Which one.
    pub step: Step,
    /// What the evidence says.
    pub state: StepState,
    /// The rail's second line.
    pub note: Option<String>,
    /// Why Continue is blocked.
    pub blocked: Option<String>,
    /// The sentence beside Continue when it is not.
    pub ready: Option<String>,
}

/// What the evidence says about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Nothing has been entered or tried.
    NotStarted,
    /// Begun, and not proven.
    InProgress,
    /// Proven.
    Done,
    /// Works, but.
    Attention,
    /// Broken.
    Broken,
}

/// All ten steps. `effect` is what the access rules mean in people, when a directory has been read.
pub fn steps(case: &Case<'_>, chain: &Chain, effect: Option<&AccessEffect>) -> Vec<StepReport> {
    STEPS
        .iter()
        .map(|row| match row.step {
            Step::Prepare => prepare(case, chain),
            Step::Registration => registration(case, chain),
            Step::Credential => credential(case, chain),
            Step::Permissions => permissions(case),
            Step::Consent => consent(case, chain),
            Step::PublicClient => public_client(case),
            Step::Token => token(case, chain),
            Step::Sync => sync(case),
            Step::Access => access(case, effect),
            Step::Write => write(case),
        })
        .collect()
}

impl StepReport {
    fn new(step: Step, state: StepState) -> Self {
        Self { step, state, note: None, blocked: None, ready: None }
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    fn blocked(mut self, because: impl Into<String>) -> Self {
        self.blocked = Some(because.into());
        self
    }

    fn ready(mut self, sentence: impl Into<String>) -> Self {
        self.ready = Some(sentence.into());
        self
    }
}

fn of_link(chain: &Chain, link: Link) -> StepState {
    match chain.link(link).state {
        LinkState::Proven => StepState::Done,
        LinkState::Attention => StepState::Attention,
        LinkState::Broken => StepState::Broken,
        LinkState::Unknown => StepState::InProgress,
        LinkState::NotTried | LinkState::Skipped => StepState::NotStarted,
    }
}

/// The later of two states in the order of trouble: a broken half makes the whole broken.
fn both(first: StepState, second: StepState) -> StepState {
    use StepState::{Attention, Broken, Done, InProgress, NotStarted};
    match (first, second) {
        (Broken, _) | (_, Broken) => Broken,
        (NotStarted, NotStarted) => NotStarted,
        (Done | Attention, Done | Attention) if first == Attention || second == Attention => Attention,
        (Done, Done) => Done,
        _ => InProgress,
    }
}

fn prepare(case: &Case<'_>, chain: &Chain) -> StepReport {
    let place = case.connection.cloud().map_or("Practice tenant", entra::Cloud::name);
    let report = StepReport::new(Step::Prepare, of_link(chain, Link::Network))
        .note(format!("{place} · {}", case.profile.name.to_lowercase()));
    match chain.link(Link::Network).state {
        LinkState::Proven | LinkState::Attention => report.ready("The hosts answered"),
        LinkState::Broken => {
            report.ready("You can continue, but nothing can be proven until the network is mended")
        }
        _ => report.ready("The network is still being checked; you can continue"),
    }
}

fn registration(case: &Case<'_>, chain: &Chain) -> StepReport {
    let connection = case.connection;
    let state = both(of_link(chain, Link::Tenant), of_link(chain, Link::App));
    let entered = connection.tenant.is_some() && connection.client_id.is_some();
    let mut report = StepReport::new(Step::Registration, state);
    if state == StepState::NotStarted && entered {
        report.state = StepState::InProgress;
    }
    if entered {
        report = report.note(connection.name.clone());
    }
    if connection.tenant.is_none() {
        report.blocked("Enter the tenant to continue")
    } else if connection.client_id.is_none() {
        report.blocked("Enter the client ID to continue")
    } else {
        match (chain.link(Link::Tenant).state, state) {
            (LinkState::Broken, _) => report.blocked("This tenant was not found"),
            (_, StepState::Broken) => report.blocked("This app was not found in the tenant"),
            (LinkState::Proven | LinkState::Attention, StepState::Done | StepState::Attention) => {
                report.ready("Tenant and app both found")
            }
            (LinkState::Proven | LinkState::Attention, _) => {
                report.ready("Tenant found. The app can be proven once there is a secret")
            }
            _ => report.blocked("The tenant has not been found yet"),
        }
    }
}

fn credential(case: &Case<'_>, chain: &Chain) -> StepReport {
    let Some(credential) = &case.connection.credential else {
        return StepReport::new(Step::Credential, StepState::NotStarted)
            .blocked("Make a certificate, or paste the secret’s value, to continue");
    };
    let mut state = of_link(chain, Link::Credential);
    if state == StepState::NotStarted {
        state = StepState::InProgress;
    }
    let report = StepReport::new(Step::Credential, state);
    match state {
        StepState::Broken => {
            let word = chain.link(Link::Credential).word.clone();
            report.note(word).blocked("Entra ID does not accept this credential")
        }
        StepState::Done | StepState::Attention => {
            let noun = credential.noun();
            let ends = credential
                .ends_on
                .map_or_else(|| noun.to_owned(), |day| format!("{noun} · ends {}", words::day(day)));
            report.note(ends).ready("Entra ID accepted it")
        }
        _ if credential.certificate().is_some() => {
            report.note("Waiting for the upload").blocked("Upload the certificate to continue")
        }
        _ if credential.kept == Kept::Session => {
            report.note("Kept for this session").blocked("Not tried yet")
        }
        _ => report.note("Kept").blocked("Not tried yet"),
    }
}

fn permissions(case: &Case<'_>) -> StepReport {
    let wanted = case.required();
    if wanted.is_empty() {
        return StepReport::new(Step::Permissions, StepState::NotStarted)
            .blocked("Choose at least one permission");
    }
    let requested = words::count(wanted.len(), "permission", "permissions");
    let report = |state| StepReport::new(Step::Permissions, state).note(requested.clone());
    if case.missing_roles().is_some_and(|missing| missing.is_empty()) {
        return report(StepState::Done).ready("Every permission is in the token");
    }
    let Some(registration) = case.evidence.registration.value() else {
        let state = if case.token().is_some() { StepState::InProgress } else { StepState::NotStarted };
        return report(state).ready("Add them in the portal, then continue to consent");
    };
    let absent: Vec<&str> = wanted
        .into_iter()
        .filter(|name| !registration.application.iter().any(|requested| requested == name))
        .collect();
    if absent.is_empty() {
        report(StepState::Done).ready("Each one is requested as an application permission")
    } else {
        report(StepState::Broken).ready(format!("Missing as application permission: {}", absent.join(", ")))
    }
}

fn consent(case: &Case<'_>, chain: &Chain) -> StepReport {
    let link = chain.link(Link::Consent);
    let report = StepReport::new(Step::Consent, of_link(chain, Link::Consent));
    match link.state {
        LinkState::Proven | LinkState::Attention => {
            report.note("Every role is in a token").ready("A fresh token carries every role")
        }
        LinkState::Broken | LinkState::Unknown => {
            report.note(link.word.clone()).blocked("Consent is not in a token yet")
        }
        _ if case.connection.credential.is_none() => {
            report.blocked("Needs a secret, so that a token can be fetched")
        }
        _ => report.blocked("Consent is not in a token yet"),
    }
}

fn public_client(case: &Case<'_>) -> StepReport {
    let needed = case.profile.public_client.needed;
    let step = |state| StepReport::new(Step::PublicClient, state);
    match &case.evidence.public_client {
        Fact::Seen(seen) => {
            let is = if seen.value.on { "On" } else { "Off" };
            let want = if needed { "needed" } else { "not needed" };
            if seen.value.on == needed {
                step(StepState::Done).note(format!("{is}, {want}")).ready("Nothing to change")
            } else {
                step(StepState::Attention)
                    .note(format!("{is}, {want}"))
                    .ready("You can continue and change it later")
            }
        }
        Fact::NotTried => step(StepState::NotStarted).ready("It is checked as soon as the app is known"),
        _ => {
            step(StepState::InProgress).note("Could not tell").ready("It could not be told; you can continue")
        }
    }
}

fn token(case: &Case<'_>, chain: &Chain) -> StepReport {
    let state = both(of_link(chain, Link::Token), of_link(chain, Link::Consent));
    let report = StepReport::new(Step::Token, state);
    match state {
        StepState::Done | StepState::Attention => {
            let roles = case.roles().map_or(0, <[String]>::len);
            report
                .note(format!("App-only, {}", words::count(roles, "role", "roles")))
                .ready("The token is right")
        }
        StepState::Broken => report.blocked("The token is not right yet"),
        StepState::InProgress => {
            report.note("Roles are missing").blocked("The token does not carry every role yet")
        }
        StepState::NotStarted => report.blocked("No token has been fetched yet"),
    }
}

fn sync(case: &Case<'_>) -> StepReport {
    let Some(record) = &case.evidence.sync else {
        return StepReport::new(Step::Sync, StepState::NotStarted).blocked("Run the test sync to continue");
    };
    let note =
        format!("{} users, {} groups", words::number(record.users.read), words::number(record.groups.read));
    if record.held.is_some() {
        return StepReport::new(Step::Sync, StepState::InProgress)
            .note(format!("Held back: {note}"))
            .ready("What is known stays as it was until you decide");
    }
    if record.complete {
        return StepReport::new(Step::Sync, StepState::Done)
            .note(note)
            .ready("The directory was read to the end");
    }
    let refused = record.users.read == 0 && !record.cancelled;
    let state = if refused { StepState::Broken } else { StepState::InProgress };
    let blocked = if record.cancelled {
        "The test sync was cancelled"
    } else {
        "The directory was not read to the end"
    };
    StepReport::new(Step::Sync, state).note(format!("Partial: {note}")).blocked(blocked)
}

fn access(case: &Case<'_>, effect: Option<&AccessEffect>) -> StepReport {
    let rules = &case.connection.access;
    let step = |state| StepReport::new(Step::Access, state);
    if rules.is_empty() {
        return step(StepState::NotStarted).blocked("Map at least one group to a role");
    }
    let note = words::count(rules.len(), "group mapped", "groups mapped");
    let Some(effect) = effect else {
        return step(StepState::InProgress)
            .note(note)
            .ready("What it means in people shows after the test sync");
    };
    if effect.granted == 0 {
        return step(StepState::Broken).note("Nobody gets in").blocked("These rules let nobody in");
    }
    let in_words = format!(
        "{} people get access, {} are kept out",
        words::number(effect.granted),
        words::number(effect.kept_out)
    );
    if !case.evidence.sync.as_ref().is_some_and(|sync| sync.complete) {
        return step(StepState::Attention).note("From a partial read").ready(in_words);
    }
    if effect.administrators == 0 {
        return step(StepState::Attention).note("No administrator").ready(in_words);
    }
    step(StepState::Done).note(note).ready(in_words)
}

fn write(case: &Case<'_>) -> StepReport {
    let step = |state| StepReport::new(Step::Write, state);
    match &case.evidence.written {
        Fact::Seen(seen) if seen.value.unreadable.is_some() => {
            step(StepState::Broken).note("Does not read back")
        }
        Fact::Seen(seen) if seen.value.settings == export::fingerprint(case.connection) => {
            step(StepState::Done).note(words::moment(seen.value.written_at)).ready("Written and read back")
        }
        Fact::Seen(_) => step(StepState::Attention).note("Settings changed since").ready("Write it again"),
        _ => sealed(case).unwrap_or_else(|| step(StepState::NotStarted)),
    }
}

/// Bundles are the other way for the config to get to its gateways.
fn sealed(case: &Case<'_>) -> Option<StepReport> {
    let sealed: Vec<&Gateway> = case.gateways.iter().filter(|gateway| gateway.newest().is_some()).collect();
    if sealed.is_empty() {
        return None;
    }
    let step = |state| StepReport::new(Step::Write, state);
    let outdated = |gateway: &&&Gateway| gateway.standing(case.connection) == GatewayStanding::Outdated;
    Some(match sealed.iter().filter(outdated).count() {
        0 => step(StepState::Done)
            .note(words::count(sealed.len(), "bundle sealed", "bundles sealed"))
            .ready("You can finish now; receipts can come at any time"),
        outdated => step(StepState::Attention)
            .note(format!("{outdated} outdated"))
            .ready("Seal the bundles with an earlier credential again"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        connection::Credential, diagnosis::checks::fixture, gateways::sample, profile::shipped_profile,
    };

    #[test]
    fn bundles_are_the_other_way_to_finish_step_10() {
        let mut connection = fixture::healthy();
        connection.evidence.written = Fact::NotTried;
        let current = connection.credential.as_ref().map(Credential::id).unwrap();
        let profile = shipped_profile(&connection.profile).unwrap();
        let of = |gateways: &[Gateway]| {
            let report = write(&Case::of(&connection, &profile, fixture::now()).with_gateways(gateways));
            (report.state, report.note.unwrap_or_default())
        };
        let with = |name, credentials: &[&str]| sample::gateway(name, 1, credentials);
        assert_eq!(of(&[with("a", &[])]).0, StepState::NotStarted);
        let sealed = [with("a", &["old", &current]), with("b", &[&current]), with("c", &[])];
        assert_eq!(of(&sealed), (StepState::Done, "2 bundles sealed".to_owned()));
        let outdated = [with("a", &["old"]), with("b", &[&current])];
        assert_eq!(of(&outdated), (StepState::Attention, "1 outdated".to_owned()));
    }
}
