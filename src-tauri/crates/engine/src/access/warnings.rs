//! What is worth a look in a directory. None of it stops a gateway.

use rusqlite::functions::FunctionFlags;

use super::{
    Directory, DirectoryProblem,
    lists::{GROUP, GroupLine, PERSON, Page, PersonLine},
    unsigned,
};

/// How much of each kind there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WarningCounts {
    /// People without a mail address.
    pub without_mail: u64,
    /// Guests.
    pub guests: u64,
    /// Disabled accounts.
    pub disabled: u64,
    /// People who share their display name with somebody, whatever the case of its letters.
    pub people_sharing_a_name: u64,
    /// Groups that share their display name with another one, likewise.
    pub groups_sharing_a_name: u64,
    /// Groups with hidden membership.
    pub hidden_groups: u64,
    /// Members that came with their ID alone and are in neither list.
    pub unknown_members: u64,
}

/// People who are worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleWarning {
    /// They have no mail address.
    WithoutMail,
    /// They are guests.
    Guests,
    /// Their accounts are disabled.
    Disabled,
    /// They share their display name with somebody.
    SharingAName,
}

/// Groups that are worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupsWarning {
    /// They share their display name with another one.
    SharingAName,
    /// Their members are hidden from whoever does not belong to them.
    Hidden,
}

/// A member that came with its ID alone and is in neither list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownMember {
    /// Object ID.
    pub id: String,
    /// A group that has it.
    pub group: String,
    /// How many groups have it.
    pub groups: u64,
}

const UNKNOWN: &str =
    "FROM (SELECT group_id, member.key AS member_id FROM members, json_each(members.members) AS member
        WHERE untyped > 0 AND member.value = '')
  WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = member_id)
    AND NOT EXISTS (SELECT 1 FROM groups WHERE groups.id = member_id)";

impl Directory {
    /// Counts everything that is worth a look.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn warnings(&self) -> Result<WarningCounts, DirectoryProblem> {
        self.fold_case()?;
        let people = self.people()?;
        Ok(WarningCounts {
            without_mail: people.without_mail,
            guests: people.guests_enabled + people.guests_disabled,
            disabled: people.members_disabled + people.guests_disabled,
            people_sharing_a_name: self.sharing("users")?,
            groups_sharing_a_name: self.sharing("groups")?,
            hidden_groups: self
                .number("SELECT count(*) FROM groups WHERE visibility = 'HiddenMembership'")?,
            unknown_members: self.number(&format!("SELECT count(DISTINCT member_id) {UNKNOWN}"))?,
        })
    }

    /// People who are worth a look; those who share a name stand together, the others come in the order of their IDs.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn people_warned(
        &self,
        which: PeopleWarning,
        page: Page,
    ) -> Result<Vec<PersonLine>, DirectoryProblem> {
        let condition = match which {
            PeopleWarning::WithoutMail => "coalesce(mail, '') = '' ORDER BY users.id".to_owned(),
            PeopleWarning::Guests => "user_type IS 'Guest' COLLATE NOCASE ORDER BY users.id".to_owned(),
            PeopleWarning::Disabled => "account_enabled IS 0 ORDER BY users.id".to_owned(),
            PeopleWarning::SharingAName => self.same_names("users")?,
        };
        self.lines(&format!("{PERSON} WHERE {condition}"), page, PersonLine::read)
    }

    /// Groups that are worth a look, by name.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn groups_warned(
        &self,
        which: GroupsWarning,
        page: Page,
    ) -> Result<Vec<GroupLine>, DirectoryProblem> {
        let condition = match which {
            GroupsWarning::SharingAName => self.same_names("groups")?,
            GroupsWarning::Hidden => {
                "visibility = 'HiddenMembership' ORDER BY folded_name, groups.id".to_owned()
            }
        };
        self.lines(&format!("{GROUP} WHERE {condition}"), page, GroupLine::read)
    }

    /// Members that came with their ID alone and are in neither list, each once.
    ///
    /// # Errors
    /// [`DirectoryProblem::Damaged`].
    pub fn unknown_members(&self, page: Page) -> Result<Vec<UnknownMember>, DirectoryProblem> {
        let select = format!(
            "SELECT member, holders, coalesce((SELECT display_name FROM groups WHERE id = holder), holder)
               FROM (SELECT member_id AS member, count(*) AS holders, min(group_id) AS holder
                     {UNKNOWN} GROUP BY member_id) ORDER BY member"
        );
        self.lines(&select, page, |row| {
            Ok(UnknownMember { id: row.get(0)?, groups: unsigned(row.get(1)?), group: row.get(2)? })
        })
    }

    fn sharing(&self, table: &str) -> Result<u64, DirectoryProblem> {
        self.number(&format!(
            "SELECT coalesce(sum(sharing), 0) FROM (SELECT count(*) AS sharing FROM {table}
              WHERE display_name <> '' GROUP BY fold_case(display_name) HAVING count(*) > 1)"
        ))
    }

    fn same_names(&self, table: &str) -> Result<String, DirectoryProblem> {
        self.fold_case()?;
        Ok(format!(
            "fold_case(display_name) IN (SELECT fold_case(display_name) FROM {table}
              WHERE display_name <> '' GROUP BY 1 HAVING count(*) > 1)
             ORDER BY fold_case(display_name), {table}.id"
        ))
    }

    /// SQLite folds ASCII alone.
    fn fold_case(&self) -> Result<(), DirectoryProblem> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        Ok(self.connection.create_scalar_function("fold_case", 1, flags, |call| {
            Ok(call.get_raw(0).as_str_or_null()?.map(str::to_lowercase))
        })?)
    }
}
