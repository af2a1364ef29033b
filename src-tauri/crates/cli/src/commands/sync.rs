//! `gatehouse sync`: everything, read to its end and counted.

use std::{fs, path::Path};

use engine::{
    Fault, FaultCode, Gatehouse,
    diagnosis::{Link, LinkState},
};

use crate::{
    args::{self, Sync},
    connection,
    exit::Exit,
    output::{json_v1, progress::SyncBars, text},
};

pub(crate) async fn run(arguments: Sync) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    let id = connection::chosen(&engine, &arguments.target)?.id;
    let started = engine.now();
    let bars = SyncBars::start(arguments.json);
    let synced = {
        let reading = engine.test_sync(&id, args::seconds(arguments.patience), &bars);
        tokio::pin!(reading);
        tokio::select! {
            synced = &mut reading => synced,
            _ = tokio::signal::ctrl_c() => {
                engine.cancel(&id);
                reading.await
            }
        }
    };
    drop(bars);
    let connection = match synced {
        Ok(connection) => connection,
        Err(fault) if fault.code == FaultCode::Network => {
            return refused(&engine, &id, &arguments, &fault).await;
        }
        Err(fault) if super::is_circumstance(&fault) => {
            if arguments.json {
                text::line(&json_v1::to_line(&json_v1::Sync::refused(None)));
            }
            text::complain(&fault.to_string());
            return Ok(Exit::Incomplete);
        }
        Err(fault) => return Err(fault),
    };
    if let Some(out) = &arguments.out {
        copy(&engine.last_read(&id), out)?;
    }
    let report = engine.judge(connection)?;
    super::keep_run(&engine, &report, started);
    let Some(record) = &report.connection.evidence.sync else { return Ok(Exit::Incomplete) };
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::Sync::of(record, &report)));
    } else {
        text::synced(record, &report);
    }
    let denied = report.chain.link(Link::Directory).state == LinkState::Broken && record.users.read == 0;
    Ok(match (record.complete, denied) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Broken,
        (false, false) => Exit::Incomplete,
    })
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

/// The stored directory, whole or not at all.
fn copy(snapshot: &Path, out: &Path) -> Result<(), Fault> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let copied = tempfile::Builder::new().prefix(".gatehouse-").tempfile_in(folder).and_then(|mut draft| {
        std::io::copy(&mut fs::File::open(snapshot)?, draft.as_file_mut())?;
        draft.as_file().sync_all()?;
        draft.persist(out).map_err(|error| error.error)
    });
    copied.map(drop).map_err(|error| {
        Fault::field(
            "--out",
            format!("{} cannot be written: {error}.", out.display()),
            "Choose another file.",
        )
    })
}
