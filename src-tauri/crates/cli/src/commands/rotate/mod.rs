//! `gatehouse rotate`: a new credential beside the old one, until every gateway works with it. None is ever printed.

pub(crate) mod args;
mod begin;
mod json;
mod text;

use engine::{
    Fault, FaultCode, Gatehouse,
    diagnosis::Verdict,
    rotation::{Holds, OldCredential, RotationStanding, Stage},
};

use self::args::{Action, Rotate};
use crate::{
    connection,
    exit::Exit,
    output::{json_v1::to_line, progress::Spinner, text as out},
};

pub(crate) async fn run(arguments: Rotate) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    let id = connection::find(&engine, &arguments.name)?;
    let json = arguments.json;
    let begins = matches!(arguments.action, Some(Action::Begin(_)));
    let done = match arguments.action.unwrap_or(Action::Status) {
        Action::Status => Ok(Exit::Done),
        Action::Begin(begin) => begin::run(&engine, &id, &begin),
        Action::Prove => prove(&engine, &id, json).await,
        Action::Except { gateways, untested } => except(&engine, &id, gateways, untested),
        Action::Look => look(&engine, &id).await,
        Action::Finish => engine.finish_rotation(&id).map(|_| Exit::Done),
        Action::Abandon { old_unproven } => abandon(&engine, &id, old_unproven).await,
    };
    match done {
        Ok(exit) => tell(&engine, &id, json, None).map(|()| exit),
        // It cannot be done yet, or not here: the standing says how far it has come.
        Err(mut fault) if super::is_circumstance(&fault) => {
            if !begins && fault.code == FaultCode::NotReady && engine.rotation(&id)?.is_none() {
                fault.fix = format!("Begin one: gatehouse rotate {id} begin");
            }
            tell(&engine, &id, json, Some(&fault))?;
            out::complain(&fault.to_string());
            Ok(Exit::Incomplete)
        }
        Err(fault) => Err(fault),
    }
}

fn tell(engine: &Gatehouse, id: &str, json: bool, problem: Option<&Fault>) -> Result<(), Fault> {
    let connection = engine.connection(id)?;
    let standing = engine.rotation(id)?;
    if json {
        out::line(&to_line(&json::RotationV1::of(&connection, standing.as_ref(), problem)));
    } else {
        text::tell(&connection, standing.as_ref());
    }
    Ok(())
}

/// Names exceptions; with `untested`, also every gateway that has the new credential and did not try it.
fn except(engine: &Gatehouse, id: &str, mut names: Vec<String>, untested: bool) -> Result<Exit, Fault> {
    if untested {
        let holders = engine.rotation(id)?.map(|standing| standing.holders).unwrap_or_default();
        let untested = holders.into_iter().filter(|holder| holder.holds == Holds::NewUntested);
        names.extend(untested.map(|holder| holder.gateway));
    }
    engine.except_gateways(id, &names).map(|_| Exit::Done)
}

async fn prove(engine: &Gatehouse, id: &str, json: bool) -> Result<Exit, Fault> {
    let spinner = Spinner::start(json);
    let trial = {
        let proving = engine.prove_rotation(id, &spinner);
        tokio::pin!(proving);
        tokio::select! {
            tried = &mut proving => tried?,
            _ = tokio::signal::ctrl_c() => {
                engine.cancel(id);
                proving.await?
            }
        }
    };
    drop(spinner);
    if trial.proven {
        return Ok(Exit::Done);
    }
    if !json {
        out::report(&trial.report);
    }
    let waits = trial.report.chain.findings.iter().any(|finding| NOT_YET.contains(&finding.id));
    Ok(match trial.report.chain.verdict {
        Verdict::Broken if !waits => Exit::Broken,
        _ => Exit::Incomplete,
    })
}

/// Findings that an upload, or time, is about to mend.
const NOT_YET: [&str; 2] = ["secret-not-yet", "certificate-unknown"];

/// Done only when Entra ID was seen refusing the old credential.
async fn look(engine: &Gatehouse, id: &str) -> Result<Exit, Fault> {
    engine.look_for_old_credential(id).await?;
    let Some(standing) = engine.rotation(id)? else { return Ok(Exit::Done) };
    match seen(&standing) {
        Some(OldCredential::CouldNotTell { because }) => Err(Fault::new(
            FaultCode::NotReady,
            format!("Entra ID could not be asked, because {because}."),
            format!("Look again, or say that it is removed: gatehouse rotate {id} finish"),
        )),
        _ => Err(Fault::new(
            FaultCode::NotReady,
            "Not yet: Entra ID still takes the old credential.",
            "Remove it in the portal under Certificates & secrets, wait a minute, and look again.",
        )),
    }
}

/// Goes back to an old credential that Entra ID was not seen to accept only where the flag says so.
async fn abandon(engine: &Gatehouse, id: &str, old_unproven: bool) -> Result<Exit, Fault> {
    let Err(mut fault) = engine.abandon_rotation(id).await else { return Ok(Exit::Done) };
    let standing = if fault.code == FaultCode::NotReady { engine.rotation(id)? } else { None };
    let unknown = |old: &OldCredential| matches!(old, OldCredential::CouldNotTell { .. });
    if !standing.as_ref().and_then(seen).is_some_and(unknown) {
        return Err(fault);
    }
    if old_unproven {
        engine.go_back_unproven(id)?;
        out::note("Nobody has seen the old credential work. The new one is kept beside it.");
        return Ok(Exit::Done);
    }
    fault.fix = format!(
        "Try again when it can be asked, or go back without knowing and keep the new one: gatehouse rotate {id} abandon --old-unproven"
    );
    Err(fault)
}

fn seen(standing: &RotationStanding) -> Option<&OldCredential> {
    match &standing.rotation.stage {
        Stage::HandingOut { removal, .. } => removal.as_ref().map(|removal| &removal.seen),
        Stage::Entered { .. } => None,
    }
}
