//! The directory's read quota as a token bucket of resource units.

use std::time::Duration;

use tokio::time::Instant;

/// The period that Graph's quotas are given for.
const PERIOD: Duration = Duration::from_secs(10);

/// Both stay below what Graph grants, so that small errors of the estimate are no refusals.
const FULL_SHARE: f64 = 0.92;
const REFILL_SHARE: f64 = 0.97;

/// After repeated refusals the refill is cut to this share, not below the least, and regained success by success.
const CUT: f64 = 0.7;
const CUT_AGAIN: Duration = Duration::from_millis(500);
const LEAST: f64 = 0.05;
const REGAIN: f64 = 0.001;

/// Resource units that may be spent now.
pub(super) struct Budget {
    quota: u32,
    /// At `since`. Below zero when Graph charged more than was assumed.
    left: f64,
    /// When `left` was reckoned. In the future while nothing may be spent.
    since: Instant,
    /// What is granted of the refill, 1 at most: others may use the same quota.
    granted: f64,
    /// When it was cut last; the first refusal only says that the quota is there.
    refused_at: Option<Instant>,
}

impl Budget {
    pub(super) fn new(quota: u32, now: Instant) -> Self {
        Self { quota, left: f64::from(quota) * FULL_SHARE, since: now, granted: 1.0, refused_at: None }
    }

    /// Resource units per 10 seconds.
    pub(super) fn quota(&self) -> u32 {
        self.quota
    }

    /// Another quota; what was spent stays spent.
    pub(super) fn set_quota(&mut self, quota: u32, now: Instant) {
        self.refill(now);
        let full_before = self.full();
        let was_emptied = self.since > now;
        self.quota = quota;
        if !was_emptied {
            self.left += self.full() - full_before;
        }
    }

    pub(super) fn left(&mut self, now: Instant) -> f64 {
        self.refill(now);
        if self.since > now { 0.0 } else { self.left.max(0.0) }
    }

    /// Spends the cost, or says when it can be spent. What costs more than a full bucket needs a full one.
    pub(super) fn spend(&mut self, cost: f64, now: Instant) -> Result<(), Instant> {
        self.refill(now);
        let missing = cost.min(self.full()) - self.left;
        if self.since <= now && missing <= 0.0 {
            self.left -= cost;
            return Ok(());
        }
        let wait = Duration::try_from_secs_f64(missing.max(0.0) / self.per_second()).unwrap_or(PERIOD);
        // Timers count whole milliseconds; a shorter wait would be no wait.
        Err(self.since.max(now) + wait.max(Duration::from_millis(1)))
    }

    /// Gives back what was assumed and takes what was charged.
    pub(super) fn correct(&mut self, assumed: f64, charged: f64) {
        self.left = (self.left + assumed - charged).min(self.full());
    }

    /// Graph says that nothing is left. A second time, though the refill was all that was spent, less is granted than is
    /// assumed.
    pub(super) fn empty(&mut self, now: Instant) {
        self.refill(now);
        self.left = self.left.min(0.0);
        let known = self.refused_at.replace(now);
        if known.is_some_and(|before| now.saturating_duration_since(before) >= CUT_AGAIN) {
            self.granted = (self.granted * CUT).max(LEAST);
        }
    }

    /// A request went well: a little more may be granted again.
    pub(super) fn succeeded(&mut self) {
        self.granted = (self.granted + REGAIN).min(1.0);
    }

    /// Nothing is left before this instant, and nothing is gained until then.
    pub(super) fn empty_until(&mut self, until: Instant, now: Instant) {
        self.empty(now);
        self.since = self.since.max(until);
    }

    fn refill(&mut self, now: Instant) {
        let gained = now.saturating_duration_since(self.since).as_secs_f64() * self.per_second();
        self.left = (self.left + gained).min(self.full());
        self.since = self.since.max(now);
    }

    fn full(&self) -> f64 {
        f64::from(self.quota) * FULL_SHARE
    }

    fn per_second(&self) -> f64 {
        f64::from(self.quota) * REFILL_SHARE * self.granted / PERIOD.as_secs_f64()
    }
}
