//! The gateways of a connection: entered one by one, or from keys and tables.

use std::path::Path;

use engine::{
    export::Existing,
    gateways::{
        FaultyRows, GatewayEntry, ImportOutcome, ImportRequest, KeyPreview, KeyRequest, KeyTarget,
        KeysOutcome, MAX_TABLE_BYTES, NewGateways, SharedKey,
    },
    outputs::Output,
    report,
};

use super::{Desk, public_file};
use crate::wire::{
    FaultyRowsId, GatewayEntryKind, GatewayForm, GatewaysChange, GatewaysView, KeyChangeView, KeysForm,
    KeysPreview, NewGatewaysId, Problem, TableForm, TablePreviewView, keys_given, table_taken,
};

/// Room for the keys of ten thousand hosts.
const MOST_KEYS: usize = 8 * 1024 * 1024;

impl Desk {
    pub(crate) async fn gateways(&self, connection: String) -> Result<GatewaysView, Problem> {
        GatewaysView::of(&self.engine, &connection)
    }

    pub(crate) async fn save_gateway(
        &self,
        connection: String,
        form: GatewayForm,
    ) -> Result<GatewaysChange, Problem> {
        let (engine, id) = (&self.engine, connection.as_str());
        let name = form.name.trim().to_owned();
        let gateways = engine.gateways(id)?.gateways;
        let known = gateways.iter().find(|known| known.name.as_str().eq_ignore_ascii_case(&name));
        if known.is_some() && form.entry == GatewayEntryKind::Add {
            let what = format!("{name} is in the list already.");
            return Err(Problem::field(
                "gateway",
                what,
                "Choose another name, or change the one in the list.",
            ));
        }
        let entry = GatewayEntry {
            name: name.clone(),
            address: form.address,
            profile: known.and_then(|known| known.profile.clone()).unwrap_or_default(),
            outputs: form.outputs.iter().filter_map(|output| Output::from_id(output)).collect(),
        };
        let key = (!form.key.trim().is_empty()).then(|| KeyRequest {
            text: form.key,
            gateway: Some(name.clone()),
            new: NewGateways::Make,
            confirmed: form.confirmed,
        });
        if let Some(key) = &key {
            let preview = engine.preview_keys(id, key)?;
            one_key(&preview)?;
            // A change of key is asked before anything of the entry is saved.
            let asks = unconfirmed(&preview, &key.confirmed);
            if !asks.is_empty() {
                return self.asks(id, asks);
            }
        }
        engine.save_gateway(id, &entry)?;
        let shared = match key.map(|key| engine.give_keys(id, &key)).transpose()? {
            Some(KeysOutcome::Applied(applied)) => applied.shared,
            Some(KeysOutcome::Asks(_)) | None => Vec::new(),
        };
        let says =
            if known.is_some() { format!("{name} is changed.") } else { format!("{name} is in the list.") };
        self.changed(id, says, &shared)
    }

    pub(crate) async fn remove_gateways(
        &self,
        connection: String,
        gateways: Vec<String>,
    ) -> Result<GatewaysView, Problem> {
        let removed = self.engine.remove_gateways(&connection, &gateways)?;
        let mut view = self.gateways(connection).await?;
        view.notices.extend(removed.says());
        Ok(view)
    }

    pub(crate) async fn preview_keys(
        &self,
        connection: String,
        form: KeysForm,
    ) -> Result<KeysPreview, Problem> {
        Ok(self.engine.preview_keys(&connection, &request_of(form))?.into())
    }

    pub(crate) async fn give_keys(
        &self,
        connection: String,
        form: KeysForm,
    ) -> Result<GatewaysChange, Problem> {
        match self.engine.give_keys(&connection, &request_of(form))? {
            KeysOutcome::Asks(asks) => self.asks(&connection, asks.iter().map(KeyChangeView::from).collect()),
            KeysOutcome::Applied(applied) => self.changed(&connection, keys_given(&applied), &applied.shared),
        }
    }

    pub(crate) async fn preview_table(
        &self,
        connection: String,
        table: String,
    ) -> Result<TablePreviewView, Problem> {
        Ok((&self.engine.preview_table(&connection, table.as_bytes())?).into())
    }

