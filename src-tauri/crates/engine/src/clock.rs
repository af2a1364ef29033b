//! Time as a parameter.

use jiff::Timestamp;

/// Where the engine takes the time from; tests bring their own.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The computer's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the engine reads the computer's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
