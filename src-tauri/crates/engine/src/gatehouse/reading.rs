//! Questions about the directory that the last test sync stored.

use super::Gatehouse;
use crate::{
    access::{Directory, DirectoryProblem, GroupAccess, GroupHit, PersonAccess},
    connection::Connection,
    fault::{Fault, FaultCode},
    sync,
};

/// Groups that a search returns at most.
const GROUPS_AT_MOST: usize = 20;

impl Gatehouse {
    /// The directory of a connection's last test sync; none before the first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn directory(&self, id: &str) -> Result<Option<Directory>, Fault> {
        self.directory_of(&self.connection(id)?)
    }

    /// A stored directory counts only with the record of its sync: it went when the tenant changed. One that is
    /// damaged, or from another version, is none; the next test sync stores it anew.
    pub(super) fn directory_of(&self, connection: &Connection) -> Result<Option<Directory>, Fault> {
        if connection.evidence.sync.is_none() {
            return Ok(None);
        }
        let mut files = vec![self.snapshot(&connection.id)];
        if self.inner.store.is_detached(&connection.id) {
            files.push(self.snapshot_of_saved(&connection.id));
        }
        for file in files {
            for file in [sync::unapplied_beside(&file), file].iter().rev() {
                match Directory::open(file) {
                    Ok(None) | Err(DirectoryProblem::Damaged(_) | DirectoryProblem::OtherVersion) => {}
                    Ok(found) => return Ok(found),
                    Err(problem) => return Err(unreadable(problem)),
                }
            }
        }
        Ok(None)
    }

    /// Groups by name or object ID, at most twenty.
    ///
    /// # Errors
    /// The connection is unknown, or no directory has been read yet.
    pub fn search_groups(&self, id: &str, query: &str) -> Result<Vec<GroupHit>, Fault> {
        let (_, directory) = self.read_directory(id)?;
        directory.search_groups(query, GROUPS_AT_MOST).map_err(unreadable)
    }

    /// What one group's rule means in people.
    ///
    /// # Errors
    /// The connection is unknown, or no directory has been read yet.
    pub fn group_access(&self, id: &str, group_id: &str) -> Result<GroupAccess, Fault> {
        let (connection, directory) = self.read_directory(id)?;
        let profile = self.profile_of(&connection)?;
        directory.group_access(&connection.access, &profile.roles, group_id).map_err(unreadable)
    }

    /// What one person gets, by sign-in name, mail address or object ID.
    ///
    /// # Errors
    /// The connection is unknown, or no directory has been read yet.
    pub fn person_access(&self, id: &str, query: &str) -> Result<Option<PersonAccess>, Fault> {
        let (connection, directory) = self.read_directory(id)?;
        let profile = self.profile_of(&connection)?;
        directory.person_access(&connection.access, &profile.roles, query).map_err(unreadable)
    }

    pub(super) fn read_directory(&self, id: &str) -> Result<(Connection, Directory), Fault> {
        let connection = self.connection(id)?;
        let directory = self.directory_of(&connection)?.ok_or_else(no_directory)?;
        Ok((connection, directory))
    }
}

pub(super) fn no_directory() -> Fault {
    Fault::new(FaultCode::NotReady, "No directory has been read yet.", "Run the test sync in step 8 first.")
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for map_err")]
pub(super) fn unreadable(problem: DirectoryProblem) -> Fault {
    Fault::new(
        FaultCode::StorageFailed,
        format!("The stored directory cannot be read: {problem}."),
        "Run the test sync again; it is stored anew.",
    )
}
