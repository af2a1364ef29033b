//! `/groups/{id}/members` and `/transitiveMembers`: typed, cast, counted, paged.

use std::{
    collections::HashMap,
    ops::ControlFlow,
    sync::{Arc, PoisonError},
};

use uuid::Uuid;

use super::{
    Call, Outcome,
    auth::Access,
    directory::{context, find_group, hidden_group, need_eventual, no_expand},
    errors::GraphError,
    json::{Entity, Value, knows, write_property},
    paging,
};
use crate::{
    changes::MemberList,
    population::{Group, Member, MemberKind, User},
    scenario::Graph as Played,
};

/// How many lists of nested members are kept ready.
const KEPT: usize = 64;

/// Direct members, or those of nested groups too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Direct,
    Transitive,
}

/// `GET /groups/{id}/members` and `/transitiveMembers`, then optionally a type and `$count`.
pub(super) fn list(call: &Call<'_>, id: &str, reach: Reach, rest: &[&str]) -> Result<Outcome, GraphError> {
    call.caller.need(Access::Groups)?;
    if call.tenant.plays().graph == Some(Played::MembersForbidden) {
        return Err(GraphError::Forbidden);
    }
    let group = find_group(call, id)?;
    let (cast, counting) = match rest {
        [] => (None, false),
        ["$count"] => (None, true),
        [cast] => (Some(kind_of(cast)?), false),
        [cast, "$count"] => (Some(kind_of(cast)?), true),
        [.., last] => {
            let message = format!("Resource not found for the segment '{last}'.");
            return Err(GraphError::bad_request_by_gateway(&message));
        }
    };
    let source = Source::new(call, group, reach);
    if counting {
        need_eventual(call)?;
        return Ok(Outcome::Text(source.count(cast).to_string()));
    }
    page(call, &format!("{group} {reach:?} {cast:?}"), &source, cast)
}

fn page(
    call: &Call<'_>,
    list: &str,
    source: &Source<'_>,
    cast: Option<MemberKind>,
) -> Result<Outcome, GraphError> {
    no_expand(call)?;
    if call.query.filter.is_some() {
        return Err(GraphError::unsupported("The practice tenant does not take '$filter' on members."));
    }
    let size = paging::size(call);
    let mut items = String::with_capacity(size * 100);
    let mut written = 0;
    let walked = source.walk(paging::start(call, list)?, cast, |slot, member| {
        if written == size {
            return ControlFlow::Break(slot);
        }
        if written > 0 {
            items.push(',');
        }
        write_member(&mut items, call, member);
        written += 1;
        ControlFlow::Continue(())
    });
    let total = paging::counts(call).then(|| source.count(cast) as u64);
    let set = match cast {
        Some(MemberKind::User) => "users",
        Some(MemberKind::Group) => "groups",
        _ => "directoryObjects",
    };
    let mut out = paging::head(call, list, &context(call, set), total, walked.break_value());
    out.push_str(&items);
    out.push_str("]}");
    Ok(Outcome::Json(out))
}

/// The members that a request is about. Each has a slot that no change moves, and a page begins at a slot.
enum Source<'a> {
    Hidden,
    Direct(MemberList<'a>),
    Nested(Arc<Vec<Member>>),
}

impl<'a> Source<'a> {
    fn new(call: &Call<'a>, group: u32, reach: Reach) -> Self {
        match reach {
            _ if hides_members(call, group) => Self::Hidden,
            Reach::Direct => Self::Direct(call.directory.members(group)),
            Reach::Transitive => Self::Nested(nested(call, group)),
        }
    }

    fn count(&self, cast: Option<MemberKind>) -> usize {
        match (self, cast) {
            (Self::Hidden, _) => 0,
            (Self::Direct(members), None) => members.len(),
            (Self::Direct(members), Some(kind)) => members.count(kind),
            (Self::Nested(members), None) => members.len(),
            (Self::Nested(members), Some(kind)) => {
                members.iter().filter(|member| member.kind == kind).count()
            }
        }
    }

    /// Visits members from a slot on, until the visitor breaks.
    fn walk(
        &self,
        slot: u32,
        cast: Option<MemberKind>,
        mut visit: impl FnMut(u32, Member) -> ControlFlow<u32>,
    ) -> ControlFlow<u32> {
        match self {
            Self::Hidden => ControlFlow::Continue(()),
            Self::Direct(members) => members
                .from(slot as usize, cast)
                .try_for_each(|(slot, member)| visit(u32::try_from(slot).unwrap_or(u32::MAX), member)),
            Self::Nested(members) => members[members.partition_point(|member| nested_slot(*member) < slot)..]
                .iter()
                .filter(|member| cast.is_none_or(|kind| member.kind == kind))
                .try_for_each(|member| visit(nested_slot(*member), *member)),
        }
    }
}

