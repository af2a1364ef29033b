use engine::{
    connection::Connection,
    diagnosis::{self, Finding, Link, LinkReport, Severity as Weight, Verdict},
    portal::PortalPage,
};

use crate::wire::{
    FindingView, HandOff, LinkId, LinkState, LinkView, PageLink, SawLine, Severity, SummaryState,
};

impl From<Link> for LinkId {
    fn from(link: Link) -> Self {
        match link {
            Link::Network => Self::Network,
            Link::Tenant => Self::Tenant,
            Link::App => Self::App,
            Link::Credential => Self::Credential,
            Link::Token => Self::Token,
            Link::Consent => Self::Consent,
            Link::Directory => Self::Directory,
            Link::Gateway => Self::Gateway,
        }
    }
}

impl From<LinkId> for Link {
    fn from(link: LinkId) -> Self {
        match link {
            LinkId::Network => Self::Network,
            LinkId::Tenant => Self::Tenant,
            LinkId::App => Self::App,
            LinkId::Credential => Self::Credential,
            LinkId::Token => Self::Token,
            LinkId::Consent => Self::Consent,
            LinkId::Directory => Self::Directory,
            LinkId::Gateway => Self::Gateway,
        }
    }
}

impl From<diagnosis::LinkState> for LinkState {
    fn from(state: diagnosis::LinkState) -> Self {
        match state {
            diagnosis::LinkState::NotTried => Self::NotTried,
            diagnosis::LinkState::Proven => Self::Proven,
            diagnosis::LinkState::Attention => Self::Attention,
            diagnosis::LinkState::Broken => Self::Broken,
            diagnosis::LinkState::Skipped => Self::Skipped,
            diagnosis::LinkState::Unknown => Self::Unknown,
        }
    }
}

impl From<&LinkReport> for LinkView {
    fn from(report: &LinkReport) -> Self {
        Self {
            link: report.link.into(),
            state: report.state.into(),
            word: report.word.clone(),
            evidence: report.evidence.clone(),
            details: report.details.clone(),
            because: report.because.clone(),
            at: report.at.map(|at| at.to_string()),
            source: report.source.map(|source| source.words().to_owned()),
        }
    }
}

impl From<Weight> for Severity {
    fn from(weight: Weight) -> Self {
        match weight {
            Weight::Broken => Self::Broken,
            Weight::Attention => Self::Attention,
            Weight::Unknown => Self::Unknown,
        }
    }
}

impl FindingView {
    /// A finding of this connection.
    pub(super) fn of(finding: &Finding, connection: &Connection) -> Self {
        Self {
            id: finding.id.to_owned(),
            link: finding.link.into(),
            severity: finding.severity.into(),
            title: finding.title.clone(),
            saw: finding
                .saw
                .iter()
                .map(|saw| SawLine { source: saw.source.words().to_owned(), text: saw.text.clone() })
                .collect(),
            meaning: finding.meaning.clone(),
            fix: finding.fix.clone(),
            who: finding.who.words().to_owned(),
            page: finding.page.map(PageLink::from),
            script: finding.script.clone(),
            hand_off: HandOff::of(finding, connection),
            details: details(finding),
        }
    }
}

/// Plain text with every identifier, to paste into a ticket.
fn details(finding: &Finding) -> String {
    let mut lines = vec![finding.title.clone(), format!("Finding: {} ({})", finding.id, finding.link.name())];
    lines.extend(
        finding.saw.iter().map(|saw| format!("{}: {}", saw.source.words(), saw.text.replace('`', ""))),
    );
    lines.extend(identifiers(finding));
    lines.join("\n")
}

/// What Microsoft's support asks for, one line each: `Trace ID: …`.
pub(super) fn identifiers(finding: &Finding) -> Vec<String> {
    let Some(fault) = &finding.fault else { return Vec::new() };
    let lines = [
        ("Host", Some(fault.host.clone())),
        ("HTTP status", fault.http_status.map(|status| status.to_string())),
        ("AADSTS", fault.aadsts.map(|number| number.to_string())),
        ("Graph code", fault.graph_code.clone()),
        ("Trace ID", fault.trace_id.clone()),
        ("Correlation ID", fault.correlation_id.clone()),
        ("Request ID", fault.request_id.clone()),
        ("Time", fault.timestamp.clone()),
    ];
    lines.into_iter().filter_map(|(label, value)| Some(format!("{label}: {}", value?))).collect()
}

impl From<PortalPage> for PageLink {
    fn from(page: PortalPage) -> Self {
        match page {
            PortalPage::AppRegistrations => Self::AppRegistrations,
            PortalPage::NewRegistration => Self::NewRegistration,
            PortalPage::Overview => Self::Overview,
            PortalPage::CertificatesAndSecrets => Self::CertificatesAndSecrets,
            PortalPage::ApiPermissions => Self::ApiPermissions,
            PortalPage::Authentication => Self::Authentication,
            PortalPage::Manifest => Self::Manifest,
            PortalPage::EnterpriseApplication => Self::EnterpriseApplication,
            PortalPage::EnterprisePermissions => Self::EnterprisePermissions,
            PortalPage::Users => Self::Users,
            PortalPage::SignInLogs => Self::SignInLogs,
            PortalPage::AdminConsent => Self::AdminConsent,
        }
    }
}

impl PageLink {
    /// The page of Microsoft's portal; none for the practice tenant's own.
    pub(crate) fn of_microsoft(self) -> Option<PortalPage> {
        Some(match self {
            Self::AppRegistrations => PortalPage::AppRegistrations,
            Self::NewRegistration => PortalPage::NewRegistration,
            Self::Overview => PortalPage::Overview,
            Self::CertificatesAndSecrets => PortalPage::CertificatesAndSecrets,
            Self::ApiPermissions => PortalPage::ApiPermissions,
            Self::Authentication => PortalPage::Authentication,
            Self::Manifest => PortalPage::Manifest,
            Self::EnterpriseApplication => PortalPage::EnterpriseApplication,
            Self::EnterprisePermissions => PortalPage::EnterprisePermissions,
            Self::Users => PortalPage::Users,
            Self::SignInLogs => PortalPage::SignInLogs,
            Self::AdminConsent => PortalPage::AdminConsent,
            Self::PracticePortal => return None,
        })
    }
}

impl From<Verdict> for SummaryState {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Proven => Self::Proven,
            Verdict::Attention => Self::Attention,
            Verdict::Broken => Self::Broken,
            Verdict::Incomplete => Self::Unknown,
        }
    }
}
