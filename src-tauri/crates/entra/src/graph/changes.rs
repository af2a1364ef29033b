//! Delta queries: what has changed since a link was taken.
//! Source: <https://learn.microsoft.com/graph/delta-query-overview>.

use super::Graph;
use super::directory::{Countable, Member, MemberKind};
use super::walk::sealed::ReadPage;
use super::walk::{Ending, Listed, PageRead, Walk, read_page};
use crate::fault::{Fault, FaultKind};
use crate::wire::{GroupChangeWire, MemberWire, RemovedWire, UserChangeWire};

const USERS_DELTA: &str = "/users/delta";
const GROUPS_DELTA: &str = "/groups/delta";

/// A property in a change: none when it is absent, which means unchanged; `Some(None)` when it is null, which means
/// emptied.
pub type Patch<T> = Option<Option<T>>;

/// Changes that are read page by page. Nothing is sent before the first [`Changes::next`]. The same object may come
/// several times, on one page or on many; later ones are newer.
pub struct Changes<T> {
    walk: Walk<T>,
}

/// How an object has left the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removed {
    /// It can be restored.
    Changed,
    /// It is gone. Also every reason that Graph may name in future.
    Deleted,
}

/// A change of a user, or a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserChange {
    /// The object id.
    pub id: String,
    /// None while the user exists.
    pub removed: Option<Removed>,
    /// The sign-in name.
    pub user_principal_name: Patch<String>,
    /// The name for people.
    pub display_name: Patch<String>,
    /// The main e-mail address.
    pub mail: Patch<String>,
    /// False when sign-in is blocked.
    pub account_enabled: Patch<bool>,
    /// `Member` or `Guest`.
    pub user_type: Patch<String>,
}

/// A change of a group, or a new one. A large group comes in several pieces with the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChange {
    /// The object id.
    pub id: String,
    /// None while the group exists.
    pub removed: Option<Removed>,
    /// The name for people.
    pub display_name: Patch<String>,
    /// The e-mail address.
    pub mail: Patch<String>,
    /// True for security groups.
    pub security_enabled: Patch<bool>,
    /// `Unified` (Microsoft 365), `DynamicMembership`, or empty. None when unchanged; null counts as empty.
    pub group_types: Option<Vec<String>>,
    /// `Public`, `Private` or `HiddenMembership`.
    pub visibility: Patch<String>,
    /// Direct members that came or went, in Graph's order.
    pub members: Vec<MemberChange>,
}

/// A direct member that came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberChange {
    /// The object id.
    pub id: String,
    /// What kind of object it is.
    pub kind: MemberKind,
    /// True when it is a member no more, for whatever reason.
    pub removed: bool,
}

impl Graph {
    /// A link from which changes can be read later, taken without reading anything:
    /// `GET /users/delta?$select=…&$deltatoken=latest`. It is good for seven days, and for the fields named here, in
    /// Graph's spelling; `id` comes always, and so do a group's `members`.
    ///
    /// # Errors
    /// [`FaultKind::AnswerUnreadable`] when the answer holds no link, [`FaultKind::ForeignNextLink`] when the link leads
    /// elsewhere; faults of the network and of Graph.
    pub async fn delta_link(&self, what: Countable, fields: &[&str]) -> Result<String, Fault> {
        match what {
            Countable::Users => self.latest::<UserChange>(USERS_DELTA, "users", fields, &[]).await,
            Countable::Groups => {
                self.latest::<GroupChange>(GROUPS_DELTA, "groups", fields, &["members"]).await
            }
        }
    }

    /// The users that have changed since this link was taken. It may also be the next-link of such a list.
    ///
    /// # Errors
    /// [`FaultKind::ForeignNextLink`] when the link does not lead to Graph's own origin.
    pub fn changed_users(&self, link: &str) -> Result<Changes<UserChange>, Fault> {
        Changes::at(self.clone(), USERS_DELTA, link)
    }

