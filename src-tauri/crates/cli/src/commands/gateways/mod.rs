//! `gatehouse gateways`: the list, keys, tables and receipts.

pub(crate) mod args;
mod json;
mod receipts;
mod text;

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use engine::{
    Fault, FaultCode, Gatehouse,
    gateways::{
        FaultyRows, GatewayEntry, ImportOutcome, ImportRequest, KeyChange, KeyRequest, KeysOutcome,
        MAX_TABLE_BYTES, NewGateways, SharedKey,
    },
    outputs::Output,
    words,
};

use crate::{
    connection,
    exit::Exit,
    output::{json_v1::to_line, text as out},
};
use args::{Action, Add, Gateways, Import, Key};

pub(crate) fn run(arguments: &Gateways) -> Result<Exit, Fault> {
    let engine = connection::engine()?;
    let id = connection::known(&engine, &arguments.target)?.id;
    let json = arguments.json;
    match &arguments.action {
        None | Some(Action::List { csv: false }) => list(&engine, &id, json, &[]),
        Some(Action::List { csv: true }) => {
            let table = engine.export_table(&id)?;
            out::line(String::from_utf8_lossy(&table).trim_end());
            Ok(Exit::Done)
        }
        Some(Action::Add(add)) => self::add(&engine, &id, add, json),
        Some(Action::Key(key)) => keys(&engine, &id, key, json),
        Some(Action::Import(import)) => self::import(&engine, &id, import, json),
        Some(Action::Remove { gateways }) => {
            let removed = engine.remove_gateways(&id, gateways)?;
            list_or(
                &engine,
                &id,
                json,
                &format!("{} removed.", words::count(gateways.len(), "gateway was", "gateways were")),
                &Vec::from_iter(removed.says()),
            )
        }
        Some(Action::Whole) => {
            engine.gateways_are_whole(&id)?;
            list_or(&engine, &id, json, "The list of gateways counts as whole.", &[])
        }
        Some(Action::Receipt { from }) => receipts::run(&engine, &id, from, json),
    }
}

fn list(engine: &Gatehouse, id: &str, json: bool, notes: &[String]) -> Result<Exit, Fault> {
    let (connection, list) = (engine.connection(id)?, engine.gateways(id)?);
    for file in &list.set_aside {
        out::note(&format!(
            "A list of gateways could not be used ({}). The file was kept as {}.",
            file.because,
            file.path.display()
        ));
    }
    if json {
        out::line(&to_line(&json::List::of(&connection, &list.gateways, notes)));
    } else {
        text::list(&connection, &list.gateways);
    }
    Ok(Exit::Done)
}

/// What was done, and what somebody should know about it besides.
fn list_or(engine: &Gatehouse, id: &str, json: bool, said: &str, notes: &[String]) -> Result<Exit, Fault> {
    if json {
        return list(engine, id, true, notes);
    }
    out::line(said);
    notes.iter().for_each(|note| out::note(note));
    Ok(Exit::Done)
}

fn add(engine: &Gatehouse, id: &str, add: &Add, json: bool) -> Result<Exit, Fault> {
    let outputs: Option<Vec<Output>> = add.output.iter().map(|output| Output::from_id(output)).collect();
    let outputs = outputs.ok_or_else(|| {
        let known: Vec<&str> = Output::ALL.into_iter().map(Output::id).collect();
        Fault::field("--output", "This output is not known.", format!("Known are {}.", known.join(", ")))
    })?;
    let mut notes = Vec::new();
    if let Some(file) = &add.key {
        let request = KeyRequest {
            text: read_text("--key", file)?,
            gateway: Some(add.gateway.clone()),
            new: NewGateways::Make,
            confirmed: add.confirm.clone(),
        };
        if let Some(problem) = engine.preview_keys(id, &request)?.problems.first() {
            return Err(Fault::field("--key", format!("Line {}: {}", problem.line, problem.what), ""));
        }
        match engine.give_keys(id, &request)? {
            KeysOutcome::Asks(changes) => return Ok(ask(&changes)),
            KeysOutcome::Applied(applied) => notes.extend(applied.shared.iter().map(SharedKey::says)),
        }
    }
    let known = engine.gateways(id)?.gateways;
    let known = known.iter().find(|known| known.name.as_str().eq_ignore_ascii_case(add.gateway.trim()));
    let before = |text: Option<&String>| text.cloned().unwrap_or_default();
    let entry = GatewayEntry {
        name: add.gateway.clone(),
        address: add
            .address
            .clone()
            .unwrap_or_else(|| before(known.and_then(|known| known.address.as_ref()))),
        profile: before(known.and_then(|known| known.profile.as_ref())),
        outputs: match known {
            Some(known) if outputs.is_empty() => known.outputs.clone(),
            _ => outputs,
        },
    };
    let saved = engine.save_gateway(id, &entry)?;
    list_or(engine, id, json, &text::one(&saved), &notes)
}

