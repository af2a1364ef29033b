//! `/users/delta` and `/groups/delta` (facts: wire/graph-delta-*.http): a first round of everything, then what changed.
//!
//! The options of the first request are sealed into the links, as in the real service.

mod groups;
mod token;
mod users;

use std::collections::HashSet;

use super::{
    Call, Outcome,
    auth::Access,
    errors::GraphError,
    json::{Entity, Value, knows, no_property, selection, write_property, write_text},
    query::Query,
};
use crate::{
    changes::{Happened, Removal},
    population::{Group, User},
    scenario::Graph as Played,
};
use token::{Place, Token};

const DEFAULT_PAGE: u16 = 200;
/// Ids in a filter (facts: limits.md).
const MOST_IDS: usize = 50;
/// Every so many changes, an object is listed again though the round had it: replays are allowed, so they happen.
const REPLAYED: u32 = 7;

/// Which list a delta query is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    Users,
    Groups,
}

impl Set {
    fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
        }
    }
}

/// `GET /users/delta` and `GET /groups/delta`
pub(super) fn list(call: &Call<'_>, set: Set) -> Result<Outcome, GraphError> {
    call.caller.need(match set {
        Set::Users => Access::Users,
        Set::Groups => Access::Groups,
    })?;
    let (place, options) = begin(call, set)?;
    let query = Query::read(&options)?;
    refuse_options(&query)?;
    let round = Round::new(call, set, &query)?;
    let mut items = Items::default();
    let next = match (place, set) {
        (Place::Link { since }, _) => Place::Link { since },
        (Place::First { .. } | Place::Later { .. }, Set::Users) => users::page(&round, place, &mut items),
        (Place::First { .. } | Place::Later { .. }, Set::Groups) => groups::page(&round, place, &mut items),
    };
    let context = match &query.select {
        None => set.name().to_owned(),
        Some(names) => format!("{}({})", set.name(), names.join(",")),
    };
    let mut out = String::from("{");
    write_property(&mut out, "@odata.context", &text(format!("{}/$metadata#{context}", call.base)));
    let token = Token::new(next, &options, call.now).sealed(call, set);
    let (link, parameter) = match next {
        Place::Link { .. } => ("@odata.deltaLink", "$deltatoken"),
        Place::First { .. } | Place::Later { .. } => ("@odata.nextLink", "$skiptoken"),
    };
    out.push(',');
    write_property(&mut out, link, &text(format!("{}/{}?{parameter}={token}", call.base, call.raw_path)));
    out.push_str(",\"value\":[");
    out.push_str(&items.json);
    out.push_str("]}");
    Ok(Outcome::Json(out))
}

/// Where the request begins, with the options that hold for it.
fn begin(call: &Call<'_>, set: Set) -> Result<(Place, String), GraphError> {
    let sequence = call.directory.sequence();
    let (query, played) = (&call.query, call.tenant.plays().graph);
    let kept = || query.kept.clone();
    match (&query.skip_token, &query.delta_token) {
        (Some(_), Some(_)) => {
            Err(GraphError::bad_request("'$skiptoken' and '$deltatoken' do not go together."))
        }
        (None, None) => Ok((Place::First { started: sequence, number: 0, slot: 0 }, kept())),
        (None, Some(token)) if token.is_empty() => {
            Ok((Place::First { started: sequence, number: 0, slot: 0 }, kept()))
        }
        (None, Some(token)) if token == "latest" => Ok((Place::Link { since: sequence }, kept())),
        (Some(_), None) if played == Some(Played::ExpiredPages) => Err(GraphError::ExpiredPageToken),
        (Some(text), None) => {
            let token = opened(call, set, text)?;
            match token.place {
                Place::Link { .. } => Err(start_again(call, &token.options)),
                place => Ok((place, token.options)),
            }
        }
        (None, Some(text)) => {
            let token = opened(call, set, text)?;
            match token.place {
                Place::Link { since } if played != Some(Played::ExpiredDeltaLinks) => {
                    Ok((Place::Later { since, until: sequence, at: since }, token.options))
                }
                _ => Err(start_again(call, &token.options)),
            }
        }
    }
}

fn opened(call: &Call<'_>, set: Set, text: &str) -> Result<Token, GraphError> {
    let token = Token::opened(call, set, text).ok_or_else(|| start_again(call, ""))?;
    if token.ended(call.now) {
        return Err(start_again(call, &token.options));
    }
    if !call.query.kept.is_empty() && call.query.kept != token.options {
        return Err(GraphError::bad_request(
            "The options of a delta query are in its token; others are not taken.",
        ));
    }
    Ok(token)
}

