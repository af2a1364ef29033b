//! Pacing: how fast requests may follow each other, within Graph's quota and what it can bear.

mod budget;
pub(crate) mod cost;
#[cfg(test)]
mod tests;
mod window;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use budget::Budget;
use window::Window;

/// The directory's read quota by the size of the tenant: below 50 users, to 500, above; resource units per 10 s.
/// Source: <https://learn.microsoft.com/graph/throttling-limits>.
pub(super) const fn quota_of(users: u64) -> u32 {
    match users {
        0..50 => 3_500,
        50..=500 => 5_000,
        _ => 8_000,
    }
}

/// The pacing as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PaceSeen {
    /// Requests under way.
    pub in_flight: usize,
    /// How many may be under way at once.
    pub parallel: usize,
    /// The quota that is assumed, in resource units per 10 seconds.
    pub budget: u32,
    /// Resource units that may be spent at once.
    pub left: f64,
}

/// The pacing of one [`super::Graph`], shared by its clones. Requests go in the order in which they came.
pub(crate) struct Pace {
    /// Held by the request whose turn is next. It is fair: whoever came first gets it first.
    turnstile: tokio::sync::Mutex<()>,
    /// Told when the one at the turnstile should look again.
    changed: Notify,
    state: Mutex<State>,
}

struct State {
    in_flight: usize,
    window: Window,
    budget: Budget,
    beyond: Beyond,
}

/// Requests beyond the assumed quota. Not every tenant is held to it, so before the first 429 a single request tries it,
/// and each success lets one more go; after a 429 the quota is believed.
struct Beyond {
    in_flight: usize,
    allowed: usize,
}

impl Beyond {
    fn may_go(&self) -> bool {
        self.in_flight < self.allowed
    }
}

/// What keeps a request waiting.
enum Obstacle {
    Window,
    Budget(Instant),
}

/// One request that may be under way. Dropping it lets the next one go.
pub(crate) struct Permit {
    pace: Arc<Pace>,
    cost: f64,
    /// It was not paid from the budget.
    beyond: bool,
}

impl Pace {
    pub(crate) fn new() -> Arc<Self> {
        let state = State {
            in_flight: 0,
            window: Window::new(),
            budget: Budget::new(quota_of(0), Instant::now()),
            beyond: Beyond { in_flight: 0, allowed: 1 },
        };
        Arc::new(Self {
            turnstile: tokio::sync::Mutex::default(),
            changed: Notify::new(),
            state: Mutex::new(state),
        })
    }

    pub(crate) fn expect_users(&self, users: u64) {
        self.state().budget.set_quota(quota_of(users), Instant::now());
        self.changed.notify_one();
    }

    pub(crate) fn seen(&self) -> PaceSeen {
        let mut state = self.state();
        PaceSeen {
            in_flight: state.in_flight,
            parallel: state.window.parallel(),
            budget: state.budget.quota(),
            left: state.budget.left(Instant::now()),
        }
    }

    /// Waits until a request of this cost, in resource units, may go. Dropping the future costs nothing.
    pub(crate) async fn permit(self: &Arc<Self>, cost: u32) -> Permit {
        let cost = f64::from(cost);
        let _turn = self.turnstile.lock().await;
        loop {
            let changed = self.changed.notified();
            let taken = self.state().take(cost, Instant::now());
            match taken {
                Ok(beyond) => return Permit { pace: self.clone(), cost, beyond },
                Err(Obstacle::Window) => changed.await,
                Err(Obstacle::Budget(until)) => {
                    // Either way it is time to look again.
                    let _ = timeout_at(until, changed).await;
                }
            }
        }
    }

    /// A request was answered 429, 503 or 504: fewer at once. What a 429 says of the quota is for [`Pace::throttled`].
    pub(crate) fn refused(&self) {
        self.state().window.refused(Instant::now());
    }

    /// The quota is used up. While everybody waits, nothing is gained; a request that waits alone holds back nobody.
    pub(crate) fn throttled(&self, everybody_until: Option<Instant>) {
        let now = Instant::now();
        let mut state = self.state();
        state.beyond.allowed = 0;
        match everybody_until {
            Some(until) => state.budget.empty_until(until, now),
            None => state.budget.empty(now),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// True for a request beyond the budget.
    fn take(&mut self, cost: f64, now: Instant) -> Result<bool, Obstacle> {
        if self.in_flight >= self.window.parallel() {
            return Err(Obstacle::Window);
        }
        let beyond = match self.budget.spend(cost, now) {
            Ok(()) => false,
            Err(_) if self.beyond.may_go() => true,
            Err(until) => return Err(Obstacle::Budget(until)),
        };
        self.in_flight += 1;
        self.beyond.in_flight += usize::from(beyond);
        Ok(beyond)
    }
}

impl Permit {
    /// The resource units that were assumed.
    pub(crate) fn cost(&self) -> f64 {
        self.cost
    }

    /// Nothing was sent: the cost is given back.
    pub(crate) fn unused(self) {
        self.charged(0.0);
    }

    /// Graph answered, and charged this.
    pub(crate) fn charged(&self, units: f64) {
        if !self.beyond {
            let mut state = self.pace.state();
            // A charge beyond belief would hold everybody back for hours.
            let most = f64::from(state.budget.quota());
            state.budget.correct(self.cost, units.min(most));
        }
    }

    /// Graph answered with success after this time.
    pub(crate) fn succeeded(&self, took: Duration) {
        let mut state = self.pace.state();
        state.window.succeeded(took, Instant::now());
        state.budget.succeeded();
        if self.beyond && state.beyond.allowed > 0 {
            state.beyond.allowed += 1;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.pace.state();
        state.in_flight -= 1;
        state.beyond.in_flight -= usize::from(self.beyond);
        drop(state);
        self.pace.changed.notify_one();
    }
}
