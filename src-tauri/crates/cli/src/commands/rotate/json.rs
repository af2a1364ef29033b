//! `gatehouse.rotation/1`.

use engine::{
    Fault,
    connection::{Connection, Credential},
    rotation::{
        Elsewhere, FinishedRotation, Holder, Holds, Locked, OldCredential, RemovedGateway, RotationStanding,
        Stage,
    },
};
use serde::Serialize;

/// Where a rotation stands; never a credential.
#[derive(Serialize)]
pub(super) struct RotationV1<'a> {
    schema: &'static str,
    connection: &'a str,
    /// Null when none is under way.
    rotation: Option<UnderWay<'a>>,
    /// The last one that came to its end.
    last: Option<Finished<'a>>,
    /// What kept the command from being done.
    problem: Option<Problem<'a>>,
}

#[derive(Serialize)]
struct UnderWay<'a> {
    /// `entered` or `handing-out`.
    stage: &'static str,
    started_at: String,
    proven_at: Option<String>,
    old: CredentialV1,
    new: CredentialV1,
    tried: Option<Tried<'a>>,
    /// `accepted`, `refused` or `could-not-tell`, once somebody looked.
    old_seen: Option<&'static str>,
    gateways: Vec<Gateway<'a>>,
    confirmed: usize,
    exceptions: &'a [String],
    removed: Vec<Removed<'a>>,
    /// Other connections of the same app that use the old credential, or whose gateways may hold it.
    elsewhere: Vec<OtherConnection<'a>>,
    /// When the connection went back to the old credential though nobody could tell whether it works.
    went_back_at: Option<String>,
    /// Null when the old credential may be removed.
    locked: Option<Lock>,
}

#[derive(Serialize)]
struct CredentialV1 {
    id: String,
    /// `secret` or `certificate`.
    kind: &'static str,
    ends_on: Option<String>,
}

#[derive(Serialize)]
struct Tried<'a> {
    at: String,
    finding: Option<&'a str>,
    title: Option<&'a str>,
}

#[derive(Serialize)]
struct Gateway<'a> {
    gateway: &'a str,
    /// `new`, `new-untested`, `new-failed`, `held-back`, `old` or `unknown`.
    holds: &'static str,
    code: Option<&'a str>,
    receipt_at: Option<String>,
    sealed: bool,
    excepted: bool,
    cannot_answer: bool,
}

/// A gateway that was removed from the list and had not confirmed the new credential.
#[derive(Serialize)]
struct Removed<'a> {
    gateway: &'a str,
    at: String,
}

#[derive(Serialize)]
struct OtherConnection<'a> {
    connection: &'a str,
    name: &'a str,
    uses_old: bool,
    /// Those that may hold the old one.
    gateways: &'a [String],
}

#[derive(Serialize)]
struct Lock {
    /// `not-proven`, `list-lost` or `unconfirmed`.
    because: &'static str,
    /// Those that are waited for; of another connection with its id before them: `contoso-doors/door-1`.
    gateways: Vec<String>,
    /// The damaged list of gateways, for `list-lost`.
    damaged: Option<String>,
}

#[derive(Serialize)]
struct Finished<'a> {
    started_at: String,
    finished_at: String,
    old: &'a str,
    new: &'a str,
    exceptions: &'a [String],
    removed: Vec<Removed<'a>>,
    /// False when it ended on the admin's word.
    seen_refused: bool,
}

#[derive(Serialize)]
struct Problem<'a> {
    what: &'a str,
    fix: &'a str,
}

impl<'a> RotationV1<'a> {
    pub(super) fn of(
        connection: &'a Connection,
        standing: Option<&'a RotationStanding>,
        problem: Option<&'a Fault>,
    ) -> Self {
        Self {
            schema: "gatehouse.rotation/1",
            connection: &connection.id,
            rotation: standing.map(UnderWay::of),
            last: connection.last_rotation.as_ref().map(Finished::of),
            problem: problem.map(|fault| Problem { what: &fault.what, fix: &fault.fix }),
        }
    }
}

