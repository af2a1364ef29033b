//! `gatehouse connections`: what is saved.

use engine::{Fault, Report};

use crate::{
    args::{Connections, ConnectionsAction},
    connection,
    exit::Exit,
    output::{json_v1, text},
};

pub(crate) fn run(arguments: &Connections) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    if let Some(ConnectionsAction::Remove { name }) = &arguments.action {
        let id = connection::find(&engine, name)?;
        engine.remove(&id)?;
        text::line(&format!("{id} was removed, with its secret, its stored directory and its earlier runs."));
        return Ok(Exit::Done);
    }
    let (saved, aside) = engine.connections()?;
    for file in aside {
        text::note(&connection::damaged(&file));
    }
    let mut reports: Vec<Report> = Vec::with_capacity(saved.len());
    for known in saved {
        let name = known.name.clone();
        match engine.judge(known) {
            Ok(report) => reports.push(report),
            Err(fault) => text::note(&format!("{name} cannot be shown, and was left as it is. {fault}")),
        }
    }
    if arguments.json {
        text::line(&json_v1::to_line(&json_v1::Connections::of(&reports)));
    } else {
        text::connections(&reports);
    }
    Ok(Exit::Done)
}
