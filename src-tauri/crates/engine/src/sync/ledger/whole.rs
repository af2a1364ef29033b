//! A directory that was read from its start to its end takes the place of what was known.

use std::thread;

use rusqlite::Connection;

use super::{
    Held, Staging, StoreProblem,
    inserts::{Inserts, put},
    members,
    merge::{Difference, Keyed, merge},
    outcome::Log,
    queue::{Outgoing, queue},
    rows::{Compared, GroupRow, ObjectRow},
};
use crate::sync::staging::{PackedUser, UserBundle};

/// Writes the differences between what was read and what `earlier` shows. What was read is put in order by threads of
/// their own, while this one compares and writes. Tells how much there is then.
pub(super) fn replace(
    ledger: &Connection,
    earlier: &Connection,
    staging: &mut Staging,
    log: &mut Log<'_>,
) -> Result<Held, StoreProblem> {
    let (objects_staged, members_staged) = (staging.reader()?, staging.reader()?);
    let sorter = staging.user_sorter();
    let (to_users, users) = queue();
    let (to_groups, groups) = queue();
    let (to_memberships, memberships) = queue();
    thread::scope(|scope| {
        scope.spawn(move || {
            let sorted = |to: &mut Outgoing<'_, _>| {
                sorter.end(&objects_staged)?.try_for_each(|bundle| {
                    let bundle: UserBundle = bundle?;
                    let users = bundle.len();
                    to.push_weighing(bundle, users)
                })
            };
            to_users.send(sorted) && to_groups.send(|to| listed_groups(&objects_staged, to))
        });
        scope.spawn(move || to_memberships.send(|to| members::by_group(&members_staged, to)));
        Ok(Held {
            users: objects::<PackedUser>(ledger, earlier, one_by_one(users), log)?,
            groups: objects::<GroupRow>(ledger, earlier, groups, log)?,
            memberships: members::replace(ledger, earlier, memberships, log)?,
        })
    })
}

fn one_by_one<E>(
    mut bundles: impl Iterator<Item = Result<UserBundle, E>>,
) -> impl Iterator<Item = Result<PackedUser, E>> {
    let mut ready = None;
    std::iter::from_fn(move || {
        loop {
            if let Some(user) = ready.as_mut().and_then(Iterator::next) {
                return Some(Ok(user));
            }
            match bundles.next()? {
                Ok(bundle) => ready = Some(bundle.into_users()),
                Err(problem) => return Some(Err(problem)),
            }
        }
    })
}

fn listed_groups(staged: &Connection, to: &mut Outgoing<'_, GroupRow>) -> Result<(), StoreProblem> {
    let columns = GroupRow::COLUMNS;
    let mut select = staged.prepare(&format!("SELECT {columns} FROM groups_in ORDER BY id, rowid DESC"))?;
    select.query_map([], <GroupRow as ObjectRow>::read)?.try_for_each(|group| to.push(group?))
}

/// Of an object that came several times the first row counts, which was read last.
fn objects<R: Compared>(
    ledger: &Connection,
    earlier: &Connection,
    after: impl Iterator<Item = Result<R, StoreProblem>>,
    log: &mut Log<'_>,
) -> Result<u64, StoreProblem> {
    let (columns, table) = (R::Row::COLUMNS, R::TABLE);
    let mut before = earlier.prepare(&format!("SELECT {columns} FROM {table} ORDER BY id"))?;
    let before = before.query_map([], R::read)?.map(|row| Ok(row?));
    let mut inserts = Inserts::into(ledger);
    let rows = merge(before, after, |difference| {
        if log.compares() {
            let (old, new) = match &difference {
                Difference::Added(new) => (None, Some(new)),
                Difference::Updated(old, new) => (Some(*old), Some(new)),
                Difference::Removed(old) => (Some(*old), None),
            };
            let (old, new) = (old.map(R::row).transpose()?, new.map(R::row).transpose()?);
            let change = R::Row::change(old.as_deref(), new.as_deref());
            change.map_or(Ok(()), |entry| log.tell(&entry))?;
        }
        match difference {
            Difference::Added(new) => Ok(inserts.push(new)?),
            Difference::Updated(_, new) => Ok(put(ledger, &new)?),
            Difference::Removed(old) => Ok(R::Row::delete(ledger, old.row()?.key())?),
        }
    })?;
    inserts.end()?;
    Ok(rows)
}