impl<'a> UnderWay<'a> {
    fn of(standing: &'a RotationStanding) -> Self {
        let (stage, proven_at, tried, exceptions, seen) = match &standing.rotation.stage {
            Stage::Entered { tried } => ("entered", None, tried.as_ref(), [].as_slice(), None),
            Stage::HandingOut { proven_at, exceptions, removal } => {
                ("handing-out", Some(proven_at), None, exceptions.as_slice(), removal.as_ref())
            }
        };
        Self {
            stage,
            started_at: standing.rotation.started_at.to_string(),
            proven_at: proven_at.map(ToString::to_string),
            old: CredentialV1::of(&standing.old),
            new: CredentialV1::of(&standing.new),
            tried: tried.map(|trial| Tried {
                at: trial.at.to_string(),
                finding: trial.finding.as_deref(),
                title: trial.title.as_deref(),
            }),
            old_seen: seen.map(|removal| match removal.seen {
                OldCredential::Accepted => "accepted",
                OldCredential::Refused { .. } => "refused",
                OldCredential::CouldNotTell { .. } => "could-not-tell",
            }),
            gateways: standing.holders.iter().map(Gateway::of).collect(),
            confirmed: standing.confirmed(),
            exceptions,
            removed: removed(&standing.removed),
            elsewhere: standing.elsewhere.iter().map(OtherConnection::of).collect(),
            went_back_at: standing.rotation.went_back_at.map(|at| at.to_string()),
            locked: standing.locked.as_ref().map(|locked| match locked {
                Locked::NotProven => Lock { because: "not-proven", gateways: Vec::new(), damaged: None },
                Locked::ListLost(lost) => Lock {
                    because: "list-lost",
                    gateways: standing.waiting(),
                    damaged: Some(lost.path.to_string_lossy().into_owned()),
                },
                Locked::Unconfirmed(names) => {
                    Lock { because: "unconfirmed", gateways: names.clone(), damaged: None }
                }
            }),
        }
    }
}

impl<'a> OtherConnection<'a> {
    fn of(other: &'a Elsewhere) -> Self {
        let Elsewhere { connection, name, uses_old, gateways } = other;
        Self { connection, name, uses_old: *uses_old, gateways }
    }
}

impl CredentialV1 {
    fn of(credential: &Credential) -> Self {
        Self {
            id: credential.id(),
            kind: if credential.certificate().is_some() { "certificate" } else { "secret" },
            ends_on: credential.ends_on.map(|day| day.to_string()),
        }
    }
}

impl<'a> Gateway<'a> {
    fn of(holder: &'a Holder) -> Self {
        let (holds, code) = match &holder.holds {
            Holds::New => ("new", None),
            Holds::NewUntested => ("new-untested", None),
            Holds::NewFailed(code) => ("new-failed", Some(code.as_str())),
            Holds::HeldBack(code) => ("held-back", Some(code.as_str())),
            Holds::Old => ("old", None),
            Holds::Unknown => ("unknown", None),
        };
        Self {
            gateway: &holder.gateway,
            holds,
            code,
            receipt_at: holder.receipt_at.map(|at| at.to_string()),
            sealed: holder.sealed,
            excepted: holder.excepted,
            cannot_answer: holder.cannot_answer,
        }
    }
}

fn removed(gateways: &[RemovedGateway]) -> Vec<Removed<'_>> {
    gateways.iter().map(|known| Removed { gateway: &known.gateway, at: known.at.to_string() }).collect()
}

impl<'a> Finished<'a> {
    fn of(finished: &'a FinishedRotation) -> Self {
        Self {
            started_at: finished.started_at.to_string(),
            finished_at: finished.finished_at.to_string(),
            old: &finished.old_id,
            new: &finished.new_id,
            exceptions: &finished.exceptions,
            removed: removed(&finished.removed),
            seen_refused: finished.seen_refused,
        }
    }
}
