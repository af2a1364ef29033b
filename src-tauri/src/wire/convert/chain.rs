use engine::{
    diagnosis::{self, Finding, Link, LinkReport, Severity as Weight, Verdict},
    portal::PortalPage,
};

use crate::wire::{FindingView, LinkId, LinkState, LinkView, PageLink, SawLine, Severity, SummaryState};

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

impl From<&LinkReport> for LinkView {
    fn from(report: &LinkReport) -> Self {
        let state = match report.state {
            diagnosis::LinkState::NotTried => LinkState::NotTried,
            diagnosis::LinkState::Proven => LinkState::Proven,
            diagnosis::LinkState::Attention => LinkState::Attention,
            diagnosis::LinkState::Broken => LinkState::Broken,
            diagnosis::LinkState::Skipped => LinkState::Skipped,
            diagnosis::LinkState::Unknown => LinkState::Unknown,
        };
        Self {
            link: report.link.into(),
            state,
            word: report.word.clone(),
            evidence: report.evidence.clone(),
            because: report.because.clone(),
            at: report.at.map(|at| at.to_string()),
            source: report.source.map(|source| source.words().to_owned()),
        }
    }
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        Self {
            id: finding.id.to_owned(),
            link: finding.link.into(),
            severity: match finding.severity {
                Weight::Broken => Severity::Broken,
                Weight::Attention => Severity::Attention,
                Weight::Unknown => Severity::Unknown,
            },
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
    if let Some(fault) = &finding.fault {
        let mut add = |label: &str, value: Option<String>| {
            lines.extend(value.map(|value| format!("{label}: {value}")));
        };
        add("Host", Some(fault.host.clone()));
        add("HTTP status", fault.http_status.map(|status| status.to_string()));
        add("AADSTS", fault.aadsts.map(|number| number.to_string()));
        add("Graph code", fault.graph_code.clone());
        add("Trace ID", fault.trace_id.clone());
        add("Correlation ID", fault.correlation_id.clone());
        add("Request ID", fault.request_id.clone());
        add("Time", fault.timestamp.clone());
    }
    lines.join("\n")
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
