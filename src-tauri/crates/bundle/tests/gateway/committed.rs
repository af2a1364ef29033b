//! The files that stand beside the crate, and how the tests compare with them.

use std::path::Path;

/// The example of `FORMAT.md`.
pub(crate) const EXAMPLE: &str = include_str!("../../gateway.example.json");

/// Compares with a committed file, or rewrites it when `UPDATE_SNAPSHOTS` is set.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of these tests that reads the environment and writes"
)]
pub(crate) fn assert_same_as_file(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, actual).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default().replace("\r\n", "\n");
    assert_eq!(committed, actual, "{} is stale; run again with UPDATE_SNAPSHOTS=1", path.display());
}
