//! What there is of test syncs.

use engine::{
    DirectorySummary, Gatehouse, Report,
    access::{Directory, WarningCounts},
    evidence::{self, Changed, Changes, Held},
    sync::{self, Forget},
    words,
};

use super::{
    progress::{millis, rounded},
    small,
};
use crate::wire::{
    ChangeCount, ChangeCounts, ForecastView, HeldView, ListId, PeopleView, QuarantineView, SyncForget,
    SyncMode, SyncStart, SyncSummary, SyncView, WarningView,
};

const NOTHING_TO_BEGIN_AT: &str = "No earlier run left a place to begin at.";

impl SyncStart {
    pub(super) fn of(report: &Report, engine: &Gatehouse) -> Self {
        let (id, standing) = (&report.connection.id, &report.connection.sync_standing);
        Self {
            can_resume: engine.can_resume_sync(id),
            can_delta: engine.can_ask_for_changes(id),
            failures: standing.failures,
            failing_since: standing.failing_since.map(|at| at.to_string()),
            quarantine: standing.in_force(report.now).map(|quarantine| QuarantineView {
                since: quarantine.since.to_string(),
                next_try: quarantine.next_try.to_string(),
                reason: quarantine.reason.clone(),
                code: quarantine.code.clone(),
            }),
        }
    }
}

impl SyncView {
    /// None before a test sync has read anything.
    pub(super) fn of(report: &Report, directory: Option<&Directory>) -> Option<Self> {
        let record = report.connection.evidence.sync.as_ref()?;
        let directory = directory?;
        let taken_over = record.complete && record.held.is_none();
        Some(Self {
            complete: record.complete,
            cancelled: record.cancelled,
            mode: record.mode.into(),
            resumed: record.resumed,
            full_because: match &record.full_because {
                Some(fault) => Some(fault.to_string()),
                None => record.had_nothing_to_begin_at().then(|| NOTHING_TO_BEGIN_AT.to_owned()),
            },
            started_at: record.started_at.to_string(),
            finished_at: record.finished_at.to_string(),
            users: record.users.into(),
            groups: record.groups.into(),
            memberships: record.memberships.into(),
            requests: small(record.requests),
            throttled: small(record.throttled),
            resource_units: rounded(record.resource_units),
            seconds: record.seconds,
            changes: record.changes.map(ChangeCounts::from),
            held: record.held.as_ref().map(HeldView::from),
            shows_earlier: !taken_over && directory.complete(),
        })
    }
}

impl From<DirectorySummary> for SyncSummary {
    fn from(summary: DirectorySummary) -> Self {
        let DirectorySummary { people, sizes, warnings, changes_kept } = summary;
        let total =
            people.members_enabled + people.members_disabled + people.guests_enabled + people.guests_disabled;
        Self {
            people: PeopleView {
                members_enabled: small(people.members_enabled),
                members_disabled: small(people.members_disabled),
                guests_enabled: small(people.guests_enabled),
                guests_disabled: small(people.guests_disabled),
            },
            people_total: small(total),
            groups_total: small(sizes.buckets.iter().sum()),
            changes_kept: small(changes_kept),
            group_sizes: sizes.buckets.into_iter().map(small).collect(),
            largest_group: sizes
                .largest
                .map(|(name, members)| format!("{name}, {} members", words::number(members))),
            warnings: warnings_of(&warnings),
        }
    }
}

fn warnings_of(counts: &WarningCounts) -> Vec<WarningView> {
    let several = |count, one: &str, more: &str| if count == 1 { one.to_owned() } else { more.to_owned() };
    let rows = [
        (ListId::WithoutMail, counts.without_mail, "user", ("has no mail address.", "have no mail address.")),
        (ListId::Guests, counts.guests, "guest", ("is among the users.", "are among the users.")),
        (
            ListId::Disabled,
            counts.disabled,
            "account",
            ("is disabled and gets no role.", "are disabled and get no role."),
        ),
        (
            ListId::PeopleSharingAName,
            counts.people_sharing_a_name,
            "user",
            ("shares a display name.", "share a display name. Tell them apart by sign-in name."),
        ),
        (
            ListId::GroupsSharingAName,
            counts.groups_sharing_a_name,
            "group",
            ("shares a display name.", "share a display name. They are mapped by object ID, not by name."),
        ),
        (
            ListId::HiddenGroups,
            counts.hidden_groups,
            "group",
            ("has hidden membership.", "have hidden membership."),
        ),
        (
            ListId::UnknownMembers,
            counts.unknown_members,
            "member",
            (
                "came with its ID alone and is in neither list.",
                "came with their IDs alone and are in neither list.",
            ),
        ),
    ];
    rows.into_iter()
        .filter(|(_, count, ..)| *count > 0)
        .map(|(list, count, noun, (one, more))| WarningView {
            list,
            count: small(count),
            who: format!("{} {}", words::number(count), several(count, noun, &format!("{noun}s"))),
            says: several(count, one, more),
        })
        .collect()
}

impl From<sync::Forecast> for ForecastView {
    fn from(forecast: sync::Forecast) -> Self {
        Self {
            objects: small(forecast.objects),
            guessed: forecast.guessed,
            requests: small(forecast.requests),
            resource_units: small(forecast.resource_units),
            quota: small(forecast.quota),
            time_ms: millis(forecast.time),
            share_percent: rounded(forecast.share * 100.0),
        }
    }
}

impl From<&Held> for HeldView {
    fn from(held: &Held) -> Self {
        Self {
            reasons: held.reasons.clone(),
            removals: small(held.removals),
            may_be_accepted: held.may_be_accepted,
        }
    }
}

impl From<Changes> for ChangeCounts {
    fn from(changes: Changes) -> Self {
        let count = |changed: Changed| ChangeCount {
            added: small(changed.added),
            updated: small(changed.updated),
            removed: small(changed.removed),
        };
        Self {
            users: count(changes.users),
            groups: count(changes.groups),
            memberships: count(changes.memberships),
            since: changes.since.map(|since| since.to_string()),
        }
    }
}

impl From<evidence::SyncMode> for SyncMode {
    fn from(mode: evidence::SyncMode) -> Self {
        match mode {
            evidence::SyncMode::Full => Self::Full,
            evidence::SyncMode::Delta => Self::Delta,
        }
    }
}

impl From<SyncMode> for evidence::SyncMode {
    fn from(mode: SyncMode) -> Self {
        match mode {
            SyncMode::Full => Self::Full,
            SyncMode::Delta => Self::Delta,
        }
    }
}

impl From<SyncForget> for Forget {
    fn from(forget: SyncForget) -> Self {
        match forget {
            SyncForget::Escalations => Self::Escalations,
            SyncForget::Quarantine => Self::Quarantine,
            SyncForget::Watermarks => Self::Watermarks,
            SyncForget::All => Self::All,
        }
    }
}
