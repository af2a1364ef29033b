//! The targets, and whether they are kept.

use crate::{
    cases::{
        Case, Line,
        Program::{self, BareBatches, BareGets16, BareGets64, BarePaced, DeltaOfOnePercent, First, Serial},
    },
    measure::Measured,
};

/// What a target says of a number.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

/// One target with what was measured.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) case: &'static str,
    pub(crate) what: &'static str,
    pub(crate) limit: Limit,
    /// None where the system does not tell.
    pub(crate) measured: Option<f64>,
    pub(crate) unit: &'static str,
}

impl Target {
    pub(crate) fn verdict(&self) -> &'static str {
        match (self.measured, self.limit) {
            (None, _) => "not measured",
            (Some(measured), Limit::AtMost(most)) if measured <= most => "kept",
            (Some(measured), Limit::AtLeast(least)) if measured >= least => "kept",
            _ => "NOT kept",
        }
    }
}

pub(crate) fn all(cases: &[Case]) -> Vec<Target> {
    let [quick, far, large] = cases else { return Vec::new() };
    let target = |case, what, limit, measured, unit| Target { case, what, limit, measured, unit };
    let (most, least) = (Limit::AtMost, Limit::AtLeast);
    vec![
        target(
            "b",
            "first sync / bare within the quota, time",
            most(1.3),
            ratio(far, First, BarePaced, Line::seconds),
            "×",
        ),
        target(
            "b",
            "first sync / bare with 64 GETs, time",
            most(1.3),
            ratio(far, First, BareGets64, Line::seconds),
            "×",
        ),
        target("b", "serial / first sync, time", least(20.0), ratio(far, Serial, First, Line::seconds), "×"),
        target(
            "b",
            "requests of the first sync answered 429",
            most(2.0),
            far.line(First).map(|line| line.throttled() / line.requests as f64 * 100.0),
            "%",
        ),
        target(
            "a",
            "first sync / bare, pages per second",
            least(0.5),
            ratio(quick, First, BareBatches, pages_per_second),
            "×",
        ),
        target(
            "a",
            "first sync / bare with 16 GETs, time",
            most(3.0),
            ratio(quick, First, BareGets16, Line::seconds),
            "×",
        ),
        target("a", "first sync / bare with 16 GETs, CPU", most(3.0), cpu_ratio(quick), "×"),
        target("c", "peak memory of the first sync", most(150.0), peak(large, First), "MB"),
        target(
            "c",
            "peak memory / that of (a)",
            most(1.3),
            peak(large, First).zip(peak(quick, First)).map(|(large, quick)| large / quick),
            "×",
        ),
        target(
            "a",
            "delta of 1 % / first sync, requests",
            most(3.0),
            percent(ratio(quick, DeltaOfOnePercent, First, requests)),
            "%",
        ),
        target(
            "b",
            "delta of 1 % / first sync, requests",
            most(3.0),
            percent(ratio(far, DeltaOfOnePercent, First, requests)),
            "%",
        ),
        // In proportion, and a fifth more: what is looked up in a larger directory is less often in memory.
        target(
            "c",
            "delta of 1 % / that of (a), time, for ten times as many changes",
            most(12.0),
            seconds(large, DeltaOfOnePercent)
                .zip(seconds(quick, DeltaOfOnePercent))
                .map(|(large, quick)| large / quick),
            "×",
        ),
    ]
}

fn ratio(case: &Case, over: Program, under: Program, of: fn(&Line) -> f64) -> Option<f64> {
    Some(of(case.line(over)?) / of(case.line(under)?))
}

fn pages_per_second(line: &Line) -> f64 {
    requests(line) / line.seconds()
}

fn requests(line: &Line) -> f64 {
    line.requests as f64
}

fn percent(share: Option<f64>) -> Option<f64> {
    share.map(|share| share * 100.0)
}

fn cpu_ratio(case: &Case) -> Option<f64> {
    let cpu = |program| Some(case.line(program)?.run.cpu?.as_secs_f64());
    Some(cpu(First)? / cpu(BareGets16)?)
}

fn seconds(case: &Case, program: Program) -> Option<f64> {
    case.line(program).map(Line::seconds)
}

fn peak(case: &Case, program: Program) -> Option<f64> {
    case.line(program)?.run.peak.map(megabytes)
}

/// Of a million bytes.
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Microseconds of processor time for each user, group and membership.
pub(crate) fn cpu_per_object(case: &Case, run: &Measured) -> Option<f64> {
    Some(run.cpu?.as_secs_f64() * 1e6 / case.objects())
}
