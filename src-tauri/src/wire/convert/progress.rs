use engine::{
    diagnosis::ConsentTry,
    evidence::Tally,
    sync::{self, PauseReason, RequestLine as Line},
};

use super::small;
use crate::wire::{CountView, Progress, RequestLine, SyncPhase, SyncProgress, WaitingFor};

impl From<&ConsentTry> for Progress {
    fn from(attempt: &ConsentTry) -> Self {
        Self::ConsentTry {
            number: attempt.number,
            at: attempt.at.to_string(),
            arrived: attempt.arrived.clone(),
            missing: attempt.missing.clone(),
            next_in_ms: attempt.next_in.map(millis),
        }
    }
}

impl From<&sync::SyncProgress> for SyncProgress {
    fn from(progress: &sync::SyncProgress) -> Self {
        Self {
            mode: progress.mode.into(),
            resumed: progress.resumed,
            changed: small(progress.changed),
            left_ms: progress.left.map(millis),
            in_flight: count(progress.pace.in_flight),
            parallel: count(progress.pace.parallel),
            budget: progress.pace.budget,
            waiting_for: progress.waiting_for.map(|reason| match reason {
                PauseReason::Throttled => WaitingFor::Throttled,
                PauseReason::Unavailable => WaitingFor::Unavailable,
            }),
            phase: match progress.phase {
                sync::SyncPhase::Counting => SyncPhase::Counting,
                sync::SyncPhase::Users => SyncPhase::Users,
                sync::SyncPhase::Groups => SyncPhase::Groups,
                sync::SyncPhase::Memberships => SyncPhase::Memberships,
                sync::SyncPhase::Changes => SyncPhase::Changes,
                sync::SyncPhase::Storing => SyncPhase::Storing,
                sync::SyncPhase::Paused => SyncPhase::Paused,
                sync::SyncPhase::Done => SyncPhase::Done,
            },
            users: progress.users.into(),
            groups: progress.groups.into(),
            memberships: progress.memberships.into(),
            groups_done: small(progress.groups_done),
            requests: small(progress.requests),
            throttled: small(progress.throttled),
            resource_units: rounded(progress.resource_units),
            elapsed_ms: millis(progress.elapsed),
            median_ms: progress.median.map(millis),
            slowest_ms: progress.slowest.map(millis),
            waiting_ms: progress.waiting.map(millis),
            latest: progress.latest.iter().take(8).map(RequestLine::from).collect(),
        }
    }
}

impl From<&Line> for RequestLine {
    fn from(line: &Line) -> Self {
        Self {
            at: line.at.to_string(),
            request: line.request.clone(),
            status: line.status,
            took_ms: millis(line.took),
        }
    }
}

impl From<Tally> for CountView {
    fn from(tally: Tally) -> Self {
        Self { read: small(tally.read), counted: tally.counted.map(small) }
    }
}

pub(super) fn millis(duration: std::time::Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Resource units are sums of whole and half units; the page shows whole ones.
pub(super) fn rounded(units: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to the range of u32"
    )]
    {
        units.round().clamp(0.0, f64::from(u32::MAX)) as u32
    }
}
