//! Work that waits for a service, and writing what came of it. All of it can be cancelled.

use std::{fs, io, mem, time::Duration};

use super::{Gatehouse, lock};
use crate::{
    connection::Connection,
    diagnosis::{self, AccountSignIn, Link, ProbeOptions, ProbeWatcher},
    evidence::{Evidence, Fact, Seen, Source},
    export::{self, SecretInEnv, WriteRequest},
    fault::{Fault, FaultCode},
};
use entra::{Entra, HttpOptions};
use futures_util::{FutureExt, future::BoxFuture};

/// How to check a connection.
#[derive(Clone, Debug)]
pub struct CheckRequest {
    /// The last link that has to be looked at. What the same round trips show besides is kept as well.
    pub through: Link,
    /// How long to go on asking for fresh tokens while roles are missing.
    pub consent_wait: Duration,
    /// How long everything together may take, but for the time that is waited on purpose.
    pub deadline: Duration,
    /// How long throttling is waited out before a read gives up.
    pub patience: Duration,
    /// The sign-in account; used only when the profile's gateway uses one.
    pub account: Option<AccountSignIn>,
}

impl Default for CheckRequest {
    fn default() -> Self {
        Self {
            through: Link::Gateway,
            consent_wait: Duration::ZERO,
            deadline: Duration::from_secs(15),
            patience: Duration::from_secs(15),
            account: None,
        }
    }
}

