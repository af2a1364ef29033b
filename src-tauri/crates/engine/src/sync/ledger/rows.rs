//! The rows of a directory as they are compared.

use std::borrow::Cow;

use rusqlite::{Connection, Row, Statement};

use super::{
    StoreProblem,
    inserts::Inserted,
    members::damaged,
    merge::Keyed,
    outcome::{ChangeOf, ChangeWord, Entry},
};
use crate::sync::staging::{PackedUser, UserFields, packed::ObjectId};

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
pub(super) trait ObjectRow: Keyed<Key = str> + Inserted + Send + Sized {
    const OF: ChangeOf;
    /// The columns in the order in which rows are read and written.
    const COLUMNS: &'static str;

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error>;
    fn name(&self) -> Option<&str>;
    /// What happened to a row that is different now.
    fn word(&self, now: &Self) -> ChangeWord;

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

/// A row as all rows of a table are compared.
pub(super) trait Compared: Keyed + Inserted + Sized {
    type Row: ObjectRow + Clone;

    /// Reads the columns of [`ObjectRow::COLUMNS`].
    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error>;
    fn row(&self) -> Result<Cow<'_, Self::Row>, StoreProblem>;
}

impl Keyed for UserRow {
    type Key = str;

    fn key(&self) -> &str {
        &self.id
    }
}

impl Keyed for PackedUser {
    type Key = ObjectId;

    fn key(&self) -> &ObjectId {
        self.id()
    }
}

impl Keyed for GroupRow {
    type Key = str;

    fn key(&self) -> &str {
        &self.id
    }
}

impl Inserted for UserRow {
    const TABLE: &'static str = "users";
    const WIDTH: usize = 6;

    fn bind(&self, statement: &mut Statement<'_>, first: usize) -> Result<(), rusqlite::Error> {
        statement.raw_bind_parameter(first, &self.id)?;
        statement.raw_bind_parameter(first + 1, &self.user_principal_name)?;
        statement.raw_bind_parameter(first + 2, &self.display_name)?;
        statement.raw_bind_parameter(first + 3, &self.mail)?;
        statement.raw_bind_parameter(first + 4, self.account_enabled)?;
        statement.raw_bind_parameter(first + 5, &self.user_type)
    }
}

impl Inserted for PackedUser {
    const TABLE: &'static str = UserRow::TABLE;
    const WIDTH: usize = UserRow::WIDTH;

    fn bind(&self, statement: &mut Statement<'_>, first: usize) -> Result<(), rusqlite::Error> {
        let fields = self.fields().map_err(|_| damaged())?;
        statement.raw_bind_parameter(first, self.id().text(&mut uuid::Uuid::encode_buffer()))?;
        statement.raw_bind_parameter(first + 1, fields.user_principal_name)?;
        statement.raw_bind_parameter(first + 2, fields.display_name)?;
        statement.raw_bind_parameter(first + 3, fields.mail)?;
        statement.raw_bind_parameter(first + 4, fields.account_enabled)?;
        statement.raw_bind_parameter(first + 5, fields.user_type)
    }
}

impl Inserted for GroupRow {
    const TABLE: &'static str = "groups";
    const WIDTH: usize = 7;

    fn bind(&self, statement: &mut Statement<'_>, first: usize) -> Result<(), rusqlite::Error> {
        statement.raw_bind_parameter(first, &self.id)?;
        statement.raw_bind_parameter(first + 1, &self.display_name)?;
        statement.raw_bind_parameter(first + 2, &self.mail)?;
        statement.raw_bind_parameter(first + 3, self.security_enabled)?;
        statement.raw_bind_parameter(first + 4, &self.visibility)?;
        statement.raw_bind_parameter(first + 5, &self.group_types)?;
        statement.raw_bind_parameter(first + 6, &self.folded_name)
    }
}

impl Compared for PackedUser {
    type Row = UserRow;

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
        let fields = UserFields {
            user_principal_name: text(1)?,
            display_name: text(2)?,
            mail: text(3)?,
            account_enabled: row.get(4)?,
            user_type: text(5)?,
        };
        Ok(Self::new(row.get_ref(0)?.as_str()?, &fields))
    }

    fn row(&self) -> Result<Cow<'_, UserRow>, StoreProblem> {
        let fields = self.fields()?;
        Ok(Cow::Owned(UserRow {
            id: self.id().text(&mut uuid::Uuid::encode_buffer()).to_owned(),
            user_principal_name: fields.user_principal_name.map(str::to_owned),
            display_name: fields.display_name.map(str::to_owned),
            mail: fields.mail.map(str::to_owned),
            account_enabled: fields.account_enabled,
            user_type: fields.user_type.map(str::to_owned),
        }))
    }
}

impl Compared for GroupRow {
    type Row = Self;

    fn read(row: &Row<'_>) -> Result<Self, rusqlite::Error> {
        ObjectRow::read(row)
    }

    fn row(&self) -> Result<Cow<'_, Self>, StoreProblem> {
        Ok(Cow::Borrowed(self))
    }
}

impl ObjectRow for UserRow {
    const OF: ChangeOf = ChangeOf::User;
    const COLUMNS: &'static str = "id, user_principal_name, display_name, mail, account_enabled, user_type";

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
    const COLUMNS: &'static str =
        "id, display_name, mail, security_enabled, visibility, group_types, folded_name";

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

    fn name(&self) -> Option<&str> {
        self.display_name.as_deref()
    }

    fn word(&self, _: &Self) -> ChangeWord {
        ChangeWord::Updated
    }
}
