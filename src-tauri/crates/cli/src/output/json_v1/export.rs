//! What was written.

use engine::evidence::WrittenConfig;
use serde::Serialize;

/// `gatehouse.export/1`.
#[derive(Serialize)]
pub(crate) struct Export {
    schema: &'static str,
    folder: String,
    reads_back: bool,
    files: Vec<ExportedFile>,
}

#[derive(Serialize)]
struct ExportedFile {
    name: String,
    bytes: u64,
    sha256: String,
    holds_secret: bool,
}

impl Export {
    pub(crate) fn of(written: &WrittenConfig) -> Self {
        Self {
            schema: "gatehouse.export/1",
            folder: written.folder.clone(),
            reads_back: written.unreadable.is_none(),
            files: written
                .files
                .iter()
                .map(|file| ExportedFile {
                    name: file.name.clone(),
                    bytes: file.bytes,
                    sha256: file.sha256.clone(),
                    holds_secret: file.holds_secret,
                })
                .collect(),
        }
    }
}
