//! Rotation: the new credential is entered and proven beside the old one.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use secrecy::{ExposeSecret, SecretString};

use super::{
    CertificateImport, CertificateOrder, Gatehouse, Report, SecretEntry, running,
    work::{cancelled, same_inputs},
};
use crate::{
    connection::Connection,
    diagnosis::{self, Finding, Link, LinkState, ProbeOptions, ProbeWatcher, Severity},
    evidence::Evidence,
    fault::{Fault, FaultCode},
    rotation::{OldCredential, Rotation, RotationStanding, Stage, Trial, standing},
    sign_in_key::SignInKey,
    store::SetAside,
};

/// The credential that is to take the old one's place.
pub enum NewCredential {
    /// A client secret that the admin made in the portal.
    Secret(SecretEntry),
    /// A certificate that is made here.
    Made(CertificateOrder),
    /// A certificate that was made elsewhere.
    Imported(CertificateImport),
}

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
    /// The rotation under way with its gateways; none when there is none.
    ///
    /// # Errors
    /// The connection is unknown, its gateways cannot be read, or their list was lost after the new credential was proven.
    pub fn rotation(&self, id: &str) -> Result<Option<RotationStanding>, Fault> {
        let (connection, list) = (self.connection(id)?, self.gateways(id)?);
        let lost = list.set_aside.first().filter(|_| list.gateways.is_empty());
        match (connection.rotation.as_ref().is_some_and(Rotation::is_proven), lost) {
            (true, Some(lost)) => Err(list_lost(lost)),
            _ => Ok(standing(&connection, &list.gateways)),
        }
    }

    /// Enters the new credential. The connection goes on with the old one until the new one is proven; entering
    /// another one replaces a new one that is not.
    ///
    /// # Errors
    /// There is no old credential, the new one is the old one, it cannot be kept, or a rotation is in its last steps.
    pub fn begin_rotation(&self, id: &str, new: &NewCredential) -> Result<Connection, Fault> {
        let _running = self.inner.running.begin(id)?;
        let connection = self.connection(id)?;
        let current = connection.credential.as_ref().ok_or_else(nothing_to_rotate)?;
        if connection.rotation.as_ref().is_some_and(Rotation::is_proven) {
            return Err(Fault::new(
                FaultCode::NotReady,
                "The last rotation is not at its end: the old credential has not been removed yet.",
                "Finish it first, or go back to the old credential.",
            ));
        }
        if let NewCredential::Secret(entry) = new {
            self.refuse_the_same(&connection, &entry.secret)?;
        }
        let other = self.keep_beside(id, current, new)?;
        let saved = self.change(id, |saved| {
            same_inputs(saved, &connection)?;
            let (other, stage) = (other.clone(), Stage::Entered { tried: None });
            saved.rotation = Some(Rotation { started_at: other.entered_at, other, stage });
            Ok(())
        })?;
        if let Some(replaced) = &connection.rotation {
            self.forget_replaced(id, &replaced.other, &other);
        }
        Ok(saved)
    }

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
        trying.rotation = None;
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

    /// Names gateways whose receipt is not waited for. The list replaces an earlier one.
    ///
    /// # Errors
    /// A name is not in the list of gateways, or the new credential is not proven yet.
    pub fn except_gateways(&self, id: &str, names: &[String]) -> Result<Connection, Fault> {
        let gateways = self.gateways(id)?.gateways;
        let mut named: Vec<String> = Vec::with_capacity(names.len());
        for name in names {
            let known = gateways.iter().find(|one| one.name.as_str().eq_ignore_ascii_case(name));
            let known = known.ok_or_else(|| crate::gateways::unknown_gateway(name))?.name.to_string();
            if !named.contains(&known) {
                named.push(known);
            }
        }
        self.change(id, |saved| match &mut saved.rotation {
            Some(Rotation { stage: Stage::HandingOut { exceptions, .. }, .. }) => {
                *exceptions = named;
                Ok(())
            }
            _ => Err(not_proven()),
        })
    }

    /// Gives the rotation up. A new credential that is not proven is forgotten; after it was proven, the connection goes
    /// back to the old one, unless Entra ID refuses that by now.
    ///
    /// # Errors
    /// There is no rotation, the old credential works no more, the connection is busy, or it cannot be saved.
    pub fn abandon_rotation<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Connection, Fault>> {
        self.abandoned(id).boxed()
    }

    async fn abandoned(&self, id: &str) -> Result<Connection, Fault> {
        let running = self.inner.running.begin(id)?;
        let connection = self.connection(id)?;
        let rotation = connection.rotation.clone().ok_or_else(no_rotation)?;
        if rotation.is_proven() {
            let seen = tokio::select! {
                seen = self.ask_with(&connection, &rotation.other) => seen,
                () = running.work.cancelled.cancelled() => return Err(stopped()),
            };
            if matches!(seen, OldCredential::Refused { .. }) {
                return Err(Fault::new(
                    FaultCode::NotReady,
                    "Entra ID refuses the old credential, so there is nothing to go back to.",
                    "Go on with the new one: hand it out, then finish the rotation.",
                ));
            }
        }
        let new = if rotation.is_proven() { connection.credential.clone() } else { None };
        let saved = self.change(id, |saved| {
            same_inputs(saved, &connection)?;
            same_rotation(saved, &rotation)?;
            if rotation.is_proven() {
                saved.credential = Some(rotation.other.clone());
                saved.evidence.forget_from_app();
            }
            saved.rotation = None;
            Ok(())
        })?;
        // A locked keychain keeps it; it is not used any more.
        self.forget(id, new.as_ref().unwrap_or(&rotation.other)).ok();
        Ok(saved)
    }

    fn refuse_the_same(&self, connection: &Connection, new: &SecretString) -> Result<(), Fault> {
        let Some(looked) = crate::input::secret(new) else { return Ok(()) };
        // A current secret that cannot be had does not keep a new one from being entered.
        let current = self.key(connection).ok().flatten();
        let same = current
            .as_ref()
            .and_then(SignInKey::secret)
            .is_some_and(|current| current.expose_secret() == looked.secret.expose_secret());
        if !same {
            return Ok(());
        }
        Err(Fault::field(
            "secret",
            "This is the secret that is in use already.",
            "Paste the **Value** of the new one.",
        ))
    }
}

/// The new credential becomes the connection's, and the old one stands by.
fn hand_out(saved: &mut Connection, tried: &Connection, rotation: &Rotation) {
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
    saved.rotation = Some(Rotation { started_at: rotation.started_at, other: old, stage });
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

/// Without the list, no gateway seems to be waited for.
fn list_lost(lost: &SetAside) -> Fault {
    let what = format!(
        "The list of gateways was damaged and kept as {}, so it is not known which still hold the old credential.",
        lost.path.display()
    );
    let fix = "Enter the gateways again under Gateways, or give the rotation up.";
    Fault::new(FaultCode::NotReady, what, fix)
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

fn nothing_to_rotate() -> Fault {
    let fix = "Finish step 3, Credential, instead.";
    Fault::new(FaultCode::NotReady, "There is no credential yet that could be replaced.", fix)
}