    pub(crate) async fn import_table(
        &self,
        connection: String,
        form: TableForm,
    ) -> Result<GatewaysChange, Problem> {
        let request = ImportRequest {
            table: form.table.into_bytes(),
            faulty: match form.faulty {
                FaultyRowsId::Refuse => FaultyRows::Refuse,
                FaultyRowsId::LeaveOut => FaultyRows::LeaveOut,
            },
            confirmed: form.confirmed,
        };
        match self.engine.import_table(&connection, &request)? {
            ImportOutcome::Imported(preview) => {
                self.changed(&connection, table_taken(&preview), &preview.shared)
            }
            ImportOutcome::Asks(preview) => {
                self.asks(&connection, preview.key_changes.iter().map(KeyChangeView::from).collect())
            }
        }
    }

    /// The keys of files that the platform's dialog has named, as one text.
    pub(crate) fn read_key_files(&self, files: &[std::path::PathBuf]) -> Result<String, Problem> {
        let texts: Result<Vec<String>, Problem> =
            files.iter().map(|file| public_file::text(file, "keys", MOST_KEYS)).collect();
        Ok(texts?.iter().map(|text| text.trim_end()).collect::<Vec<_>>().join("\n"))
    }

    /// A table from a file that the platform's dialog has named.
    pub(crate) fn read_table_file(&self, file: &Path) -> Result<String, Problem> {
        public_file::text(file, "table", MAX_TABLE_BYTES)
    }

    /// The name that is suggested for the list's file: `contoso-print-gateways.csv`.
    pub(crate) fn table_name(&self, connection: &str) -> Result<String, Problem> {
        Ok(format!("{}-gateways.csv", self.engine.connection(connection)?.id))
    }

    /// Writes the list to a file that the platform's dialog has named; it has asked before it named one that is there.
    pub(crate) fn save_table(&self, connection: &str, file: &Path) -> Result<(), Problem> {
        let table = self.engine.export_table(connection)?;
        Ok(report::save(file, table, Existing::Replace)?)
    }

    fn asks(&self, connection: &str, asks: Vec<KeyChangeView>) -> Result<GatewaysChange, Problem> {
        let view = GatewaysView::of(&self.engine, connection)?;
        Ok(GatewaysChange { asks, says: None, notes: Vec::new(), view })
    }

    fn changed(
        &self,
        connection: &str,
        says: String,
        shared: &[SharedKey],
    ) -> Result<GatewaysChange, Problem> {
        let view = GatewaysView::of(&self.engine, connection)?;
        let notes = shared.iter().map(SharedKey::says).collect();
        Ok(GatewaysChange { asks: Vec::new(), says: Some(says), notes, view })
    }
}

fn request_of(form: KeysForm) -> KeyRequest {
    KeyRequest {
        text: form.text,
        gateway: None,
        new: match form.new_gateways {
            NewGatewaysId::Make => NewGateways::Make,
            NewGatewaysId::Leave => NewGateways::Leave,
        },
        confirmed: form.confirmed,
    }
}

/// A gateway's field takes a text with one usable key in it.
fn one_key(preview: &KeyPreview) -> Result<(), Problem> {
    const FIX: &str = "Paste the line from the gateway’s /etc/ssh/ssh_host_ed25519_key.pub.";
    let ambiguous = preview.found.iter().any(|found| matches!(found.target, KeyTarget::Ambiguous(_)));
    match preview.problems.first() {
        Some(problem) => Err(Problem::field("key", problem.what.clone(), "")),
        None if preview.found.is_empty() => {
            Err(Problem::field("key", "There is no key in this text.".to_owned(), FIX))
        }
        None if ambiguous => {
            let what = "There are several keys in this text.".to_owned();
            Err(Problem::field("key", what, "Paste the right one alone."))
        }
        None => Ok(()),
    }
}

fn unconfirmed(preview: &KeyPreview, confirmed: &[String]) -> Vec<KeyChangeView> {
    let changes = preview.found.iter().filter_map(|found| match &found.target {
        KeyTarget::Changes(change) if !confirmed.contains(&change.to) => Some(change.into()),
        _ => None,
    });
    changes.collect()
}

#[cfg(test)]
mod tests;
