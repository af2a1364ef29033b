//! Quota in resource units (limits of Microsoft Graph's directory).

use axum::http::Method;
use jiff::Timestamp;

use super::query::Query;

/// Seconds in which a full quota comes back.
const WINDOW: f64 = 10.0;

/// A token bucket: full at first, refilled evenly over ten seconds of the tenant's clock.
#[derive(Debug)]
pub(crate) struct Throttle {
    quota: Option<u32>,
    left: f64,
    filled: Timestamp,
}

impl Throttle {
    pub(crate) fn new(quota: Option<u32>, now: Timestamp) -> Self {
        Self { quota, left: f64::from(quota.unwrap_or(0)), filled: now }
    }

    pub(crate) fn quota(&self) -> Option<u32> {
        self.quota
    }

    /// Sets another quota; the bucket is full again.
    pub(crate) fn set_quota(&mut self, quota: Option<u32>, now: Timestamp) {
        *self = Self::new(quota, now);
    }

    /// Takes resource units, or says after how many whole seconds the same cost is there, if nobody else spends.
    pub(crate) fn take(&mut self, cost: u32, now: Timestamp) -> Result<(), u64> {
        let Some(quota) = self.quota else {
            return Ok(());
        };
        let (quota, cost) = (f64::from(quota), f64::from(cost));
        let passed = now.duration_since(self.filled).as_secs_f64().max(0.0);
        self.left = (self.left + passed * quota / WINDOW).min(quota);
        self.filled = now;
        // A request that costs more than the whole quota goes through with a full bucket, or it never would.
        let wanted = cost.min(quota);
        // The sum of many small refills may miss the last millionth.
        if self.left + 1e-6 >= wanted {
            self.left = (self.left - wanted).max(0.0);
            return Ok(());
        }
        let wait = (wanted - self.left) * WINDOW / quota;
        Err(wait.ceil().max(1.0) as u64)
    }
}

/// Resource units of a request: its base, minus one with `$select`, plus one with `$expand`, minus one with a small
/// `$top`, never below one.
pub(crate) fn cost(method: &Method, segments: &[String], query: &Query) -> u32 {
    if method != Method::GET {
        return 1;
    }
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let base: i32 = match path.as_slice() {
        [.., "$count"] => 1,
        ["users", ..] | ["applications", ..] | ["servicePrincipals", _, "appRoleAssignments"] => 2,
        ["groups", _, "members", ..] => 3,
        ["groups", _, "transitiveMembers", ..] => 5,
        _ => 1,
    };
    let small_page = query.top.is_some_and(|top| top < 20);
    let change = i32::from(query.expand) - i32::from(query.select.is_some()) - i32::from(small_page);
    (base + change).max(1) as u32
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn cost_of(path: &str, query: &str) -> u32 {
        let segments: Vec<String> = path.split('/').map(str::to_owned).collect();
        cost(&Method::GET, &segments, &Query::read(query).unwrap())
    }

    #[test]
    fn costs_follow_the_table() {
        assert_eq!(cost_of("users", ""), 2);
        assert_eq!(cost_of("users", "$select=id&$top=999"), 1);
        assert_eq!(cost_of("groups", ""), 1);
        assert_eq!(cost_of("groups/x/members", ""), 3);
        assert_eq!(cost_of("groups/x/members", "$select=id"), 2);
        assert_eq!(cost_of("groups/x/members", "$select=id&$top=5"), 1);
        assert_eq!(cost_of("groups/x/transitiveMembers", ""), 5);
        assert_eq!(cost_of("servicePrincipals/x/appRoleAssignments", ""), 2);
        assert_eq!(cost(&Method::PATCH, &["applications".to_owned()], &Query::default()), 1);
    }

    #[test]
    fn the_bucket_empties_refills_and_says_when() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        let mut throttle = Throttle::new(Some(10), start);
        assert_eq!((0..10).map(|_| throttle.take(1, start)).filter(Result::is_ok).count(), 10);
        assert_eq!(throttle.take(1, start), Err(1));
        assert_eq!(throttle.take(5, start), Err(5));
        let later = start + SignedDuration::from_secs(5);
        assert_eq!(throttle.take(5, later), Ok(()));
        assert_eq!(throttle.take(1, later), Err(1));
        assert_eq!(Throttle::new(Some(2), start).take(5, start), Ok(()), "dearer than the quota");
        assert_eq!(Throttle::new(None, start).take(5_000, start), Ok(()));
    }

    #[test]
    fn who_waits_as_asked_is_served() {
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        for quota in [1, 3, 7, 35, 3_500, 8_000] {
            for cost in [1, 2, 3, 5] {
                let mut throttle = Throttle::new(Some(quota), start);
                let mut now = start;
                for round in 0..200 {
                    now += SignedDuration::from_millis(round % 13);
                    if let Err(wait) = throttle.take(cost, now) {
                        now += SignedDuration::from_secs(wait as i64);
                        assert_eq!(throttle.take(cost, now), Ok(()), "{quota} {cost} {wait}");
                    }
                }
            }
        }
    }
}
