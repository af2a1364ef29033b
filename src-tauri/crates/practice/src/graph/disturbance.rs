//! What is turned on to make reading hard: failures, storms, changes under way, and how a 429 says when to come back.

use jiff::{SignedDuration, Timestamp};

use super::errors::GraphError;
use crate::{Knobs, RetryAfter, http::http_date};

/// The knobs of this room. Times are those of the tenant's clock.
#[derive(Debug)]
pub(crate) struct Disturbance {
    failures: Every,
    changes: Every,
    storm_until: Option<Timestamp>,
    /// Bound of Retry-After in a storm, seconds.
    storm_retry_after: Option<u64>,
    pub(crate) retry_after: RetryAfter,
    pub(crate) gzip: bool,
}

impl Disturbance {
    pub(crate) fn new(fail_every: u32) -> Self {
        Self {
            failures: Every::new(fail_every),
            changes: Every::new(0),
            storm_until: None,
            storm_retry_after: None,
            retry_after: RetryAfter::Seconds,
            gzip: false,
        }
    }

    /// Turns what the knobs name; a counter that is set starts anew.
    pub(crate) fn set(&mut self, knobs: &Knobs, now: Timestamp) {
        if let Some(every) = knobs.fail_every {
            self.failures = Every::new(every);
        }
        if let Some(every) = knobs.changes_every {
            self.changes = Every::new(every);
        }
        if let Some(seconds) = knobs.storm_seconds {
            self.storm_until = (seconds > 0).then(|| now + whole_seconds(seconds));
        }
        if let Some(seconds) = knobs.storm_retry_after {
            self.storm_retry_after = (seconds > 0).then_some(seconds);
        }
        self.retry_after = knobs.retry_after.unwrap_or(self.retry_after);
        self.gzip = knobs.gzip.unwrap_or(self.gzip);
    }

    /// Counts a request and refuses it in a storm, or when it is one of those that fail.
    pub(crate) fn meets(&mut self, now: Timestamp) -> Result<(), GraphError> {
        if let Some(left) = self.storm_left(now) {
            let retry_after = self.storm_retry_after.map_or(left, |most| left.min(most));
            return Err(GraphError::throttled_by_force(retry_after));
        }
        if self.failures.hits() { Err(GraphError::throttled_by_force(1)) } else { Ok(()) }
    }

    /// Counts a request; true when something in the directory changes before it.
    pub(crate) fn changes_now(&mut self) -> bool {
        self.changes.hits()
    }

    pub(crate) fn fail_every(&self) -> u32 {
        self.failures.every
    }

    pub(crate) fn changes_every(&self) -> u32 {
        self.changes.every
    }

    pub(crate) fn storm_retry_after(&self) -> Option<u64> {
        self.storm_retry_after
    }

    /// Seconds until the storm is over, rounded up; `None` when there is none.
    pub(crate) fn storm_left(&self, now: Timestamp) -> Option<u64> {
        let left = self.storm_until?.duration_since(now);
        let seconds = left.as_secs() + i64::from(left.subsec_nanos() > 0);
        u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)
    }
}

/// The value of Retry-After for a wait in whole seconds; `None` when the header is left out. A date has no fractions, so
/// it is rounded up.
pub(super) fn retry_after(form: RetryAfter, seconds: u64, now: Timestamp) -> Option<String> {
    match form {
        RetryAfter::Seconds => Some(seconds.to_string()),
        RetryAfter::Date => {
            let up = u64::from(now.subsec_nanosecond() > 0);
            Some(http_date(now + whole_seconds(seconds.saturating_add(up))))
        }
        RetryAfter::Absent => None,
    }
}

fn whole_seconds(seconds: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// Every n-th of something; 0 is never.
#[derive(Debug)]
struct Every {
    every: u32,
    seen: u32,
}

impl Every {
    fn new(every: u32) -> Self {
        Self { every, seen: 0 }
    }

    /// Counts one; true for every n-th.
    fn hits(&mut self) -> bool {
        if self.every == 0 {
            return false;
        }
        self.seen += 1;
        let hits = self.seen >= self.every;
        if hits {
            self.seen = 0;
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 500_000_000);

    #[test]
    fn every_third_fails() {
        let mut every = Every::new(3);
        let pattern: Vec<bool> = (0..6).map(|_| every.hits()).collect();
        assert_eq!(pattern, [false, false, true, false, false, true]);
        assert!((0..6).all(|_| !Every::new(0).hits()));
    }

    #[test]
    fn a_storm_ends_and_its_wait_is_bounded() {
        let mut disturbance = Disturbance::new(0);
        let knobs = Knobs { storm_seconds: Some(3_600), ..Knobs::default() };
        disturbance.set(&knobs, NOW);
        assert_eq!(disturbance.meets(NOW), Err(GraphError::throttled_by_force(3_600)));
        let later = NOW + SignedDuration::from_millis(3_599_001);
        assert_eq!(disturbance.meets(later), Err(GraphError::throttled_by_force(1)));
        disturbance.set(&Knobs { storm_retry_after: Some(20), ..Knobs::default() }, NOW);
        assert_eq!(disturbance.meets(NOW), Err(GraphError::throttled_by_force(20)));
        assert_eq!(disturbance.meets(NOW + SignedDuration::from_secs(3_600)), Ok(()));
    }

    #[test]
    fn the_wait_is_told_in_three_forms() {
        assert_eq!(retry_after(RetryAfter::Seconds, 7, NOW).as_deref(), Some("7"));
        let date = retry_after(RetryAfter::Date, 7, NOW);
        assert_eq!(date.as_deref(), Some("Fri, 15 Jan 2027 08:00:08 GMT"), "rounded up");
        assert_eq!(retry_after(RetryAfter::Absent, 7, NOW), None);
    }
}