    /// The groups that have changed since this link was taken, with the members that came and went. It may also be the
    /// next-link of such a list.
    ///
    /// # Errors
    /// As [`Graph::changed_users`].
    pub fn changed_groups(&self, link: &str) -> Result<Changes<GroupChange>, Fault> {
        Changes::at(self.clone(), GROUPS_DELTA, link)
    }

    async fn latest<T: Listed>(
        &self,
        path: &'static str,
        segment: &str,
        fields: &[&str],
        always: &[&str],
    ) -> Result<String, Fault> {
        let mut selected = vec!["id"];
        for field in fields.iter().chain(always) {
            if !selected.contains(field) {
                selected.push(field);
            }
        }
        let query = [("$select", &*selected.join(",")), ("$deltatoken", "latest")];
        let url = self.url(&[segment, "delta"], &query);
        let mut walk = Walk::<T>::new(self.clone(), path, Ending::DeltaLink, url);
        while walk.next().await?.is_some() {}
        walk.delta_link().map(str::to_owned).ok_or_else(|| {
            self.place(path).fault(FaultKind::AnswerUnreadable, "The answer has no delta link.")
        })
    }
}

impl<T> Changes<T> {
    fn at(graph: Graph, path: &'static str, link: &str) -> Result<Self, Fault> {
        Ok(Self { walk: Walk::at(graph, path, Ending::DeltaLink, link)? })
    }

    /// The address of the page that [`Changes::next`] would fetch, so that reading can be resumed there. None at the
    /// end, and where the last page's link cannot be followed.
    pub fn next_link(&self) -> Option<&str> {
        self.walk.next_link()
    }

    /// After the last page: the link from which the next changes are read. None before.
    pub fn delta_link(&self) -> Option<&str> {
        self.walk.delta_link()
    }
}

impl<T: Listed> Changes<T> {
    /// The next page, or none after the last one. A page may be empty without being the last.
    ///
    /// # Errors
    /// [`FaultKind::DeltaExpired`] when Graph has forgotten the link: everything must be read again. Otherwise as
    /// [`crate::Pages::next`]; a last page without a delta link is [`FaultKind::AnswerUnreadable`], told after its items.
    pub async fn next(&mut self) -> Result<Option<Vec<T>>, Fault> {
        self.walk.next().await
    }
}

impl ReadPage for UserChange {
    fn read_page(body: &[u8]) -> Option<PageRead<Self>> {
        read_page(body, Self::from_wire)
    }
}

impl UserChange {
    fn from_wire(wire: UserChangeWire) -> Self {
        Self {
            id: wire.id,
            removed: wire.removed.map(Removed::from_wire),
            user_principal_name: wire.user_principal_name,
            display_name: wire.display_name,
            mail: wire.mail,
            account_enabled: wire.account_enabled,
            user_type: wire.user_type,
        }
    }
}

impl ReadPage for GroupChange {
    fn read_page(body: &[u8]) -> Option<PageRead<Self>> {
        read_page(body, Self::from_wire)
    }
}

impl GroupChange {
    fn from_wire(wire: GroupChangeWire) -> Self {
        Self {
            id: wire.id,
            removed: wire.removed.map(Removed::from_wire),
            display_name: wire.display_name,
            mail: wire.mail,
            security_enabled: wire.security_enabled,
            group_types: wire.group_types.map(Option::unwrap_or_default),
            visibility: wire.visibility,
            members: wire.members.into_iter().map(MemberChange::from_wire).collect(),
        }
    }
}

impl MemberChange {
    fn from_wire(wire: MemberWire) -> Self {
        let removed = wire.removed.is_some();
        let Member { id, kind } = Member::from_wire(wire);
        Self { id, kind, removed }
    }
}

impl Removed {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the shape on the wire is used up when it is converted"
    )]
    fn from_wire(wire: RemovedWire) -> Self {
        match wire.reason.as_deref() {
            Some("changed") => Self::Changed,
            _ => Self::Deleted,
        }
    }
}
