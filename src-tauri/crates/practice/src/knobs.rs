//! What can be turned while the tenant runs.

use serde::{Deserialize, Serialize};

use crate::{Scenario, secrets::LATEST};

/// What can be turned while the tenant runs; absent fields stay as they are. Body of `PUT /practice/knobs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knobs {
    /// Puts the app registration into the state of this scenario.
    pub scenario: Option<Scenario>,
    /// Wait before each answer, milliseconds, at most 60 000.
    pub latency_ms: Option<u64>,
    /// Resource units per 10 seconds; 0 takes the limit away.
    pub quota: Option<u32>,
    /// Page size without `$top`, and the upper bound with it, 1 to 999; 0 goes back to the real service's sizes. Delta
    /// queries take it too.
    pub page_size: Option<u16>,
    /// Every n-th Graph request, items of a batch counted one by one, answers 429 with Retry-After 1; 0 is off.
    pub fail_every: Option<u32>,
    /// Before every n-th Graph request, items of a batch counted one by one, something small in the directory changes;
    /// 0 is off.
    pub changes_every: Option<u32>,
    /// How a 429 of Graph says when to come back.
    pub retry_after: Option<RetryAfter>,
    /// For so many seconds of the tenant's clock from now on, every Graph request is answered 429, with what is left of
    /// this time as Retry-After. At most 86 400; 0 ends the storm.
    pub storm_seconds: Option<u64>,
    /// Most seconds that Retry-After asks for in a storm, so that clients come back before it is over; 0 is without bound.
    pub storm_retry_after: Option<u64>,
    /// `true`: Graph refuses all tokens that were issued so far (401 with a claims challenge); new ones work.
    pub forget_tokens: Option<bool>,
    /// So many milliseconds of the tenant's clock pass before the token endpoint knows a secret that is made from now on and
    /// does not say itself when; at most 3 600 000. It wins over the scenario; 0 gives it back to that.
    pub secret_delay_ms: Option<u64>,
    /// Whether Graph compresses answers for clients that accept it.
    pub gzip: Option<bool>,
}

/// How a 429 says when to come back (RFC 9110, section 10.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RetryAfter {
    /// A number of seconds.
    #[default]
    Seconds,
    /// An HTTP date by the tenant's clock.
    Date,
    /// Not at all.
    Absent,
}

impl Knobs {
    /// Refuses values that no caller can mean.
    pub(crate) fn validate(&self) -> Result<(), KnobProblem> {
        if self.latency_ms.is_some_and(|latency| latency > 60_000) {
            return Err(KnobProblem::LatencyTooLong);
        }
        if self.page_size.is_some_and(|size| size > 999) {
            return Err(KnobProblem::PageTooLarge);
        }
        let times = [self.storm_seconds, self.storm_retry_after];
        if times.into_iter().flatten().any(|seconds| seconds > 86_400) {
            return Err(KnobProblem::StormTooLong);
        }
        if self.secret_delay_ms.is_some_and(|delay| delay > LATEST) {
            return Err(KnobProblem::SecretTooLate);
        }
        Ok(())
    }
}

/// A knob that cannot be turned that far. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnobProblem {
    /// `latency_ms` is above a minute.
    #[error("latency_ms is at most 60000.")]
    LatencyTooLong,
    /// `page_size` is above the real service's 999.
    #[error("page_size is at most 999.")]
    PageTooLarge,
    /// `storm_seconds` or `storm_retry_after` is above a day.
    #[error("storm_seconds and storm_retry_after are at most 86400.")]
    StormTooLong,
    /// `secret_delay_ms` is above an hour.
    #[error("secret_delay_ms is at most 3600000.")]
    SecretTooLate,
}
