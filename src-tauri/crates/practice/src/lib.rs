//! The practice tenant: a local Entra ID and Microsoft Graph over HTTPS on loopback.
//!
//! It shares no code with the client that it tests, listens on loopback only, keeps everything in memory, and marks
//! every answer with `x-gatehouse-practice: 1`. The README says what it emulates and where it misbehaves on purpose.
//!
//! ```no_run
//! # async fn run() -> Result<(), practice::StartProblem> {
//! let practice = practice::start(practice::Options::default()).await?;
//! let facts = practice.facts();
//! assert!(facts.authority.starts_with("https://localhost:"));
//! practice.stop().await;
//! # Ok(())
//! # }
//! ```

mod authority;
mod certificate;
mod changes;
mod clock;
mod control;
mod facts;
mod graph;
mod http;
mod knobs;
mod network;
mod options;
mod pages;
mod permissions;
mod population;
mod registration;
mod scenario;
mod secrets;
mod server;
mod sessions;
mod state;
mod tls;

pub use changes::{ChangeProblem, Changes, Totals};
pub use clock::{Clock, SystemClock};
pub use facts::{Account, Facts};
pub use knobs::{KnobProblem, Knobs, RetryAfter};
pub use options::{Options, Population, StartProblem};
pub use scenario::{Scenario, UnknownScenario};
pub use secrets::{MadeSecret, NewSecret};
pub use server::{Practice, start};
