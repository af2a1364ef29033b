//! Watching what a long read does, without being able to change it.

use std::time::Duration;

/// Is told of every request to Graph and of every pause. Called from many tasks at once; must return quickly.
pub trait Observer: Send + Sync {
    /// A request was answered, or failed.
    fn request(&self, _seen: &RequestSeen) {}
    /// A request waits before it is sent again.
    fn pausing(&self, _pause: &Pause) {}
}

/// One request to Graph.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSeen {
    /// The HTTP method.
    pub method: &'static str,
    /// The path as a template, such as `/groups/{id}/members`: no ids, no query.
    pub path: String,
    /// The HTTP status; 0 when no answer came.
    pub status: u16,
    /// From sending to the last byte.
    pub took: Duration,
    /// What Graph charged, in resource units, where it said so (`x-ms-resource-unit`).
    pub resource_units: Option<f64>,
    /// How many items of a `/$batch` were answered 429, each of which is asked again; 0 for every other request.
    pub throttled_items: u64,
}

/// A wait before a request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// How long.
    pub wait: Duration,
    /// Why.
    pub reason: PauseReason,
}

/// Why a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// Graph answered 429.
    Throttled,
    /// Graph answered 503 or 504.
    Unavailable,
}

pub(crate) struct Unobserved;

impl Observer for Unobserved {}
