//! Rotation: the new credential is entered and proven beside the old one.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};

use super::{
    Gatehouse, Report, running,
    work::{cancelled, same_inputs},
};
use crate::{
    connection::Connection,
    diagnosis::{self, Finding, Link, LinkState, ProbeOptions, ProbeWatcher, Severity},
    evidence::Evidence,
    fault::{Fault, FaultCode},
    rotation::{Known, Rotation, Stage, Trial},
};

/// What came of trying the new credential.
pub struct RotationTrial {
    /// The connection as it would be, or now is, with the new credential, judged.
    pub report: Report,
    /// Everything up to the directory works with it, and it is the connection's credential from now on.
    pub proven: bool,
}

/// Pauses while Entra ID does not know a fresh credential yet, in seconds. They add up to a little over a minute.
const NOT_YET: [u64; 7] = [2, 3, 5, 8, 13, 15, 20];

/// How long one try may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(15);

impl Gatehouse {
    /// Tries the new credential for real: token, roles, and a probe of users and groups. While Entra ID does not know a
    /// fresh one yet, it is tried again for about a minute. Once it is proven the connection uses it.
    ///
    /// # Errors
    /// There is no new credential, it cannot be had from where it is kept, the connection is busy, or the admin
    /// stopped it. What Entra ID refuses is in the trial, not an error.
    pub fn prove_rotation<'a>(
        &'a self,
        id: &'a str,
        watcher: &'a dyn ProbeWatcher,
    ) -> BoxFuture<'a, Result<RotationTrial, Fault>> {
        self.proved(id, watcher).boxed()
    }

    async fn proved(&self, id: &str, watcher: &dyn ProbeWatcher) -> Result<RotationTrial, Fault> {
        let running = self.inner.running.begin(id)?;
        let connection = self.connection(id)?;
        let rotation = connection.rotation.clone().filter(|rotation| !rotation.is_proven());
        let rotation = rotation.ok_or_else(|| {
            let fix = "Enter the new credential first.";
            Fault::new(FaultCode::NotReady, "There is no new credential that could be tried.", fix)
        })?;
        let report = self.try_out(&running, &connection, &rotation, watcher).await?;
        let proven = is_proven(&report);
        // Step 3 may be at the entries of the vault at this moment.
        let _held = self.hold_credentials(id)?;
        let saved = self.change(id, |saved| {
            same_inputs(saved, &connection)?;
            same_rotation(saved, &rotation)?;
            if proven {
                hand_out(saved, &report.connection, &rotation);
            } else if let Some(Rotation { stage: Stage::Entered { tried }, .. }) = &mut saved.rotation {
                *tried = Some(trial(&report));
            }
            Ok(())
        })?;
        let report = if proven { self.judge(saved)? } else { report };
        Ok(RotationTrial { report, proven })
    }

    async fn try_out(
        &self,
        running: &running::Guard,
        connection: &Connection,
        rotation: &Rotation,
        watcher: &dyn ProbeWatcher,
    ) -> Result<Report, Fault> {
        let profile = self.profile_of(connection)?;
        let required = profile.required(&connection.custom_permissions);
        let options = ProbeOptions {
            through: Link::Directory,
            deadline: DEADLINE,
            consent_wait: Duration::ZERO,
            required: required.into_iter().map(str::to_owned).collect(),
            account: None,
        };
        let mut trying = connection.clone();
        trying.credential = Some(rotation.other.clone());
        let key = self.key(&trying)?;
        let mut pauses = NOT_YET.iter();
        loop {
            trying.evidence.forget_from_app();
            let entra = self.entra(connection, DEADLINE, DEADLINE)?;
            let probing = diagnosis::probe::probe(
                &entra,
                &mut trying,
                key.as_ref(),
                &options,
                &*self.inner.clock,
                watcher,
            );
            tokio::select! {
                () = probing => {}
                () = running.work.cancelled.cancelled() => return Err(stopped()),
            }
            let report = self.judge(trying.clone())?;
            let Some(pause) = pauses.next().filter(|_| is_not_yet(&report)) else { return Ok(report) };
            let pause = Duration::from_secs(*pause);
            watcher.not_yet(pause);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = running.work.cancelled.cancelled() => return Err(stopped()),
            }
        }
    }
}

/// The new credential becomes the connection's, and the old one stands by.
fn hand_out(saved: &mut Connection, tried: &Connection, rotation: &Rotation) {
    let known = Known::of(saved);
    let Some(old) = saved.credential.replace(rotation.other.clone()) else { return };
    if let (Some(new), Some(seen)) = (&mut saved.credential, &tried.credential) {
        new.ends_on = seen.ends_on;
    }
    let (sync, written) = (saved.evidence.sync.take(), std::mem::take(&mut saved.evidence.written));
    let consent_answer = saved.evidence.consent_answer.take();
    saved.evidence = Evidence { sync, written, consent_answer, ..tried.evidence.clone() };
    saved.checked_at = tried.checked_at;
    let proven_at = tried.checked_at.unwrap_or(rotation.started_at);
    let stage = Stage::HandingOut { proven_at, exceptions: Vec::new(), removal: None };
    saved.rotation = Some(Rotation {
        other: old,
        stage,
        known: Some(Box::new(known)),
        went_back_at: None,
        ..rotation.clone()
    });
}

/// Every link up to the directory was seen to work.
fn is_proven(report: &Report) -> bool {
    let links = report.chain.links.iter().filter(|link| link.link != Link::Gateway);
    links.into_iter().all(|link| matches!(link.state, LinkState::Proven | LinkState::Attention))
}

fn trial(report: &Report) -> Trial {
    let first = first_finding(report);
    Trial {
        at: report.now,
        finding: first.map(|finding| finding.id.to_owned()),
        title: first.map(|finding| finding.title.clone()),
    }
}

/// The finding that keeps the first link from being proven.
fn first_finding(report: &Report) -> Option<&Finding> {
    let broken = report.chain.links.iter().find(|link| {
        matches!(link.state, LinkState::Broken | LinkState::Unknown) && link.link != Link::Gateway
    })?;
    // What deserves attention alone, such as a near end, has broken nothing.
    let mut of_link = report.chain.findings.iter().filter(|finding| finding.link == broken.link);
    of_link.find(|finding| finding.severity != Severity::Attention)
}

fn is_not_yet(report: &Report) -> bool {
    // The practice tenant knows an uploaded certificate at once.
    let uploaded = |finding: &Finding| finding.id == "certificate-unknown" && !report.connection.practice;
    first_finding(report).is_some_and(|finding| finding.id == "secret-not-yet" || uploaded(finding))
}

pub(super) fn stopped() -> Fault {
    cancelled("You stopped the check.")
}

/// Another program may have gone on with the rotation, or ended it.
pub(super) fn same_rotation(saved: &Connection, rotation: &Rotation) -> Result<(), Fault> {
    let same = saved.rotation.as_ref().is_some_and(|saved| {
        saved.other.entered_at == rotation.other.entered_at && saved.is_proven() == rotation.is_proven()
    });
    if same { Ok(()) } else { Err(cancelled("The rotation was changed meanwhile, so nothing was done.")) }
}

pub(super) fn no_rotation() -> Fault {
    Fault::new(FaultCode::NotReady, "No rotation is under way.", "Enter a new credential to begin one.")
}

pub(super) fn not_proven() -> Fault {
    Fault::new(FaultCode::NotReady, "The new credential is not proven yet.", "Prove it first.")
}
