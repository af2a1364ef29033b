use engine::{
    Gatehouse, Report,
    diagnosis::{LinkState, Verdict},
    journey::STEPS,
    vault::VaultState,
};
use jiff::tz::TimeZone;

use crate::wire::{
    CardFinding, ConnectionCard, CredentialCard, DailyCheckView, GatewayCounts, HomeView, KeychainView,
    LinkView, PracticeView, Problem, SummaryState,
};

/// Days before its end from which a secret is shown as ending.
const ENDING_DAYS: i32 = 30;

impl HomeView {
    pub(crate) fn of(engine: &Gatehouse, practice: Option<PracticeView>) -> Result<Self, Problem> {
        let (connections, aside) = engine.connections()?;
        let mut cards = Vec::with_capacity(connections.len());
        let mut unusable = Vec::new();
        for connection in connections {
            let name = connection.name.clone();
            match engine.judge(connection) {
                Ok(report) => cards.push(ConnectionCard::of(&report, engine)),
                Err(fault) => {
                    unusable.push(format!("{name} cannot be shown, and was left as it is. {fault}"));
                }
            }
        }
        let notices = aside
            .iter()
            .map(|aside| {
                format!(
                    "The saved connections could not be read ({}). The file was kept as `{}`, and nothing in it was changed.",
                    aside.because,
                    aside.path.display()
                )
            })
            .chain(unusable)
            .collect();
        Ok(Self {
            connections: cards,
            keychain: (&engine.keychain()).into(),
            practice,
            notices,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            daily_check: match engine::schedule::is_set_up_here() {
                Some(true) => DailyCheckView::SetUp,
                Some(false) => DailyCheckView::NotSetUp,
                None => DailyCheckView::Unknown,
            },
        })
    }
}

impl ConnectionCard {
    fn of(report: &Report, engine: &Gatehouse) -> Self {
        let connection = &report.connection;
        let (summary, summary_state) = summary(report);
        let credential = connection.credential.as_ref().map(|credential| {
            let days_left = credential.ends_on.map(|day| days_left(report, day));
            CredentialCard {
                noun: credential.noun().to_owned(),
                ends_on: credential.ends_on.map(|day| day.to_string()),
                days_left,
                ending: days_left.is_some_and(|days| days <= ENDING_DAYS),
            }
        });
        Self {
            id: connection.id.clone(),
            name: connection.name.clone(),
            tenant: connection.tenant.as_ref().map(|tenant| tenant.text.clone()).unwrap_or_default(),
            cloud: connection.cloud().map_or("Practice", engine::Cloud::name).to_owned(),
            practice: connection.practice,
            links: report.chain.links.iter().map(LinkView::from).collect(),
            summary,
            summary_state,
            checked_at: connection.checked_at.map(|at| at.to_string()),
            saved_at: connection.saved_at.to_string(),
            set_up: report.set_up(),
            current_step: connection.current_step.into(),
            credential,
            finding: report.chain.findings.first().map(|finding| CardFinding {
                title: finding.title.clone(),
                meaning: finding.meaning.clone(),
            }),
            written_to: connection.evidence.written.value().map(|written| written.folder.clone()),
            rotating: connection.rotation.is_some(),
            gateways: GatewayCounts::in_list(engine, connection),
        }
    }
}

pub(super) fn summary(report: &Report) -> (String, SummaryState) {
    let chain = &report.chain;
    if let Some(broken) = chain.links.iter().find(|link| link.state == LinkState::Broken) {
        return (format!("Broken at {}", broken.link.name()), SummaryState::Broken);
    }
    if !report.set_up() {
        let step = report.connection.current_step;
        return (format!("Setup at step {} of {}", step.number(), STEPS.len()), SummaryState::Idle);
    }
    let words = match chain.verdict {
        Verdict::Proven => "Proven",
        Verdict::Attention => "Works, but…",
        Verdict::Incomplete | Verdict::Broken => "Not fully checked",
    };
    (words.to_owned(), chain.verdict.into())
}

pub(super) fn days_left(report: &Report, day: jiff::civil::Date) -> i32 {
    (day - report.now.to_zoned(TimeZone::UTC).date()).get_days()
}

impl From<&VaultState> for KeychainView {
    fn from(state: &VaultState) -> Self {
        let because = state.unusable.as_ref().map(|fault| format!("Because {fault}."));
        Self { available: because.is_none(), name: state.name.to_owned(), because }
    }
}
