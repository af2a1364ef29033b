//! Ids and keys that are like no other.

use uuid::Uuid;
use zeroize::Zeroizing;

/// A new random id. Nothing that is tested depends on its value.
#[expect(clippy::disallowed_methods, reason = "the one place where the engine takes randomness for an id")]
pub(crate) fn id() -> Uuid {
    Uuid::new_v4()
}

/// Thirty-two random bytes from the system, for a new key.
///
/// # Errors
/// The system has no randomness to give, which is next to impossible.
pub(crate) fn seed() -> Result<Zeroizing<[u8; 32]>, getrandom::Error> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed)?;
    Ok(seed)
}
