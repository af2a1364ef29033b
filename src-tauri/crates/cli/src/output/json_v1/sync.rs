//! What a sync read, or would cost.

use engine::{
    Report,
    evidence::{Changes, Held, SyncMode, SyncRecord, Tally},
    sync::Forecast,
};
use serde::Serialize;

use super::findings::{FindingV1, findings, of_directory};

/// `gatehouse.sync/1`.
#[derive(Serialize)]
pub(crate) struct Sync {
    schema: &'static str,
    complete: bool,
    /// `full` or `delta`, as it was read in the end.
    mode: Option<SyncMode>,
    resumed: bool,
    users: Counted,
    groups: Counted,
    memberships: Counted,
    /// A first read has nothing to compare with, and a partial one is compared with nothing.
    changes: Option<Changes>,
    /// Read to the end, and not taken over: too much would go.
    held: Option<Held>,
    forecast: Option<ForecastV1>,
    requests: u64,
    throttled: u64,
    resource_units: f64,
    seconds: f64,
    findings: Vec<FindingV1>,
}

#[derive(Serialize)]
struct ForecastV1 {
    objects: u64,
    memberships_guessed: bool,
    requests: u64,
    resource_units: u64,
    /// Resource units per 10 seconds.
    quota: u64,
    seconds: f64,
    /// Share of the app's quota in this tenant, 0 to 1.
    share: f64,
}

#[derive(Serialize)]
struct Counted {
    read: u64,
    counted: Option<u64>,
}

impl From<Tally> for Counted {
    fn from(tally: Tally) -> Self {
        Self { read: tally.read, counted: tally.counted }
    }
}

impl Sync {
    pub(crate) fn of(record: &SyncRecord, report: &Report) -> Self {
        Self {
            complete: record.complete,
            mode: Some(record.mode),
            resumed: record.resumed,
            users: record.users.into(),
            groups: record.groups.into(),
            memberships: record.memberships.into(),
            changes: record.changes,
            held: record.held.clone(),
            requests: record.requests,
            throttled: record.throttled,
            resource_units: record.resource_units,
            seconds: record.seconds,
            findings: of_directory(&report.chain),
            ..Self::nothing()
        }
    }

    /// Nothing could be read: the findings say why, if there is a chain that can.
    pub(crate) fn refused(report: Option<&Report>) -> Self {
        let findings = report.map(|report| findings(&report.chain)).unwrap_or_default();
        Self { findings, ..Self::nothing() }
    }

    /// What a sync will cost; nothing was read.
    pub(crate) fn forecast(forecast: &Forecast) -> Self {
        let forecast = ForecastV1 {
            objects: forecast.objects,
            memberships_guessed: forecast.guessed,
            requests: forecast.requests,
            resource_units: forecast.resource_units,
            quota: forecast.quota,
            seconds: forecast.time.as_secs_f64(),
            share: forecast.share,
        };
        Self { forecast: Some(forecast), ..Self::nothing() }
    }

    fn nothing() -> Self {
        Self {
            schema: "gatehouse.sync/1",
            complete: false,
            mode: None,
            resumed: false,
            users: Tally::default().into(),
            groups: Tally::default().into(),
            memberships: Tally::default().into(),
            changes: None,
            held: None,
            forecast: None,
            requests: 0,
            throttled: 0,
            resource_units: 0.0,
            seconds: 0.0,
            findings: Vec::new(),
        }
    }
}
