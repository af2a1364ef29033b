//! Forms of the wizard.

use std::{path::PathBuf, str::FromStr};

use engine::{
    Cloud, Endpoints, Keep, Registration, SecretEntry,
    connection::AccessRule,
    export::{Existing, SecretInEnv, WriteRequest},
    input::{self, Verdict},
};

use jiff::Timestamp;

use super::Desk;
use crate::wire::{
    AccessForm, ExistingFiles, JourneyView, KeepSecret, PasteView, PermissionsForm, PrepareForm, Problem,
    RegistrationForm, SecretForm, SecretInEnvFile, WriteForm,
};

impl Desk {
    pub(crate) async fn read_paste(&self, text: String) -> Result<PasteView, Problem> {
        Ok(input::read_paste(&text).into())
    }

    pub(crate) async fn save_prepare(
        &self,
        connection: String,
        form: PrepareForm,
    ) -> Result<JourneyView, Problem> {
        let known = self.engine.connection(&connection)?;
        let endpoints = if known.practice {
            known.endpoints
        } else {
            Cloud::from_str(&form.cloud).map(Endpoints::of).map_err(|_| {
                Problem::field(
                    "cloud",
                    format!("There is no cloud named {}.", form.cloud),
                    "Choose one of the four.",
                )
            })?
        };
        self.engine.save_prepare(&connection, endpoints, &form.profile)?;
        self.journey(connection).await
    }

    pub(crate) async fn save_registration(
        &self,
        connection: String,
        form: RegistrationForm,
    ) -> Result<JourneyView, Problem> {
        let entered = Registration { tenant: form.tenant, client_id: form.client_id, name: form.name };
        self.engine.save_registration(&connection, &entered)?;
        JourneyView::of(&self.engine, &connection)
    }

    pub(crate) async fn save_secret(
        &self,
        connection: String,
        form: SecretForm,
    ) -> Result<JourneyView, Problem> {
        let entry = secret_entry(form, self.engine.now())?;
        let (engine, id) = (self.engine.clone(), connection.clone());
        // The keychain may ask the person for its password, which takes as long as it takes.
        let saved = tokio::task::spawn_blocking(move || engine.save_secret(&id, &entry)).await;
        saved.map_err(|error| Problem::internal(&error.to_string()))??;
        JourneyView::of(&self.engine, &connection)
    }

    pub(crate) async fn save_permissions(
        &self,
        connection: String,
        form: PermissionsForm,
    ) -> Result<JourneyView, Problem> {
        self.engine.save_permissions(&connection, form.permissions)?;
        JourneyView::of(&self.engine, &connection)
    }

    pub(crate) async fn save_access(
        &self,
        connection: String,
        form: AccessForm,
    ) -> Result<JourneyView, Problem> {
        let known = self.engine.connection(&connection)?;
        let mut rules = Vec::with_capacity(form.rules.len());
        for rule in form.rules {
            let held = known.access.iter().find(|held| held.group_id == rule.group_id);
            let group_name = match held {
                Some(held) => held.group_name.clone(),
                None => self.group_name(&connection, &rule.group_id)?,
            };
            rules.push(AccessRule { group_id: rule.group_id, group_name, role: rule.role });
        }
        self.engine.save_access(&connection, rules)?;
        JourneyView::of(&self.engine, &connection)
    }

    pub(crate) async fn write_config(
        &self,
        connection: String,
        form: WriteForm,
    ) -> Result<JourneyView, Problem> {
        let request = WriteRequest {
            folder: PathBuf::from(form.folder.trim()),
            secret: match form.secret_in_env_file {
                SecretInEnvFile::LeaveOut => SecretInEnv::LeaveOut,
                SecretInEnvFile::Include => SecretInEnv::Include,
            },
            existing: match form.existing {
                ExistingFiles::Keep => Existing::Keep,
                ExistingFiles::Replace => Existing::Replace,
            },
        };
        let (engine, id) = (self.engine.clone(), connection.clone());
        let written = tokio::task::spawn_blocking(move || engine.write_config(&id, &request)).await;
        written.map_err(|error| Problem::internal(&error.to_string()))??;
        JourneyView::of(&self.engine, &connection)
    }

    fn group_name(&self, connection: &str, group_id: &str) -> Result<String, Problem> {
        let found = self.engine.search_groups(connection, group_id)?;
        found.into_iter().find(|group| group.id == group_id).map(|group| group.name).ok_or_else(|| {
            Problem::field(
                "group",
                "This group is not in the directory that was read last.".to_owned(),
                "Choose a group from the search, or run the test sync again.",
            )
        })
    }
}

/// The form of a client secret, with its day read.
pub(super) fn secret_entry(form: SecretForm, now: Timestamp) -> Result<SecretEntry, Problem> {
    let ends_on = match input::day(form.ends_on.as_deref().unwrap_or_default(), now) {
        Verdict::Empty => None,
        Verdict::Fine { value, .. } => Some(value),
        Verdict::Wrong { what, fix } => return Err(Problem::field("endsOn", what, &fix)),
    };
    let keep = match form.keep {
        KeepSecret::Keychain => Keep::Keychain,
        KeepSecret::Session => Keep::Session,
    };
    Ok(SecretEntry { secret: form.secret, ends_on, keep })
}
