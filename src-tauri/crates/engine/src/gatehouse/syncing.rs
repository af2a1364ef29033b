//! Test syncs: reading the directory, forecasting what that costs, and what becomes of syncs that fail.

use std::{future::Future, path::Path, pin::Pin, sync::Arc, time::Duration};

use entra::{AccessToken, Countable, Entra, TenantRef, TokenSource};
use futures_util::{FutureExt, future::BoxFuture};

use super::{Gatehouse, running::Guard, work::cancelled};
use crate::{
    clock::Clock,
    connection::Connection,
    evidence::SyncMode,
    fault::{Fault, FaultCode},
    sign_in_key::SignInKey,
    sync::{self, Forecast, Forget, Known, LedgerLock, Resume, SyncOptions, SyncWatcher},
    words,
};

/// How long one answer of Graph may take.
const ANSWER_DEADLINE: Duration = Duration::from_secs(30);

/// How to run a test sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncRequest {
    /// What to read.
    pub mode: SyncMode,
    /// What becomes of a run that did not come to its end.
    pub resume: Resume,
    /// The number of removals that the admin has agreed to.
    pub accepted: Option<u64>,
    /// How long to go on without any successful answer.
    pub patience: Duration,
}

impl Default for SyncRequest {
    /// A full sync from the start, with two minutes of patience.
    fn default() -> Self {
        let patience = Duration::from_secs(120);
        Self { mode: SyncMode::Full, resume: Resume::Afresh, accepted: None, patience }
    }
}

/// A connection that is ready to read its directory.
struct Ready {
    running: Guard,
    connection: Connection,
    entra: Entra,
    key: SignInKey,
    tenant: TenantRef,
    client_id: String,
}

