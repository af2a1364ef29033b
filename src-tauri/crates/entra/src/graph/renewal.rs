//! The token that requests carry, and how a fresh one takes its place.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

use crate::fault::Fault;
use crate::token::AccessToken;

/// A token is replaced this long before its end, or in the middle of its life where that is shorter.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// Where fresh tokens come from while the directory is read.
pub trait TokenSource: Send + Sync {
    /// Fetches a new token, never one that was given before. Asked by one request at a time.
    fn fresh(&self) -> Pin<Box<dyn Future<Output = Result<AccessToken, Fault>> + Send + '_>>;
}

/// The token of one [`super::Graph`], shared by its clones.
pub(crate) struct Tokens {
    source: Option<Arc<dyn TokenSource>>,
    current: Mutex<Arc<Bearer>>,
    /// Held while a fresh token is fetched.
    renewing: tokio::sync::Mutex<()>,
}

/// One token, from the moment it was received.
pub(crate) struct Bearer {
    value: SecretString,
    /// From when on it should be replaced.
    stale_from: Option<Instant>,
    /// False for a fresh token that nothing was read with yet: if it is refused, another one would be too.
    proven: AtomicBool,
    /// An early attempt to replace it failed; there is no second one before a 401.
    renewal_failed: AtomicBool,
    /// What came of the attempt to replace it after a 401.
    refusal: Mutex<Option<Fault>>,
}

impl Tokens {
    pub(crate) fn new(token: &AccessToken, source: Option<Arc<dyn TokenSource>>) -> Self {
        let first = Bearer::new(token);
        first.proven.store(true, Ordering::Relaxed);
        Self { source, current: Mutex::new(Arc::new(first)), renewing: tokio::sync::Mutex::default() }
    }

    /// The token to send. Near its end one request fetches the next one, and all others go on with this one; a failure
    /// to fetch is no fault as long as this one works.
    pub(crate) async fn current(&self) -> Arc<Bearer> {
        let bearer = self.kept().clone();
        let Some(source) = self.source.as_ref().filter(|_| bearer.is_stale()) else { return bearer };
        let Ok(_renewing) = self.renewing.try_lock() else { return bearer };
        if !self.is_kept(&bearer) {
            return self.kept().clone();
        }
        match source.fresh().await {
            Ok(token) => self.replace(&token),
            Err(_) => {
                bearer.renewal_failed.store(true, Ordering::Relaxed);
                bearer
            }
        }
    }

    /// The token to send after a 401 for this one: fetched once, whoever asks. None when another token would not help.
    pub(crate) async fn instead_of(&self, refused: &Arc<Bearer>) -> Result<Option<Arc<Bearer>>, Fault> {
        let Some(source) = &self.source else { return Ok(None) };
        let _renewing = self.renewing.lock().await;
        if !self.is_kept(refused) {
            return Ok(Some(self.kept().clone()));
        }
        if !refused.proven.load(Ordering::Relaxed) {
            return Ok(None);
        }
        if let Some(fault) = refused.refusal().clone() {
            return Err(fault);
        }
        match source.fresh().await {
            Ok(token) if token.value().expose_secret() == refused.value.expose_secret() => Ok(None),
            Ok(token) => Ok(Some(self.replace(&token))),
            Err(fault) => {
                *refused.refusal() = Some(fault.clone());
                Err(fault)
            }
        }
    }

    fn replace(&self, token: &AccessToken) -> Arc<Bearer> {
        let bearer = Arc::new(Bearer::new(token));
        *self.kept() = bearer.clone();
        bearer
    }

    fn is_kept(&self, bearer: &Arc<Bearer>) -> bool {
        Arc::ptr_eq(&self.kept(), bearer)
    }

    fn kept(&self) -> MutexGuard<'_, Arc<Bearer>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bearer {
    fn new(token: &AccessToken) -> Self {
        let life = token.expires_in();
        let usable = life - MARGIN.min(life / 2);
        Self {
            value: token.value().clone(),
            stale_from: Instant::now().checked_add(usable).filter(|_| !life.is_zero()),
            proven: AtomicBool::new(false),
            renewal_failed: AtomicBool::new(false),
            refusal: Mutex::new(None),
        }
    }

    pub(crate) fn value(&self) -> &SecretString {
        &self.value
    }

    /// Something was read with it.
    pub(crate) fn worked(&self) {
        self.proven.store(true, Ordering::Relaxed);
    }

    fn is_stale(&self) -> bool {
        self.stale_from.is_some_and(|from| Instant::now() >= from)
            && !self.renewal_failed.load(Ordering::Relaxed)
    }

    fn refusal(&self) -> MutexGuard<'_, Option<Fault>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
