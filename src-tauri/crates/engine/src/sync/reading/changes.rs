//! What changed since a link was taken.

use entra::{Fault, FaultKind};

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
    pub(in crate::sync) async fn catch_up(&self) -> Result<(), Stop> {
        let links = self.ask(Order::CatchUp).await?;
        let (Some(users), Some(groups)) = (links.users, links.groups) else { return Ok(()) };
        self.changes(Place::At(users), Place::At(groups)).await
    }

    async fn changed_users(&self, place: Place) -> Result<(), Stop> {
        let Place::At(link) = place else { return Ok(()) };
        let mut walk = Walk::new(&self.control, || self.graph.changed_users(&link)).map_err(unusable)?;
        while let Some((page, onward)) = walk.next(CHANGES_AT_MOST).await.map_err(lost)? {
            self.store(Rows::ChangedUsers { page, onward }).await?;
        }
        Ok(())
    }

    async fn changed_groups(&self, place: Place) -> Result<(), Stop> {
        let Place::At(link) = place else { return Ok(()) };
        let mut walk = Walk::new(&self.control, || self.graph.changed_groups(&link)).map_err(unusable)?;
        while let Some((page, onward)) = walk.next(CHANGES_AT_MOST).await.map_err(lost)? {
            self.store(Rows::ChangedGroups { page, onward }).await?;
        }
        Ok(())
    }
}

/// A link that was kept belongs to an origin that is no more, such as a practice tenant's last port.
fn unusable(fault: Fault) -> Fault {
    as_expired(fault, FaultKind::ForeignNextLink)
}

/// The place in the middle of the changes is forgotten, and with it the way back to their start.
fn lost(fault: Fault) -> Fault {
    as_expired(fault, FaultKind::PageExpired)
}

fn as_expired(fault: Fault, kind: FaultKind) -> Fault {
    let kind = if fault.kind == kind { FaultKind::DeltaExpired } else { fault.kind };
    Fault { kind, ..fault }
}

/// Whether a link cannot be used any more, so that everything has to be read.
pub(in crate::sync) fn is_forgotten(fault: &Fault) -> bool {
    fault.kind == FaultKind::DeltaExpired
}
