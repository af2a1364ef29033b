//! People, groups, memberships and the tenant itself.

use serde::{Deserialize, Serialize};
use url::Url;

use super::pages::Pages;
use super::walk::sealed::ReadPage;
use super::walk::{Listed, PageRead, read_page};
use super::{Answer, Ask, Graph, quoted};
use crate::Answered;
use crate::fault::{Fault, FaultKind};
use crate::wire::{GroupWire, MemberWire, OrganizationWire, Page, UserWire};

const USERS: &str = "/users";
const GROUPS: &str = "/groups";
pub(crate) const MEMBERS: &str = "/groups/{id}/members";
const ORGANIZATION: &str = "/organization";

const USER_FIELDS: [&str; 3] = ["id", "displayName", "userPrincipalName"];
const GROUP_FIELDS: &str = "id,displayName,mail,securityEnabled,groupTypes,visibility";

/// [`Graph::ITEMS_IN_A_PAGE`]; Graph refuses to be asked for more.
const LARGEST_PAGE: &str = "999";

/// What Graph can count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countable {
    /// `GET /users/$count`
    Users,
    /// `GET /groups/$count`
    Groups,
}

/// A user. Fields that were not asked for are none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The object id.
    pub id: String,
    /// The sign-in name.
    pub user_principal_name: Option<String>,
    /// The name for people.
    pub display_name: Option<String>,
    /// The main e-mail address.
    pub mail: Option<String>,
    /// False when sign-in is blocked.
    pub account_enabled: Option<bool>,
    /// `Member` or `Guest`.
    pub user_type: Option<String>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The object id.
    pub id: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// The e-mail address.
    pub mail: Option<String>,
    /// True for security groups.
    pub security_enabled: Option<bool>,
    /// `Unified` (Microsoft 365), `DynamicMembership`, or empty.
    pub group_types: Vec<String>,
    /// `Public`, `Private` or `HiddenMembership`.
    pub visibility: Option<String>,
}

/// A direct member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The object id.
    pub id: String,
    /// What kind of object it is.
    pub kind: MemberKind,
}

/// The kinds of objects that groups have as members.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberKind {
    /// A person.
    User,
    /// A nested group.
    Group,
    /// A device.
    Device,
    /// An app's service principal.
    ServicePrincipal,
    /// A mail contact.
    OrgContact,
    /// Another type, as Graph names it; empty when Graph names none.
    Other(String),
}

/// The tenant as Graph shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The tenant id.
    pub id: String,
    /// The tenant's name.
    pub display_name: Option<String>,
    /// Names of its verified domains.
    pub verified_domains: Vec<String>,
}

impl Graph {
    /// The tenant that the token belongs to. Needs Organization.Read.All or Directory.Read.All.
    ///
    /// # Errors
    /// [`FaultKind::Forbidden`] without the permission; faults of the network and of Graph.
    pub async fn organization(&self) -> Result<Organization, Fault> {
        let url = self.url(&["organization"], &[("$select", "id,displayName,verifiedDomains")]);
        let ask = Ask { url, path: ORGANIZATION, answer: Answer::Json };
        let (page, reply) = self.read::<Page<OrganizationWire>>(&ask).await?;
        let found = page.value.into_iter().flatten().next().ok_or_else(|| {
            let detail = "Graph's list of organizations is empty.";
            reply.fault(&self.place(ORGANIZATION), FaultKind::AnswerUnreadable, detail)
        })?;
        Ok(Organization {
            id: found.id,
            display_name: found.display_name,
            verified_domains: found.verified_domains.into_iter().map(|domain| domain.name).collect(),
        })
    }

    /// How many there are, counted by Graph itself.
    /// Source: <https://learn.microsoft.com/graph/aad-advanced-queries>.
    ///
    /// # Errors
    /// [`FaultKind::AnswerUnreadable`] when the answer is not a number; faults of the network and of Graph.
    pub async fn count(&self, what: Countable) -> Result<u64, Fault> {
        let (segment, path) = match what {
            Countable::Users => ("users", "/users/$count"),
            Countable::Groups => ("groups", "/groups/$count"),
        };
        let ask = Ask { url: self.url(&[segment, "$count"], &[]), path, answer: Answer::Count };
        let reply = self.get(&ask).await?;
        std::str::from_utf8(&reply.body)
            .ok()
            .and_then(|text| text.trim_start_matches('\u{feff}').trim().parse().ok())
            .ok_or_else(|| {
                reply.fault(&self.place(path), FaultKind::AnswerUnreadable, "Graph's count is not a number.")
            })
    }

    /// Every user with these fields, in Graph's spelling such as `accountEnabled`; `id` comes always.
    pub fn users(&self, fields: &[&str]) -> Pages<User> {
        Pages::new(self.clone(), USERS, self.users_url(fields, LARGEST_PAGE))
    }

    /// The users whose `userPrincipalName` lies between the bounds, both included; none is open. So a long list can be
    /// read in several parts at once. `from` and `to` are compared by Graph, in its own order of texts.
    pub fn users_between(&self, fields: &[&str], from: Option<&str>, to: Option<&str>) -> Pages<User> {
        Pages::new(self.clone(), USERS, self.shard_url(fields, from, to))
    }

    /// Goes on reading users at a next-link that was kept.
    ///
    /// # Errors
    /// [`FaultKind::ForeignNextLink`] when the link does not lead to Graph's own origin.
    pub fn users_at(&self, next_link: &str) -> Result<Pages<User>, Fault> {
        Pages::at(self.clone(), USERS, next_link)
    }