impl Gatehouse {
    /// Reads users, groups and memberships to their end, or what changed; counts them, and keeps what is known.
    ///
    /// # Errors
    /// As [`Gatehouse::check`]; also when no token is to be had, when another program is reading the same directory,
    /// and while repeated failures keep the connection in quarantine.
    pub fn test_sync<'a>(
        &'a self,
        id: &'a str,
        request: SyncRequest,
        watcher: &'a dyn SyncWatcher,
    ) -> BoxFuture<'a, Result<Connection, Fault>> {
        self.synced(id, request, watcher).boxed()
    }

    async fn synced(
        &self,
        id: &str,
        request: SyncRequest,
        watcher: &dyn SyncWatcher,
    ) -> Result<Connection, Fault> {
        let ready = self.ready(id, request.patience)?;
        if let Some(quarantine) = ready.connection.sync_standing.in_force(self.now()) {
            return Err(Fault::new(
                FaultCode::Quarantined,
                format!(
                    "Syncs of this connection pause since {}, because {} failed one after the other. The last one: {}",
                    words::moment(quarantine.since),
                    words::number(ready.connection.sync_standing.failures.into()),
                    quarantine.reason
                ),
                format!(
                    "Mend the cause; the next try is due at {}. Or clear the quarantine and try now.",
                    words::moment(quarantine.next_try)
                ),
            ));
        }
        let store = self.snapshot(id);
        let lock = Arc::new(lock(&store)?);
        if self.inner.store.is_detached(id) {
            // A copy with other settings compares with what is known, and asks for changes since then.
            sync::begin_with(&store, &self.snapshot_of_saved(id))
                .map_err(|problem| storage(&store, &problem))?;
        }
        let token = self.sync_token(&ready).await?;
        let profile = self.profile_of(&ready.connection)?;
        let options = SyncOptions {
            identity: identity(&ready),
            store,
            mode: request.mode,
            resume: request.resume,
            accepted: request.accepted,
            rules: ready.connection.access.clone(),
            roles: profile.roles.clone(),
            lock: Some(lock),
            ..SyncOptions::default()
        };
        let tokens = Arc::new(FreshTokens {
            entra: ready.entra.clone(),
            key: ready.key.clone(),
            tenant: ready.tenant.clone(),
            client_id: ready.client_id.clone(),
            clock: Arc::clone(&self.inner.clock),
        });
        let control = &ready.running.work.sync;
        let clock = &*self.inner.clock;
        let record = sync::run(&ready.entra, &token, tokens, &options, control, watcher, clock).await;
        self.change(id, |saved| {
            super::work::same_inputs(saved, &ready.connection)?;
            saved.sync_standing.after(&record);
            saved.evidence.sync = Some(record);
            Ok(())
        })
    }

    /// What a full sync will cost: two counts are asked for, and what an earlier sync knows is used.
    ///
    /// # Errors
    /// As [`Gatehouse::test_sync`]; also when Graph does not count.
    pub fn forecast<'a>(&'a self, id: &'a str, patience: Duration) -> BoxFuture<'a, Result<Forecast, Fault>> {
        async move {
            let ready = self.ready(id, patience)?;
            let token = self.sync_token(&ready).await?;
            let graph = ready.entra.graph(&token);
            let began = tokio::time::Instant::now();
            let (users, groups) = tokio::join!(graph.count(Countable::Users), graph.count(Countable::Groups));
            let latency = began.elapsed();
            let counted = |counted: Result<u64, entra::Fault>| {
                counted.map_err(|fault| {
                    let fix = "Check the connection; it explains the refusal.";
                    Fault::new(FaultCode::Network, fault.to_string(), fix)
                })
            };
            let earlier = ready.connection.evidence.sync.as_ref().filter(|sync| sync.complete);
            Ok(Forecast::of(&Known {
                users: counted(users)?,
                groups: counted(groups)?,
                memberships: earlier.map(|sync| sync.memberships.read),
                latency,
            }))
        }
        .boxed()
    }

    /// Whether a test sync of this connection stopped before its end and can be gone on with.
    pub fn can_resume_sync(&self, id: &str) -> bool {
        sync::can_be_resumed(&self.snapshot(id))
    }

    /// Whether a test sync of this connection can ask for what changed only; else it reads everything.
    pub fn can_ask_for_changes(&self, id: &str) -> bool {
        sync::can_ask_for_changes(&self.snapshot(id))
    }

    /// Forgets what holds syncs back, or what they go on from.
    ///
    /// # Errors
    /// There is none of this id, it is being read, or it cannot be saved.
    pub fn restart_sync(&self, id: &str, forget: Forget) -> Result<Connection, Fault> {
        let _running = self.inner.running.begin(id)?;
        let connection = self.connection(id)?;
        if forget.includes(Forget::Watermarks) {
            let store = self.snapshot(id);
            let _lock = lock(&store)?;
            let (Some(tenant), Some(client_id)) = (connection.tenant_ref(), &connection.client_id) else {
                return Err(not_ready());
            };
            sync::forget_watermarks(&store, &identity_of(&connection, &tenant, client_id))
                .map_err(|problem| storage(&store, &problem))?;
        }
        self.change(id, |saved| {
            saved.sync_standing.forget(forget);
            Ok(())
        })
    }

    /// Lets a test sync rest: what was sent is finished, nothing new is.
    pub fn pause_sync(&self, id: &str) {
        if let Some(work) = self.inner.running.find(id) {
            work.sync.pause();
        }
    }

    /// Lets a resting test sync go on.
    pub fn resume_sync(&self, id: &str) {
        if let Some(work) = self.inner.running.find(id) {
            work.sync.resume();
        }
    }

    /// Copies what the last test sync read to a SQLite file, complete or not; whole or not at all.
    ///
    /// # Errors
    /// Nothing was read, or the file cannot be written.
    pub fn copy_last_read(&self, id: &str, to: &Path) -> Result<(), Fault> {
        let record = self.connection(id)?.evidence.sync;
        let known = record.is_some_and(|record| record.complete && record.held.is_none());
        let store = self.snapshot(id);
        let from = if known { store } else { sync::unapplied_beside(&store) };
        if !from.exists() {
            return Err(Fault::new(
                FaultCode::NotReady,
                "Nothing was read, so there is nothing to write.",
                "Run the sync again when the cause is mended.",
            ));
        }
        sync::copy_for_others(&from, to).map_err(|problem| {
            Fault::field(
                "--out",
                format!("{} cannot be written: {problem}.", to.display()),
                "Choose another file.",
            )
        })
    }

    fn ready(&self, id: &str, patience: Duration) -> Result<Ready, Fault> {
        let running = self.inner.running.begin(id)?;
        let connection = self.connection(id)?;
        let entra = self.entra(&connection, ANSWER_DEADLINE, patience)?;
        let (Some(key), Some(tenant), Some(client_id)) =
            (self.key(&connection)?, connection.tenant_ref(), connection.client_id.clone())
        else {
            return Err(not_ready());
        };
        Ok(Ready { running, connection, entra, key, tenant, client_id })
    }

    /// A refusal counts as a sync that failed.
    async fn sync_token(&self, ready: &Ready) -> Result<AccessToken, Fault> {
        let fetching = ready.key.token(&ready.entra, &ready.tenant, &ready.client_id, &*self.inner.clock);
        let token = tokio::select! {
            token = fetching => token,
            () = ready.running.work.cancelled.cancelled() => {
                return Err(cancelled("You cancelled the test sync."));
            }
        };
        token.map(|token| token.value).map_err(|fault| {
            let code = fault.aadsts.map(|number| format!("AADSTS{number}"));
            let noted = self.change(&ready.connection.id, |saved| {
                saved.sync_standing.failed(self.now(), fault.to_string(), code);
                Ok(())
            });
            let fix = match noted {
                Ok(_) => "Get a token in step 7 first; it explains the refusal.".to_owned(),
                Err(problem) => problem.what,
            };
            Fault::new(FaultCode::Network, fault.to_string(), fix)
        })
    }
}

