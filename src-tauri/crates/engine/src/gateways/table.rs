//! Lists of gateways as spreadsheets write them. Pure.

mod columns;

use std::collections::{BTreeMap, BTreeSet};

use bundle::{GatewayName, Recipient};

use super::{Gateway, KeyChange, SharedKey, entry, find, find_mut, gateway_name, shared_keys};
use crate::{
    fault::{Fault, FaultCode},
    outputs::Output,
};
use columns::{Column, Columns};

/// The most that a table may hold, in bytes: 4 MiB, some ten thousand gateways.
pub const MAX_TABLE_BYTES: usize = 4 * 1024 * 1024;

/// What a table would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TablePreview {
    /// What would become of each row that can be used, in the order of the table.
    pub rows: Vec<RowChange>,
    /// What is wrong, line by line.
    pub problems: Vec<RowProblem>,
    /// Keys that would take the place of others; each has to be confirmed.
    pub key_changes: Vec<KeyChange>,
    /// Keys that gateways of the table would have in common, with each other or with others of the list.
    pub shared: Vec<SharedKey>,
    /// How many gateways are new.
    pub new: usize,
    /// How many are in the list and would be changed.
    pub changed: usize,
    /// How many stand in the list just so.
    pub unchanged: usize,
}

/// What would become of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowChange {
    /// The line's number, from 1; the first is the header's.
    pub line: u64,
    /// The gateway.
    pub gateway: GatewayName,
    /// It is in the list already.
    pub known: bool,
    /// The columns that would change; all that are filled in for a new one.
    pub changes: Vec<&'static str>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowProblem {
    /// The line's number, from 1.
    pub line: u64,
    /// The column, where it is about one.
    pub column: Option<&'static str>,
    /// What is true.
    pub what: String,
    /// What to do.
    pub fix: String,
}

/// What to take over.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The table: CSV with a header, UTF-8, with commas, semicolons or tabs.
    pub table: Vec<u8>,
    /// What to do about rows that cannot be used.
    pub faulty: FaultyRows,
    /// Fingerprints of the new keys that may take the place of an earlier one.
    pub confirmed: Vec<String>,
}

/// What to do about rows that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultyRows {
    /// Take nothing over while there is one.
    Refuse,
    /// Leave them out, and take the others over.
    LeaveOut,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// It was taken over, as the preview says.
    Imported(TablePreview),
    /// Nothing was changed: there are faulty rows, or keys to confirm.
    Asks(TablePreview),
}

/// A row whose fields can be used; what is absent in the table leaves the gateway as it is.
struct Row {
    line: u64,
    name: GatewayName,
    address: Option<Option<String>>,
    key: Option<Recipient>,
    profile: Option<Option<String>>,
    outputs: Option<Vec<Output>>,
}

/// What the table would change.
///
/// # Errors
/// It is too large, is not UTF-8, or has no usable header.
pub(crate) fn preview(gateways: &[Gateway], table: &[u8], profile: &str) -> Result<TablePreview, Fault> {
    let (rows, problems) = read(table, profile)?;
    let mut preview = TablePreview { problems, ..TablePreview::default() };
    for row in &rows {
        let known = find(gateways, row.name.as_str());
        let changes = row.changes(known);
        match known {
            None => preview.new += 1,
            Some(_) if changes.is_empty() => preview.unchanged += 1,
            Some(_) => preview.changed += 1,
        }
        if let (Some(to), Some(from)) = (&row.key, known.and_then(Gateway::key))
            && *to != from
        {
            let (from, to) = (from.fingerprint().to_owned(), to.fingerprint().to_owned());
            preview.key_changes.push(KeyChange { gateway: row.name.clone(), from, to });
        }
        let gateway = known.map_or(&row.name, |known| &known.name).clone();
        preview.rows.push(RowChange { line: row.line, gateway, known: known.is_some(), changes });
    }
    let mut after = gateways.to_vec();
    take_over(&mut after, &rows);
    let of_table: BTreeSet<&GatewayName> = preview.rows.iter().map(|row| &row.gateway).collect();
    preview.shared = shared_keys(&after, |name| of_table.contains(name));
    Ok(preview)
}

/// Takes the table over, unless something has to be asked first.
///
/// # Errors
/// As [`preview`].
pub(crate) fn import(
    gateways: &mut Vec<Gateway>,
    request: &ImportRequest,
    profile: &str,
) -> Result<ImportOutcome, Fault> {
    let preview = preview(gateways, &request.table, profile)?;
    let faulty = request.faulty == FaultyRows::Refuse && !preview.problems.is_empty();
    if faulty || preview.key_changes.iter().any(|change| !request.confirmed.contains(&change.to)) {
        return Ok(ImportOutcome::Asks(preview));
    }
    take_over(gateways, &read(&request.table, profile)?.0);
    Ok(ImportOutcome::Imported(preview))
}

