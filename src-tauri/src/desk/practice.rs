//! The practice tenant: started when it is needed, set to a scenario, and rehearsed with.

use engine::{
    Keep, NewConnection, Registration, SecretEntry, connection::Connection,
    consent_callback::ConsentRedirect, diagnosis::AccountSignIn, profile::DEFAULT_PROFILE,
};
use secrecy::SecretString;
use tokio::sync::{MappedMutexGuard, MutexGuard};

use super::Desk;
use crate::{
    practice_tenant::{PracticePlace, PracticeTenant},
    rehearsal::{CredentialKind, Rehearsal, Way},
    wire::{HomeView, JourneyView, PracticeConsent, Problem},
};

/// The connection that scenarios are rehearsed with.
const REHEARSAL: &str = "Rehearsal";

impl Desk {
    pub(crate) async fn start_practice(&self) -> Result<HomeView, Problem> {
        self.place(DEFAULT_PROFILE).await?;
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
        let rehearsal = Rehearsal::of(&scenario);
        let place = self.place(rehearsal.profile).await?;
        self.engine.save_prepare(&connection, place.endpoints.clone(), rehearsal.profile)?;
        self.engine.move_practice(&connection, place.endpoints.clone(), &place.ca_file)?;
        let registration = Registration {
            tenant: place.facts.domain.clone(),
            client_id: place.facts.client_id.clone(),
            name: REHEARSAL.to_owned(),
        };
        self.engine.save_registration(&connection, &registration)?;
        self.give(&connection, rehearsal.credential, &place).await?;
        let proxy = (rehearsal.way == Way::Proxy).then_some(place.facts.proxy);
        self.engine.use_practice_proxy(&connection, proxy)?;
        if let Some(aadsts) = rehearsal.consent_refusal {
            let error = Some("access_denied".to_owned());
            let redirect = ConsentRedirect { error, aadsts: Some(aadsts) };
            self.engine.record_consent_answer(&connection, redirect)?;
        }
        self.journey(connection).await
    }

    /// The practice tenant has other ports after each start; its connections follow it, and one for rehearsals is given
    /// its credential again, which was in memory only.
    pub(super) async fn follow_practice(&self, known: &Connection) -> Result<(), Problem> {
        let place = self.place(&known.profile).await?;
        if known.endpoints == place.endpoints && known.ca_file.as_ref() == Some(&place.ca_file) {
            return Ok(());
        }
        self.engine.move_practice(&known.id, place.endpoints.clone(), &place.ca_file)?;
        let Some(credential) = &known.credential else { return Ok(()) };
        if self.known_rehearsal()?.as_ref() != Some(&known.id) {
            return Ok(());
        }
        let kind = match credential.certificate() {
            Some(_) => CredentialKind::Certificate,
            None => CredentialKind::Secret,
        };
        self.give(&known.id, kind, &place).await
    }

    /// The practice account, for a rehearsal alone; no other connection was given it.
    pub(super) async fn practice_account(&self, connection: &str) -> Result<Option<AccountSignIn>, Problem> {
        if self.known_rehearsal()?.as_deref() != Some(connection) {
            return Ok(None);
        }
        let profile = self.engine.connection(connection)?.profile;
        let account = self.place(&profile).await?.facts.account;
        let password = SecretString::from(account.password);
        Ok(Some(AccountSignIn::Password { username: account.username, password }))
    }

    async fn play(&self, scenario: &str) -> Result<(), Problem> {
        self.running().await?.set_scenario(scenario)
    }

    /// Gives a rehearsal what the practice portal shows in the scenario that is being played, for this session.
    async fn give(
        &self,
        connection: &str,
        kind: CredentialKind,
        place: &PracticePlace,
    ) -> Result<(), Problem> {
        match kind {
            CredentialKind::Secret => {
                let secret = SecretString::from(place.facts.client_secret.clone());
                let entry = SecretEntry { secret, ends_on: None, keep: Keep::Session };
                self.engine.save_secret(connection, &entry)?;
            }
            CredentialKind::Certificate => {
                let certificate = self.running().await?.certificate()?;
                self.engine.use_certificate(connection, &certificate)?;
            }
        }
        Ok(())
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
        let PracticePlace { endpoints, ca_file, .. } = self.place(DEFAULT_PROFILE).await?;
        Ok(NewConnection { name: name.to_owned(), endpoints, practice: true, ca_file: Some(ca_file) })
    }

    /// Where practice connections of a profile lead.
    pub(super) async fn place(&self, profile: &str) -> Result<PracticePlace, Problem> {
        self.running().await?.place(profile).await
    }

    /// The practice tenant; it is started when it does not run yet.
    async fn running(&self) -> Result<MappedMutexGuard<'_, PracticeTenant>, Problem> {
        let mut held = self.practice.lock().await;
        if held.is_none() {
            *held = Some(PracticeTenant::start(self.engine.clone()).await?);
        }
        MutexGuard::try_map(held, Option::as_mut)
            .map_err(|_| Problem::internal("The practice tenant does not run."))
    }
}

#[cfg(test)]
mod tests;