    /// Goes on reading groups at a next-link that was kept.
    ///
    /// # Errors
    /// As [`Graph::users_at`].
    pub fn groups_at(&self, next_link: &str) -> Result<Pages<Group>, Fault> {
        Pages::at(self.clone(), GROUPS, next_link)
    }

    /// Goes on reading the members of a group at a next-link that was kept.
    ///
    /// # Errors
    /// As [`Graph::users_at`].
    pub fn members_at(&self, next_link: &str) -> Result<Pages<Member>, Fault> {
        Pages::at(self.clone(), MEMBERS, next_link)
    }

    /// Every group.
    pub fn groups(&self) -> Pages<Group> {
        Pages::new(self.clone(), GROUPS, self.groups_url(LARGEST_PAGE))
    }

    /// The direct members of a group, of every kind.
    pub fn members(&self, group_id: &str) -> Pages<Member> {
        Pages::new(self.clone(), MEMBERS, self.members_url(group_id, LARGEST_PAGE))
    }

    /// One user, or none in an empty directory: a cheap test of the permission.
    ///
    /// # Errors
    /// [`FaultKind::Forbidden`] without the permission; faults of the network and of Graph.
    pub async fn first_user(&self) -> Result<Answered<Option<User>>, Fault> {
        self.first(USERS, self.users_url(&USER_FIELDS, "1")).await
    }

    /// One group, or none: a cheap test of the permission.
    ///
    /// # Errors
    /// As [`Graph::first_user`].
    pub async fn first_group(&self) -> Result<Answered<Option<Group>>, Fault> {
        self.first(GROUPS, self.groups_url("1")).await
    }

    /// One member of a group, or none: a cheap test of the permission.
    ///
    /// # Errors
    /// As [`Graph::first_user`].
    pub async fn first_member(&self, group_id: &str) -> Result<Answered<Option<Member>>, Fault> {
        self.first(MEMBERS, self.members_url(group_id, "1")).await
    }

    async fn first<T: Listed>(&self, path: &'static str, url: Url) -> Result<Answered<Option<T>>, Fault> {
        let ask = Ask { url, path, answer: Answer::Json };
        let reply = self.get(&ask).await?;
        let page = T::read_page(&reply.body).ok_or_else(|| self.misshapen(&ask, &reply))?;
        Ok(reply.answered(page.items.into_iter().next()))
    }

    fn users_url(&self, fields: &[&str], top: &str) -> Url {
        self.url(&["users"], &[("$select", &selected(fields)), ("$top", top)])
    }

    fn shard_url(&self, fields: &[&str], from: Option<&str>, to: Option<&str>) -> Url {
        let bound = |word: &str, name: &str| format!("userPrincipalName {word} '{}'", quoted(name));
        let bounds: Vec<String> =
            from.map(|from| bound("ge", from)).into_iter().chain(to.map(|to| bound("le", to))).collect();
        if bounds.is_empty() {
            return self.users_url(fields, LARGEST_PAGE);
        }
        let filter = bounds.join(" and ");
        let query = [("$filter", &*filter), ("$select", &*selected(fields)), ("$top", LARGEST_PAGE)];
        self.url(&["users"], &query)
    }

    fn groups_url(&self, top: &str) -> Url {
        self.url(&["groups"], &[("$select", GROUP_FIELDS), ("$top", top)])
    }

    pub(crate) fn first_members_url(&self, group_id: &str) -> Url {
        self.members_url(group_id, LARGEST_PAGE)
    }

    fn members_url(&self, group_id: &str, top: &str) -> Url {
        self.url(&["groups", group_id, "members"], &[("$select", "id"), ("$top", top)])
    }
}

fn selected(fields: &[&str]) -> String {
    let mut selected = vec!["id"];
    selected.extend(fields.iter().filter(|field| **field != "id"));
    selected.join(",")
}

impl ReadPage for User {
    fn read_page(body: &[u8]) -> Option<PageRead<Self>> {
        read_page(body, Self::from_wire)
    }
}

impl User {
    fn from_wire(wire: UserWire) -> Self {
        Self {
            id: wire.id,
            user_principal_name: wire.user_principal_name,
            display_name: wire.display_name,
            mail: wire.mail,
            account_enabled: wire.account_enabled,
            user_type: wire.user_type,
        }
    }
}

impl ReadPage for Group {
    fn read_page(body: &[u8]) -> Option<PageRead<Self>> {
        read_page(body, Self::from_wire)
    }
}

impl Group {
    fn from_wire(wire: GroupWire) -> Self {
        Self {
            id: wire.id,
            display_name: wire.display_name,
            mail: wire.mail,
            security_enabled: wire.security_enabled,
            group_types: wire.group_types,
            visibility: wire.visibility,
        }
    }
}

impl ReadPage for Member {
    fn read_page(body: &[u8]) -> Option<PageRead<Self>> {
        read_page(body, Self::from_wire)
    }
}

impl Member {
    pub(crate) fn from_wire(wire: MemberWire) -> Self {
        Self { id: wire.id, kind: wire.kind }
    }
}

impl MemberKind {
    /// The kind for the value of `@odata.type`.
    pub(crate) fn of(odata_type: &str) -> Self {
        match odata_type.trim_start_matches('#') {
            "microsoft.graph.user" => Self::User,
            "microsoft.graph.group" => Self::Group,
            "microsoft.graph.device" => Self::Device,
            "microsoft.graph.servicePrincipal" => Self::ServicePrincipal,
            "microsoft.graph.orgContact" => Self::OrgContact,
            other => Self::Other(other.to_owned()),
        }
    }
}
