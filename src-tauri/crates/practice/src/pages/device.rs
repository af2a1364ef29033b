//! The page of the device code flow: a code is typed in, and the practice account approves it or does not.

use std::sync::Arc;

use axum::{
    Form,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, Response, StatusCode, Uri},
};
use serde::Deserialize;

use super::Page;
use crate::{
    authority::device_code::{self, NotAnswered},
    sessions::Answer,
    state::Tenant,
};

#[derive(Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    user_code: String,
    #[serde(default)]
    decision: String,
}

/// `GET /device`
pub(super) async fn show(State(tenant): State<Arc<Tenant>>, Query(typed): Query<Typed>) -> Response<Body> {
    form(&tenant, &typed.user_code, None)
}

/// `POST /device`: Approve or Decline
pub(super) async fn decide(
    State(tenant): State<Arc<Tenant>>,
    uri: Uri,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Response<Body> {
    if !super::same_origin(&headers, &uri) {
        return super::foreign_origin();
    }
    let answer = if typed.decision == "accept" { Answer::Approved } else { Answer::Declined };
    if let Err(problem) = device_code::answer(&tenant, &typed.user_code, answer) {
        return form(&tenant, &typed.user_code, Some(&problem));
    }
    let (title, text) = match answer {
        Answer::Approved => ("You are signed in", "The device gets its token with its next question."),
        Answer::Declined => ("You were not signed in", "The device is told that you declined."),
    };
    let mut page = Page::new(title);
    page.text("p", text).text("p", "You can close this page.");
    page.answer(StatusCode::OK, None)
}

fn form(tenant: &Tenant, user_code: &str, problem: Option<&NotAnswered>) -> Response<Body> {
    let mut page = Page::new("Enter the code that the device shows");
    page.text("p", &format!("Signed in as {}", tenant.facts.account.username));
    page.open("p class=\"app\"").text("b", &tenant.facts.app_name).close("p");
    if let Some(problem) = problem {
        page.text("p role=\"alert\"", problem.sentence());
    }
    page.open("form method=\"post\" action=\"/device\"");
    page.text("label for=\"user_code\"", "Code").input("user_code", user_code);
    page.button("decision", "cancel", "Decline").button("decision", "accept", "Approve").close("form");
    page.answer(problem.map_or(StatusCode::OK, NotAnswered::status), None)
}
