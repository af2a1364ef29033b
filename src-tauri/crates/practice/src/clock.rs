//! Time as a parameter: tokens, quota windows and certificates follow the clock that the caller hands in.

use jiff::Timestamp;

/// Tells the time to the practice tenant. Tests hand in a clock that they can move.
pub trait Clock: Send + Sync {
    /// The present moment, UTC.
    fn now(&self) -> Timestamp;
}

/// The clock of this computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where this crate reads the computer's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
