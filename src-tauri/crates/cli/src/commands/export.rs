//! `gatehouse export`: the gateway config on disk.

use engine::{
    Fault,
    export::{Existing, SecretInEnv, WriteRequest},
};

use crate::{
    args::Export,
    connection,
    exit::Exit,
    output::{json_v1, text},
};

pub(crate) fn run(arguments: &Export) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    let id = connection::chosen(&engine, &arguments.target)?.id;
    let folder = std::path::absolute(&arguments.to)
        .map_err(|error| Fault::field("--to", format!("It cannot be used: {error}."), "Give a folder."))?;
    let request = WriteRequest {
        folder,
        secret: if arguments.with_secret { SecretInEnv::Include } else { SecretInEnv::LeaveOut },
        existing: if arguments.force { Existing::Replace } else { Existing::Keep },
    };
    let connection = engine.write_config(&id, &request).map_err(|mut fault| {
        if fault.field == Some("folder") {
            fault.field = Some("--to");
        }
        if fault.code == engine::FaultCode::AlreadyThere {
            fault.fix = "Choose another folder, or replace them with --force.".to_owned();
        }
        fault
    })?;
    let Some(written) = connection.evidence.written.value() else { return Ok(Exit::Fault) };
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::Export::of(written)));
    } else {
        text::written(written);
    }
    Ok(if written.unreadable.is_some() { Exit::Broken } else { Exit::Done })
}
