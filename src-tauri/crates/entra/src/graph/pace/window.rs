//! How many requests are under way at once: additive increase, multiplicative decrease.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const AT_FIRST: f64 = 48.0;
const AT_MOST: f64 = 64.0;

/// One refusal of a whole burst counts; the others are older news.
const BETWEEN_HALVINGS: Duration = Duration::from_millis(500);
const BETWEEN_SHRINKINGS: Duration = Duration::from_secs(1);

/// Answers whose median is the latency now.
const SAMPLE: usize = 32;
/// Latency below this is never a reason to slow down.
const SLOW: Duration = Duration::from_millis(750);
/// How much slower than at the best time the answers are when they queue up at the server.
const SLOW_FACTOR: u32 = 4;

/// The limit, and what it follows from.
pub(super) struct Window {
    size: f64,
    halved: Option<Instant>,
    shrunk: Option<Instant>,
    latest: VecDeque<Duration>,
    best_median: Option<Duration>,
}

impl Window {
    pub(super) fn new() -> Self {
        Self {
            size: AT_FIRST,
            halved: None,
            shrunk: None,
            latest: VecDeque::with_capacity(SAMPLE),
            best_median: None,
        }
    }

    /// Requests that may be under way at once, from 1 to 64.
    pub(super) fn parallel(&self) -> usize {
        self.size as usize
    }

    pub(super) fn succeeded(&mut self, took: Duration, now: Instant) {
        self.size = (self.size + 1.0 / self.size).min(AT_MOST);
        if self.latest.len() == SAMPLE {
            self.latest.pop_front();
        }
        self.latest.push_back(took);
        self.heed_latency(now);
    }

    pub(super) fn refused(&mut self, now: Instant) {
        if is_over(self.halved, BETWEEN_HALVINGS, now) {
            self.halved = Some(now);
            self.size = (self.size / 2.0).max(1.0);
        }
    }

    fn heed_latency(&mut self, now: Instant) {
        if self.latest.len() < SAMPLE {
            return;
        }
        let mut sorted: Vec<Duration> = self.latest.iter().copied().collect();
        sorted.sort_unstable();
        let median = sorted[SAMPLE / 2];
        let best = self.best_median.map_or(median, |best| best.min(median));
        self.best_median = Some(best);
        if median > SLOW && median > best * SLOW_FACTOR && is_over(self.shrunk, BETWEEN_SHRINKINGS, now) {
            self.shrunk = Some(now);
            self.size = (self.size * 0.75).max(1.0);
        }
    }
}

fn is_over(last: Option<Instant>, pause: Duration, now: Instant) -> bool {
    last.is_none_or(|last| now.saturating_duration_since(last) >= pause)
}
