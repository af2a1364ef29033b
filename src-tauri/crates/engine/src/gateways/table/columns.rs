//! The header of a table, and its fields.

use bundle::RecipientProblem;

use super::{MAX_TABLE_BYTES, entry};
use crate::{fault::Fault, outputs::Output};

/// The columns that a table may have, in the order in which one is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Address,
    Key,
    Profile,
    Outputs,
}

impl Column {
    pub(super) const ALL: [Self; 5] = [Self::Name, Self::Address, Self::Key, Self::Profile, Self::Outputs];

    /// Its name in the header.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Address => "address",
            Self::Key => "key",
            Self::Profile => "profile",
            Self::Outputs => "outputs",
        }
    }
}

/// Where each column stands in a table.
pub(super) struct Columns([Option<usize>; 5]);

impl Columns {
    /// # Errors
    /// A column that is not known, stands twice, or no `name`.
    pub(super) fn of(header: &csv::StringRecord) -> Result<Self, Fault> {
        let mut places = [None; 5];
        for (place, text) in header.iter().enumerate() {
            let text = text.trim();
            let column = Column::ALL.into_iter().find(|column| column.name().eq_ignore_ascii_case(text));
            let Some(column) = column else {
                if text.is_empty() {
                    continue;
                }
                return Err(faulty(format!(
                    "The header names a column that is not known, the {}.",
                    ordinal(place)
                )));
            };
            if places[column as usize].replace(place).is_some() {
                return Err(faulty(format!("The header names the column {text} twice.")));
            }
        }
        match places[Column::Name as usize] {
            Some(_) => Ok(Self(places)),
            None => Err(faulty("The first line does not name the column name.".to_owned())),
        }
    }

    /// A field without the white space around it; none when the table has no such column.
    pub(super) fn field<'r>(&self, record: &'r csv::StringRecord, column: Column) -> Option<&'r str> {
        self.0[column as usize].map(|place| record.get(place).unwrap_or_default().trim())
    }
}

fn ordinal(place: usize) -> String {
    format!("one in place {}", place + 1)
}

fn faulty(what: String) -> Fault {
    const FIX: &str = "Begin the table with a line of these names: name, address, key, profile, outputs. Only name has \
                       to be there.";
    Fault::field("table", what, FIX)
}

/// The table's text without a byte order mark.
///
/// # Errors
/// It is too large, or not UTF-8.
pub(super) fn text(table: &[u8]) -> Result<&str, Fault> {
    if table.len() > MAX_TABLE_BYTES {
        let fix = "Split it into several tables, and import one after the other.";
        return Err(Fault::field("table", "The table is larger than 4 MiB.", fix));
    }
    let text = std::str::from_utf8(table).map_err(|_| {
        Fault::field("table", "The table is not UTF-8.", "Save it as “CSV UTF-8”, and try again.")
    })?;
    Ok(text.trim_start_matches('\u{feff}'))
}

/// Reads with the separator that the first line has most of.
pub(super) fn reader(text: &str) -> csv::Reader<&[u8]> {
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    // The last of equals wins, so a comma where the header has one column only.
    let separator = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes())
}

/// Ids of outputs, with spaces, commas, semicolons or plus signs between them.
pub(super) fn outputs(text: &str) -> Result<Vec<Output>, Fault> {
    let ids = text.split([' ', ',', ';', '+', '|']).filter(|id| !id.is_empty());
    let outputs: Option<Vec<Output>> = ids.map(Output::from_id).collect();
    let outputs = outputs.ok_or_else(|| {
        let known: Vec<&str> = Output::ALL.into_iter().map(Output::id).collect();
        Fault::field(
            "outputs",
            "One of the outputs is not known.",
            format!("Known are {}.", known.join(", ")),
        )
    })?;
    Ok(entry::sorted(&outputs))
}

/// What is the matter with a key, and what to do about it.
pub(super) fn key_fault(problem: &RecipientProblem) -> Fault {
    let text = problem.to_string();
    let (what, fix) =
        text.split_once(". ").unwrap_or((&text, "Paste the line from the gateway’s .pub file."));
    Fault::field("key", format!("{}.", what.trim_end_matches('.')), fix)
}
