//! How a practice tenant is started.

use std::{fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use crate::{Clock, KnobProblem, Scenario, SystemClock};

/// How a practice tenant is started.
#[derive(Clone)]
pub struct Options {
    /// Address of the authority, loopback only. Graph and the human pages take free ports on the same address.
    pub listen: SocketAddr,
    /// The state that the app registration is in.
    pub scenario: Scenario,
    /// How large the directory is.
    pub population: Population,
    /// PEM text with one X.509 certificate that is registered on the app beside its secret; `None` registers none.
    pub certificate: Option<Vec<u8>>,
    /// Graph application permissions that the app asks for, by name (`User.Read.All`).
    pub requested: Vec<String>,
    /// Wait before each answer.
    pub latency: Duration,
    /// Resource units per 10 seconds; `None` is without limit. The real tenant allows 3 500 to 8 000.
    pub quota: Option<u32>,
    /// Page size without `$top`, and the upper bound with it; `None` is the real service's 100 and 999.
    pub page_size: Option<u16>,
    /// Every n-th Graph request answers 429 with Retry-After 1; 0 is off.
    pub fail_every: u32,
    /// In `consent-slow`: how long after start or consent the roles appear. In `secret-not-yet`: how long after the start
    /// the secret is refused.
    pub consent_delay: Duration,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            scenario: Scenario::Healthy,
            population: Population::default(),
            certificate: None,
            requested: vec!["User.Read.All".to_owned(), "GroupMember.Read.All".to_owned()],
            latency: Duration::ZERO,
            quota: None,
            page_size: None,
            fail_every: 0,
            consent_delay: Duration::from_secs(6),
            clock: Arc::new(SystemClock),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("listen", &self.listen)
            .field("scenario", &self.scenario)
            .field("population", &self.population)
            .field("requested", &self.requested)
            .finish_non_exhaustive()
    }
}

/// How large the directory is. The same numbers give the same directory, ids included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// Number of users.
    pub users: u32,
    /// Number of groups.
    pub groups: u32,
    /// Total of distinct direct pairs of group and member; `None` is about five for each user.
    /// A total that the groups cannot hold is cut to what they can; `Facts::memberships` has the truth.
    pub memberships: Option<u32>,
    /// Seed of names, ids and memberships.
    pub seed: u64,
}

impl Default for Population {
    fn default() -> Self {
        Self { users: 240, groups: 31, memberships: None, seed: 7 }
    }
}

/// Why a practice tenant did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartProblem {
    /// Only loopback addresses are served.
    #[error("The practice tenant listens on loopback only; {0} is another address.")]
    NotLoopback(SocketAddr),
    /// A permission name that Microsoft Graph does not have as an application permission.
    #[error("Microsoft Graph has no application permission “{0}”.")]
    UnknownPermission(String),
    /// The client certificate is none that an app registration takes; the text says why.
    #[error("The certificate cannot be used. {0}")]
    Certificate(String),
    /// A page size or latency that cannot be meant.
    #[error(transparent)]
    Knob(#[from] KnobProblem),
    /// The port is taken, or the address does not exist.
    #[error("The practice tenant cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The throwaway certificate or signing key could not be made.
    #[error("The practice tenant's throwaway keys could not be made: {0}")]
    Keys(String),
}