/// Fresh tokens while the directory is read: the one that it began with may end before.
struct FreshTokens {
    entra: Entra,
    key: SignInKey,
    tenant: TenantRef,
    client_id: String,
    clock: Arc<dyn Clock>,
}

impl TokenSource for FreshTokens {
    fn fresh(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, entra::Fault>> + Send + '_>> {
        async {
            let fetched = self.key.token(&self.entra, &self.tenant, &self.client_id, &*self.clock).await?;
            Ok(fetched.value)
        }
        .boxed()
    }
}

fn identity(ready: &Ready) -> String {
    identity_of(&ready.connection, &ready.tenant, &ready.client_id)
}

/// Whose directory a ledger holds. A practice tenant on another port is still the same one.
fn identity_of(connection: &Connection, tenant: &TenantRef, client_id: &str) -> String {
    let cloud = connection.endpoints.cloud().map_or("loopback".to_owned(), |cloud| format!("{cloud:?}"));
    format!("{cloud} {tenant} {client_id}")
}

fn lock(store: &Path) -> Result<LedgerLock, Fault> {
    match LedgerLock::take(store) {
        Ok(Ok(lock)) => Ok(lock),
        Ok(Err(sync::AlreadyRunning)) => Err(Fault::new(
            FaultCode::Busy,
            "Another program is reading this connection’s directory already.",
            "Wait until it is done.",
        )),
        Err(error) => Err(Fault::storage("Could not lock", store, &error)),
    }
}

fn storage(store: &Path, problem: &str) -> Fault {
    Fault::storage("Could not change", store, &std::io::Error::other(problem.to_owned()))
}

fn not_ready() -> Fault {
    Fault::new(
        FaultCode::NotReady,
        "A test sync needs a tenant, a client ID and a credential.",
        "Finish steps 2 and 3 first.",
    )
}
