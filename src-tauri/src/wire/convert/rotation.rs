use engine::{
    Fault, Gatehouse, Report, RotationTrial,
    connection::Credential,
    gateways::Gateway,
    rotation::{
        Elsewhere, FinishedRotation, Holder, Holds, Locked, LostList, OldCredential, Removal, RemovedGateway,
        RotationStanding, Stage, Trial,
    },
};
use jiff::{Timestamp, tz::TimeZone};

use super::small;
use crate::wire::{
    ElsewhereView, FindingView, HolderView, HoldsId, LifelineView, LinkView, LostListView, OldSeen,
    RemovalView, RemovedGatewayView, RotationEnded, RotationStage, RotationTrialView, RotationUnderWay,
    RotationView, TriedView,
};

/// Digits of a thumbprint that tell two certificates apart for a person.
const THUMBPRINT_HINT: usize = 8;

impl RotationView {
    pub(crate) fn of(engine: &Gatehouse, id: &str) -> Result<Self, Fault> {
        let report = engine.report(id)?;
        let standing = engine.rotation(id)?;
        let gateways = engine.gateways(id)?.gateways;
        let connection = &report.connection;
        let old = standing.as_ref().map(|standing| &standing.old).or(connection.credential.as_ref());
        Ok(Self {
            connection: connection.id.clone(),
            name: connection.name.clone(),
            practice: connection.practice,
            keychain: (&engine.keychain()).into(),
            old: old.map(|credential| LifelineView::of(credential, report.now)),
            under_way: standing
                .as_ref()
                .map(|standing| RotationUnderWay::of(standing, &gateways, report.now)),
            last: connection.last_rotation.as_ref().map(RotationEnded::from),
            links: links(&report),
            now: report.now.to_string(),
        })
    }
}

impl RotationTrialView {
    pub(crate) fn of(engine: &Gatehouse, trial: &RotationTrial) -> Result<Self, Fault> {
        let report = &trial.report;
        let findings = report.chain.findings.iter();
        Ok(Self {
            proven: trial.proven,
            links: links(report),
            findings: findings.map(|finding| FindingView::of(finding, &report.connection)).collect(),
            view: RotationView::of(engine, &report.connection.id)?,
        })
    }
}

impl RotationUnderWay {
    fn of(standing: &RotationStanding, gateways: &[Gateway], now: Timestamp) -> Self {
        let (waiting_for, list_lost) = match &standing.locked {
            Some(Locked::Unconfirmed(names)) => (names.clone(), None),
            Some(Locked::ListLost(lost)) => (standing.waiting(), Some(LostListView::from(lost))),
            Some(Locked::NotProven) | None => (Vec::new(), None),
        };
        let (stage, proven_at, tried, removal, exceptions) = match &standing.rotation.stage {
            Stage::Entered { tried } => (RotationStage::Entered, None, tried.as_ref(), None, Vec::new()),
            Stage::HandingOut { proven_at, exceptions, removal } => {
                (RotationStage::HandingOut, Some(proven_at), None, removal.as_ref(), exceptions.clone())
            }
        };
        Self {
            stage,
            started_at: standing.rotation.started_at.to_string(),
            proven_at: proven_at.map(Timestamp::to_string),
            new: LifelineView::of(&standing.new, now),
            tried: tried.map(TriedView::from),
            removal: removal.map(RemovalView::from),
            holders: standing.holders.iter().map(|holder| HolderView::of(holder, gateways)).collect(),
            confirmed: small(standing.confirmed() as u64),
            waiting_for,
            exceptions,
            removed: standing.removed.iter().map(RemovedGatewayView::from).collect(),
            elsewhere: standing.elsewhere.iter().map(ElsewhereView::from).collect(),
            list_lost,
            went_back_at: standing.rotation.went_back_at.map(|at| at.to_string()),
            removable: standing.locked.is_none(),
        }
    }
}

impl LifelineView {
    fn of(credential: &Credential, now: Timestamp) -> Self {
        let day = |time: Timestamp| time.to_zoned(TimeZone::UTC).date();
        let (hint, starts) = match (credential.certificate(), credential.secret()) {
            (Some(certificate), _) => (certificate.thumbprint.get(..THUMBPRINT_HINT), certificate.starts),
            (None, Some(secret)) => (secret.hint.as_deref(), credential.entered_at),
            (None, None) => (None, credential.entered_at),
        };
        Self {
            noun: credential.noun().to_owned(),
            hint: hint.map(str::to_owned),
            starts_on: day(starts).to_string(),
            ends_on: credential.ends_on.map(|day| day.to_string()),
            days_left: credential.ends_on.map(|end| (end - day(now)).get_days()),
        }
    }
}

impl HolderView {
    fn of(holder: &Holder, gateways: &[Gateway]) -> Self {
        let gateway = gateways.iter().find(|gateway| gateway.name.as_str() == holder.gateway);
        let (holds, code) = match &holder.holds {
            Holds::New => (HoldsId::New, None),
            Holds::NewUntested => (HoldsId::NewUntested, None),
            Holds::NewFailed(code) => (HoldsId::NewFailed, Some(code.clone())),
            Holds::HeldBack(code) => (HoldsId::HeldBack, Some(code.clone())),
            Holds::Old => (HoldsId::Old, None),
            Holds::Unknown => (HoldsId::Unknown, None),
        };
        Self {
            gateway: holder.gateway.clone(),
            address: gateway.and_then(|gateway| gateway.address.clone()),
            holds,
            code,
            receipt_at: holder.receipt_at.map(|at| at.to_string()),
            sealed: holder.sealed,
            excepted: holder.excepted,
            cannot_answer: holder.cannot_answer,
        }
    }
}

impl From<&Trial> for TriedView {
    fn from(trial: &Trial) -> Self {
        Self { at: trial.at.to_string(), finding: trial.finding.clone(), title: trial.title.clone() }
    }
}

impl From<&Removal> for RemovalView {
    fn from(removal: &Removal) -> Self {
        let (seen, because) = match &removal.seen {
            OldCredential::Accepted => (OldSeen::Accepted, None),
            OldCredential::Refused { .. } => (OldSeen::Refused, None),
            OldCredential::CouldNotTell { because } => (OldSeen::CouldNotTell, Some(because.clone())),
        };
        Self { at: removal.at.to_string(), seen, because }
    }
}

impl From<&Elsewhere> for ElsewhereView {
    fn from(other: &Elsewhere) -> Self {
        let gateways = other.gateways.iter().map(|gateway| other.label(gateway)).collect();
        Self { name: other.name.clone(), uses_old: other.uses_old, gateways }
    }
}

impl From<&LostList> for LostListView {
    fn from(LostList { connection, path }: &LostList) -> Self {
        Self { connection: connection.clone(), path: path.to_string_lossy().into_owned() }
    }
}

impl From<&RemovedGateway> for RemovedGatewayView {
    fn from(removed: &RemovedGateway) -> Self {
        Self { gateway: removed.gateway.clone(), at: removed.at.to_string() }
    }
}

impl From<&FinishedRotation> for RotationEnded {
    fn from(finished: &FinishedRotation) -> Self {
        Self {
            finished_at: finished.finished_at.to_string(),
            exceptions: finished.exceptions.clone(),
            removed: finished.removed.iter().map(RemovedGatewayView::from).collect(),
            seen_refused: finished.seen_refused,
        }
    }
}

fn links(report: &Report) -> Vec<LinkView> {
    report.chain.links.iter().map(LinkView::from).collect()
}
