use engine::{
    connection::Connection,
    diagnosis::{Finding, Who},
    portal,
};

use super::chain::identifiers;
use crate::wire::HandOff;

impl HandOff {
    /// Asks whoever may mend the finding; none when that is the person at the keyboard, or Microsoft.
    pub(super) fn of(finding: &Finding, connection: &Connection) -> Option<Self> {
        if matches!(finding.who, Who::You | Who::Microsoft) {
            return None;
        }
        let name = &connection.name;
        let saw = finding.saw.iter().map(|saw| format!("- {}: {}", saw.source.words(), plain(&saw.text)));
        let fix = finding.fix.iter().enumerate().map(|(at, step)| format!("{}. {}", at + 1, plain(step)));
        let page = finding.page.and_then(|page| portal::address(connection, page));
        let tenant = connection.tenant.as_ref().map(|tenant| tenant.text.as_str());
        let ids = [
            page.map(|page| format!("Page: {page}")),
            tenant.map(|tenant| format!("Tenant: {tenant}")),
            connection.client_id.as_ref().map(|id| format!("Application (client) ID: {id}")),
        ];
        let parts = [
            vec![format!("“{name}” connects our gateways to Microsoft Entra ID. A check of it found this:")],
            vec![plain(&finding.title), plain(&finding.meaning)],
            section("What was seen", saw.collect()),
            section(&format!("What to do, as {}", finding.who.words()), fix.collect()),
            ids.into_iter().flatten().chain(identifiers(finding)).collect(),
        ];
        let body: Vec<String> =
            parts.iter().filter(|part| !part.is_empty()).map(|part| part.join("\n")).collect();
        Some(Self {
            subject: format!("{name}: {}", plain(&finding.title).trim_end_matches('.')),
            body: format!("{}\n", body.join("\n\n")),
        })
    }
}

fn section(title: &str, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() { lines } else { [vec![format!("{title}:")], lines].concat() }
}

/// Without the page's marks.
fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "")
}
