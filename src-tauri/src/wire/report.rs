//! The report about a connection.

use serde::Deserialize;
use specta::Type;

/// How a report is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct ReportForm {
    pub format: ReportFormat,
    pub ids: ReportIds,
}

/// The file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ReportFormat {
    Html,
    Markdown,
    Json,
}

/// How tenant, client and object IDs are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum ReportIds {
    /// The first and last group of each.
    Short,
    /// Whole.
    Full,
}