impl Gatehouse {
    /// Looks at a connection for real, up to a link, and saves what was seen.
    ///
    /// # Errors
    /// The connection is busy or unknown, its secret cannot be had from the keychain, or the evidence cannot be
    /// saved. What a service refuses is evidence, not an error.
    pub fn check<'a>(
        &'a self,
        id: &'a str,
        request: CheckRequest,
        watcher: &'a dyn ProbeWatcher,
    ) -> BoxFuture<'a, Result<Connection, Fault>> {
        self.checked(id, request, watcher).boxed()
    }

    async fn checked(
        &self,
        id: &str,
        request: CheckRequest,
        watcher: &dyn ProbeWatcher,
    ) -> Result<Connection, Fault> {
        let running = self.inner.running.begin(id)?;
        let mut connection = self.connection(id)?;
        let entra = self.entra(&connection, request.deadline, request.patience)?;
        let key = if request.through >= Link::App { self.key(&connection)? } else { None };
        let profile = self.profile_of(&connection)?;
        let required = profile.required(&connection.custom_permissions);
        let options = ProbeOptions {
            through: request.through,
            deadline: request.deadline,
            consent_wait: request.consent_wait,
            required: required.into_iter().map(str::to_owned).collect(),
            account: request.account.filter(|_| profile.sign_in_account.is_some()),
        };
        let probing = diagnosis::probe::probe(
            &entra,
            &mut connection,
            key.as_ref(),
            &options,
            &*self.inner.clock,
            watcher,
        );
        tokio::select! {
            () = probing => {}
            () = running.work.cancelled.cancelled() => {}
        }
        if let Some(watch) = &mut connection.evidence.consent_watch {
            // Nobody asks for fresh tokens from here on.
            watch.given_up = true;
        }
        let found = connection;
        self.change(id, |saved| {
            same_inputs(saved, &found)?;
            let (sync, mut written) = (saved.evidence.sync.take(), mem::take(&mut saved.evidence.written));
            if let Fact::Seen(written) = &mut written {
                written.value.unreadable = export::read_back(&written.value);
            }
            // The browser may have come back meanwhile.
            let consent_answer = saved.evidence.consent_answer.take();
            saved.evidence = Evidence { sync, written, consent_answer, ..found.evidence };
            saved.checked_at = found.checked_at;
            if let (Some(held), Some(seen)) = (&mut saved.credential, found.credential) {
                held.ends_on = seen.ends_on;
            }
            Ok(())
        })
    }

    /// Stops whatever is under way for a connection; nothing happens when nothing is.
    pub fn cancel(&self, id: &str) {
        if let Some(work) = self.inner.running.find(id) {
            work.cancelled.cancel();
            work.sync.cancel();
        }
    }

    /// Writes the gateway config and reads it back.
    ///
    /// # Errors
    /// Something is not known yet, the secret is not to be had, files are there already, or they cannot be written.
    pub fn write_config(&self, id: &str, request: &WriteRequest) -> Result<Connection, Fault> {
        let connection = self.connection(id)?;
        let profile = self.profile_of(&connection)?;
        let now = self.now();
        let config = export::gateway_config(&connection, &profile, now)?;
        let credential = match request.secret {
            SecretInEnv::LeaveOut => None,
            SecretInEnv::Include => Some(self.current_credential(id)?),
        };
        let ca_pem = self.ca_pem(&connection)?;
        let settings = export::fingerprint(&connection);
        let written = export::write(&config, request, credential.as_ref(), ca_pem.as_deref(), settings, now)?;
        let record = |connection: &mut Connection| {
            connection.sequence += 1;
            let value = written.clone();
            connection.evidence.written =
                Fact::Seen(Seen { value, source: Source::Computer, at: now, took_ms: 0 });
            Ok(())
        };
        if self.inner.store.is_detached(id) {
            // The files are on disk whatever flags they were written with, and no two have the same sequence number.
            self.inner.store.update_saved(id, &*self.inner.clock, record)?;
        }
        self.change(id, record)
    }

    /// `gateway.json` as it would be written now.
    ///
    /// # Errors
    /// Something is not known yet.
    pub fn preview_config(&self, connection: &Connection) -> Result<Vec<u8>, Fault> {
        let profile = self.profile_of(connection)?;
        Ok(export::gateway_config(connection, &profile, self.now())?.to_json())
    }

    pub(super) fn entra(
        &self,
        connection: &Connection,
        deadline: Duration,
        patience: Duration,
    ) -> Result<Entra, Fault> {
        let options = HttpOptions {
            ca_pem: self.ca_pem(connection)?,
            connect_deadline: deadline.min(Duration::from_secs(5)),
            answer_deadline: deadline,
            patience,
            user_agent: self.inner.user_agent.clone(),
            proxy: lock(&self.inner.proxies).get(&connection.id).cloned(),
            ..HttpOptions::default()
        };
        Entra::new(connection.endpoints.clone(), &options).map_err(|fault| {
            Fault::field("--ca-file", fault.detail, "Give a file with certificates in PEM form.")
        })
    }

    pub(super) fn ca_pem(&self, connection: &Connection) -> Result<Option<Vec<u8>>, Fault> {
        let Some(file) = &connection.ca_file else { return Ok(None) };
        let path = std::path::Path::new(file);
        fs::read(path).map(Some).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound if connection.practice => Fault::new(
                FaultCode::NotReady,
                "This connection belongs to a practice tenant that has ended.",
                "Open it in the window, go on with `gatehouse onboard --practice` and its name, or remove it.",
            ),
            _ => Fault::storage("Could not read the CA file", path, &error),
        })
    }
}

/// What was seen holds only for what was asked with.
pub(super) fn same_inputs(saved: &Connection, asked: &Connection) -> Result<(), Fault> {
    let entered =
        |connection: &Connection| connection.credential.as_ref().map(|credential| credential.entered_at);
    let same = saved.endpoints == asked.endpoints
        && saved.ca_file == asked.ca_file
        && saved.tenant == asked.tenant
        && saved.client_id == asked.client_id
        && entered(saved) == entered(asked);
    if same {
        Ok(())
    } else {
        Err(cancelled("The settings were changed meanwhile, so the result is not kept."))
    }
}

pub(super) fn cancelled(what: &str) -> Fault {
    Fault::new(FaultCode::Cancelled, what, "Check again.")
}
