//! A directory that was read from its start to its end takes the place of what was known.

use std::thread;

use rusqlite::Connection;

use super::{
    Held, Staging, StoreProblem,
    inserts::Inserts,
    members,
    merge::{Difference, merge},
    outcome::Log,
    queue::{Outgoing, queue},
    rows::{GroupRow, ObjectRow, UserRow},
};
use crate::sync::staging::{PackedUser, SortedUsers};

/// Writes the differences between what was read and what `earlier` shows. What was read is put in order by a thread of
/// its own, while this one compares and writes. Tells how much there is then.
pub(super) fn replace(
    ledger: &Connection,
    earlier: &Connection,
    staging: &Staging,
    log: &mut Log<'_>,
) -> Result<Held, StoreProblem> {
    let (staged, folder) = (staging.reader()?, staging.folder());
    let (to_users, users) = queue();
    let (to_groups, groups) = queue();
    let (to_memberships, memberships) = queue();
    thread::scope(|scope| {
        scope.spawn(move || {
            let sorted = |to: &mut Outgoing<'_, _>| {
                SortedUsers::read(&staged, folder)?.try_for_each(|user| to.push(user?))
            };
            to_users.send(sorted)
                && to_groups.send(|to| listed_groups(&staged, to))
                && to_memberships.send(|to| members::by_group(&staged, to))
        });
        let users = users.map(|user: Result<PackedUser, _>| Ok(UserRow::from(user?.unpack()?)));
        Ok(Held {
            users: objects(ledger, earlier, users, log)?,
            groups: objects::<GroupRow>(ledger, earlier, groups, log)?,
            memberships: members::replace(ledger, earlier, memberships, log)?,
        })
    })
}

fn listed_groups(staged: &Connection, to: &mut Outgoing<'_, GroupRow>) -> Result<(), StoreProblem> {
    let columns = GroupRow::COLUMNS;
    let mut select = staged.prepare(&format!("SELECT {columns} FROM groups_in ORDER BY id, rowid DESC"))?;
    select.query_map([], GroupRow::read)?.try_for_each(|group| to.push(group?))
}

/// Of an object that came several times the first row counts, which was read last.
fn objects<R: ObjectRow>(
    ledger: &Connection,
    earlier: &Connection,
    after: impl Iterator<Item = Result<R, StoreProblem>>,
    log: &mut Log<'_>,
) -> Result<u64, StoreProblem> {
    let mut before = earlier.prepare(&format!("SELECT {} FROM {} ORDER BY id", R::COLUMNS, R::TABLE))?;
    let before = before.query_map([], R::read)?.map(|row| Ok(row?));
    let mut inserts = Inserts::into(ledger);
    let rows = merge(before, after, |difference| {
        let change = match &difference {
            Difference::Added(new) => R::change(None, Some(new)),
            Difference::Updated(old, new) => R::change(Some(old), Some(new)),
            Difference::Removed(old) => R::change(Some(old), None),
        };
        change.map_or(Ok(()), |entry| log.tell(&entry))?;
        match difference {
            Difference::Added(new) | Difference::Updated(_, new) => Ok(inserts.push(new)?),
            Difference::Removed(old) => Ok(R::delete(ledger, old.key())?),
        }
    })?;
    inserts.end()?;
    Ok(rows)
}
