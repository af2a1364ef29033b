//! Receipts: pasted, or in files that the admin chose. Their text does not go to the page.

use std::{
    fs,
    path::{Path, PathBuf},
};

use engine::bundle::MAX_RECEIPT_BYTES;

use super::Desk;
use crate::wire::{GatewaysView, Problem, ReceiptLine, ReceiptsView};

/// How the file of a receipt ends.
const ENDING: &str = ".receipt";
/// The last line of every receipt.
const LAST_LINE: &str = "-----END SSH SIGNATURE-----";

impl Desk {
    pub(crate) async fn receive_receipts(
        &self,
        connection: String,
        text: String,
    ) -> Result<ReceiptsView, Problem> {
        let receipts = pasted(&text);
        let several = receipts.len() > 1;
        let name = |number| if several { format!("Receipt {number}") } else { "What you pasted".to_owned() };
        let named = receipts.into_iter().enumerate();
        self.receive(&connection, named.map(|(at, text)| (name(at + 1), text.into_bytes())).collect())
    }

    /// The receipts in files that the platform's dialog has named.
    pub(crate) fn receive_files(&self, connection: &str, files: &[PathBuf]) -> Result<ReceiptsView, Problem> {
        let read: Result<Vec<(String, Vec<u8>)>, Problem> = files.iter().map(|file| content(file)).collect();
        self.receive(connection, read?)
    }

    /// The receipts in a folder that the platform's dialog has named: all files that end in `.receipt`.
    pub(crate) fn receive_folder(&self, connection: &str, folder: &Path) -> Result<ReceiptsView, Problem> {
        let unreadable = |error: std::io::Error| {
            Problem::field("receipts", format!("The folder cannot be read: {error}."), "Choose another one.")
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_name().to_string_lossy().ends_with(ENDING) {
                files.push(entry.path());
            }
        }
        files.sort();
        if files.is_empty() {
            let what = "There is no receipt in this folder.".to_owned();
            return Err(Problem::field("receipts", what, "The names of receipts end in .receipt."));
        }
        self.receive_files(connection, &files)
    }

    fn receive(&self, connection: &str, named: Vec<(String, Vec<u8>)>) -> Result<ReceiptsView, Problem> {
        let (names, receipts): (Vec<String>, Vec<Vec<u8>>) = named.into_iter().unzip();
        if receipts.is_empty() {
            let what = "There is no receipt in this text.".to_owned();
            return Err(Problem::field(
                "receipts",
                what,
                "Paste a receipt whole, from its first line to its last.",
            ));
        }
        let received = self.engine.receive_all(connection, &receipts)?;
        Ok(ReceiptsView {
            lines: names.into_iter().zip(&received).map(|(from, one)| ReceiptLine::of(from, one)).collect(),
            view: GatewaysView::of(&self.engine, connection)?,
        })
    }
}

/// Each receipt of a pasted text: the receipt's line and its signature.
fn pasted(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let mut receipts: Vec<String> = Vec::new();
    let mut lines = String::new();
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            continue;
        }
        lines.push_str(line);
        lines.push('\n');
        if line == LAST_LINE {
            receipts.push(std::mem::take(&mut lines));
        }
    }
    if !lines.is_empty() {
        receipts.push(lines);
    }
    receipts
}

/// A file's name and its content; more than a receipt can be is not read, and is refused as what it is.
fn content(file: &Path) -> Result<(String, Vec<u8>), Problem> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let unreadable = |error: std::io::Error| {
        Problem::field("receipts", format!("{name} cannot be read: {error}."), "Choose another file.")
    };
    let size = fs::metadata(file).map_err(unreadable)?.len();
    let bytes =
        if size > MAX_RECEIPT_BYTES as u64 { Vec::new() } else { fs::read(file).map_err(unreadable)? };
    Ok((name, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_text_may_hold_several_receipts() {
        let one = format!("{{\"gateway\":\"a\"}}\n-----BEGIN SSH SIGNATURE-----\nU1NI\n{LAST_LINE}\n");
        assert_eq!(pasted(&one), std::slice::from_ref(&one));
        let both = format!("{}\r\n\r\n{one}", one.replace('\n', "\r\n"));
        assert_eq!(pasted(&both), [one.clone(), one.clone()]);
        assert_eq!(pasted(&format!("{one}rest")), [one, "rest\n".to_owned()]);
        assert!(pasted(" \n").is_empty());
    }
}
