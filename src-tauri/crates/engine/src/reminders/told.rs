//! What was told already, so that nobody is reminded of the same day twice.

use std::{fs, path::PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{fault::Fault, store::atomic::write_private};

const FORMAT: &str = "gatehouse.reminders/1";

/// The newest reminder of one credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The credential's label.
    pub credential: String,
    /// The day it was told.
    pub on: Date,
    /// For which of the chosen days; 0 once the credential has ended.
    pub days: u16,
}

/// `reminders.json` in the data folder.
#[derive(Clone, Debug)]
pub struct ToldStore {
    file: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    format: String,
    told: Vec<Told>,
}

impl ToldStore {
    /// That of a data folder.
    pub fn of(home: &std::path::Path) -> Self {
        Self { file: home.join("reminders.json") }
    }

    /// What was told; nothing when the file is not there or cannot be read, and then a reminder may come twice.
    pub fn read(&self) -> Vec<Told> {
        let saved = fs::read(&self.file).ok().and_then(|text| serde_json::from_slice::<Saved>(&text).ok());
        saved.filter(|saved| saved.format == FORMAT).map(|saved| saved.told).unwrap_or_default()
    }

    /// Saves it, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, told: Vec<Told>) -> Result<(), Fault> {
        let saved = Saved { format: FORMAT.to_owned(), told };
        let text = serde_json::to_vec_pretty(&saved).unwrap_or_default();
        write_private(&self.file, &text)
            .map_err(|error| Fault::storage("Could not write", &self.file, &error))
    }
}
