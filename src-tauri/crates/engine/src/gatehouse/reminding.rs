//! Reminders of credentials that end.

use std::path::Path;

use super::Gatehouse;
use crate::{
    export::Existing,
    fault::{Fault, FaultCode},
    reminders::{self, Ending, Reminder, ToldStore},
    report,
};

impl Gatehouse {
    /// The reminders of real connections that are due today and were not told yet.
    ///
    /// # Errors
    /// The connections cannot be read.
    pub fn due_reminders(&self) -> Result<Vec<Reminder>, Fault> {
        let (connections, _) = self.connections()?;
        let real = connections.iter().filter(|connection| !connection.practice);
        let endings: Vec<Ending> = real.filter_map(Ending::of).collect();
        let days = self.settings().remind_days.value;
        Ok(reminders::due(&endings, &days, &ToldStore::of(self.home()).read(), self.now()))
    }

    /// That these reminders were told.
    ///
    /// # Errors
    /// It cannot be saved; then they come again.
    pub fn reminded(&self, reminders: &[Reminder]) -> Result<(), Fault> {
        let store = ToldStore::of(self.home());
        let mut told = store.read();
        reminders::remember(&mut told, reminders, self.now());
        store.save(told)
    }

    /// The end of a connection's credential as a calendar file, with an alarm for each of the chosen days.
    ///
    /// # Errors
    /// The connection is unknown, or nobody knows when its credential ends.
    pub fn calendar(&self, id: &str) -> Result<String, Fault> {
        let connection = self.connection(id)?;
        let ending = Ending::of(&connection).ok_or_else(|| {
            Fault::new(
                FaultCode::NotReady,
                "Nobody knows yet when this connection’s credential ends.",
                "Enter the day in step 3, Credential; the portal shows it beside the secret.",
            )
        })?;
        Ok(reminders::calendar(&[ending], &self.settings().remind_days.value, self.now()))
    }

    /// Writes that calendar file.
    ///
    /// # Errors
    /// As [`calendar`](Self::calendar); or the file is there already and is to be kept, or cannot be written.
    pub fn save_calendar(&self, id: &str, path: &Path, existing: Existing) -> Result<(), Fault> {
        report::save(path, &self.calendar(id)?, existing)
    }
}
