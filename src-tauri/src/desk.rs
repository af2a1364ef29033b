//! What the commands do: the engine, the practice tenant, and the way back to the page.

mod certificate;
mod consent;
mod entries;
mod field;
mod gateways;
mod listing;
mod practice;
mod public_file;
mod receipts;
mod report;
mod rotation;
mod sealing;
mod settings;
mod work;

use std::sync::Arc;

use engine::{Endpoints, Gatehouse, NewConnection};
use tokio::sync::Mutex;
use url::Url;

use consent::leads_back;

use crate::{
    clipboard::{ClipboardGuard, DesktopClipboard},
    practice_tenant::PracticeTenant,
    wire::{
        ExplanationView, GroupAccess, GroupHit, HistoryView, HomeView, JourneyView, PageLink, PersonAccess,
        Problem, ProblemCode, ProgressEvent, StepId,
    },
};

/// Everything a command needs.
pub struct Desk {
    engine: Gatehouse,
    practice: Mutex<Option<PracticeTenant>>,
    consent: consent::Listening,
    clipboard: ClipboardGuard,
    progress: Arc<dyn Fn(ProgressEvent) + Send + Sync>,
}

impl Desk {
    /// A desk whose progress goes to this listener.
    pub fn new(engine: Gatehouse, progress: impl Fn(ProgressEvent) + Send + Sync + 'static) -> Self {
        Self {
            engine,
            practice: Mutex::new(None),
            consent: consent::Listening::default(),
            clipboard: ClipboardGuard::new(DesktopClipboard::default()),
            progress: Arc::new(progress),
        }
    }

    /// The application ends.
    pub(crate) fn leave(&self) {
        self.clipboard.leave();
    }

    pub(crate) async fn home(&self) -> Result<HomeView, Problem> {
        let rehearsal = self.known_rehearsal()?;
        let practice = self.practice.lock().await.as_ref().and_then(|practice| practice.view(rehearsal));
        HomeView::of(&self.engine, practice)
    }

    pub(crate) async fn create_connection(&self, practice: bool) -> Result<JourneyView, Problem> {
        let new = if practice {
            self.new_practice_connection("Practice").await?
        } else {
            let endpoints = Endpoints::of(engine::Cloud::Global);
            NewConnection { name: "New connection".to_owned(), endpoints, practice: false, ca_file: None }
        };
        let connection = self.engine.create(new)?;
        self.journey(connection.id).await
    }

    pub(crate) async fn journey(&self, connection: String) -> Result<JourneyView, Problem> {
        let known = self.engine.connection(&connection)?;
        if known.practice {
            self.follow_practice(&known).await?;
        }
        JourneyView::of(&self.engine, &connection)
    }

    pub(crate) async fn explain(&self, text: String) -> Result<ExplanationView, Problem> {
        Ok((&engine::explain::explain(&text, self.engine.now())).into())
    }

    pub(crate) async fn history(&self, connection: String) -> Result<HistoryView, Problem> {
        HistoryView::of(&self.engine, &connection)
    }

    pub(crate) async fn remove_connection(&self, connection: String) -> Result<HomeView, Problem> {
        self.engine.remove(&connection)?;
        self.home().await
    }

    pub(crate) async fn go_to_step(&self, connection: String, step: StepId) -> Result<JourneyView, Problem> {
        self.engine.go_to(&connection, step.into())?;
        JourneyView::of(&self.engine, &connection)
    }

    pub(crate) async fn search_groups(
        &self,
        connection: String,
        query: String,
    ) -> Result<Vec<GroupHit>, Problem> {
        Ok(self.engine.search_groups(&connection, &query)?.into_iter().map(GroupHit::from).collect())
    }

    pub(crate) async fn access_of_group(
        &self,
        connection: String,
        group: String,
    ) -> Result<GroupAccess, Problem> {
        Ok(self.engine.group_access(&connection, &group)?.into())
    }

    pub(crate) async fn access_of_person(
        &self,
        connection: String,
        query: String,
    ) -> Result<Option<PersonAccess>, Problem> {
        let report = self.engine.report(&connection)?;
        let person = self.engine.person_access(&connection, &query)?;
        Ok(person.map(|person| PersonAccess::of(person, &report.profile)))
    }

    pub(crate) async fn page_address(&self, connection: String, page: PageLink) -> Result<String, Problem> {
        self.address(&connection, page).await.map(String::from)
    }

    pub(crate) async fn open_page(&self, connection: String, page: PageLink) -> Result<(), Problem> {
        let known = self.engine.connection(&connection)?;
        let address = self.address(&connection, page).await?;
        let own = known.practice && address.host_str() == Some("localhost");
        if !own && !engine::portal::may_open(&known.endpoints, &address) {
            return Err(Problem::internal("This address lies outside the connection’s cloud."));
        }
        let address = match page {
            PageLink::AdminConsent if leads_back(&known) => self.leading_back(&connection, address).await?,
            _ => address,
        };
        open_outside(address.as_str())
    }

    pub(crate) async fn open_written_folder(&self, connection: String) -> Result<(), Problem> {
        let known = self.engine.connection(&connection)?;
        match known.evidence.written.value() {
            Some(written) => open_outside(&written.folder),
            None => Err(Problem::not_ready("Nothing has been written yet.", "Write the config first.")),
        }
    }

    async fn address(&self, connection: &str, page: PageLink) -> Result<Url, Problem> {
        let known = self.engine.connection(connection)?;
        let missing =
            || Problem::not_ready("This page needs the tenant and the client ID.", "Finish step 2 first.");
        let Some(portal) = page.of_microsoft().filter(|_| !known.practice) else {
            let pages = self.place(&known.profile).await?.facts.pages;
            let path = match (page, engine::portal::address(&known, engine::portal::PortalPage::AdminConsent))
            {
                (PageLink::AdminConsent, Some(consent)) => {
                    format!("{}?{}", consent.path(), consent.query().unwrap_or_default())
                }
                (PageLink::AdminConsent, None) => return Err(missing()),
                _ => "/practice/".to_owned(),
            };
            return Url::parse(&format!("{pages}{path}"))
                .map_err(|error| Problem::internal(&error.to_string()));
        };
        engine::portal::address(&known, portal).ok_or_else(missing)
    }
}

fn open_outside(what: &str) -> Result<(), Problem> {
    open::that_detached(what).map_err(|error| Problem {
        code: ProblemCode::StorageFailed,
        field: None,
        what: format!("The system did not open {what}: {error}."),
        fix: "Copy the address and open it yourself.".to_owned(),
    })
}
