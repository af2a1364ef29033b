//! The directory line by line, as the last test sync stored it.

use super::{
    Gatehouse,
    reading::{no_directory, unreadable},
};
use crate::{
    access::{
        Administrators, Directory, GroupLine, GroupSizes, GroupsWarning, Page, PeopleSummary, PeopleWarning,
        PersonLine, UnknownMember, WarningCounts,
    },
    fault::Fault,
    sync::ChangeLine,
};

/// People, groups and what is worth a look, in numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectorySummary {
    /// Everybody, by type and state.
    pub people: PeopleSummary,
    /// How large groups are.
    pub sizes: GroupSizes,
    /// What is worth a look.
    pub warnings: WarningCounts,
    /// Changes of the last run that are kept by name.
    pub changes_kept: u64,
}

impl Gatehouse {
    /// The directory in numbers.
    ///
    /// # Errors
    /// The connection is unknown, or no directory has been read yet.
    pub fn directory_summary(&self, id: &str) -> Result<DirectorySummary, Fault> {
        let (_, directory) = self.read_directory(id)?;
        let changes_kept = match self.newest_read(id)? {
            Some(newest) => newest.changes_kept().map_err(unreadable)?,
            None => 0,
        };
        Ok(DirectorySummary {
            people: directory.people().map_err(unreadable)?,
            sizes: directory.group_sizes().map_err(unreadable)?,
            warnings: directory.warnings().map_err(unreadable)?,
            changes_kept,
        })
    }

    /// What the last test sync changed, or would change while it is held.
    ///
    /// # Errors
    /// As [`Gatehouse::directory_summary`].
    pub fn sync_changes(&self, id: &str, page: Page) -> Result<Vec<ChangeLine>, Fault> {
        let newest = self.newest_read(id)?.ok_or_else(no_directory)?;
        newest.changes_page(page).map_err(unreadable)
    }

    /// People in the order of their object IDs.
    ///
    /// # Errors
    /// As [`Gatehouse::directory_summary`].
    pub fn people(&self, id: &str, page: Page) -> Result<Vec<PersonLine>, Fault> {
        self.read_directory(id)?.1.people_page(page).map_err(unreadable)
    }

    /// Groups by name.
    ///
    /// # Errors
    /// As [`Gatehouse::directory_summary`].
    pub fn groups(&self, id: &str, page: Page) -> Result<Vec<GroupLine>, Fault> {
        self.read_directory(id)?.1.groups_page(page).map_err(unreadable)
    }

    /// People who are worth a look.
    ///
    /// # Errors
    /// As [`Gatehouse::directory_summary`].
    pub fn people_warned(
        &self,
        id: &str,
        which: PeopleWarning,
        page: Page,
    ) -> Result<Vec<PersonLine>, Fault> {
        self.read_directory(id)?.1.people_warned(which, page).map_err(unreadable)
    }

    /// Groups that are worth a look.
    ///
    /// # Errors
    /// As [`Gatehouse::directory_summary`].
    pub fn groups_warned(&self, id: &str, which: GroupsWarning, page: Page) -> Result<Vec<GroupLine>, Fault> {
        self.read_directory(id)?.1.groups_warned(which, page).map_err(unreadable)
    }

    /// Members that came with their ID alone and are in neither list.
    ///
    /// # Errors
    /// As [`Gatehouse::directory_summary`].
    pub fn unknown_members(&self, id: &str, page: Page) -> Result<Vec<UnknownMember>, Fault> {
        self.read_directory(id)?.1.unknown_members(page).map_err(unreadable)
    }

    /// Who becomes an administrator of the gateway; at most `limit` of them by name.
    ///
    /// # Errors
    /// As [`Gatehouse::directory_summary`].
    pub fn administrators(&self, id: &str, limit: usize) -> Result<Administrators, Fault> {
        let (connection, directory) = self.read_directory(id)?;
        let profile = self.profile_of(&connection)?;
        directory.administrators(&connection.access, &profile.roles, limit).map_err(unreadable)
    }

    /// What the last run read, where that is not what is known: its changes wait for the admin, or it is partial.
    fn newest_read(&self, id: &str) -> Result<Option<Directory>, Fault> {
        let connection = self.connection(id)?;
        let held = connection.evidence.sync.as_ref().is_some_and(|sync| sync.held.is_some());
        if held && let Ok(Some(newest)) = Directory::open(&self.last_read(id)) {
            return Ok(Some(newest));
        }
        self.directory_of(&connection)
    }
}
