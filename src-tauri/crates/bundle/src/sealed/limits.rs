//! How much a bundle may hold. All sizes are in bytes.

/// The most files in one bundle, without the manifest, its signature and the hashes.
pub const MAX_FILES: usize = 64;
/// The most that one file may hold: 1 MiB.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;
/// The most that all files together may hold: 4 MiB.
pub const MAX_ALL_BYTES: usize = 4 * 1024 * 1024;
/// The most that the sealed file may hold: 5 MiB. Whoever reads one from a disk or a network stops there.
pub const MAX_SEALED_BYTES: usize = 5 * 1024 * 1024;

/// The most that the manifest, or the hashes, may hold.
pub(crate) const MAX_MANIFEST_BYTES: usize = 64 * 1024;
/// The most that a signature may hold.
pub(crate) const MAX_SIGNATURE_BYTES: usize = 4 * 1024;
/// The most that the header of an age file may hold before its payload begins.
pub(crate) const MAX_HEADER_BYTES: usize = 16 * 1024;
