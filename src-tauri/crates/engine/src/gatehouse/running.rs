//! What is under way: at most one long piece of work for each connection, which can be cancelled.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::{
    fault::{Fault, FaultCode},
    sync::SyncControl,
};

#[derive(Clone, Default)]
pub(super) struct Running {
    work: Arc<Mutex<HashMap<String, Work>>>,
}

#[derive(Clone, Default)]
pub(super) struct Work {
    pub(super) cancelled: CancellationToken,
    pub(super) sync: SyncControl,
}

/// Held while work goes on; the connection is free again when it is dropped.
pub(super) struct Guard {
    running: Running,
    connection: String,
    pub(super) work: Work,
}

impl Running {
    pub(super) fn begin(&self, connection: &str) -> Result<Guard, Fault> {
        let mut all = self.lock();
        if all.contains_key(connection) {
            return Err(Fault::new(
                FaultCode::Busy,
                "This connection is being checked already.",
                "Wait until it is done, or cancel it.",
            ));
        }
        let work = Work::default();
        all.insert(connection.to_owned(), work.clone());
        Ok(Guard { running: self.clone(), connection: connection.to_owned(), work })
    }

    pub(super) fn find(&self, connection: &str) -> Option<Work> {
        self.lock().get(connection).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Work>> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.running.lock().remove(&self.connection);
    }
}
