//! `/groups/{id}/members` and `/transitiveMembers`: typed, cast, counted, paged.

use std::sync::{Arc, PoisonError};

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
    population::{Group, Member, MemberKind, Members, User},
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
    let source = Source::new(call, group, reach, cast);
    if counting {
        need_eventual(call)?;
        return Ok(Outcome::Text(source.len().to_string()));
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
    let start = paging::start(call, list)?;
    let from = start as usize;
    let until = source.len().min(from.saturating_add(paging::size(call)));
    let next = (until < source.len()).then(|| u32::try_from(until).unwrap_or(u32::MAX));
    let total = paging::counts(call).then_some(source.len() as u64);
    let set = match cast {
        Some(MemberKind::User) => "users",
        Some(MemberKind::Group) => "groups",
        _ => "directoryObjects",
    };
    let mut out = paging::head(call, list, &context(call, set), total, next);
    for position in from..until {
        if position > from {
            out.push(',');
        }
        if let Some(member) = source.get(position) {
            write_member(&mut out, call, member);
        }
    }
    out.push_str("]}");
    Ok(Outcome::Json(out))
}

/// The members that a request is about.
enum Source<'a> {
    Whole(&'a Members),
    /// Only the people of a group, which are the tail of its list.
    People(&'a Members),
    Listed(Arc<Vec<Member>>),
}

impl<'a> Source<'a> {
    fn new(call: &Call<'a>, group: u32, reach: Reach, cast: Option<MemberKind>) -> Self {
        let direct = call.tenant.directory.members(group);
        if hides_members(call, group) {
            return Self::Listed(Arc::default());
        }
        match (reach, cast, direct) {
            (Reach::Direct, None, Some(members)) => Self::Whole(members),
            (Reach::Direct, Some(MemberKind::User), Some(members)) => Self::People(members),
            (Reach::Direct, Some(kind), Some(members)) => Self::Listed(Arc::new(
                members.others.iter().copied().filter(|member| member.kind == kind).collect(),
            )),
            (Reach::Direct, _, None) => Self::Listed(Arc::default()),
            (Reach::Transitive, None, _) => Self::Listed(nested(call, group)),
            (Reach::Transitive, Some(kind), _) => {
                let all = nested(call, group);
                Self::Listed(Arc::new(all.iter().copied().filter(|member| member.kind == kind).collect()))
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Whole(members) => members.len(),
            Self::People(members) => members.people.count as usize,
            Self::Listed(members) => members.len(),
        }
    }

    fn get(&self, position: usize) -> Option<Member> {
        match self {
            Self::Whole(members) => members.get(position),
            Self::People(members) => members.get(position + members.others.len()),
            Self::Listed(members) => members.get(position).copied(),
        }
    }
}

/// Nested members, kept for the next page.
fn nested(call: &Call<'_>, group: u32) -> Arc<Vec<Member>> {
    let mut kept = call.tenant.nested.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT && !kept.contains_key(&group) {
        kept.clear();
    }
    kept.entry(group).or_insert_with(|| Arc::new(call.tenant.directory.transitive_members(group))).clone()
}

/// Hidden members are shown to nobody without the role for them, and their group looks empty.
fn hides_members(call: &Call<'_>, group: u32) -> bool {
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
    let directory = &call.tenant.directory;
    match member.kind {
        MemberKind::User => write(out, call, member.kind, &directory.users.get(member.number)),
        MemberKind::Group => write(out, call, member.kind, &directory.groups.get(member.number)),
        kind => {
            let (id, display_name) = directory.other(member);
            write(out, call, kind, &Other { id, display_name, kind });
        }
    }
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

fn type_of(kind: MemberKind) -> &'static str {
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
