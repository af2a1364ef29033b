//! What stands in the file of a run under way.

/// Version of the tables, kept in SQLite's `user_version`.
pub(super) const VERSION: i64 = 3;

/// Pages are appended and never sought, so that they cost little. `places` tells where to go on, `links` holds
/// the delta links that belong to what was read. Of a group the newest page tells how far its members were read.
/// `present` has a bit for each field that a change named.
pub(super) const TABLES: &str = "
CREATE TABLE about (identity TEXT NOT NULL, base TEXT NOT NULL, began_at TEXT NOT NULL);
CREATE TABLE places (list TEXT PRIMARY KEY NOT NULL, next TEXT, done INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE links (list TEXT PRIMARY KEY NOT NULL, link TEXT NOT NULL, taken_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE users_in (users INTEGER NOT NULL, packed BLOB NOT NULL);
CREATE TABLE groups_in (
    id TEXT NOT NULL,
    display_name TEXT,
    mail TEXT,
    security_enabled INTEGER,
    visibility TEXT,
    group_types TEXT NOT NULL,
    folded_name TEXT NOT NULL
);
CREATE TABLE members_in (group_id TEXT NOT NULL, state TEXT NOT NULL, next TEXT, packed BLOB NOT NULL);
CREATE TABLE changed_users (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    removed TEXT,
    present INTEGER NOT NULL,
    user_principal_name TEXT,
    display_name TEXT,
    mail TEXT,
    account_enabled INTEGER,
    user_type TEXT
);
CREATE TABLE changed_groups (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    removed TEXT,
    present INTEGER NOT NULL,
    display_name TEXT,
    mail TEXT,
    security_enabled INTEGER,
    visibility TEXT,
    group_types TEXT,
    packed BLOB NOT NULL
);
";

/// A commit waits for no disk, so a page is safe from the end of the program at once. The end of the power may take the
/// newest pages, never some in the middle: the log tells by its checksums where it ends. The log of most directories is
/// never copied into the file, which is removed at the end anyway. Sorting takes its room from the cache and then from
/// files.
pub(super) const SETTINGS: &str = "
PRAGMA page_size = 8192;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 16384;
PRAGMA cache_size = -8192;
PRAGMA busy_timeout = 5000;
";

/// Which fields a change named, as bits in the order of its table.
pub(in crate::sync) struct Present;

/// See [`Present`].
pub(in crate::sync) const PRESENT: Present = Present;

impl Present {
    pub(in crate::sync) fn of(&self, named: &[bool]) -> u32 {
        named.iter().enumerate().fold(0, |bits, (place, named)| bits | (u32::from(*named) << place))
    }

    pub(in crate::sync) fn has(&self, bits: u32, place: usize) -> bool {
        bits & (1 << place) > 0
    }
}
