//! Changes that Graph told since a link was taken, brought into what is known.
//!
//! They come in order, the same object many times, replays included, so each is applied as the state that it tells
//! of; only at the end what came of it is compared with what was there before.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, Row, params};

use super::{
    Staging, StoreProblem, count,
    inserts::put,
    members,
    outcome::{ChangeOf, ChangeWord, Entry, Log},
    pieces::{self, Memberships, StoredMember},
    rows::{GroupRow, ObjectRow, UserRow},
};
use crate::{
    access::fold,
    sync::staging::{
        PRESENT,
        packed::{Kind, ObjectId, PackedMember, unpack},
    },
};

const TOUCHED: &str = "
CREATE TEMP TABLE IF NOT EXISTS touched (kind TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS touched_pairs (
    group_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    was INTEGER NOT NULL,
    PRIMARY KEY (group_id, member_id)
) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;
DELETE FROM touched;
DELETE FROM touched_pairs;
DELETE FROM gone;
";

/// Members of one group that are brought in together; few in tests, so that they come to the limit.
const WAITING: usize = if cfg!(test) { 2 } else { 32 * 1024 };

/// Changes stand anywhere in the directory, and each of them is looked up several times.
const LARGER_CACHE: &str = "PRAGMA cache_size = -24576";

/// Applies the staged changes on top of what is in the ledger now, which this run may have written already. False when
/// there are none.
pub(super) fn bring_in(
    ledger: &Connection,
    earlier: &Connection,
    staging: &Staging,
    log: &mut Log<'_>,
    written: bool,
) -> Result<bool, StoreProblem> {
    let staged = "SELECT (SELECT count(*) FROM changed_users) + (SELECT count(*) FROM changed_groups)";
    if count(&staging.connection, staged)? == 0 {
        return Ok(false);
    }
    ledger.execute_batch(TOUCHED)?;
    ledger.execute_batch(LARGER_CACHE)?;
    earlier.execute_batch(LARGER_CACHE)?;
    let (before, now) = (Memberships::of(earlier)?, Memberships::of(ledger)?);
    let mut work = Work { ledger, earlier, before, now, waiting: BTreeMap::new(), log, written };
    work.users(staging)?;
    work.groups(staging)?;
    work.leave_with_the_gone()?;
    work.sum_up::<UserRow>()?;
    work.sum_up::<GroupRow>()?;
    work.sum_up_pairs()?;
    Ok(true)
}

struct Work<'a, 'b> {
    ledger: &'a Connection,
    earlier: &'a Connection,
    before: Memberships<'a>,
    now: Memberships<'a>,
    /// Members of one group, each as it was told last.
    waiting: BTreeMap<ObjectId, PackedMember>,
    log: &'a mut Log<'b>,
    /// The run has told something before.
    written: bool,
}

impl Work<'_, '_> {
    fn users(&mut self, staging: &Staging) -> Result<(), rusqlite::Error> {
        let mut select = staging.connection.prepare("SELECT * FROM changed_users ORDER BY number")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let id: String = row.get("id")?;
            self.touch::<UserRow>(&id)?;
            if row.get::<_, Option<String>>("removed")?.is_some() {
                self.gone::<UserRow>(&id)?;
                continue;
            }
            let known = UserRow::find(self.ledger, &id)?;
            self.keep(known.as_ref(), &patched_user(known.clone(), id, row)?)?;
        }
        Ok(())
    }

    fn groups(&mut self, staging: &Staging) -> Result<(), StoreProblem> {
        let mut select = staging.connection.prepare("SELECT * FROM changed_groups ORDER BY number")?;
        let mut rows = select.query([])?;
        let mut last = String::new();
        while let Some(row) = rows.next()? {
            let id: String = row.get("id")?;
            if id != last || self.waiting.len() > WAITING {
                self.bring_members(&last)?;
                last.clone_from(&id);
            }
            self.touch::<GroupRow>(&id)?;
            if row.get::<_, Option<String>>("removed")?.is_some() {
                self.bring_members(&id)?;
                self.gone::<GroupRow>(&id)?;
                self.empty(&id)?;
                continue;
            }
            let known = GroupRow::find(self.ledger, &id)?;
            self.keep(known.as_ref(), &patched_group(known.clone(), id, row)?)?;
            let packed = row.get_ref("packed")?.as_blob().map_err(rusqlite::Error::from)?;
            for member in unpack(packed) {
                let member = member.ok_or_else(members::damaged)?;
                self.waiting.insert(member.id.clone(), member);
            }
        }
        self.bring_members(&last)
    }

    /// A group comes also when only its members are different.
    fn keep<R: ObjectRow>(&self, known: Option<&R>, now: &R) -> Result<(), rusqlite::Error> {
        if known == Some(now) { Ok(()) } else { put(self.ledger, now) }
    }

    /// In the order of their ids, so that a piece of a large group is written once for all of them.
    fn bring_members(&mut self, of: &str) -> Result<(), StoreProblem> {
        for member in std::mem::take(&mut self.waiting).into_values() {
            self.member(of, member)?;
        }
        Ok(self.now.write()?)
    }

    fn member(&mut self, group: &str, member: PackedMember) -> Result<(), rusqlite::Error> {
        let PackedMember { id, mut kind, removed } = member;
        self.touch_pair(group, &id)?;
        if removed {
            return self.now.remove(group, &id);
        }
        if kind.name().is_empty() {
            kind = Kind::named(members::kind_of(self.ledger, &id)?);
        }
        self.now.put(group, StoredMember { id, kind })
    }

    /// Before the first change of an object: what the run has told of it so far is taken back, and told anew at the end.
    fn touch<R: ObjectRow>(&mut self, id: &str) -> Result<(), rusqlite::Error> {
        let mut insert = self.ledger.prepare_cached("INSERT OR IGNORE INTO touched VALUES (?1, ?2)")?;
        if insert.execute([R::OF.text(), id])? > 0 && self.written {
            let (before, now) = (R::find(self.earlier, id)?, R::find(self.ledger, id)?);
            if let Some(entry) = R::change(before.as_ref(), now.as_ref()) {
                self.log.take_back(&entry)?;
            }
        }
        Ok(())
    }

    fn touch_pair(&mut self, group: &str, member: &ObjectId) -> Result<(), rusqlite::Error> {
        let mut buffer = uuid::Uuid::encode_buffer();
        let (id, member) = (member, member.text(&mut buffer));
        let touched = "SELECT 1 FROM touched_pairs WHERE group_id = ?1 AND member_id = ?2";
        if self.ledger.prepare_cached(touched)?.exists([group, member])? {
            return Ok(());
        }
        let now = self.now.has(group, id)?;
        let was = if self.written { self.before.has(group, id)? } else { now };
        self.ledger
            .prepare_cached("INSERT INTO touched_pairs VALUES (?1, ?2, ?3)")?
            .execute(params![group, member, was])?;
        pair_change(was, now).map_or(Ok(()), |word| self.log.take_back(&pair(word, group, member)))
    }

    fn gone<R: ObjectRow>(&mut self, id: &str) -> Result<(), rusqlite::Error> {
        R::delete(self.ledger, id)?;
        self.ledger.prepare_cached("INSERT OR IGNORE INTO gone VALUES (?1)")?.execute([id])?;
        Ok(())
    }

    /// A group that is gone has no members.
    fn empty(&mut self, group: &str) -> Result<(), StoreProblem> {
        let mut select =
            self.ledger.prepare_cached("SELECT member_id FROM memberships WHERE group_id = ?1")?;
        let mut members = select.query([group])?;
        while let Some(row) = members.next()? {
            self.touch_pair(group, &ObjectId::new(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?))?;
        }
        Ok(self.now.empty(group)?)
    }

    /// Who is gone is a member of nothing, whether or not the groups were told of it. One walk for all of them.
    fn leave_with_the_gone(&mut self) -> Result<(), StoreProblem> {
        // Somebody who was removed and came back within one run is not gone.
        self.ledger.execute_batch(
            "DELETE FROM gone WHERE EXISTS (SELECT 1 FROM users WHERE users.id = gone.id)
                OR EXISTS (SELECT 1 FROM groups WHERE groups.id = gone.id)",
        )?;
        let mut select = self.ledger.prepare("SELECT id FROM gone")?;
        let gone = select.query_map([], |row| Ok(ObjectId::new(row.get_ref(0)?.as_str()?)))?;
        let gone: HashSet<ObjectId> = gone.collect::<Result<_, _>>()?;
        if gone.is_empty() {
            return Ok(());
        }
        let mut pairs = Vec::new();
        pieces::each(self.ledger, |group, members| {
            let gone = members.into_iter().filter(|member| gone.contains(&member.id));
            pairs.extend(gone.map(|member| (group.to_owned(), member.id)));
            Ok(())
        })?;
        for (group, member) in pairs {
            self.touch_pair(&group, &member)?;
            self.now.remove(&group, &member)?;
        }
        Ok(self.now.write()?)
    }

    fn sum_up<R: ObjectRow>(&mut self) -> Result<(), rusqlite::Error> {
        let mut select = self.ledger.prepare("SELECT id FROM touched WHERE kind = ?1")?;
        let mut rows = select.query([R::OF.text()])?;
        while let Some(row) = rows.next()? {
            let id = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let (before, now) = (R::find(self.earlier, id)?, R::find(self.ledger, id)?);
            if let Some(entry) = R::change(before.as_ref(), now.as_ref()) {
                self.log.tell(&entry)?;
            }
        }
        Ok(())
    }

    fn sum_up_pairs(&mut self) -> Result<(), rusqlite::Error> {
        let mut select = self.ledger.prepare("SELECT group_id, member_id, was FROM touched_pairs")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let group = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
            let member = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            if let Some(word) = pair_change(row.get(2)?, self.now.has(group, &ObjectId::new(member))?) {
                self.log.tell(&pair(word, group, member))?;
            }
        }
        Ok(())
    }
}