/// The refusal that leads to a new first round, with the same options.
fn start_again(call: &Call<'_>, options: &str) -> GraphError {
    let joint = if options.is_empty() { "" } else { "&" };
    let restart = format!("{}/{}?{options}{joint}$deltatoken=", call.base, call.raw_path);
    GraphError::SyncStateNotFound { restart }
}

fn refuse_options(query: &Query) -> Result<(), GraphError> {
    let refused = match query {
        Query { top: Some(_), .. } => "$top",
        Query { expand: true, .. } => "$expand",
        Query { count: true, .. } => "$count",
        _ => return Ok(()),
    };
    Err(GraphError::unsupported(&format!("'{refused}' is not supported by delta queries.")))
}

/// What holds for every page of a round.
struct Round<'a> {
    call: &'a Call<'a>,
    /// Properties to write, `id` among them.
    names: Vec<&'a str>,
    /// Whether members of groups are listed.
    members: bool,
    /// Numbers of the objects that a filter asks for.
    only: Option<HashSet<u32>>,
    size: usize,
}

impl<'a> Round<'a> {
    fn new(call: &'a Call<'_>, set: Set, query: &'a Query) -> Result<Self, GraphError> {
        let select = query.select.as_deref();
        let members =
            set == Set::Groups && select.is_none_or(|names| names.iter().any(|name| name == MEMBERS));
        if members && call.tenant.plays().graph == Some(Played::MembersForbidden) {
            return Err(GraphError::Forbidden);
        }
        let mut names = match set {
            Set::Users => selection::<User>(select)?,
            Set::Groups => selected_of_group(select)?,
        };
        if !names.contains(&"id") {
            names.push("id");
        }
        let size = usize::from(call.tenant.changing().page_size.unwrap_or(DEFAULT_PAGE));
        Ok(Self { call, names, members, only: only(call, set, query)?, size })
    }

    fn wants(&self, number: u32) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&number))
    }
}

const MEMBERS: &str = "members";

fn selected_of_group(select: Option<&[String]>) -> Result<Vec<&str>, GraphError> {
    let Some(names) = select else { return selection::<Group>(None) };
    let own = names.iter().map(String::as_str).filter(|name| *name != MEMBERS);
    own.map(|name| if knows::<Group>(name) { Ok(name) } else { Err(no_property::<Group>(name)) }).collect()
}

/// The objects that a filter by id asks for. Ids of nobody are left out.
fn only(call: &Call<'_>, set: Set, query: &Query) -> Result<Option<HashSet<u32>>, GraphError> {
    let Some(filter) = &query.filter else { return Ok(None) };
    let ids = filter.ids().filter(|ids| ids.len() <= MOST_IDS).ok_or_else(|| {
        GraphError::unsupported("Delta queries take '$filter' only by id, and at most 50 ids.")
    })?;
    let known = |id: &&str| match set {
        Set::Users => call.directory.known_user(id),
        Set::Groups => call.directory.known_group(id),
    };
    Ok(Some(ids.iter().filter_map(known).collect()))
}

/// True when a change makes its object appear: the first one in the round, and some of the later ones.
fn appears(change: &Happened, since: u32) -> bool {
    change.previous <= since || change.sequence.is_multiple_of(REPLAYED)
}

/// The objects of a page.
#[derive(Default)]
struct Items {
    json: String,
    count: usize,
}

impl Items {
    /// Begins an object and leaves it open.
    fn begin(&mut self) {
        if self.count > 0 {
            self.json.push(',');
        }
        self.json.push('{');
        self.count += 1;
    }

    fn properties<E: Entity>(&mut self, entity: &E, names: &[&str]) {
        for (position, name) in names.iter().enumerate() {
            if position > 0 {
                self.json.push(',');
            }
            write_property(&mut self.json, name, &entity.property(name));
        }
    }

    fn removed(&mut self, id: uuid::Uuid, removal: Removal) {
        self.begin();
        self.json.push_str("\"id\":");
        write_text(&mut self.json, &id.to_string());
        write_removed(&mut self.json, removal);
        self.json.push('}');
    }
}

fn write_removed(out: &mut String, removal: Removal) {
    out.push_str(",\"@removed\":{\"reason\":");
    write_text(out, removal.reason());
    out.push('}');
}

fn text(text: String) -> Value<'static> {
    Value::text(text)
}
