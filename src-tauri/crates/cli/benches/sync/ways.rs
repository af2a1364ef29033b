//! The ways of reading memberships that Gatehouse's own was chosen from, each by the bare program on one tenant.

use std::time::Duration;

use crate::{
    Problem,
    bare::{Pattern, UserList},
    cases,
    measure::{self, Measured},
    tenant::{Shape, Tenant},
};

pub(crate) const SHAPE: Shape =
    Shape { users: 10_000, groups: 500, memberships: 20_000, latency_ms: 80, quota: 0 };
pub(crate) const ROUNDS: usize = 3;

/// Requests on their way at the same time, as in `gatehouse sync`.
const PARALLEL: usize = 8;

/// One of the ways, as it is asked for.
struct Plan {
    label: &'static str,
    pattern: Pattern,
    /// Objects on a page at the most, and ten times as many members on one of a delta; 0 is the tenant's usual.
    page_size: u16,
}

const fn plan(label: &'static str, pattern: Pattern) -> Plan {
    Plan { label, pattern, page_size: 0 }
}

/// The first is that of `gatehouse sync`.
const PLANS: [Plan; 6] = [
    plan("$batch of 20 × 8", Pattern::Batches { users: UserList::None }),
    plan("one GET per group × 8", Pattern::Gets { parallel: PARALLEL, users: UserList::None }),
    // As many groups at the same time as in eight batches.
    plan("one GET per group × 160", Pattern::Gets { parallel: 20 * PARALLEL, users: UserList::None }),
    plan("one delta of all groups, pages of 2 000 members", Pattern::Delta),
    Plan { page_size: 50, ..plan("one delta of all groups, pages of 500 members", Pattern::Delta) },
    plan("a delta of 50 groups × 8, pages of 2 000 members", Pattern::Deltas { parallel: PARALLEL }),
];

/// One way of reading all memberships, with its run in the middle.
pub(crate) struct Way {
    pub(crate) label: &'static str,
    pub(crate) run: Measured,
}

impl Way {
    /// From the end of the sign-in to the last answer.
    pub(crate) fn reading(&self) -> Duration {
        self.run.wall
    }
}

/// Measures every way in each round.
///
/// # Errors
///
/// When one of them does not read as many memberships as the others.
pub(crate) async fn all() -> Result<Vec<Way>, Problem> {
    let tenant = Tenant::start(SHAPE)?;
    let mut runs: [Vec<Measured>; PLANS.len()] = Default::default();
    for _ in 0..ROUNDS {
        for (Plan { label, pattern, page_size }, runs) in PLANS.into_iter().zip(&mut runs) {
            tenant.set_page_size(page_size).await?;
            tenant.rested().await?;
            let mut run = cases::run_bare(&tenant, pattern, None).await?;
            run.wall = Duration::from_secs_f64(run.number("reading_ms") / 1e3);
            crate::say(&format!("(d) {label}: {:.2} s", run.wall.as_secs_f64()));
            runs.push(run);
        }
    }
    let ways: Vec<Way> = PLANS
        .into_iter()
        .zip(runs)
        .filter_map(|(plan, runs)| Some(Way { label: plan.label, run: measure::median(runs)? }))
        .collect();
    let read: Vec<f64> = ways.iter().map(|way| way.run.number("memberships")).collect();
    if read.iter().any(|memberships| Some(memberships) != read.first()) {
        return Err(format!("Not every way reads the same number of memberships: {read:?}.").into());
    }
    Ok(ways)
}