fn keys(engine: &Gatehouse, id: &str, key: &Key, json: bool) -> Result<Exit, Fault> {
    let request = KeyRequest {
        text: read_text("FILE", &key.from)?,
        gateway: key.gateway.clone(),
        new: if key.only_known { NewGateways::Leave } else { NewGateways::Make },
        confirmed: key.confirm.clone(),
    };
    let preview = engine.preview_keys(id, &request)?;
    if json {
        if key.preview {
            out::line(&to_line(&json::Keys::of(&preview, None)));
            return Ok(Exit::Done);
        }
    } else {
        text::keys(&preview);
    }
    if key.preview {
        out::line("Nothing was changed.");
        return Ok(Exit::Done);
    }
    let outcome = engine.give_keys(id, &request)?;
    if json {
        out::line(&to_line(&json::Keys::of(&preview, Some(&outcome))));
    }
    match outcome {
        KeysOutcome::Asks(changes) => Ok(ask(&changes)),
        KeysOutcome::Applied(applied) => {
            if !json {
                text::applied(&applied);
            }
            Ok(Exit::Done)
        }
    }
}

fn import(engine: &Gatehouse, id: &str, import: &Import, json: bool) -> Result<Exit, Fault> {
    let table = read("FILE", &import.from)?;
    let faulty = if import.skip_faulty { FaultyRows::LeaveOut } else { FaultyRows::Refuse };
    let (preview, taken) = if import.preview {
        (engine.preview_table(id, &table)?, false)
    } else {
        let request = ImportRequest { table, faulty, confirmed: import.confirm.clone() };
        match engine.import_table(id, &request)? {
            ImportOutcome::Imported(preview) => (preview, true),
            ImportOutcome::Asks(preview) => (preview, false),
        }
    };
    if json {
        out::line(&to_line(&json::Table::of(&preview, taken)));
    } else {
        text::table(&preview, taken);
    }
    if taken || import.preview {
        return Ok(Exit::Done);
    }
    if !preview.problems.is_empty() && faulty == FaultyRows::Refuse {
        out::note("Mend the rows, or leave them out with --skip-faulty.");
        return Ok(Exit::Usage);
    }
    Ok(ask(&preview.key_changes))
}

/// Names the keys that would be replaced. Somebody has to compare them at the gateway before they are.
fn ask(changes: &[KeyChange]) -> Exit {
    out::note(
        "Nothing was changed: a gateway that has a key would get another one. Compare it at the gateway first:",
    );
    for KeyChange { gateway, from, to } in changes {
        out::note(&format!("  {gateway}: {from} would become {to}"));
    }
    out::note("Then say so with --confirm and the new fingerprint.");
    Exit::Incomplete
}

fn read_text(field: &'static str, file: &Path) -> Result<String, Fault> {
    let what = format!("{} is not text.", file.display());
    String::from_utf8(read(field, file)?).map_err(|_| Fault::field(field, what, "Give a text file in UTF-8."))
}

/// A file, or standard input for -.
fn read(field: &'static str, file: &Path) -> Result<Vec<u8>, Fault> {
    let limit = u64::try_from(MAX_TABLE_BYTES + 1).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().take(limit).read_to_end(&mut bytes)
    } else {
        fs::File::open(file).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    let unreadable = |error: io::Error| Fault {
        code: FaultCode::InvalidInput,
        ..Fault::field(field, format!("{} cannot be read: {error}.", file.display()), "Check the path.")
    };
    read.map_err(unreadable).map(|_| bytes)
}
