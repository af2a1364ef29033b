//! `gatehouse sync`: everything, or what changed, read to its end and counted.

use engine::{
    Fault, FaultCode, Gatehouse, SyncRequest,
    connection::Connection,
    evidence::SyncMode,
    sync::{Forget, Resume},
};

use crate::{
    args::{self, Restart, Sync},
    connection,
    exit::Exit,
    output::{json_v1, progress::SyncBars, text},
};

pub(crate) async fn run(arguments: Sync) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    let id = connection::chosen(&engine, &arguments.target)?.id;
    let started = engine.now();
    if arguments.forecast {
        return forecast(&engine, &id, &arguments).await;
    }
    if let Some(what) = arguments.restart
        && let Err(fault) = engine.restart_sync(&id, forget(what))
    {
        return if super::is_circumstance(&fault) {
            Ok(circumstance(&engine, &id, &arguments, &fault))
        } else {
            Err(fault)
        };
    }
    let connection = match read(&engine, &id, &arguments).await.map_err(connection::with_flags) {
        Ok(connection) => connection,
        Err(fault) if fault.code == FaultCode::Network => {
            return refused(&engine, &id, &arguments, &fault).await;
        }
        Err(fault) if super::is_circumstance(&fault) => {
            return Ok(circumstance(&engine, &id, &arguments, &fault));
        }
        Err(fault) => return Err(fault),
    };
    let written = match &arguments.out {
        Some(out) => engine.copy_last_read(&id, out),
        None => Ok(()),
    };
    let report = engine.judge(connection)?;
    super::keep_run(&engine, &report, started);
    let Some(record) = &report.connection.evidence.sync else { return Ok(Exit::Incomplete) };
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::Sync::of(record, &report)));
    } else {
        text::synced(record, &report);
        if record.had_nothing_to_begin_at() {
            text::line(
                "Everything was read: no earlier sync left a place from which on changes could be asked for.",
            );
        }
        if arguments.resume && !record.resumed {
            text::line("It began at the start: there was no sync to go on with.");
        }
        if !record.complete && engine.can_resume_sync(&id) {
            text::line("The same with --resume goes on where it stopped.");
        }
    }
    match written {
        // Without anything to write there is a finding that says why.
        Err(fault) if fault.code == FaultCode::NotReady => text::complain(&fault.to_string()),
        other => other?,
    }
    Ok(match (record.complete && record.held.is_none(), record.denied()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Broken,
        (false, false) => Exit::Incomplete,
    })
}

async fn read(engine: &Gatehouse, id: &str, arguments: &Sync) -> Result<Connection, Fault> {
    let bars = SyncBars::start(arguments.json);
    let request = SyncRequest {
        mode: if arguments.delta { SyncMode::Delta } else { SyncMode::Full },
        resume: if arguments.resume { Resume::GoOn } else { Resume::Afresh },
        accepted: arguments.accept_removals,
        patience: args::seconds(arguments.patience),
    };
    let reading = engine.test_sync(id, request, &bars);
    tokio::pin!(reading);
    tokio::select! {
        synced = &mut reading => synced,
        _ = tokio::signal::ctrl_c() => {
            engine.cancel(id);
            reading.await
        }
    }
}

async fn forecast(engine: &Gatehouse, id: &str, arguments: &Sync) -> Result<Exit, Fault> {
    let forecast = engine.forecast(id, args::seconds(arguments.patience)).await;
    let forecast = match forecast.map_err(connection::with_flags) {
        Ok(forecast) => forecast,
        Err(fault) if fault.code == FaultCode::Network => {
            return refused(engine, id, arguments, &fault).await;
        }
        Err(fault) => return Err(fault),
    };
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::Sync::forecast(&forecast)));
    } else {
        text::forecast(&forecast);
    }
    Ok(Exit::Done)
}

/// Nothing was tried: another program is busy, the keychain is locked, or failures keep it waiting.
fn circumstance(engine: &Gatehouse, id: &str, arguments: &Sync, fault: &Fault) -> Exit {
    if arguments.json {
        let known = (fault.code == FaultCode::Quarantined).then(|| engine.report(id).ok()).flatten();
        text::line(&json_v1::to_line(&json_v1::Sync::refused(known.as_ref())));
    }
    text::complain(&fault.to_string());
    if fault.code == FaultCode::Quarantined {
        text::note("`--restart quarantine` clears it and tries now.");
    }
    Exit::Incomplete
}

fn forget(what: Restart) -> Forget {
    match what {
        Restart::Escalations => Forget::Escalations,
        Restart::Quarantine => Forget::Quarantine,
        Restart::Watermarks => Forget::Watermarks,
        Restart::All => Forget::All,
    }
}

/// No token, no sync: the chain says why.
async fn refused(engine: &Gatehouse, id: &str, arguments: &Sync, fault: &Fault) -> Result<Exit, Fault> {
    let connection = engine.check(id, engine::CheckRequest::default(), &engine::diagnosis::Unwatched).await?;
    let report = engine.judge(connection)?;
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::Sync::refused(Some(&report))));
    } else {
        text::complain(&fault.what);
        text::report(&report);
    }
    Ok(match super::check::exit(&report, false) {
        Exit::Done => Exit::Incomplete,
        other => other,
    })
}
