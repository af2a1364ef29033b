//! `gatehouse report`: what is known about a connection, as one document. Sends nothing.

use std::path::Path;

use engine::{
    Fault, FaultCode, Gatehouse,
    export::Existing,
    report::{self, Format, Ids, Names, ReportOptions},
};

use crate::{
    args::{Report, ReportFormat},
    connection,
    exit::Exit,
    output::text,
};

pub(crate) fn run(arguments: &Report) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    let judged = engine.report(&chosen(&engine, arguments.name.as_deref())?)?;
    let options = ReportOptions {
        names: if arguments.with_names { Names::Shown } else { Names::Masked },
        ids: if arguments.full_ids { Ids::Full } else { Ids::Short },
    };
    let written = engine.paper(&judged, options)?.write(format(arguments));
    match &arguments.out {
        Some(path) => {
            save(path, &written, if arguments.force { Existing::Replace } else { Existing::Keep })?;
            text::note(&format!("The report was written to {}.", path.display()));
        }
        None => text::line(written.trim_end()),
    }
    if judged.connection.checked_at.is_none() {
        text::note(&format!(
            "{id} was never checked. Try it for real with `gatehouse check {id}`, then report again.",
            id = judged.connection.id
        ));
    }
    Ok(super::check::exit(&judged, arguments.strict))
}

/// The connection that is named, or the only one that is saved.
fn chosen(engine: &Gatehouse, name: Option<&str>) -> Result<String, Fault> {
    if let Some(name) = name {
        return connection::find(engine, name);
    }
    let (saved, _) = engine.connections()?;
    if let [only] = &saved[..] {
        return Ok(only.id.clone());
    }
    let known: Vec<&str> = saved.iter().map(|known| known.id.as_str()).collect();
    let fix = if known.is_empty() {
        "None is saved yet: begin with `gatehouse onboard`.".to_owned()
    } else {
        format!("Name one of: {}.", known.join(", "))
    };
    Err(Fault::new(FaultCode::InvalidInput, "It is not clear which connection to report on.", fix))
}

fn format(arguments: &Report) -> Format {
    let ending = arguments.out.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    match (arguments.format, ending) {
        (Some(ReportFormat::Html), _) => Format::Html,
        (Some(ReportFormat::Markdown), _) => Format::Markdown,
        (Some(ReportFormat::Json), _) => Format::Json,
        (None, Some("md" | "markdown")) => Format::Markdown,
        (None, Some("json")) => Format::Json,
        (None, _) => Format::Html,
    }
}

fn save(path: &Path, written: &str, existing: Existing) -> Result<(), Fault> {
    report::save(path, written, existing).map_err(|mut fault| {
        fault.field = Some("--out");
        if fault.code == FaultCode::AlreadyThere {
            fault.fix = "Choose another file, or replace this one with --force.".to_owned();
        }
        fault
    })
}