fn take_over(gateways: &mut Vec<Gateway>, rows: &[Row]) {
    for row in rows {
        if find(gateways, row.name.as_str()).is_none() {
            gateways.push(Gateway::named(row.name.clone()));
        }
        if let Some(gateway) = find_mut(gateways, row.name.as_str()) {
            row.apply(gateway);
        }
    }
}

/// The list as a table that [`preview`] reads: UTF-8, commas, LF.
pub(crate) fn write(gateways: &[Gateway]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = Column::ALL.map(Column::name);
    let rows = gateways.iter().map(|gateway| {
        let outputs: Vec<&str> = gateway.outputs.iter().map(|output| output.id()).collect();
        [
            gateway.name.to_string(),
            gateway.address.clone().unwrap_or_default(),
            gateway.recipient.clone().unwrap_or_default(),
            gateway.profile.clone().unwrap_or_default(),
            outputs.join(" "),
        ]
    });
    // Memory takes every row, and all have five fields.
    writer.write_record(header).ok();
    rows.for_each(|row| drop(writer.write_record(row)));
    writer.into_inner().unwrap_or_default()
}

fn read(table: &[u8], profile: &str) -> Result<(Vec<Row>, Vec<RowProblem>), Fault> {
    let text = columns::text(table)?;
    let mut reader = columns::reader(text);
    let columns = Columns::of(reader.headers().map_err(|error| unreadable(&error))?)?;
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let line = record.position().map_or(0, csv::Position::line);
        // No field of a gateway has a line break in it: a quotation mark was opened and swallows the lines below.
        if record.iter().any(|field| field.contains(['\n', '\r'])) {
            let what = format!("A quotation mark in line {line} of the table is not closed on its line.");
            return Err(Fault::field("table", what, "Close it or take it away, then import again."));
        }
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        match row(&record, line, &columns, profile) {
            Err(found) => problems.extend(found),
            Ok(row) => {
                let folded = row.name.as_str().to_ascii_lowercase();
                if let Some(first) = lines.insert(folded, line) {
                    let what = format!("{} stands in line {first} already.", row.name);
                    problems.push(problem(
                        line,
                        Column::Name,
                        &Fault::field("name", what, "Keep one of the lines."),
                    ));
                } else {
                    rows.push(row);
                }
            }
        }
    }
    Ok((rows, problems))
}

fn row(
    record: &csv::StringRecord,
    line: u64,
    columns: &Columns,
    profile: &str,
) -> Result<Row, Vec<RowProblem>> {
    let mut problems = Vec::new();
    let mut take = |column: Column, fault: Fault| problems.push(problem(line, column, &fault));
    let field = |column| columns.field(record, column);
    let name =
        gateway_name(field(Column::Name).unwrap_or_default()).map_err(|fault| take(Column::Name, fault)).ok();
    let address = field(Column::Address)
        .map(|text| entry::address(text).map_err(|fault| take(Column::Address, fault)).ok().flatten());
    let profile = field(Column::Profile).map(|text| {
        entry::profile(text, profile).map_err(|fault| take(Column::Profile, fault)).ok().flatten()
    });
    let key = field(Column::Key).filter(|text| !text.is_empty()).and_then(|text| {
        let fault = |problem: bundle::RecipientProblem| columns::key_fault(&problem);
        Recipient::from_line(text).map_err(|problem| take(Column::Key, fault(problem))).ok()
    });
    let outputs = field(Column::Outputs)
        .and_then(|text| columns::outputs(text).map_err(|fault| take(Column::Outputs, fault)).ok());
    match name {
        Some(name) if problems.is_empty() => Ok(Row { line, name, address, key, profile, outputs }),
        _ => Err(problems),
    }
}

impl Row {
    fn changes(&self, known: Option<&Gateway>) -> Vec<&'static str> {
        let before = known.cloned().unwrap_or_else(|| Gateway::named(self.name.clone()));
        let mut after = before.clone();
        self.apply(&mut after);
        let differs = [
            (Column::Address, before.address != after.address),
            (Column::Key, before.recipient != after.recipient),
            (Column::Profile, before.profile != after.profile),
            (Column::Outputs, before.outputs != after.outputs),
        ];
        differs.into_iter().filter(|(_, differs)| *differs).map(|(column, _)| column.name()).collect()
    }

    fn apply(&self, gateway: &mut Gateway) {
        if let Some(address) = &self.address {
            gateway.address.clone_from(address);
        }
        if let Some(key) = &self.key {
            gateway.give_key(key);
        }
        if let Some(profile) = &self.profile {
            gateway.profile.clone_from(profile);
        }
        if let Some(outputs) = &self.outputs {
            gateway.outputs.clone_from(outputs);
        }
    }
}

fn problem(line: u64, column: Column, fault: &Fault) -> RowProblem {
    RowProblem { line, column: Some(column.name()), what: fault.what.clone(), fix: fault.fix.clone() }
}

fn unreadable(error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    Fault {
        field: Some("table"),
        ..Fault::new(
            FaultCode::InvalidInput,
            format!("Line {line} of the table cannot be read."),
            "Save it as CSV in UTF-8, and try again.",
        )
    }
}

#[cfg(test)]
mod tests;
