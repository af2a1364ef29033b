//! The tables of a ledger.

/// Version of the tables, kept in SQLite's `user_version`.
pub(crate) const SCHEMA_VERSION: i64 = 4;

/// The directory as it is known, `run` with the result that it stands for, and what the next run needs; `held` tells how
/// many rows there are, because counting them takes as long as reading them all. `folded_name`
/// is the display name as searches compare it; `groups_listed` in `run` tells that the list of groups was read to its
/// end, whatever else is missing. `members` holds the memberships in pieces: a JSON object has the type of each member by
/// its id. The partial indexes make nested groups and members without a type quick to find.
pub(crate) const TABLES: &str = "
CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    user_principal_name TEXT,
    display_name TEXT,
    mail TEXT,
    account_enabled INTEGER,
    user_type TEXT
) WITHOUT ROWID;
CREATE TABLE groups (
    id TEXT PRIMARY KEY NOT NULL,
    display_name TEXT,
    mail TEXT,
    security_enabled INTEGER,
    visibility TEXT,
    group_types TEXT NOT NULL,
    folded_name TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE members (
    group_id TEXT NOT NULL,
    first_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    nested_groups INTEGER NOT NULL,
    untyped INTEGER NOT NULL,
    members TEXT NOT NULL,
    UNIQUE (group_id, first_id)
);
CREATE VIEW memberships (group_id, member_id, member_type) AS
    SELECT group_id, member.key, member.value FROM members, json_each(members.members) AS member;
CREATE INDEX groups_by_folded_name ON groups (folded_name);
CREATE INDEX members_with_groups ON members (group_id) WHERE nested_groups > 0;
CREATE INDEX members_without_type ON members (group_id) WHERE untyped > 0;
CREATE TABLE run (
    complete INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    users_read INTEGER NOT NULL,
    users_counted INTEGER,
    groups_read INTEGER NOT NULL,
    groups_counted INTEGER,
    groups_listed INTEGER NOT NULL,
    memberships_read INTEGER NOT NULL,
    memberships_counted INTEGER,
    groups_unread INTEGER NOT NULL,
    hidden_groups INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    throttled INTEGER NOT NULL,
    resource_units REAL NOT NULL,
    seconds REAL NOT NULL,
    fault TEXT
);
CREATE TABLE held (users INTEGER NOT NULL, groups INTEGER NOT NULL, memberships INTEGER NOT NULL);
CREATE TABLE owner (identity TEXT NOT NULL);
CREATE TABLE watermarks (list TEXT PRIMARY KEY NOT NULL, link TEXT NOT NULL, taken_at TEXT NOT NULL);
CREATE TABLE changes (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    change TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    group_id TEXT,
    group_name TEXT
);
";

/// The tables that a copy for others has.
pub(super) const SHARED: [&str; 4] = ["users", "groups", "memberships", "run"];

/// What a copy for others has no use for, and its memberships: one row each.
pub(super) const FOR_OTHERS: &str = "
DROP TABLE held;
DROP TABLE owner;
DROP TABLE watermarks;
DROP TABLE changes;
DROP VIEW memberships;
DROP TABLE members;
CREATE TABLE memberships (
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    member_type TEXT NOT NULL,
    PRIMARY KEY (group_id, member_id)
) WITHOUT ROWID;
CREATE INDEX nested_groups ON memberships (group_id, member_id) WHERE member_type = 'group';
";

/// What is committed survives the end of the program and of the power.
pub(super) const SETTINGS: &str = "
PRAGMA page_size = 8192;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA cache_size = -16384;
PRAGMA busy_timeout = 5000;
";
