use engine::{
    Gatehouse,
    journey::{self, STEPS, Step, StepReport},
};

use super::home::summary;
use crate::wire::{
    AccessView, ConsentView, CredentialView, FindingView, JourneyView, LinkView, PermissionsView,
    PrepareView, Problem, PublicClientView, RegistrationView, StepId, StepState, StepView, SyncStart,
    SyncView, TokenView, WriteView,
};

impl JourneyView {
    pub(crate) fn of(engine: &Gatehouse, id: &str) -> Result<Self, Problem> {
        let report = engine.report(id)?;
        let directory = engine.directory(id)?;
        let connection = &report.connection;
        let (summary, summary_state) = summary(&report);
        Ok(Self {
            id: connection.id.clone(),
            name: connection.name.clone(),
            cloud: connection.cloud().map_or("practice", engine::Cloud::id).to_owned(),
            cloud_name: connection.cloud().map_or("Practice tenant", engine::Cloud::name).to_owned(),
            practice: connection.practice,
            summary,
            summary_state,
            current_step: connection.current_step.into(),
            steps: report.steps.iter().map(StepView::from).collect(),
            links: report.chain.links.iter().map(LinkView::from).collect(),
            findings: report
                .chain
                .findings
                .iter()
                .map(|finding| FindingView::of(finding, connection))
                .collect(),
            checked_at: connection.checked_at.map(|at| at.to_string()),
            saved_at: connection.saved_at.to_string(),
            prepare: PrepareView::of(&report, engine),
            registration: RegistrationView::of(&report),
            credential: CredentialView::of(&report, &engine.keychain()),
            permissions: PermissionsView::of(&report),
            consent: ConsentView::of(&report),
            public_client: PublicClientView::of(&report),
            token: TokenView::of(&report),
            sync_start: SyncStart::of(&report, engine),
            sync: SyncView::of(&report, directory.as_ref()),
            access: AccessView::of(&report, directory.as_ref())?,
            write: WriteView::of(&report, engine),
        })
    }
}

impl From<&StepReport> for StepView {
    fn from(report: &StepReport) -> Self {
        let row = &STEPS[usize::from(report.step.number()) - 1];
        Self {
            step: report.step.into(),
            number: report.step.number(),
            title: row.title.to_owned(),
            state: match report.state {
                journey::StepState::NotStarted => StepState::NotStarted,
                journey::StepState::InProgress => StepState::InProgress,
                journey::StepState::Done => StepState::Done,
                journey::StepState::Attention => StepState::Attention,
                journey::StepState::Broken => StepState::Broken,
            },
            note: report.note.clone(),
            blocked: report.blocked.clone(),
            ready: report.ready.clone(),
        }
    }
}

macro_rules! same_names {
    ($from:ty, $to:ty: $($name:ident),*) => {
        impl From<$from> for $to {
            fn from(step: $from) -> Self {
                match step { $(<$from>::$name => Self::$name),* }
            }
        }
    };
}

same_names!(Step, StepId: Prepare, Registration, Credential, Permissions, Consent, PublicClient, Token, Sync, Access, Write);
same_names!(StepId, Step: Prepare, Registration, Credential, Permissions, Consent, PublicClient, Token, Sync, Access, Write);
