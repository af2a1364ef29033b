//! Receipts: files, folders of them, or one on standard input.

use std::{
    fs,
    path::{Path, PathBuf},
};

use engine::{
    Fault, Gatehouse,
    gateways::{Answer, Received, ReceivedNews},
};

use super::json;
use crate::{
    exit::Exit,
    output::{json_v1::to_line, text},
};

/// How the file of a receipt ends.
const ENDING: &str = ".receipt";

pub(super) fn run(engine: &Gatehouse, id: &str, from: &[PathBuf], json: bool) -> Result<Exit, Fault> {
    let mut files = Vec::new();
    for path in from {
        collect(path, &mut files)?;
    }
    if files.is_empty() {
        let fix = "Give the files that the gateways wrote; their names end in .receipt.";
        return Err(Fault::field("FILE", "There is no receipt in this folder.", fix));
    }
    let receipts: Vec<Vec<u8>> =
        files.iter().map(|file| super::read("FILE", file)).collect::<Result<_, _>>()?;
    let names = files.iter().map(|file| file.display().to_string());
    let received: Vec<(String, Result<Received, Fault>)> =
        names.zip(engine.receive_all(id, &receipts)?).collect();
    if json {
        text::line(&to_line(&json::Receipts::of(&received)));
    } else {
        for (file, received) in &received {
            text::line(&say(file, received));
        }
    }
    let bad = |(_, received): &(String, Result<Received, Fault>)| {
        !matches!(received, Ok(Received { answer: Answer::Current | Answer::Older, .. }))
    };
    Ok(if received.iter().any(bad) { Exit::Broken } else { Exit::Done })
}

/// A file by its name; of a folder, all whose names are those of receipts.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), Fault> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let unreadable = |error: std::io::Error| {
        Fault::field("FILE", format!("{} cannot be read: {error}.", path.display()), "Check the path.")
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_string_lossy().ends_with(ENDING) {
            found.push(entry.path());
        }
    }
    found.sort();
    files.extend(found);
    Ok(())
}

fn say(file: &str, received: &Result<Received, Fault>) -> String {
    let received = match received {
        Ok(received) => received,
        Err(fault) => return format!("× {file}: {} {}", fault.what, fault.fix),
    };
    let (gateway, number) = (&received.gateway, received.confirmed.sequence);
    let news = match received.news {
        ReceivedNews::New => "",
        ReceivedNews::Repeated => " This receipt was here before.",
        ReceivedNews::Superseded => " A newer receipt of this gateway is known, and stays.",
    };
    match &received.answer {
        Answer::Current => {
            format!("✓ {gateway} opened bundle {number} and has the current credential.{news}")
        }
        Answer::Older if received.news == ReceivedNews::Superseded => {
            format!("! {gateway} opened bundle {number}.{news}")
        }
        Answer::Older => {
            format!("! {gateway} opened bundle {number}, which does not hold the current credential.{news}")
        }
        Answer::Failed(code) => {
            format!("× {gateway} opened bundle {number}, and its test failed: {code}.{news}")
        }
        Answer::HeldBack(code) => format!(
            "× {gateway} did not install bundle {number}, because its test failed ({code}). It goes on with what it had.{news}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use bundle::SelfTest;
    use engine::gateways::Confirmed;

    use super::*;

    #[test]
    fn a_bundle_is_not_called_old_when_only_its_credential_or_its_receipt_is() {
        let told = |news| {
            let at = "2026-11-21T08:00:00Z".parse().unwrap();
            let received = Received {
                gateway: bundle::GatewayName::new("plant-3").unwrap(),
                confirmed: Confirmed {
                    sequence: 7,
                    credential_id: "old".to_owned(),
                    opened_at: at,
                    tested_at: None,
                    received_at: at,
                    self_test: SelfTest::NotRun,
                },
                answer: Answer::Older,
                news,
            };
            say("file", &Ok(received))
        };
        assert_eq!(
            told(ReceivedNews::New),
            "! plant-3 opened bundle 7, which does not hold the current credential."
        );
        assert_eq!(
            told(ReceivedNews::Superseded),
            "! plant-3 opened bundle 7. A newer receipt of this gateway is known, and stays."
        );
    }
}
