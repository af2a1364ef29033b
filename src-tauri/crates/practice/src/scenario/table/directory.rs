//! Directory: the token is good, and Microsoft Graph does not give everything.

use super::Row;
use crate::scenario::{Graph, Plays};

const fn row(id: &'static str, graph: Graph, title: &'static str, story: &'static str) -> Row {
    Row { id, link: "directory", title, story, plays: Plays { graph: Some(graph), ..Plays::NOTHING } }
}

pub(super) const ROWS: &[Row] = &[
    row(
        "directory-forbidden",
        Graph::MembersForbidden,
        "The members of groups may not be read",
        "People and groups can be read. For the members of a group Graph says that privileges are missing.",
    ),
    row(
        "identity-not-found",
        Graph::IdentityNotFound,
        "Graph does not know the app",
        "The enterprise application was deleted an hour ago. Tokens are still issued, and Graph takes none.",
    ),
    row(
        "throttled",
        Graph::Throttled(600),
        "Graph asks to wait for ten minutes",
        "Another product reads the whole directory day and night. Nothing is left of the quota.",
    ),
    row(
        "hidden-membership",
        Graph::HiddenMembership,
        "A group hides its members",
        "The workers’ council asked that nobody can look up the members of its group.",
    ),
    row(
        "partial-read",
        Graph::BrokenPage,
        "One page of people cannot be read",
        "The first hundred people come. The page after them ends with an error of the server, every time.",
    ),
    row(
        "page-expired",
        Graph::ExpiredPages,
        "Page tokens end at once",
        "The directory is being moved to other servers. A page token is worthless before it is used.",
    ),
    row(
        "delta-expired",
        Graph::ExpiredDeltaLinks,
        "Delta links have ended",
        "The last synchronisation was before a long shutdown. The directory no longer knows what changed since.",
    ),
    row(
        "directory-answer-unreadable",
        Graph::Html,
        "A web filter’s page answers in place of Graph",
        "Sign-in works. For everything that goes to Graph, a web filter answers with a page of its own.",
    ),
    row(
        "directory-unexpected-redirect",
        Graph::Redirect,
        "Graph is led elsewhere",
        "Sign-in works. Everything that goes to Graph is sent on to another address.",
    ),
    row(
        "directory-service-unavailable",
        Graph::Unavailable,
        "Microsoft Graph is down",
        "Sign-in works. The status page speaks of an incident of Microsoft Graph.",
    ),
];
