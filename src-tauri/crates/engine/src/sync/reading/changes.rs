//! What changed since a link was taken.

use entra::Fault;

use super::{Reader, Stop, Walk};
use crate::sync::{
    staging::{Place, Rows},
    writer::Order,
};

/// Changes that are still believed; a list of them is not counted by anybody.
const CHANGES_AT_MOST: u64 = 20_000_000;

impl Reader {
    /// Reads the changes of users and of groups to their ends.
    pub(super) async fn changes(&self, users: Place, groups: Place) -> Result<(), Stop> {
        tokio::try_join!(self.changed_users(users), self.changed_groups(groups))?;
        let mut notes = self.journal.notes();
        notes.users_listed = true;
        notes.groups_listed = true;
        Ok(())
    }

    /// Reads what changed while the directory was read; nothing where Graph gave no links.
    pub(in crate::sync) async fn catch_up(&self) -> Result<bool, Stop> {
        let links = self.ask(Order::CatchUp).await?;
        let (Some(users), Some(groups)) = (links.users, links.groups) else { return Ok(false) };
        self.changes(Place::At(users), Place::At(groups)).await?;
        Ok(true)
    }

    async fn changed_users(&self, place: Place) -> Result<(), Stop> {
        let Place::At(link) = place else { return Ok(()) };
        let mut walk = Walk::new(&self.control, || self.graph.changed_users(&link))?;
        while let Some((page, onward)) = walk.next(CHANGES_AT_MOST).await? {
            self.store(Rows::ChangedUsers { page, onward }).await?;
        }
        Ok(())
    }

    async fn changed_groups(&self, place: Place) -> Result<(), Stop> {
        let Place::At(link) = place else { return Ok(()) };
        let mut walk = Walk::new(&self.control, || self.graph.changed_groups(&link))?;
        while let Some((page, onward)) = walk.next(CHANGES_AT_MOST).await? {
            self.store(Rows::ChangedGroups { page, onward }).await?;
        }
        Ok(())
    }
}

/// Whether a link cannot be used any more, so that everything has to be read.
pub(in crate::sync) fn is_forgotten(fault: &Fault) -> bool {
    use entra::FaultKind::{DeltaExpired, ForeignNextLink};
    matches!(fault.kind, DeltaExpired | ForeignNextLink)
}
