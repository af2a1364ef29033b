//! What a sync will cost, before anything but two counts was asked for.

use std::time::Duration;

use entra::Graph;

use super::reading::{self, LONG, REQUESTS};

/// What is known before a sync.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Known {
    /// Graph's count of the users.
    pub users: u64,
    /// Graph's count of the groups.
    pub groups: u64,
    /// Direct memberships, as far as an earlier sync knows.
    pub memberships: Option<u64>,
    /// Median answer time.
    pub latency: Duration,
}

/// What a full sync will cost. Source of the prices: <https://learn.microsoft.com/graph/throttling-limits>.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Users and groups that Graph counts, and memberships that are known or guessed.
    pub objects: u64,
    /// The memberships are a guess: no sync has been here.
    pub guessed: bool,
    /// Requests.
    pub requests: u64,
    /// Resource units.
    pub resource_units: u64,
    /// The tenant's read quota for this app, resource units per 10 s.
    pub quota: u64,
    /// Wall time, by the slower of quota and latency.
    pub time: Duration,
    /// Which share of the app's quota in this tenant the sync uses while it runs, 0 to 1.
    pub share: f64,
}

const PAGE: u64 = Graph::ITEMS_IN_A_PAGE;
const TOGETHER: u64 = Graph::GROUPS_IN_A_BATCH as u64;
const PARALLEL: u64 = REQUESTS as u64;
const SHARDS: u64 = reading::SHARDS as u64;
/// Direct members of a group where nothing is known.
const MEMBERS_GUESSED: u64 = 40;
/// A page of members with `$select`, in resource units.
const MEMBERS_PRICE: u64 = 2;

impl Forecast {
    /// Works it out: two counts, two links, the pages of both lists, and one page of members for each group and for
    /// each further 999 memberships.
    pub fn of(known: &Known) -> Self {
        let memberships = known.memberships.unwrap_or(known.groups * MEMBERS_GUESSED);
        let sharded = known.users >= LONG;
        let user_pages = known.users.div_ceil(PAGE).max(1) + if sharded { SHARDS / 2 } else { 0 };
        let group_pages = known.groups.div_ceil(PAGE).max(1);
        let batches = known.groups.div_ceil(TOGETHER);
        let long_pages = memberships / PAGE;
        let requests = 4 + user_pages + group_pages + batches + long_pages;
        let resource_units = 4 + user_pages + group_pages + (known.groups + long_pages) * MEMBERS_PRICE;
        let quota = u64::from(Graph::quota_of(known.users));
        let deep = if sharded { user_pages.div_ceil(SHARDS) + 1 } else { user_pages };
        let rounds = 2 + deep.max(group_pages + (batches + long_pages).div_ceil(PARALLEL));
        let by_latency = known.latency * u32::try_from(rounds).unwrap_or(u32::MAX);
        let beyond = resource_units.saturating_sub(quota);
        let by_quota = Duration::from_secs_f64(beyond as f64 * 10.0 / quota as f64);
        let time = by_latency.max(by_quota);
        let allowed = quota as f64 * (1.0 + time.as_secs_f64() / 10.0);
        Self {
            objects: known.users + known.groups + memberships,
            guessed: known.memberships.is_none(),
            requests,
            resource_units,
            quota,
            time,
            share: (resource_units as f64 / allowed).min(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_directory_is_bound_by_its_quota() {
        let latency = Duration::from_millis(80);
        let known = Known { users: 100_000, groups: 5_000, memberships: Some(200_000), latency };
        let forecast = Forecast::of(&known);
        assert_eq!((forecast.objects, forecast.quota, forecast.guessed), (305_000, 8_000, false));
        assert_eq!(forecast.requests, 4 + 101 + 6 + 6 + 250 + 200);
        assert_eq!(forecast.resource_units, 4 + 107 + 6 + 5_200 * 2);
        assert!((2.0..6.0).contains(&forecast.time.as_secs_f64()), "{forecast:?}");
        assert!((0.5..=1.0).contains(&forecast.share), "{forecast:?}");
    }

    #[test]
    fn a_small_directory_is_bound_by_nothing() {
        let latency = Duration::from_millis(80);
        let forecast = Forecast::of(&Known { users: 240, groups: 31, memberships: None, latency });
        assert!(forecast.guessed && forecast.time < Duration::from_secs(1), "{forecast:?}");
        assert!(forecast.share < 0.05);
        let empty = Forecast::of(&Known::default());
        assert_eq!((empty.requests, empty.time), (6, Duration::ZERO));
    }
}
