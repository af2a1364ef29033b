//! `gatehouse explain`: what an error means, offline.

mod json;
mod text;

use std::io::{self, Read};

use engine::{
    Fault,
    clock::{Clock, SystemClock},
    diagnosis::checks,
    explain::{self, INPUT_AT_MOST, ReadAs},
};

use crate::{
    args::Explain,
    exit::Exit,
    output::{json_v1, text as out},
};

pub(crate) fn run(arguments: &Explain) -> Result<Exit, Fault> {
    if arguments.list {
        list(arguments.json);
        return Ok(Exit::Done);
    }
    let given = arguments.what.as_deref().unwrap_or_default();
    let from_input = given == "-";
    let text = if from_input { standard_input()? } else { given.to_owned() };
    if text.trim().is_empty() {
        return Err(Fault::field("WHAT", "There is nothing to explain.", explain::WHAT_CAN_BE_PASTED));
    }
    let explanation = explain::explain(&text, SystemClock.now());
    if arguments.json {
        out::line(&json_v1::to_line(&json::Explained::of(&explanation)));
    } else {
        text::explanation(&explanation);
    }
    if explanation.read_as == ReadAs::AccessToken && !from_input {
        out::note(
            "A token on the command line can be seen by others on this computer. Use `gatehouse explain -` instead.",
        );
    }
    Ok(if explanation.is_explained() { Exit::Done } else { Exit::Incomplete })
}

/// Every id once, in chain order.
fn list(as_json: bool) {
    let mut known: Vec<&str> = Vec::new();
    for check in checks::TABLE {
        if !known.contains(&check.id) {
            known.push(check.id);
        }
    }
    if as_json {
        out::line(&json_v1::to_line(&json::Ids::of(&known)));
    } else {
        known.iter().for_each(|id| out::line(id));
    }
}

/// What is piped in, up to a little more than is read of it.
fn standard_input() -> Result<String, Fault> {
    let mut bytes = Vec::new();
    let limit = 2 * INPUT_AT_MOST as u64 + 16;
    io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| {
        Fault::field(
            "-",
            format!("Standard input cannot be read: {error}."),
            "Paste the text, or pipe a file.",
        )
    })?;
    Ok(decoded(&bytes))
}

/// UTF-8, or UTF-16 as some shells of Windows write it. What is neither is replaced.
fn decoded(bytes: &[u8]) -> String {
    let wide = |from: fn([u8; 2]) -> u16| -> String {
        let units = bytes[2..].chunks_exact(2).map(|pair| from([pair[0], pair[1]]));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xFF, 0xFE, ..] => wide(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