fn pair_change(was: bool, now: bool) -> Option<ChangeWord> {
    match (was, now) {
        (false, true) => Some(ChangeWord::Added),
        (true, false) => Some(ChangeWord::Removed),
        _ => None,
    }
}

fn pair<'a>(word: ChangeWord, group: &'a str, member: &'a str) -> Entry<'a> {
    Entry { of: ChangeOf::Membership, word, id: member, name: None, group_id: Some(group) }
}

/// The row with the fields that the change named; what it did not name stays as it was.
fn patched_user(known: Option<UserRow>, id: String, change: &Row<'_>) -> Result<UserRow, rusqlite::Error> {
    let present: u32 = change.get("present")?;
    let mut user = known.unwrap_or(UserRow {
        id,
        user_principal_name: None,
        display_name: None,
        mail: None,
        account_enabled: None,
        user_type: None,
    });
    if PRESENT.has(present, 0) {
        user.user_principal_name = change.get("user_principal_name")?;
    }
    if PRESENT.has(present, 1) {
        user.display_name = change.get("display_name")?;
    }
    if PRESENT.has(present, 2) {
        user.mail = change.get("mail")?;
    }
    if PRESENT.has(present, 3) {
        user.account_enabled = change.get("account_enabled")?;
    }
    if PRESENT.has(present, 4) {
        user.user_type = change.get("user_type")?;
    }
    Ok(user)
}

fn patched_group(known: Option<GroupRow>, id: String, change: &Row<'_>) -> Result<GroupRow, rusqlite::Error> {
    let present: u32 = change.get("present")?;
    let mut group = known.unwrap_or(GroupRow {
        id,
        display_name: None,
        mail: None,
        security_enabled: None,
        visibility: None,
        group_types: String::new(),
        folded_name: String::new(),
    });
    if PRESENT.has(present, 0) {
        group.display_name = change.get("display_name")?;
        group.folded_name = fold(group.display_name.as_deref().unwrap_or_default());
    }
    if PRESENT.has(present, 1) {
        group.mail = change.get("mail")?;
    }
    if PRESENT.has(present, 2) {
        group.security_enabled = change.get("security_enabled")?;
    }
    if PRESENT.has(present, 3) {
        group.visibility = change.get("visibility")?;
    }
    if PRESENT.has(present, 4) {
        group.group_types = change.get::<_, Option<String>>("group_types")?.unwrap_or_default();
    }
    Ok(group)
}
