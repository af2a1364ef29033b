//! `gatehouse export`: the gateway config on disk, or a sealed bundle for each gateway.

pub(crate) mod args;
mod sealed;

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

pub(crate) async fn run(arguments: Export) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    let id = connection::chosen(&engine, &arguments.target)?.id;
    let folder = std::path::absolute(&arguments.to)
        .map_err(|error| Fault::field("--to", format!("It cannot be used: {error}."), "Give a folder."))?;
    if arguments.sealed.sealed {
        return Box::pin(sealed::run(&engine, &id, &arguments, folder)).await;
    }
    let request = WriteRequest {
        folder,
        secret: if arguments.with_secret { SecretInEnv::Include } else { SecretInEnv::LeaveOut },
        existing: existing(&arguments),
    };
    let connection = engine.write_config(&id, &request).map_err(with_flags)?;
    let Some(written) = connection.evidence.written.value() else { return Ok(Exit::Fault) };
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::Export::of(written)));
    } else {
        text::written(written);
    }
    Ok(if written.unreadable.is_some() { Exit::Broken } else { Exit::Done })
}

fn existing(arguments: &Export) -> Existing {
    if arguments.force { Existing::Replace } else { Existing::Keep }
}

/// Names the flags in place of the page's fields.
fn with_flags(fault: Fault) -> Fault {
    let mut fault = connection::with_flags(fault);
    if fault.field == Some("folder") {
        fault.field = Some("--to");
    }
    if fault.code == engine::FaultCode::AlreadyThere {
        "Choose another folder, or replace them with --force.".clone_into(&mut fault.fix);
    }
    fault
}
