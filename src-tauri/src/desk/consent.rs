//! The way back from the consent page that was opened in the browser of this computer.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use engine::{
    connection::Connection,
    consent_callback::{ConsentCallback, ConsentRedirect},
};
use tokio::task::AbortHandle;
use url::Url;

use super::Desk;
use crate::wire::{Problem, Progress, ProgressEvent};

/// How long the browser may take.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// The one page that is waited for; a newer one takes its place.
#[derive(Default)]
pub(super) struct Listening {
    newest: Mutex<Option<AbortHandle>>,
}

impl Listening {
    fn replace(&self, newest: AbortHandle) {
        let mut held = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(older) = held.replace(newest) {
            older.abort();
        }
    }
}

/// Entra ID leads back to this computer only when the registration allows it; the practice tenant always does.
pub(super) fn leads_back(connection: &Connection) -> bool {
    let registration = connection.evidence.registration.value();
    connection.practice || registration.is_some_and(|known| known.leads_back_to_localhost)
}

impl Desk {
    /// The consent link with a way back. What comes back is kept with the connection and told to the page.
    pub(super) async fn leading_back(&self, connection: &str, consent: Url) -> Result<Url, Problem> {
        let callback = ConsentCallback::listen().await.map_err(|error| {
            let what = format!("No port could be opened for the browser to come back to: {error}.");
            Problem::not_ready(&what, "Copy the link and open it yourself, then look again.")
        })?;
        let link = callback.link(&consent);
        let (engine, progress) = (self.engine.clone(), Arc::clone(&self.progress));
        let connection = connection.to_owned();
        let waiting = tokio::spawn(async move {
            let Some(redirect) = callback.answer(PATIENCE).await else { return };
            let refused = matches!(redirect, ConsentRedirect { error: Some(_), .. });
            if engine.record_consent_answer(&connection, redirect).is_ok() {
                progress(ProgressEvent { connection, progress: Progress::ConsentAnswer { refused } });
            }
        });
        self.consent.replace(waiting.abort_handle());
        Ok(link)
    }
}