/// A place in the order of nested members, which is by kind and number.
fn nested_slot(member: Member) -> u32 {
    ((member.kind as u32) << 29) | member.number
}

/// Lists of nested members by group, each with the sequence number of the directory that it is of.
pub(crate) type NestedMembers = HashMap<u32, (u32, Arc<Vec<Member>>)>;

/// Nested members, kept for the next page until something changes.
fn nested(call: &Call<'_>, group: u32) -> Arc<Vec<Member>> {
    let sequence = call.directory.sequence();
    let mut kept = call.tenant.nested.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, members)) = kept.get(&group).filter(|(of, _)| *of == sequence) {
        return members.clone();
    }
    if kept.len() >= KEPT {
        kept.clear();
    }
    let members = Arc::new(call.directory.transitive_members(group));
    kept.insert(group, (sequence, members.clone()));
    members
}

/// Hidden members are shown to nobody without the role for them, and their group looks empty.
pub(super) fn hides_members(call: &Call<'_>, group: u32) -> bool {
    hidden_group(call) == Some(group) && !call.caller.has("Member.Read.Hidden")
}

fn kind_of(cast: &str) -> Result<MemberKind, GraphError> {
    match cast.strip_prefix("microsoft.graph.") {
        Some("user") => Ok(MemberKind::User),
        Some("group") => Ok(MemberKind::Group),
        Some("device") => Ok(MemberKind::Device),
        Some("servicePrincipal") => Ok(MemberKind::ServicePrincipal),
        Some("orgContact") => Ok(MemberKind::OrgContact),
        _ => {
            Err(GraphError::bad_request_by_gateway(&format!("Resource not found for the segment '{cast}'.")))
        }
    }
}

fn write_member(out: &mut String, call: &Call<'_>, member: Member) {
    let directory = call.directory;
    let (id, display_name) = match member.kind {
        MemberKind::User => match directory.user(member.number) {
            Some(user) => return write(out, call, member.kind, &user),
            None => (directory.user_id(member.number), String::new()),
        },
        MemberKind::Group => match directory.group(member.number) {
            Some(group) => return write(out, call, member.kind, &group),
            None => (directory.group_id(member.number), String::new()),
        },
        _ => directory.other(member),
    };
    write(out, call, member.kind, &Other { id, display_name, kind: member.kind });
}

/// Type and id always; further properties are null when the caller may not read objects of this kind.
fn write<E: Entity>(out: &mut String, call: &Call<'_>, kind: MemberKind, entity: &E) {
    let sees = call.caller.sees(kind);
    out.push('{');
    write_property(out, "@odata.type", &Value::text(type_of(kind)));
    let select = call.query.select.as_deref();
    let names: Box<dyn Iterator<Item = &str>> = match select {
        None => Box::new(E::DEFAULTS.iter().copied()),
        Some(names) => Box::new(names.iter().map(String::as_str).filter(|name| knows::<E>(name))),
    };
    for name in names {
        out.push(',');
        let value = if sees || name == "id" { entity.property(name) } else { Value::Null };
        write_property(out, name, &value);
    }
    out.push('}');
}

pub(super) fn type_of(kind: MemberKind) -> &'static str {
    match kind {
        MemberKind::User => User::TYPE,
        MemberKind::Group => Group::TYPE,
        MemberKind::Device => "#microsoft.graph.device",
        MemberKind::ServicePrincipal => "#microsoft.graph.servicePrincipal",
        MemberKind::OrgContact => "#microsoft.graph.orgContact",
    }
}

/// A device, a service principal or a contact: enough of it to be a member.
struct Other {
    id: Uuid,
    display_name: String,
    kind: MemberKind,
}

impl Entity for Other {
    const TYPE: &'static str = "#microsoft.graph.directoryObject";
    const DEFAULTS: &'static [&'static str] = &["id", "deletedDateTime", "displayName"];
    const FURTHER: &'static [&'static str] = &["accountEnabled", "mail"];

    fn property(&self, name: &str) -> Value<'_> {
        match name {
            "id" => Value::text(self.id.to_string()),
            "displayName" => Value::text(self.display_name.as_str()),
            "accountEnabled" if self.kind != MemberKind::OrgContact => Value::Bool(true),
            _ => Value::Null,
        }
    }
}
