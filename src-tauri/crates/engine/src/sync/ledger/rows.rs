//! The rows of a directory as they are compared.

use rusqlite::{Connection, Row, ToSql, params};

use super::{
    merge::Keyed,
    outcome::{ChangeOf, ChangeWord, Entry},
};

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UserRow {
    pub(super) id: String,
    pub(super) user_principal_name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) mail: Option<String>,
    pub(super) account_enabled: Option<bool>,
    pub(super) user_type: Option<String>,
}

/// A row of `groups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GroupRow {
    pub(super) id: String,
    pub(super) display_name: Option<String>,
    pub(super) mail: Option<String>,
    pub(super) security_enabled: Option<bool>,
    pub(super) visibility: Option<String>,
    pub(super) group_types: String,
    pub(super) folded_name: String,
}

/// A table whose rows have an id of their own.
pub(super) trait ObjectRow: Keyed<Key = str> + Sized {
    const OF: ChangeOf;
    const TABLE: &'static str;
    /// The columns in the order in which rows are read and written.
    const COLUMNS: &'static str;
    const PLACES: &'static str;

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error>;
    fn write(&self, statement: &mut rusqlite::Statement<'_>) -> Result<usize, rusqlite::Error>;
    fn name(&self) -> Option<&str>;
    /// What happened to a row that is different now.
    fn word(&self, now: &Self) -> ChangeWord;

    fn put(&self, ledger: &Connection) -> Result<(), rusqlite::Error> {
        let sql = format!("INSERT OR REPLACE INTO {} VALUES ({})", Self::TABLE, Self::PLACES);
        self.write(&mut *ledger.prepare_cached(&sql)?)?;
        Ok(())
    }

    fn delete(ledger: &Connection, id: &str) -> Result<(), rusqlite::Error> {
        ledger.prepare_cached(&format!("DELETE FROM {} WHERE id = ?1", Self::TABLE))?.execute([id])?;
        Ok(())
    }

    fn find(ledger: &Connection, id: &str) -> Result<Option<Self>, rusqlite::Error> {
        use rusqlite::OptionalExtension;
        let sql = format!("SELECT {} FROM {} WHERE id = ?1", Self::COLUMNS, Self::TABLE);
        ledger.prepare_cached(&sql)?.query_row([id], Self::read).optional()
    }

    fn entry(&self, word: ChangeWord) -> Entry<'_> {
        Entry { of: Self::OF, word, id: self.key(), name: self.name(), group_id: None }
    }

    /// The change from one state to another; none when nothing is different.
    fn change<'a>(before: Option<&'a Self>, after: Option<&'a Self>) -> Option<Entry<'a>> {
        match (before, after) {
            (None, Some(new)) => Some(new.entry(ChangeWord::Added)),
            (Some(old), None) => Some(old.entry(ChangeWord::Removed)),
            (Some(old), Some(new)) if old != new => Some(new.entry(old.word(new))),
            _ => None,
        }
    }
}

impl Keyed for UserRow {
    type Key = str;

    fn key(&self) -> &str {
        &self.id
    }
}

impl Keyed for GroupRow {
    type Key = str;

    fn key(&self) -> &str {
        &self.id
    }
}

impl ObjectRow for UserRow {
    const OF: ChangeOf = ChangeOf::User;
    const TABLE: &'static str = "users";
    const COLUMNS: &'static str = "id, user_principal_name, display_name, mail, account_enabled, user_type";
    const PLACES: &'static str = "?1, ?2, ?3, ?4, ?5, ?6";

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            user_principal_name: row.get(1)?,
            display_name: row.get(2)?,
            mail: row.get(3)?,
            account_enabled: row.get(4)?,
            user_type: row.get(5)?,
        })
    }

    fn write(&self, statement: &mut rusqlite::Statement<'_>) -> Result<usize, rusqlite::Error> {
        statement.execute(params![
            self.id,
            self.user_principal_name,
            self.display_name,
            self.mail,
            self.account_enabled,
            self.user_type
        ])
    }

    fn name(&self) -> Option<&str> {
        self.display_name.as_deref().or(self.user_principal_name.as_deref())
    }

    fn word(&self, now: &Self) -> ChangeWord {
        match (self.account_enabled, now.account_enabled) {
            (Some(true) | None, Some(false)) => ChangeWord::Disabled,
            (Some(false), Some(true)) => ChangeWord::Enabled,
            _ => ChangeWord::Updated,
        }
    }
}

impl ObjectRow for GroupRow {
    const OF: ChangeOf = ChangeOf::Group;
    const TABLE: &'static str = "groups";
    const COLUMNS: &'static str =
        "id, display_name, mail, security_enabled, visibility, group_types, folded_name";
    const PLACES: &'static str = "?1, ?2, ?3, ?4, ?5, ?6, ?7";

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        Ok(Self {
            id: row.get(0)?,
            display_name: row.get(1)?,
            mail: row.get(2)?,
            security_enabled: row.get(3)?,
            visibility: row.get(4)?,
            group_types: row.get(5)?,
            folded_name: row.get(6)?,
        })
    }

    fn write(&self, statement: &mut rusqlite::Statement<'_>) -> Result<usize, rusqlite::Error> {
        let columns: [&dyn ToSql; 7] = [
            &self.id,
            &self.display_name,
            &self.mail,
            &self.security_enabled,
            &self.visibility,
            &self.group_types,
            &self.folded_name,
        ];
        statement.execute(columns)
    }

    fn name(&self) -> Option<&str> {
        self.display_name.as_deref()
    }

    fn word(&self, _: &Self) -> ChangeWord {
        ChangeWord::Updated
    }
}
