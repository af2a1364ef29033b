//! Rows as they are appended to the staging file.

use entra::{Group, GroupChange, Removed, UserChange};
use rusqlite::{Transaction, params};

use super::{
    Arrived, List, MembersRead, Onward, PRESENT, Rows, Settled, StoreProblem, packed::pack,
    people::pack_users, sorting::UserSorter,
};
use crate::access::fold;

pub(super) fn insert(
    into: &Transaction<'_>,
    rows: Rows,
    arrived: &mut Arrived,
    sorter: &mut UserSorter,
) -> Result<(), StoreProblem> {
    match rows {
        Rows::Users { list, page, onward } => {
            arrived.users += page.len() as u64;
            let packed = pack_users(&page);
            into.prepare_cached("INSERT INTO users_in VALUES (?1, ?2)")?
                .execute(params![page.len(), packed])?;
            sorter.push(&packed)?;
            go_on(into, &list, &onward)?;
        }
        Rows::Groups { page, onward } => {
            arrived.groups += page.len() as u64;
            groups(into, &page)?;
            go_on(into, &List::Groups, &onward)?;
        }
        Rows::Members(read) => {
            for page in read {
                arrived.members += page.members.len() as u64;
                members(into, &page)?;
            }
        }
        Rows::ChangedUsers { page, onward } => {
            arrived.changes += page.len() as u64;
            changed_users(into, &page)?;
            go_on_with_changes(into, &List::ChangedUsers, "users", &onward)?;
        }
        Rows::ChangedGroups { page, onward } => {
            arrived.changes += page.len() as u64;
            changed_groups(into, &page)?;
            go_on_with_changes(into, &List::ChangedGroups, "groups", &onward)?;
        }
        Rows::Links(links) => {
            let taken_at = links.taken_at.unwrap_or_default().to_string();
            for (list, link) in [("users", links.users), ("groups", links.groups)] {
                let Some(link) = link else { continue };
                into.execute(
                    "INSERT OR REPLACE INTO links VALUES (?1, ?2, ?3)",
                    params![list, link, taken_at],
                )?;
            }
        }
        Rows::Gone(ids) => {
            for id in ids {
                into.execute("DELETE FROM groups_in WHERE id = ?1", [&id])?;
                into.execute("DELETE FROM members_in WHERE group_id = ?1", [&id])?;
            }
        }
    }
    Ok(())
}

fn groups(into: &Transaction<'_>, page: &[Group]) -> Result<(), rusqlite::Error> {
    let mut insert = into.prepare_cached("INSERT INTO groups_in VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for group in page {
        insert.execute(params![
            group.id,
            group.display_name,
            group.mail,
            group.security_enabled,
            group.visibility,
            group.group_types.join(","),
            fold(group.display_name.as_deref().unwrap_or_default()),
        ])?;
    }
    Ok(())
}

fn members(into: &Transaction<'_>, page: &MembersRead) -> Result<(), rusqlite::Error> {
    let mut packed = Vec::with_capacity(page.members.len() * 17);
    for member in &page.members {
        pack(&mut packed, &member.id, &member.kind, false);
    }
    let state = match page.settled {
        Settled::Read => "read",
        Settled::Hidden => "hidden",
        Settled::Open => "open",
    };
    into.prepare_cached("INSERT INTO members_in VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        page.group_id,
        state,
        page.next,
        packed
    ])?;
    Ok(())
}

fn changed_users(into: &Transaction<'_>, page: &[UserChange]) -> Result<(), rusqlite::Error> {
    let mut insert =
        into.prepare_cached("INSERT INTO changed_users VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for user in page {
        let present = PRESENT.of(&[
            user.user_principal_name.is_some(),
            user.display_name.is_some(),
            user.mail.is_some(),
            user.account_enabled.is_some(),
            user.user_type.is_some(),
        ]);
        insert.execute(params![
            user.id,
            user.removed.map(reason),
            present,
            user.user_principal_name.as_ref().and_then(Option::as_ref),
            user.display_name.as_ref().and_then(Option::as_ref),
            user.mail.as_ref().and_then(Option::as_ref),
            user.account_enabled.flatten(),
            user.user_type.as_ref().and_then(Option::as_ref),
        ])?;
    }
    Ok(())
}

fn changed_groups(into: &Transaction<'_>, page: &[GroupChange]) -> Result<(), rusqlite::Error> {
    let mut insert =
        into.prepare_cached("INSERT INTO changed_groups VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for group in page {
        let present = PRESENT.of(&[
            group.display_name.is_some(),
            group.mail.is_some(),
            group.security_enabled.is_some(),
            group.visibility.is_some(),
            group.group_types.is_some(),
        ]);
        let mut packed = Vec::with_capacity(group.members.len() * 17);
        for member in &group.members {
            pack(&mut packed, &member.id, &member.kind, member.removed);
        }
        insert.execute(params![
            group.id,
            group.removed.map(reason),
            present,
            group.display_name.as_ref().and_then(Option::as_ref),
            group.mail.as_ref().and_then(Option::as_ref),
            group.security_enabled.flatten(),
            group.visibility.as_ref().and_then(Option::as_ref),
            group.group_types.as_ref().map(|types| types.join(",")),
            packed,
        ])?;
    }
    Ok(())
}

fn reason(removed: Removed) -> &'static str {
    match removed {
        Removed::Changed => "changed",
        Removed::Deleted => "deleted",
    }
}

fn go_on(into: &Transaction<'_>, list: &List, onward: &Onward) -> Result<(), rusqlite::Error> {
    let (next, done) = match onward {
        Onward::Page(link) => (Some(link.as_str()), false),
        Onward::End(_) => (None, true),
        Onward::Nowhere => return Ok(()),
    };
    into.prepare_cached("INSERT OR REPLACE INTO places VALUES (?1, ?2, ?3)")?.execute(params![
        list.name(),
        next,
        done
    ])?;
    Ok(())
}

/// The end of a list of changes brings the link for the next time.
fn go_on_with_changes(
    into: &Transaction<'_>,
    list: &List,
    of: &str,
    onward: &Onward,
) -> Result<(), rusqlite::Error> {
    go_on(into, list, onward)?;
    if let Onward::End(Some(link)) = onward {
        into.execute("UPDATE links SET link = ?2 WHERE list = ?1", params![of, link])?;
    }
    Ok(())
}
