//! Answers that come from something in between: a welcome page, a redirect, an outage.

use axum::{
    body::Body,
    http::{Response, StatusCode, header},
};

use crate::{
    http::Answer,
    pages::Page,
    scenario::{Graph, Network},
    state::Tenant,
};

/// Where a request arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Authority,
    Graph,
    Pages,
}

/// Nobody can have this address; clients must not follow anyway.
const ELSEWHERE: &str = "https://welcome.guests.contoso-practice.example/login";

/// What a scenario answers in place of the authority or of Graph.
pub(crate) fn answer_in_its_place(tenant: &Tenant, room: Room) -> Option<Response<Body>> {
    let plays = tenant.plays();
    match (room, plays.network, plays.graph) {
        (Room::Authority, Some(Network::Html), _) | (Room::Graph, _, Some(Graph::Html)) => {
            let mut page = Page::new("Welcome to the guest network");
            page.text("p", "Please accept the terms of use before you go on.");
            Some(page.answer(StatusCode::OK, None))
        }
        (Room::Authority, Some(Network::Redirect), _) | (Room::Graph, _, Some(Graph::Redirect)) => {
            let answer = Answer::empty(StatusCode::FOUND).header(header::LOCATION, ELSEWHERE);
            Some(answer.into_response())
        }
        (Room::Authority, Some(Network::Unavailable), _) => {
            let mut page = Page::new("Our services aren’t available right now");
            page.text("p", "We’re working to restore all services as soon as possible.");
            Some(page.answer(StatusCode::SERVICE_UNAVAILABLE, None))
        }
        _ => None,
    }
}
