//! How long a reader goes on without success, and when all its requests should hold back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

const SHORTEST_WAIT: Duration = Duration::from_millis(100);

/// Shared by all requests of one reader. A single throttled request waits alone; the second in a row, with no success
/// between them, means that the quota is gone, and everybody waits.
pub(crate) struct Patience {
    limit: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_success: Option<Instant>,
    closed_until: Option<Instant>,
    refused_in_a_row: u32,
}

/// Nothing succeeded for as long as the limit.
pub(crate) struct Exhausted;

impl Patience {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, state: Mutex::default() }
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    pub(crate) fn succeeded(&self) {
        let mut state = self.state();
        state.last_success = Some(Instant::now());
        state.refused_in_a_row = 0;
    }

    /// Waits while everybody has to.
    pub(crate) async fn wait_for_turn(&self, began: Instant) -> Result<(), Exhausted> {
        loop {
            match self.closed_until() {
                Some(until) => self.wait_until(began, until).await?,
                None => return Ok(()),
            }
        }
    }

    /// Until when everybody waits, if they do.
    pub(crate) fn closed_until(&self) -> Option<Instant> {
        self.state().closed_until.filter(|until| *until > Instant::now())
    }

    /// Notes a refusal, and says until when its request has to wait.
    pub(crate) fn refused(&self, wait: Duration) -> Instant {
        let until = Instant::now() + wait;
        let mut state = self.state();
        state.refused_in_a_row += 1;
        if state.refused_in_a_row > 1 {
            state.closed_until = state.closed_until.max(Some(until));
        }
        until
    }

    pub(crate) async fn wait_until(&self, began: Instant, until: Instant) -> Result<(), Exhausted> {
        loop {
            let since = self.state().last_success.map_or(began, |success| success.max(began));
            let give_up = since + self.limit;
            let now = Instant::now();
            if now >= give_up {
                return Err(Exhausted);
            }
            if now >= until {
                return Ok(());
            }
            sleep_until(until.min(give_up)).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Even a wait of nothing is a short one, so that a server that always says *now* is not flooded.
pub(crate) fn at_least_a_moment(wait: Duration) -> Duration {
    wait.max(SHORTEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Patience {
        async fn pause(&self, began: Instant, wait: Duration) -> Result<(), Exhausted> {
            let until = self.refused(wait);
            self.wait_until(began, until).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_single_refusal_holds_back_nobody_else() {
        let patience = Patience::new(Duration::from_secs(60));
        let began = Instant::now();
        assert!(patience.pause(began, Duration::from_secs(1)).await.is_ok());
        patience.succeeded();
        let before = Instant::now();
        assert!(patience.wait_for_turn(before).await.is_ok());
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_refusal_in_a_row_holds_back_everybody() {
        let patience = Patience::new(Duration::from_secs(60));
        let began = Instant::now();
        let others = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            patience.wait_for_turn(began).await.is_ok()
        };
        let refused = patience.pause(began, Duration::from_secs(5));
        let refused_again = patience.pause(began, Duration::from_secs(7));
        let (first, second, other) = tokio::join!(refused, refused_again, others);
        assert!(first.is_ok() && second.is_ok() && other);
        assert_eq!(began.elapsed(), Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_on_time_even_in_the_middle_of_a_wait() {
        let patience = Patience::new(Duration::from_secs(10));
        let began = Instant::now();
        assert!(patience.pause(began, Duration::from_secs(8)).await.is_ok());
        assert!(patience.pause(began, Duration::from_secs(8)).await.is_err());
        assert_eq!(began.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn anybodys_success_renews_it() {
        let patience = Patience::new(Duration::from_secs(10));
        let began = Instant::now();
        let success = async {
            tokio::time::sleep(Duration::from_secs(9)).await;
            patience.succeeded();
        };
        let (waited, ()) = tokio::join!(patience.pause(began, Duration::from_secs(15)), success);
        assert!(waited.is_ok());
        assert_eq!(began.elapsed(), Duration::from_secs(15));
    }
}
