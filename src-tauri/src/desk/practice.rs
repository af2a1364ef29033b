//! The practice tenant: started when it is needed, set to a scenario, and rehearsed with.

use engine::{Endpoints, Keep, NewConnection, Registration, SecretEntry};
use secrecy::SecretString;

use super::Desk;
use crate::{
    practice_tenant::PracticeTenant,
    wire::{HomeView, JourneyView, PracticeConsent, Problem},
};

/// The connection that scenarios are rehearsed with.
const REHEARSAL: &str = "Rehearsal";
/// The profile that it has, and the one for the state that only a gateway with a sign-in of its own meets.
const PROFILE: &str = "least-privilege";
const SIGN_IN_PROFILE: &str = "gespage-print";
const SIGN_IN_SCENARIO: &str = "public-client-off";

impl Desk {
    pub(crate) async fn start_practice(&self) -> Result<HomeView, Problem> {
        self.practice_tenant().await?;
        self.home().await
    }

    pub(crate) async fn set_practice_scenario(&self, scenario: String) -> Result<HomeView, Problem> {
        self.play(&scenario).await?;
        self.home().await
    }

    pub(crate) async fn answer_practice_consent(&self, answer: PracticeConsent) -> Result<HomeView, Problem> {
        if let (Some(practice), PracticeConsent::Accept) = (&*self.practice.lock().await, answer) {
            practice.consent();
        }
        self.home().await
    }

    /// Plays a scenario, and readies a connection that holds what its admin would have been given.
    pub(crate) async fn rehearse(&self, scenario: String) -> Result<JourneyView, Problem> {
        self.play(&scenario).await?;
        let connection = self.rehearsal().await?;
        let (endpoints, _) = self.practice_tenant().await?;
        let profile = if scenario == SIGN_IN_SCENARIO { SIGN_IN_PROFILE } else { PROFILE };
        self.engine.save_prepare(&connection, endpoints, profile)?;
        let (registration, secret) = self.given().await?;
        self.engine.save_registration(&connection, &registration)?;
        self.engine.save_secret(&connection, &SecretEntry { secret, ends_on: None, keep: Keep::Session })?;
        self.journey(connection).await
    }

    async fn play(&self, scenario: &str) -> Result<(), Problem> {
        self.practice_tenant().await?;
        match &*self.practice.lock().await {
            Some(practice) => practice.set_scenario(scenario),
            None => Ok(()),
        }
    }

    /// The id of the connection for rehearsals, which is made for the first one.
    async fn rehearsal(&self) -> Result<String, Problem> {
        if let Some(known) = self.known_rehearsal()? {
            return Ok(known);
        }
        Ok(self.engine.create(self.new_practice_connection(REHEARSAL).await?)?.id)
    }

    pub(super) fn known_rehearsal(&self) -> Result<Option<String>, Problem> {
        let (connections, _) = self.engine.connections()?;
        let known = connections.into_iter().find(|known| known.practice && known.name == REHEARSAL);
        Ok(known.map(|known| known.id))
    }

    pub(super) async fn new_practice_connection(&self, name: &str) -> Result<NewConnection, Problem> {
        let (endpoints, ca_file) = self.practice_tenant().await?;
        Ok(NewConnection { name: name.to_owned(), endpoints, practice: true, ca_file: Some(ca_file) })
    }

    /// The ids and the secret that the practice portal shows in the scenario that is being played.
    async fn given(&self) -> Result<(Registration, SecretString), Problem> {
        let running = self.practice.lock().await;
        let facts = running.as_ref().map(PracticeTenant::facts).ok_or_else(stopped)?;
        let registration = Registration {
            tenant: facts.domain.clone(),
            client_id: facts.client_id.clone(),
            name: REHEARSAL.to_owned(),
        };
        Ok((registration, SecretString::from(facts.client_secret.clone())))
    }

    /// The practice tenant's endpoints and CA file; it is started when it does not run yet.
    pub(super) async fn practice_tenant(&self) -> Result<(Endpoints, String), Problem> {
        let mut running = self.practice.lock().await;
        if running.is_none() {
            *running = Some(PracticeTenant::start(self.engine.home()).await?);
        }
        let practice = running.as_ref().ok_or_else(stopped)?;
        let facts = practice.facts();
        let endpoints = Endpoints::custom(&facts.authority, &facts.graph)
            .map_err(|problem| Problem::internal(&problem.to_string()))?;
        Ok((endpoints, practice.ca_file.to_string_lossy().into_owned()))
    }
}

fn stopped() -> Problem {
    Problem::internal("The practice tenant does not run.")
}
