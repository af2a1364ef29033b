//! The report about a connection, to be read or saved.

use std::path::Path;

use engine::{
    export::Existing,
    report::{self, Format, Ids, Names, ReportOptions},
};

use super::Desk;
use crate::wire::{Problem, ReportForm, ReportFormat, ReportIds};

impl Desk {
    /// The report as text.
    pub(crate) async fn read_report(&self, connection: String, form: ReportForm) -> Result<String, Problem> {
        let report = self.engine.report(&connection)?;
        let ids = match form.ids {
            ReportIds::Short => Ids::Short,
            ReportIds::Full => Ids::Full,
        };
        let paper = self.engine.paper(&report, ReportOptions { names: Names::Masked, ids })?;
        Ok(paper.write(form.format.into()))
    }

    /// The name that is suggested for the report's file: `woodgrove-branch-vpn.html`.
    pub(crate) fn report_name(&self, connection: &str, format: ReportFormat) -> Result<String, Problem> {
        Ok(file_name(&self.engine.connection(connection)?.name, format.into()))
    }

    /// Writes the report to a file that the platform's dialog has named; it has asked before it named one that is there.
    pub(crate) async fn save_report(
        &self,
        connection: String,
        form: ReportForm,
        path: &Path,
    ) -> Result<(), Problem> {
        let text = self.read_report(connection, form).await?;
        Ok(report::save(path, &text, Existing::Replace)?)
    }
}

impl From<ReportFormat> for Format {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Html => Self::Html,
            ReportFormat::Markdown => Self::Markdown,
            ReportFormat::Json => Self::Json,
        }
    }
}

fn file_name(connection: &str, format: Format) -> String {
    let name = connection.to_lowercase();
    let words: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let stem = if words.is_empty() { "report".to_owned() } else { words.join("-") };
    format!("{stem}.{}", format.ending())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_named_after_its_connection_and_nothing_that_leads_elsewhere() {
        assert_eq!(file_name("Woodgrove – Branch VPN", Format::Html), "woodgrove-branch-vpn.html");
        assert_eq!(file_name("../../etc/passwd", Format::Json), "etc-passwd.json");
        assert_eq!(file_name("…", Format::Markdown), "report.md");
    }
}
