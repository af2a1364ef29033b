//! A directory that was read from its start to its end takes the place of what was known.

use rusqlite::Connection;

use super::{
    Staging, StoreProblem, members,
    merge::{Difference, merge},
    outcome::Log,
    rows::{GroupRow, ObjectRow, UserRow},
};

/// Writes the differences between what was read and what `earlier` shows.
pub(super) fn replace(
    ledger: &Connection,
    earlier: &Connection,
    staging: &Staging,
    log: &mut Log<'_>,
) -> Result<(), StoreProblem> {
    objects::<UserRow>(ledger, earlier, staging, log)?;
    objects::<GroupRow>(ledger, earlier, staging, log)?;
    members::replace(ledger, earlier, staging, log)
}

/// Of an object that came several times the last one counts: it was read last.
fn objects<R: ObjectRow>(
    ledger: &Connection,
    earlier: &Connection,
    staging: &Staging,
    log: &mut Log<'_>,
) -> Result<(), StoreProblem> {
    let (table, columns) = (R::TABLE, R::COLUMNS);
    let mut before = earlier.prepare(&format!("SELECT {columns} FROM {table} ORDER BY id"))?;
    let mut after =
        staging.connection.prepare(&format!("SELECT {columns} FROM {table}_in ORDER BY id, rowid DESC"))?;
    let before = before.query_map([], R::read)?;
    let after = after.query_map([], R::read)?;
    merge(before, after, |difference| match difference {
        Difference::Added(new) => {
            new.put(ledger)?;
            R::change(None, Some(new)).map_or(Ok(()), |entry| log.tell(&entry))
        }
        Difference::Updated(old, new) => {
            new.put(ledger)?;
            R::change(Some(old), Some(new)).map_or(Ok(()), |entry| log.tell(&entry))
        }
        Difference::Removed(old) => {
            R::delete(ledger, old.key())?;
            R::change(Some(old), None).map_or(Ok(()), |entry| log.tell(&entry))
        }
    })?;
    Ok(())
}
