//! Ids that are like no other.

use uuid::Uuid;

/// A new random id. Nothing that is tested depends on its value.
#[expect(clippy::disallowed_methods, reason = "the one place where the engine takes randomness for an id")]
pub(crate) fn id() -> Uuid {
    Uuid::new_v4()
}
